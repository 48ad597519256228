"""What is answered when a part of the machine is away; tests/failures breaks real ones."""

import errno
import re
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.cache import caches
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, InterfaceError, OperationalError
from django.http import StreamingHttpResponse
from django.test import Client, RequestFactory
from django.utils import timezone

from careers import state
from careers.management.commands.write_error_pages import Command
from careersite import timeouts
from tests.factories import create_career

pytestmark = [pytest.mark.django_db, pytest.mark.shared_pages]

FULL = OSError(errno.ENOSPC, "No space left on device")


@pytest.fixture
def failing(monkeypatch):
    """Make the database, or whatever else, fail at the first thing that every request does."""

    def fail(error):
        def raising(*_args):
            raise error

        monkeypatch.setattr("careers.models.change.ChangeQuerySet.state", raising)
        monkeypatch.setattr("careersite.urls.sitemap_views.index", raising)
        monkeypatch.setattr("django.contrib.auth.get_user", raising)
        return Client(raise_request_exception=False)

    caches["pages"].clear()
    return fail


@pytest.mark.parametrize("error", [OperationalError("away"), InterfaceError("closed"), FULL])
@pytest.mark.parametrize(
    ("path", "language", "title"),
    [
        ("/metiers/", "fr", "De retour dans un instant"),
        ("/en/careers/?q=a&amp;b", "en", "Back in a moment"),
    ],
)
def test_what_passes_is_said_in_the_language_of_the_address(failing, error, path, language, title):
    response = failing(error).get(path)
    page = response.content.decode()
    assert (response.status_code, response["Retry-After"]) == (503, "10")
    assert response["Content-Language"] == language
    assert "no-store" in response["Cache-Control"]
    assert f'<html lang="{language}">' in page
    assert f"<h1>{title}</h1>" in page


def test_mistakes_are_mistakes_still(failing):
    for error in (IntegrityError("twice"), ValueError("no number"), OSError(errno.ENOENT, "none")):
        response = failing(error).get("/metiers/")
        assert response.status_code == 500
        assert "Retry-After" not in response


def test_part_that_fails_leads_to_the_whole_page(failing):
    asked = "/metiers/?region=FR"
    part = failing(OperationalError("away")).get(asked, headers={"HX-Request": "true"})
    whole = failing(OperationalError("away")).get(asked)
    assert (part.status_code, part.get("HX-Redirect")) == (503, asked)
    assert (whole.status_code, whole.get("HX-Redirect")) == (503, None)


def hidden(response):
    page = response.content.decode()
    return re.findall(r'<input type="hidden" name="([^"]*)" value="([^"]*)">', page)


def test_what_was_typed_is_in_the_page_that_says_so(failing):
    response = failing(OperationalError("away")).post(
        "/admin/careers/career/add/?a=1",
        "title_fr=%3Cb%3E%22x%22%0D%0Ay&band=1&band=2",
        content_type="application/x-www-form-urlencoded",
    )
    assert response.status_code == 503
    assert hidden(response) == [
        ("title_fr", "&lt;b&gt;&quot;x&quot;\r\ny"),
        ("band", "1"),
        ("band", "2"),
    ]
    assert 'action="/admin/careers/career/add/?a=1"' in response.content.decode()


def test_neither_passwords_nor_files_are_in_the_page(failing):
    secret = failing(OperationalError("away")).post(
        "/admin/login/",
        "username=editor&password=secret",
        content_type="application/x-www-form-urlencoded",
    )
    file = failing(OperationalError("away")).post(
        "/admin/careers/career/import/", {"file": SimpleUploadedFile("a.csv", b"secret"), "a": "b"}
    )
    for response in (secret, file):
        page = response.content.decode()
        assert (response.status_code, hidden(response), "secret" in page) == (503, [], False)
        assert "<h1>Pas encore enregistré</h1>" in page


def test_pages_for_a_proxy_are_those_of_the_site(tmp_path):
    Command().handle(folder=tmp_path)
    titles = {
        path.name: re.search("<h1>(.*)</h1>", path.read_text())[1] for path in tmp_path.iterdir()
    }
    assert titles == {
        "503.fr.html": "De retour dans un instant",
        "503.en.html": "Back in a moment",
    }


def test_each_failure_that_is_tested_stands_in_the_table():
    root = Path(__file__).parent.parent
    files = (root / "tests/failures").glob("test_*.py")
    tests = {
        name for file in files for name in re.findall(r"^def (test_\w+)", file.read_text(), re.M)
    }
    assert set(re.findall(r"`(test_\w+)`", (root / "docs/failures.md").read_text())) == tests


# --- What is kept, while the database is away ---------------------------------------------------


def test_kept_page_is_shown_as_it_was(golden, client, failing):
    fresh = client.get("/metiers/")
    away = failing(OperationalError("away"))
    stale = away.get("/metiers/")
    assert (stale.status_code, stale.content) == (200, fresh.content)
    assert (stale["Cache-Control"], "ETag" in stale) == ("no-store", False)
    assert stale["Cache-Status"] == "SharedPages; hit; detail=stale-if-error"
    assert "Cache-Status" not in fresh
    assert away.get("/en/careers/").status_code == 503


def test_kept_page_of_before_a_planned_minute_is_not_shown(golden, client, failing, monkeypatch):
    """A career that ends at noon is not shown at one, even if nobody can be asked."""
    end = timezone.now() + timedelta(hours=1)
    create_career(title_fr="Bientôt fini", status="published", unpublished_at=end)
    client.get("/metiers/")
    away = failing(OperationalError("away"))
    assert "Bientôt fini" in away.get("/metiers/").content.decode()
    monkeypatch.setattr(timezone, "now", lambda: end)
    assert away.get("/metiers/").status_code == 503
    assert state.last() is None


# --- How long a request may be silent -----------------------------------------------------------


@pytest.fixture
def watching(settings, monkeypatch):
    """The middleware around a view, without the thread that ends the process."""
    settings.REQUEST_SECONDS = 5
    monkeypatch.setattr(timeouts.RequestTimeout, "_look", lambda self: None)
    return timeouts.RequestTimeout


def test_request_is_watched_until_it_is_answered(watching, monkeypatch):
    now = [100.0]
    monkeypatch.setattr(timeouts, "monotonic", lambda: now[0])
    seen = []

    def view(request):
        seen.append(watched._late())
        now[0] += 6
        seen.append(watched._late())
        raise ValueError("a mistake")

    watched = watching(view)
    with pytest.raises(ValueError, match="a mistake"):
        watched(RequestFactory().get("/metiers/"))
    assert seen == [[], ["/metiers/"]]
    assert watched._late() == []


def test_stream_is_watched_block_by_block_but_not_while_it_is_read(watching, monkeypatch):
    now, late = [100.0], []
    monkeypatch.setattr(timeouts, "monotonic", lambda: now[0])

    def blocks():
        for number in range(3):
            now[0] += 4
            late.append(watched._late())
            yield b"%d" % number
        closed.append(True)

    closed = []
    watched = watching(lambda request: StreamingHttpResponse(blocks()))
    response = watched(RequestFactory().get("/metiers/export.csv"))
    read = []
    for block in response.streaming_content:
        now[0] += 60  # a reader who takes their time
        read.append((block, watched._late()))
    assert read == [(b"0", []), (b"1", []), (b"2", [])]
    assert (late, closed) == ([[]] * 3, [True])


def test_editors_have_more_time(watching, client, monkeypatch, settings):
    settings.EDITOR_SECONDS = 50
    begun = []
    monkeypatch.setattr(
        watching, "_begin", lambda self, seconds, path: begun.append((seconds, path))
    )
    client.get("/admin/login/")
    client.get("/methode/")
    assert begun == [(5, "/admin/login/"), (50, "/admin/login/"), (5, "/methode/")]
