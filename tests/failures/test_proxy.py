"""Two processes behind nginx, one or both killed; slow clients, and ten thousand idle ones."""

import resource
import socket
import threading
from contextlib import ExitStack, contextmanager
from time import sleep

import pytest

from tests.failures.browsing import LOST, Browser, Editor, busy
from tests.failures.content import CAREER, halves, number_of, summaries
from tests.failures.parts import Nginx, Site, until

pytestmark = pytest.mark.failures

MANY = 10_000
FOUND_AGAIN = 2  # seconds, as docs/operations.md has it: nginx tries again after one


def test_one_of_two_killed_is_not_seen_by_visitors(cluster, database, proxied):
    nginx, sites = proxied
    path = CAREER.format(number_of(cluster, database))
    visitor, other, editor = Browser(nginx.port), Browser(nginx.port), Editor(nginx.port)

    def saving(number):
        return editor.save(path, summary_fr=f"Un de deux {number}.")

    def unseen(number):
        return other.get(f"/en/careers/?q={number}")

    with busy(kept=lambda number: visitor.get("/metiers/"), unseen=unseen, saving=saving) as seen:
        for site in sites:
            saved = len(seen.having("saving", 302))
            until(lambda saved=saved: len(seen.having("saving", 302)) > saved + 2, "saving")
            site.process.kill()
            asked = len(seen.answers["unseen"])
            until(lambda asked=asked: len(seen.answers["unseen"]) > asked + 5, "reading goes on")
            site.restart()
            sleep(FOUND_AGAIN)
    # What was on its way through the process that was killed may break off, and looks broken off.
    broken = [*seen.having("kept", LOST), *seen.having("unseen", LOST)]
    assert [answer.text for answer in broken if "IncompleteRead" not in answer.text] == []
    assert len(broken) <= 2 * len(sites)
    assert seen.statuses("kept") | seen.statuses("unseen") <= {200, LOST}
    assert seen.statuses("saving") <= {302, 503}
    acknowledged = [
        f"Un de deux {number}."
        for number, a in enumerate(seen.answers["saving"])
        if a.status == 302
    ]
    kept = summaries(cluster, database, "Un de deux")
    assert [summary for summary in kept if summary in acknowledged] == acknowledged
    assert halves(cluster, database, sites[0].manage) == []


def test_both_killed_is_said_in_the_language_of_the_reader(proxied):
    nginx, sites = proxied
    for site in sites:
        site.process.kill()
    said = [Browser(nginx.port).get(path) for path in ("/metiers/", "/en/careers/", "/admin/")]
    assert [(answer.status, answer.title, answer.headers["retry-after"]) for answer in said] == [
        (503, "De retour dans un instant", "10"),
        (503, "Back in a moment", "10"),
        (503, "De retour dans un instant", "10"),
    ]
    for site in sites:
        site.restart()
    until(lambda: Browser(nginx.port).get("/metiers/").status == 200, "the site is back", 30)


@contextmanager
def connections(port: int, count: int, first: bytes):
    """So many connections that have sent this much."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard < count + 2_000:
        pytest.skip(f"{count} connections need as many files: ulimit -Hn says {hard}")
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    with ExitStack() as stack:
        opened = []
        for _number in range(count):
            opened.append(stack.enter_context(socket.create_connection(("127.0.0.1", port))))
            if first:
                opened[-1].sendall(first)
        yield opened
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def read_and_save(cluster, database, port, turns=10):
    """What visitors and an editor get meanwhile: (statuses of pages, statuses of saves)."""
    editor, visitor = Editor(port), Browser(port)
    path = CAREER.format(number_of(cluster, database))
    pages = {visitor.get(f"/en/careers/?q={number}").status for number in range(turns)}
    saves = {editor.save(path, summary_fr=f"Essai {number}.").status for number in range(3)}
    return pages, saves


@pytest.mark.parametrize("first", [b"", b"GET /metiers/ HTTP/1.1\r\nHost: 127.0.0.1\r\n"])
def test_ten_thousand_idle_connections_stop_nobody(cluster, database, proxied, first):
    nginx, _sites = proxied
    with connections(nginx.port, MANY, first) as opened:
        assert read_and_save(cluster, database, nginx.port) == ({200}, {302})
        assert len(opened) == MANY


BODY = (
    b"POST /admin/login/ HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 5000\r\n"
    b"Content-Type: application/x-www-form-urlencoded\r\n\r\nusername="
)


@pytest.mark.parametrize("first", [b"GET /metiers/ HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Slow: ", BODY])
def test_clients_that_dribble_stop_nobody_and_are_let_go(cluster, database, proxied, first):
    """400 connections that send a byte every now and then: headers, or the body of a form."""
    nginx, _sites = proxied
    over = threading.Event()

    def dribble(opened):
        while not over.wait(0.5):
            for each in opened:
                try:
                    each.sendall(b"a")
                except OSError:
                    continue

    with connections(nginx.port, 400, first) as opened:
        dribbling = threading.Thread(target=dribble, args=(opened,))
        dribbling.start()
        try:
            assert read_and_save(cluster, database, nginx.port) == ({200}, {302})
        finally:
            over.set()
            dribbling.join()


def test_request_that_never_answers_is_ended(serve, cluster, database):
    site = serve(Site, cluster.url(database), REQUEST_SECONDS="6")
    nginx = serve(Nginx, site)
    workers, answers = set(site.process.children()), []
    stuck = threading.Thread(
        target=lambda: answers.append(Browser(nginx.port).get("/en/careers/?stuck=1"))
    )
    visitor = Browser(nginx.port)
    with busy(reading=lambda number: visitor.get(f"/en/careers/?q={number}")) as seen:
        stuck.start()
        stuck.join()
    assert [(answer.status, answer.title) for answer in answers] == [(503, "Back in a moment")]
    assert seen.statuses("reading") == {200}
    assert "Silent for too long, the process ends: careers:career_list\n" in site.process.said
    assert "stuck.py" in site.process.said  # where it hung
    until(lambda: len(site.process.children()) == 2, "another worker")
    assert len(workers & set(site.process.children())) == 1
    assert LOST not in seen.statuses("reading")
