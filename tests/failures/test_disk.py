"""A disk that is full: under SQLite, under PostgreSQL, and where uploads are received."""

import shutil
import sqlite3
import subprocess
from contextlib import closing, suppress
from secrets import token_hex

import pytest

from tests.failures.browsing import Browser, Editor, carried
from tests.failures.content import CAREER, halves, number_of, summaries
from tests.failures.parts import Postgres, Site, fill, stopping

pytestmark = pytest.mark.failures


class Disk:
    """A small file system of its own, that can be filled to the last byte and emptied again."""

    def __init__(self, folder, megabytes: int) -> None:
        folder.mkdir(parents=True)
        self.folder, self.filler = folder, folder / "filler"
        command = [
            "mount",
            "-t",
            "tmpfs",
            "-o",
            f"size={megabytes}m,mode=755",
            "tmpfs",
            str(folder),
        ]
        mounted = subprocess.run(command, capture_output=True, text=True)
        if mounted.returncode:
            pytest.skip(f"no file system of its own may be mounted: {mounted.stderr.strip()}")

    def fill(self) -> None:
        with self.filler.open("wb", buffering=0) as filler, suppress(OSError):
            while filler.write(b"\0" * 4096):
                pass
        assert shutil.disk_usage(self.folder).free == 0

    def empty(self) -> None:
        self.filler.unlink()

    def stop(self, _how: str) -> None:
        subprocess.run(["umount", "--lazy", str(self.folder)], check=True)


@pytest.fixture
def disk(serve):
    return lambda megabytes: serve(Disk, megabytes)


def test_full_disk_under_sqlite_refuses_saves_and_shows_pages(disk, serve):
    disk = disk(20)
    file = disk.folder / "site.sqlite3"
    url = f"sqlite:///{file}"
    fill(url)
    site = serve(Site, url, WEB_CONCURRENCY="1")
    editor, visitor, path = Editor(site.port), Browser(site.port), CAREER.format(2)
    saved = editor.save(path, summary_fr="Avant.")
    form = editor.form(path)
    disk.fill()
    long = {"summary_fr": "Pendant.", "tasks_fr": token_hex(9_000)}
    refused = [editor.post(path, form | long) for _time in range(3)]
    pages = [visitor.get(f"/en/careers/?q={number}").status for number in range(5)]
    disk.empty()
    assert (saved.status, pages) == (302, [200] * 5)
    assert [(answer.status, answer.title) for answer in refused] == [
        (503, "Pas encore enregistré")
    ] * 3
    assert {name: carried(refused[0])[name] for name in long} == long
    assert editor.post(path, form | {"summary_fr": "Après."}).status == 302
    with closing(sqlite3.connect(file)) as opened:
        assert opened.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        versions = (
            "SELECT summary_fr FROM careers_historicalcareer WHERE history_type = '~' AND id = 2"
        )
        assert opened.execute(f"{versions} ORDER BY history_id").fetchall() == [
            ("Avant.",),
            ("Après.",),
        ]
    site.manage("rebuild", "--check")


def test_upload_that_no_disk_takes_is_refused_in_words(disk, serve, cluster, database):
    disk = disk(1)
    site = serve(Site, cluster.url(database), TMPDIR=str(disk.folder), WEB_CONCURRENCY="1")
    editor = Editor(site.port)
    path = "/admin/careers/salaryband/import/"
    editor.get(path)
    # More than Django keeps in memory.
    sent = editor.send_file(path, b"a;b\n" * 1_000_000)
    assert (sent.status, sent.title) == (503, "Pas encore enregistré")
    assert "name=" not in sent.text.partition("<main")[2]
    assert cluster.ask(database, "SELECT * FROM careers_upload") == []
    assert [*disk.folder.iterdir()] == []
    assert editor.get(path).status == 200


def test_full_disk_under_postgres_loses_nothing(disk, serve, cluster):
    disk = disk(160)
    disk.folder.chmod(0o777)
    postgres = Postgres(disk.folder / "postgres", wal="min_wal_size=32MB\nmax_wal_size=48MB\n")
    with stopping(postgres):
        database = "site"
        url = postgres.create(database)
        cluster.copy("filled", url)
        site = serve(Site, url, WEB_CONCURRENCY="1")
        editor, visitor = Editor(site.port), Browser(site.port)
        path = CAREER.format(number_of(postgres, database))
        assert editor.save(path, summary_fr="Plein avant.").status == 302
        form = editor.form(path)
        disk.fill()
        saves, statuses = [], set()
        for number in range(40):
            long = {"summary_fr": f"Plein {number}.", "tasks_fr": token_hex(9_000)}
            saves.append((long["summary_fr"], editor.post(path, form | long).status))
            statuses.add(visitor.get(f"/en/careers/?q={number}").status)
            if saves[-1][1] == 503:
                break
            form = editor.form(path)
        disk.empty()
        postgres.start_again()
        assert saves[-1][1] == 503
        assert statuses <= {200, 503}
        assert editor.save(path, summary_fr="Plein après.").status == 302
        acknowledged = [summary for summary, status in saves if status == 302]
        kept = summaries(postgres, database, "Plein")
        assert kept == ["Plein avant.", *acknowledged, "Plein après."]
        assert halves(postgres, database, site.manage) == []
