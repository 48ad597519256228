"""A process killed with -9 in the middle of what it does: as if it had never begun, or whole."""

import os
import re
import signal
from contextlib import contextmanager
from http.client import HTTPConnection, IncompleteRead
from pathlib import Path
from threading import Thread

import pytest

from tests.failures.browsing import LOST, Browser, Editor, busy
from tests.failures.content import CAREER, halves, number_of, summaries
from tests.failures.parts import until

pytestmark = pytest.mark.failures


def test_killed_while_editors_save(cluster, database, site):
    """Again and again, wherever the save is by then."""
    slugs = ("ethicien-ia", "ingenieur-ia")
    paths = [CAREER.format(number_of(cluster, database, slug)) for slug in slugs]
    editors = [Editor(site.port) for _path in paths]

    def saving(which):
        return lambda turn: editors[which].save(paths[which], summary_fr=f"Essai {which}.{turn}.")

    with busy(first=saving(0), second=saving(1)) as seen:

        def saved():
            return len(seen.having("first", 302) + seen.having("second", 302))

        for _time in range(6):
            enough = saved() + 2
            until(lambda enough=enough: saved() >= enough, "saving goes on")
            site.kill_worker()
    assert LOST in seen.statuses("first") | seen.statuses("second")
    assert seen.statuses("first") | seen.statuses("second") == {LOST, 302}
    for which, name in enumerate(seen.answers):
        kept = summaries(cluster, database, f"Essai {which}.")
        acknowledged = [
            f"Essai {which}.{turn}." for turn, a in enumerate(seen.answers[name]) if a.status == 302
        ]
        assert [summary for summary in kept if summary in acknowledged] == acknowledged
    assert halves(cluster, database, site.manage) == []


def test_master_killed_alone_leaves_no_worker(site):
    """They see that it is gone, end, and leave its port to the next one."""
    workers = site.process.children()
    os.kill(site.process.running.pid, signal.SIGKILL)
    site.process.running.wait()
    until(lambda: not any(map(is_running, workers)), "the workers end")
    site.restart()
    assert Browser(site.port).get("/metiers/").status == 200


def is_running(pid):
    """Not a zombie: whoever inherits it may be slow to ask for it."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


@contextmanager
def stopped_half_way(cluster, database, site, send):
    """A post whose transaction waits when all the site's workers are killed: its rows are written,
    and the change that has to be recorded with them is not."""
    answers = []
    with cluster.connect(database) as other, other.transaction():
        other.execute("LOCK TABLE careers_change IN EXCLUSIVE MODE")
        sending = Thread(target=lambda: answers.append(send()))
        sending.start()
        waiting = "SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
        until(lambda: cluster.ask("postgres", waiting), "the post waits")
        yield
        for worker in site.process.children():
            os.kill(worker, signal.SIGKILL)
        sending.join()
    assert [answer.status for answer in answers] == [LOST]
    others = (
        f"SELECT 1 FROM pg_stat_activity WHERE datname = '{database}' AND backend_xid IS NOT NULL"
    )
    until(lambda: not cluster.ask("postgres", others), "its session ends")
    site.wait()


def test_killed_while_publishing(cluster, database, site):
    number = number_of(cluster, database)
    path, state = (
        CAREER.format(number),
        "SELECT status, summary_fr FROM careers_career WHERE id = {}",
    )
    editor = Editor(site.port)
    with cluster.connect(database) as connection:
        connection.execute(f"UPDATE careers_career SET status = 'draft' WHERE id = {number}")
    before = cluster.ask(database, state.format(number))
    form = editor.form(path) | {"summary_fr": "Publié.", "_publish": "1"}
    with stopped_half_way(cluster, database, site, lambda: editor.post(path, form)):
        pass
    assert cluster.ask(database, state.format(number)) == before
    assert summaries(cluster, database, "Publié") == []
    assert Browser(site.port).get("/metiers/ethicien-ia/").status == 404
    assert editor.post(path, form).status == 302
    assert cluster.ask(database, state.format(number)) == [("published", "Publié.")]
    assert "Publié." in Browser(site.port).get("/metiers/ethicien-ia/").text
    assert halves(cluster, database, site.manage) == []


ROWS = 1_200
FILE = "career;region;high;currency;source;observed_on\n" + "".join(
    f"ethicien-ia;FR;{50_000 + n};EUR;SOURCE;{1900 + n // 12}-{n % 12 + 1:02}-01\n"
    for n in range(ROWS)
)


def test_killed_while_importing(cluster, database, site):
    [(source,)] = cluster.ask(database, "SELECT slug FROM careers_source")
    counts = "SELECT count(*) FROM careers_salaryband UNION ALL SELECT count(*) FROM careers_import"
    [(before,), _none] = cluster.ask(database, counts)
    editor = Editor(site.port)
    editor.get("/admin/careers/salaryband/import/")
    sent = editor.send_file(
        "/admin/careers/salaryband/import/", FILE.replace("SOURCE", source).encode()
    )
    assert sent.status == 302, sent.text
    preview = sent.headers["location"]
    page = editor.get(preview)
    shown = {"shown": re.search('name="shown" value="([^"]+)"', page.text)[1]}
    with stopped_half_way(cluster, database, site, lambda: editor.post(preview, shown)):
        pass
    assert cluster.ask(database, counts) == [(before,), (0,)]
    assert halves(cluster, database, site.manage) == []
    # The file is still there: it is confirmed once more.
    assert editor.post(preview, shown).status == 302
    assert cluster.ask(database, counts) == [(before + ROWS,), (1,)]
    assert halves(cluster, database, site.manage) == []


MANY = """
INSERT INTO careers_salaryband ({0}, observed_on)
SELECT {0}, date '1900-01-01' + n FROM careers_salaryband, generate_series(1, 30000) AS n
WHERE id = (SELECT min(id) FROM careers_salaryband)
"""
COLUMNS = """
SELECT string_agg(quote_ident(column_name), ', ') FROM information_schema.columns
WHERE table_name = 'careers_salaryband' AND column_name NOT IN ('id', 'observed_on')
"""


def test_killed_while_exporting(cluster, database, site):
    """What has arrived of the file is no whole file, and the browser and the log know it."""
    [(columns,)] = cluster.ask(database, COLUMNS)
    with cluster.connect(database) as connection:
        connection.execute(MANY.format(columns))
    editor = Editor(site.port)
    path = "/admin/careers/salaryband/export/?export-profile=data"
    connection = HTTPConnection("127.0.0.1", site.port, timeout=60)
    connection.request("GET", path, headers={"Cookie": f"sessionid={editor.cookies['sessionid']}"})
    response = connection.getresponse()
    assert response.status == 200
    assert len(response.read(10_000)) == 10_000
    for worker in site.process.children():
        os.kill(worker, signal.SIGKILL)
    with pytest.raises((IncompleteRead, ConnectionError)):
        response.read()
    connection.close()
    log = "SELECT outcome, rows, sha256 <> '' FROM careers_export ORDER BY id"
    assert cluster.ask(database, log) == [("unfinished", 0, False)]
    site.wait()
    whole = editor.get(path)
    [(count,)] = cluster.ask(database, "SELECT count(*) FROM careers_salaryband")
    assert whole.text.count("\n") == count + 1
    assert cluster.ask(database, log) == [("unfinished", 0, False), ("complete", count, True)]
