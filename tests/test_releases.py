"""Releases of the open data: built beside what is served, read back, or not served at all."""

from hashlib import sha256
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from careers import open_data
from careers.models import Source
from careers.open_data import checking, contents, releases
from tests.open_data import SITE, csv_rows, json_rows, publish

pytestmark = pytest.mark.django_db


def test_release_before_the_last_stays_for_its_readers(golden, open_data_root):
    releases_ = [publish() for _number in range(3)]
    left = {path.resolve() for path in open_data_root.iterdir()}
    assert left == {release.folder for release in releases_[1:]}
    assert open_data.current().folder == releases_[2].folder


def test_nothing_is_served_before_the_first_release(db):
    assert open_data.current() is None


@pytest.mark.parametrize(
    ("name", "harm", "message"),
    [
        ("careers.csv", lambda old: old[:-1], "careers.csv: its bytes: "),
        ("fields.csv", lambda old: b"", "fields.csv: its bytes: "),
        ("sources.jsonl", lambda old: old.replace(b"2023", b"2024"), "sources.jsonl: its bytes: "),
        ("regions.csv.gz", lambda old: old[:-9], "regions.csv.gz: its bytes: "),
        ("datapackage.json", lambda old: old + b"}", "datapackage.json: its bytes: "),
    ],
)
def test_check_finds_what_was_harmed(golden, name, harm, message):
    release = publish()
    call_command("publish_data", "--check", verbosity=0)
    path = release.folder / name
    path.write_bytes(harm(path.read_bytes()))
    with pytest.raises(CommandError) as failure:
        call_command("publish_data", "--check")
    assert str(failure.value).startswith(message)


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("t.csv", b"a,b\r\n1,2\r\n", "t.csv: its rows: 1 where 2 is expected"),
        ("t.csv", b"a,c\r\n1,2\r\n3,4\r\n", "t.csv: its header: ['a', 'c'] where "),
        ("t.csv", b"a,b\r\n1,2\r\n3\r\n", "t.csv: row 2 has other columns"),
        ("t.csv", b'a,b\r\n1,2\r\n"3,4\r\n', "t.csv: unexpected end of data"),
        ("t.csv", b"a,b\r\n1,2\r\n\xff,4\r\n", "t.csv: 'utf-8' codec can't decode"),
        ("t.jsonl", b'{"a":1,"b":2}\n{"a":1}\n', "t.jsonl: row 2 has other columns"),
        ("t.jsonl", b'{"a":1,"b":2}\n{"a":1,\n', "t.jsonl: Expecting property name"),
        ("t.json", b"{", "t.json: Expecting property name"),
    ],
)
def test_check_reads_what_is_in_the_files(tmp_path, name, content, message):
    """Bytes and hashes are right here: what they say is not."""
    (tmp_path / name).write_bytes(content)
    rows = None if name == "t.json" else 2
    entry = open_data.Entry(name, len(content), sha256(content).hexdigest(), rows)
    with pytest.raises(open_data.Damaged) as failure:
        checking.check(tmp_path, [entry], {"t": ["a", "b"]})
    assert str(failure.value).startswith(message)


def test_what_fails_leaves_the_release_before_it(golden, monkeypatch, open_data_root):
    served = publish()

    def broken(*_arguments):
        raise OSError("no space left")

    monkeypatch.setattr(releases, "write_json", broken)
    with pytest.raises(OSError, match="no space left"):
        publish()
    assert open_data.current().folder == served.folder
    assert {path.resolve() for path in open_data_root.iterdir()} == {served.folder}


def test_rows_that_the_database_does_not_count_are_refused(golden, monkeypatch):
    whole = contents.Table.chunks
    monkeypatch.setattr(contents.Table, "chunks", lambda table: list(whole(table))[1:])
    with pytest.raises(CommandError, match=r"careers\.csv: 0 rows, and the database has 5"):
        call_command("publish_data")
    assert open_data.current() is None


def test_content_that_changes_meanwhile_is_written_again(golden, monkeypatch):
    changes = iter([True, False])
    whole = contents.Table.chunks

    def chunks(table):
        if table.name == "salary_bands" and next(changes, False):
            Source.objects.update(title="Nouveau titre")
        return whole(table)

    monkeypatch.setattr(contents.Table, "chunks", chunks)
    folder = publish().folder
    assert [row["title"] for row in csv_rows(folder, "sources")] == ["Nouveau titre"]
    assert list(changes) == []


def test_content_that_never_rests_is_not_published(golden, monkeypatch):
    whole = contents.Table.chunks

    def chunks(table):
        Source.objects.update(title="Encore")
        return whole(table)

    monkeypatch.setattr(contents.Table, "chunks", chunks)
    with pytest.raises(CommandError, match="The content changed 3 times while it was written"):
        call_command("publish_data")
    assert open_data.current() is None


def test_command_tells_what_it_wrote(golden):
    out = StringIO()
    call_command("publish_data", "--site-url", f"{SITE}/", stdout=out)
    lines = out.getvalue().splitlines()
    release = open_data.current()
    size = release.entries["careers.csv"].bytes
    assert lines[0] == f"careers.csv: 5 rows, {size} bytes"
    assert lines[-1] == f"Open data {release.version}: built, read back and served"
    assert json_rows(release.folder, "careers")[0]["address_fr"].startswith(f"{SITE}/metiers/")


def test_check_without_a_release_says_what_to_do(db):
    with pytest.raises(CommandError, match="run publish_data"):
        call_command("publish_data", "--check")
