"""PostgreSQL restarts, stays away, or takes too long."""

import pytest

from tests.failures.browsing import Browser, Editor, busy, carried
from tests.failures.content import CAREER, halves, number_of, summaries
from tests.failures.parts import Site, until

pytestmark = pytest.mark.failures

KEPT, UNSEEN = "/metiers/", "/en/careers/?q={}"


@pytest.fixture(scope="module")
def career(cluster, database):
    return CAREER.format(number_of(cluster, database))


@pytest.mark.parametrize("how", ["fast", "immediate"])
def test_restart_costs_seconds_and_no_save(cluster, database, site, career, how):
    """`immediate` is the crash of the server: it recovers from its log."""
    visitor, other, editor = Browser(site.port), Browser(site.port), Editor(site.port)
    visitor.get(KEPT)

    def unseen(number):
        return other.get(UNSEEN.format(number))

    def saving(number):
        return editor.save(career, summary_fr=f"{how} {number}.")

    with busy(reading=lambda number: visitor.get(KEPT), unseen=unseen, saving=saving) as seen:
        until(lambda: len(seen.having("saving", 302)) > 2, "saving")
        cluster.stop(how)
        until(lambda: seen.having("unseen", 503) and seen.having("saving", 503), "failing")
        cluster.start()
        saved = len(seen.having("saving", 302))
        until(lambda: len(seen.having("saving", 302)) > saved + 2, "saving again")
    assert seen.statuses("reading") <= {200, 503}
    assert seen.statuses("unseen") == {200, 503}
    assert seen.statuses("saving") == {302, 503}
    assert {a.headers["retry-after"] for name in seen.answers for a in seen.having(name, 503)} == {
        "10"
    }
    assert {answer.title for answer in seen.having("unseen", 503)} == {"Back in a moment"}
    acknowledged = [
        f"{how} {number}." for number, a in enumerate(seen.answers["saving"]) if a.status == 302
    ]
    kept = summaries(cluster, database, how)
    assert [summary for summary in kept if summary in acknowledged] == acknowledged
    assert len(kept) == len(set(kept))
    assert halves(cluster, database, site.manage) == []


def test_kept_pages_are_shown_stale_while_the_database_is_away(cluster, database, serve):
    site = serve(Site, cluster.url(database), WEB_CONCURRENCY="1")
    visitor = Browser(site.port)
    fresh = visitor.get(KEPT)
    cluster.stop()
    try:
        stale, missing = visitor.get(KEPT), visitor.get("/en/careers/?q=nobody")
    finally:
        cluster.start()
    assert (stale.status, stale.text, stale.is_stale) == (200, fresh.text, True)
    assert stale.headers["cache-control"] == "no-store"
    assert (missing.status, missing.title) == (503, "Back in a moment")
    assert "no-store" in missing.headers["cache-control"]
    again = visitor.get(KEPT)
    assert (again.status, again.text, again.is_stale) == (200, fresh.text, False)


def test_what_an_editor_typed_is_sent_again_from_the_page(cluster, database, site, career):
    editor = Editor(site.port)
    form = editor.form(career) | {"summary_fr": "Essai « 1 »\r\net <2>."}
    cluster.stop()
    try:
        refused = editor.post(career, form)
        opened = editor.get(career)
    finally:
        cluster.start()
    assert (refused.status, refused.title) == (503, "Pas encore enregistré")
    assert (opened.status, opened.title) == (503, "De retour dans un instant")
    assert carried(refused) == {**form, "csrfmiddlewaretoken": form["csrfmiddlewaretoken"]}
    assert summaries(cluster, database, "Essai") == []
    assert editor.post(career, carried(refused)).status == 302
    assert summaries(cluster, database, "Essai") == ["Essai « 1 »\net <2>."]


def test_row_that_another_holds_is_given_up_in_time(cluster, database, serve, career):
    site = serve(Site, cluster.url(database), STATEMENT_SECONDS="2", WEB_CONCURRENCY="1")
    editor, visitor = Editor(site.port), Browser(site.port)
    form = editor.form(career) | {"summary_fr": "Tenu."}
    with cluster.connect(database) as other, other.transaction():
        other.execute("SELECT * FROM careers_career FOR UPDATE")
        refused = editor.post(career, form)
        # Who reads never waits for who writes.
        assert visitor.get("/en/careers/?q=ethics").status == 200
    assert (refused.status, refused.title) == (503, "Pas encore enregistré")
    assert editor.post(career, carried(refused)).status == 302
    assert summaries(cluster, database, "Tenu") == ["Tenu."]


SLOW = """
ALTER TABLE careers_change RENAME TO slow;
CREATE VIEW careers_change AS SELECT slow.* FROM slow, pg_sleep(600) AS slept
"""


def test_query_that_takes_too_long_is_ended(cluster, serve):
    database = "slow"
    cluster.create(database, "filled")
    site = serve(Site, cluster.url(database), STATEMENT_SECONDS="1", WEB_CONCURRENCY="1")
    with cluster.connect(database) as other:
        other.execute(SLOW)
    refused = Browser(site.port).get("/en/careers/")
    assert (refused.status, refused.title) == (503, "Back in a moment")
    assert "canceling statement due to statement timeout" in cluster.said
    running = (
        "SELECT query FROM pg_stat_activity WHERE state = 'active' AND pid <> pg_backend_pid()"
    )
    assert cluster.ask(database, f"{running} AND datname = '{database}'") == []
