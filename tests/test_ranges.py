"""Files in parts, asked again, and asked for by their head: RFC 9110, sections 13 and 14."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.test import RequestFactory

from careers.ranges import Part, Unsatisfiable, parse, respond

# Django closes connections when an answer is closed.
pytestmark = pytest.mark.django_db
TEN = b"0123456789"
MODIFIED_AT = datetime(2024, 5, 6, 7, 8, 9, 123456, tzinfo=UTC)
DATE = "Mon, 06 May 2024 07:08:09 GMT"


@pytest.mark.parametrize(
    ("header", "part"),
    [
        ("bytes=0-3", Part(0, 4)),
        ("bytes=4-", Part(4, 6)),
        ("bytes=-3", Part(7, 3)),
        ("bytes=-99", Part(0, 10)),
        ("bytes=8-99", Part(8, 2)),
        ("bytes=9-9", Part(9, 1)),
        ("Bytes= 2-3", Part(2, 2)),
        # Sent whole: not understood, or not worth it.
        ("", None),
        ("bytes=-", None),
        ("bytes=5-2", None),
        ("bytes=0-1,4-5", None),
        ("bytes=a-b", None),
        ("bytes=1", None),
        ("lines=0-1", None),
        ("bytes=" + "9" * 5000 + "-", None),
    ],
    ids=lambda value: str(value)[:20],
)
def test_range_names_a_part_of_the_file(header, part):
    assert parse(header, 10) == part


@pytest.mark.parametrize(("header", "size"), [("bytes=10-", 10), ("bytes=-0", 10), ("bytes=0-", 0)])
def test_range_beyond_the_end_cannot_be_satisfied(header, size):
    with pytest.raises(Unsatisfiable):
        parse(header, size)


@pytest.fixture
def file(tmp_path) -> Path:
    path = tmp_path / "ten.txt"
    path.write_bytes(TEN)
    return path


def asked(file, method="get", **headers):
    """Status, body, and the headers that tell of the part."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    request = getattr(RequestFactory(), method)("/", headers=named)
    response = respond(request, file, kind="text/plain", etag="ten", modified_at=MODIFIED_AT)
    body = b"".join(response) if response.streaming else response.content
    response.close()
    assert response["ETag"] == '"ten"'
    assert response["Accept-Ranges"] == "bytes"
    return response.status_code, body, response.get("Content-Range"), response.get("Content-Length")


def test_file_is_sent_whole_and_dated(file):
    request = RequestFactory().get("/")
    response = respond(request, file, kind="text/plain", etag="ten", modified_at=MODIFIED_AT)
    assert response["Last-Modified"] == DATE
    assert response["Content-Type"] == "text/plain"
    response.close()
    assert asked(file) == (200, TEN, None, "10")


def test_part_is_sent_with_its_place(file):
    assert asked(file, Range="bytes=2-4") == (206, b"234", "bytes 2-4/10", "3")
    assert asked(file, Range="bytes=-1") == (206, b"9", "bytes 9-9/10", "1")


def test_parts_make_the_whole(file):
    parts = [asked(file, Range=f"bytes={start}-{start + 2}")[1] for start in range(0, 10, 3)]
    assert b"".join(parts) == TEN


def test_no_part_beyond_the_end(file):
    status, body, place, _length = asked(file, Range="bytes=10-")
    assert (status, body, place) == (416, b"", "bytes */10")


def test_head_has_the_headers_of_the_whole(file):
    assert asked(file, "head") == (200, b"", None, "10")
    assert asked(file, "head", Range="bytes=2-4") == (200, b"", None, "10")


@pytest.mark.parametrize(
    ("condition", "status"),
    [
        ('"ten"', 206),
        (DATE, 206),
        ('W/"ten"', 200),
        ('"other"', 200),
        ("Mon, 06 May 2024 07:08:08 GMT", 200),
        ("Mon, 06 May 2024 07:08:10 GMT", 200),
        ("yesterday", 200),
    ],
)
def test_part_is_sent_only_of_the_file_that_was_begun(file, condition, status):
    sent = asked(file, Range="bytes=8-", If_Range=condition)
    assert sent[:2] == (status, b"89" if status == 206 else TEN)


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"If_None_Match": '"ten"'}, 304),
        ({"If_None_Match": 'W/"ten"'}, 304),
        ({"If_None_Match": '"other"'}, 200),
        ({"If_Modified_Since": DATE}, 304),
        ({"If_Modified_Since": "Mon, 06 May 2024 07:08:08 GMT"}, 200),
        ({"If_Match": '"other"'}, 412),
        ({"If_Unmodified_Since": "Mon, 06 May 2024 07:08:08 GMT"}, 412),
        ({"If_None_Match": '"ten"', "Range": "bytes=2-4"}, 304),
        ({"If_Match": '"ten"', "Range": "bytes=2-4"}, 206),
    ],
    ids=str,
)
def test_conditions_come_before_parts(file, headers, status):
    assert asked(file, **headers)[0] == status


def test_what_breaks_off_closes_the_file(file):
    # Warnings are errors: a file that is left open would be one.
    request = RequestFactory().get("/", headers={"Range": "bytes=1-"})
    response = respond(request, file, kind="text/plain", etag="ten", modified_at=MODIFIED_AT)
    file_of_part = response._resource_closers[0].__self__.file
    assert not file_of_part.closed
    response.close()
    assert file_of_part.closed
