"""Pages are kept for as long as the content stays as it is, and not a moment longer."""

import gzip
import os
import re
import subprocess
import sys
import threading
from datetime import timedelta
from pathlib import Path
from urllib.request import urlopen

import pytest
from django.core.cache import caches
from django.db import connection
from django.http import HttpResponse
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from careers import shared_pages
from careers.models import SalaryBand
from tests import layout
from tests.factories import create_career
from tests.staff import create_staff

ROOT = Path(__file__).parent.parent
pytestmark = [pytest.mark.shared_pages, pytest.mark.django_db]

PAGES = [
    "/metiers/",
    "/en/careers/?region=FR&salary_min=80000",
    "/metiers/ethicien-en-ia/",
    "/regions/FR/",
    "/sources/",
    "/comparer/?career=ethicien-en-ia",
    "/methode/",
    "/en/api/",
    "/metiers/atom.xml",
    "/sitemap-careers.xml",
    "/robots.txt",
]
FILES = ["/metiers/export.csv", "/metiers/export.json"]


@pytest.fixture(autouse=True)
def empty():
    caches["pages"].clear()


def made(client, path, **headers):
    """The answer, and whether it was made for this request: more than its state was read."""
    with CaptureQueriesContext(connection) as asked:
        response = client.get(path, headers=headers)
    return response, any("careers_change" not in query["sql"] for query in asked)


@pytest.mark.parametrize("path", PAGES)
def test_page_is_made_once_and_then_kept(golden, client, path):
    first = client.get(path)
    again, anew = made(client, path)
    assert not anew
    # Each reader has a number.
    assert first.headers.pop("X-Request-ID") != again.headers.pop("X-Request-ID")
    assert (again.status_code, again.content, dict(again.items())) == (
        200,
        first.content,
        dict(first.items()),
    )
    assert client.head(path).content == b""


@pytest.mark.parametrize("path", PAGES + FILES)
def test_who_has_the_page_is_told_that_it_is_unchanged(golden, client, path):
    first = client.get(path)
    assert first["Cache-Control"] == "public, no-cache"
    assert first["Vary"] == "Accept-Encoding, HX-Request, HX-History-Restore-Request"
    assert first.cookies == {}
    unchanged, anew = made(client, path, if_none_match=first["ETag"])
    assert (unchanged.status_code, unchanged.content, anew) == (304, b"", False)
    for name in ("ETag", "Cache-Control", "Vary"):
        assert unchanged[name] == first[name]
    golden["ethicien-en-ia"].save()
    assert client.get(path, headers={"If-None-Match": first["ETag"]}).status_code == 200


@pytest.mark.parametrize("path", PAGES)
def test_page_is_made_again_after_any_change_and_on_another_day(golden, client, path, monkeypatch):
    client.get(path)
    SalaryBand.objects.filter(career__slug="ethicien-en-ia").update(high=123_456)
    assert made(client, path)[1]
    tomorrow = timezone.now() + timedelta(days=1)
    monkeypatch.setattr(timezone, "now", lambda: tomorrow)
    first = client.get(path)["ETag"]
    monkeypatch.undo()
    assert client.get(path)["ETag"] != first


def test_saved_figure_stands_on_the_next_page(golden, client):
    assert "123" not in client.get("/metiers/").content.decode()
    band = golden["ethicien-en-ia"].bands.get()
    band.high = 123_000
    band.save()
    assert "123\u202f000" in client.get("/metiers/").content.decode()


def test_career_appears_on_its_minute(golden, client, monkeypatch):
    moment = timezone.now() + timedelta(hours=1)
    create_career(title_fr="Métier de demain", status="published", published_at=moment)
    for at, shown in ((moment - timedelta(minutes=1), False), (moment, True)):
        monkeypatch.setattr(timezone, "now", lambda at=at: at)
        for _time in range(2):
            assert ("Métier de demain" in client.get("/metiers/").content.decode()) == shown


def test_pages_that_differ_are_kept_apart(golden):
    """By language, address, host, encoding, and whether HTMX asks for a part."""
    asked = [
        ("/metiers/", {}),
        ("/en/careers/", {}),
        ("/metiers/?region=FR", {}),
        ("/metiers/", {"HX-Request": "true"}),
        ("/metiers/", {"HX-Request": "true", "HX-History-Restore-Request": "true"}),
        ("/metiers/", {"Accept-Encoding": "gzip"}),
        ("/metiers/", {"Host": "127.0.0.1"}),
    ]
    for _time in range(2):
        tags = [Client().get(path, headers=headers)["ETag"] for path, headers in asked]
        assert len(set(tags)) == len(tags)
    plain, compressed = (Client().get(*asked[n][:1], headers=asked[n][1]) for n in (0, 5))
    assert compressed["Content-Encoding"] == "gzip"
    assert len(gzip.decompress(compressed.content)) == len(plain.content)


def test_language_of_the_reader_makes_no_other_page(golden, client):
    first = client.get("/metiers/", headers={"Accept-Language": "de"})
    assert not made(client, "/metiers/", accept_language="en")[1]
    assert client.get("/metiers/", headers={"Accept-Language": "en"}).content == first.content


@pytest.mark.parametrize(
    ("path", "status"),
    [("/metiers/rien/", 404), ("/metiers/?sort=relevance", 302), ("/", 302), ("/admin/", 302)],
)
def test_what_is_no_shared_page_is_not_kept(golden, client, path, status):
    for _time in range(2):
        response, anew = made(client, path)
        assert response.status_code == status
        assert "ETag" not in response
        assert anew or status == 302


def test_who_is_signed_in_is_answered_anew(golden, client):
    client.get("/metiers/")
    client.force_login(create_staff())
    response = client.get("/metiers/")
    assert response.status_code == 200
    assert response.context is not None  # made of a template
    assert "ETag" not in response


def test_caches_in_between_are_told_how_long(golden, client, settings):
    settings.SHARED_SECONDS = 60
    assert client.get("/metiers/")["Cache-Control"] == (
        "public, max-age=0, s-maxage=60, stale-while-revalidate=600"
    )


def test_many_who_ask_at_once_wait_for_one(golden, monkeypatch):
    """Threads that ask for the same page: one makes it, the others get what it made."""
    calls, asking = [], threading.Barrier(4)
    kept = {}

    class Kept:
        def get(self, name):
            return kept.get(name)

        def set(self, name, page, seconds):
            kept[name] = page

    monkeypatch.setattr(shared_pages, "caches", {"pages": Kept()})
    monkeypatch.setattr(shared_pages, "_name", lambda request: "ab" * 20)

    def slow(request):
        calls.append(request)
        response = HttpResponse("page")
        response.is_shared = True
        threading.Event().wait(0.2)
        return response

    pages = shared_pages.SharedPages(slow)
    answers = []

    def ask():
        asking.wait()
        answers.append(pages(RequestFactory().get("/metiers/")).content)

    threads = [threading.Thread(target=ask) for _number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (answers, len(calls)) == ([b"page"] * 4, 1)


# --- Two processes ------------------------------------------------------------------------------

SERVE = """
import sys
from wsgiref.simple_server import WSGIRequestHandler, make_server
from careersite.wsgi import application

class Quiet(WSGIRequestHandler):
    def log_message(self, *args):
        pass

server = make_server("127.0.0.1", 0, application, handler_class=Quiet)
print(server.server_port, flush=True)
server.serve_forever()
"""
SAVE = """
import django
django.setup()
from careers.models import SalaryBand
band = SalaryBand.objects.exclude(high=None).filter(career__slug="ethicien-ia").first()
band.high = 123_000
band.save()
"""


@pytest.fixture
def site(tmp_path):
    """Two processes that serve one database, and a way to run code in a third."""
    environment = {
        **os.environ,
        "DATABASE_URL": f"sqlite:///{tmp_path / 'site.sqlite3'}",
        "DJANGO_SETTINGS_MODULE": "careersite.settings",
        **{"DEBUG": "0", "HTTPS": "0", "ALLOWED_HOSTS": "127.0.0.1", "SECRET_KEY": "s" * 60},
    }

    def run(*arguments):
        subprocess.run([sys.executable, *arguments], env=environment, cwd=ROOT, check=True)

    run("manage.py", "migrate", "--verbosity", "0")
    run("manage.py", "load_demo", "--verbosity", "0")
    layout.collect()
    serving = [
        subprocess.Popen(
            [sys.executable, "-c", SERVE],
            env=environment,
            cwd=ROOT,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _number in range(2)
    ]
    try:
        yield [f"http://127.0.0.1:{each.stdout.readline().strip()}" for each in serving], run
    finally:
        for each in serving:
            each.kill()
            each.wait()
            each.stdout.close()


def test_a_save_in_one_process_is_on_the_next_page_of_every_other(site):
    addresses, run = site

    def pages():
        return [
            urlopen(f"{address}{path}").read().decode()
            for address in addresses
            for path in ("/metiers/", "/metiers/ethicien-ia/", "/en/careers/ethicien-ia/")
            for _time in range(2)
        ]

    assert [re.findall("123[\u202f,]000", page) for page in pages()] == [[]] * 12
    run("-c", SAVE)
    assert [bool(re.search("123[\u202f,]000", page)) for page in pages()] == [True] * 12
