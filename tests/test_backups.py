"""A backup is the whole site at one moment, whoever writes; a restore is all or nothing."""

import json
import os
import re
import shutil
import sqlite3
import subprocess
import sys
import zipfile
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path

import dj_database_url
import pytest
from django.db import connection

from careersite import backups
from careersite.backups import archive, postgres, sqlite
from careersite.backups.archive import BackupError
from tests import layout
from tests.bad_backups import REFUSED, repacked

pytestmark = pytest.mark.django_db

WRITER = """
import django, itertools, sys
django.setup()
from django.db import transaction
from careers.models import Career, Import, Region, SalaryBand, Source
region, source = Region.objects.get(code="FR"), Source.objects.first()
for number in itertools.count(1):
    with transaction.atomic():
        career = Career.objects.create(title_fr=f"Essai {number}")
        SalaryBand.objects.create(
            career=career, region=region, source=source, low=number, currency="EUR",
            observed_on="2026-01-01",
        )
        Import.objects.create(username="drill", resource="career", name=f"{number}", new=1)
    print(number, flush=True)
"""


@contextmanager
def opened(url):
    """Django's connection to that database, beside the one of the tests."""
    wrapper = connection.copy()
    wrapper.settings_dict.update(dj_database_url.parse(url))
    try:
        yield wrapper
    finally:
        wrapper.close()


def contents(url):
    """Every row of every table, but for who is signed in: the comparison of the tests' own."""
    with opened(url) as database:
        names = sorted(set(database.introspection.table_names()) - {"django_session"})
        found = {}
        with database.cursor() as cursor:
            for name in names:
                cursor.execute(f'SELECT * FROM "{name}"')
                found[name] = sorted(map(repr, cursor.fetchall()))
    return found


def save(url, folder, **options):
    with opened(url) as database:
        return backups.backup(database, folder, **{"prove": True, **options})


def put_back(url, path, *, replace=False):
    with opened(url) as database:
        return backups.restore(database, path, replace=replace)


@pytest.fixture(scope="module")
def site(tmp_path_factory, django_db_setup, django_db_blocker):
    """The address of a database with the starter content, and somebody signed in."""
    if connection.vendor == "postgresql" and not shutil.which("pg_dump"):
        pytest.skip("PostgreSQL's client programs are not installed")
    folder = tmp_path_factory.mktemp("site")
    with django_db_blocker.unblock(), layout.database(folder, "saved") as url:
        env = layout.environment(url)
        layout.manage(env, "migrate", "--verbosity", "0")
        layout.manage(env, "load_demo")
        with opened(url) as database, database.cursor() as cursor:
            cursor.execute(
                "INSERT INTO django_session (session_key, session_data, expire_date) "
                "VALUES ('stolen', 'x', '2099-01-01')"
            )
        yield url


@pytest.fixture
def empty(tmp_path):
    with layout.database(tmp_path, "restored") as url:
        yield url


@pytest.fixture(scope="module")
def saved(site, tmp_path_factory, django_db_blocker):
    with django_db_blocker.unblock():
        return save(site, tmp_path_factory.mktemp("backups"))[0]


def test_backup_restores_every_table_and_signs_everybody_out(site, saved, empty):
    before = contents(site)
    assert {name: len(rows) for name, rows in before.items() if name == "careers_career"} == {
        "careers_career": 5
    }
    manifest, behind = put_back(empty, saved)
    assert (contents(empty), contents(site), behind) == (before, before, 0)
    assert len(manifest.tables) == len(before)
    with opened(empty) as database, database.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM django_session")
        assert cursor.fetchone() == (0,)
    assert layout.manage(layout.environment(empty), "rebuild", "--check").returncode == 0


def test_drill_backup_under_writes_is_of_one_moment(empty, tmp_path):
    """Each write is one transaction over three tables: all three have as many of them, no fewer
    than were acknowledged when the backup began, no more than when it ended."""
    with layout.database(tmp_path, "written") as url:
        env = layout.environment(url, DJANGO_SETTINGS_MODULE="careersite.settings")
        if connection.vendor == "postgresql" and not shutil.which("pg_dump"):
            pytest.skip("PostgreSQL's client programs are not installed")
        layout.manage(env, "migrate", "--verbosity", "0")
        layout.manage(env, "load_demo")
        log = tmp_path / "writer"
        with layout.process([sys.executable, "-u", "-c", WRITER], log, env=env) as writer:
            while acknowledged(log) < 5:
                assert writer.poll() is None, log.read_text()
            began = acknowledged(log)
            path, manifest = save(url, tmp_path / "backups")
            ended = acknowledged(log)
        put_back(empty, path)
        assert ended > began
        restored = contents(empty)
        # Table by table, by the backup's own comparison and by that of the tests.
        with opened(empty) as database:
            engine = backups._ENGINES[connection.vendor](database)
            again = engine.dump(tmp_path / "again")
        assert again == manifest.tables
        assert {name: len(rows) for name, rows in restored.items()} == {
            name.removeprefix("public."): rows for name, (rows, _digest) in manifest.tables.items()
        }
        written = len(restored["careers_import"])
        assert began <= written <= ended + 1
        assert len(restored["careers_career"]) == 5 + written
        assert len(restored["careers_salaryband"]) == 8 + written
        assert len([row for row in restored["careers_career"] if "'Essai " in row]) == written
        # What was written is a part of what the site went on to write.
        lost = set(restored["careers_import"]) - set(contents(url)["careers_import"])
        assert lost == set()
    env = layout.environment(empty)
    assert "as it should be" in layout.manage(env, "rebuild", "--check").stdout
    assert layout.manage(env, "migrate", "--check").returncode == 0


def acknowledged(log):
    lines = log.read_text().split() if log.exists() else []
    return int(lines[-1]) if lines and lines[-1].isdigit() else 0


def test_running_site_shows_what_was_restored_at_once(empty, saved, tmp_path):
    """The state of the content comes with the backup: no page that was kept in between is shown."""
    put_back(empty, saved)
    env = layout.environment(empty, HTTPS="0")
    port, log = layout.free_port(), tmp_path / "log"
    change = (
        "from careers.models import SalaryBand as B; B.objects.exclude(high=None).update(high={})"
    )

    def shown():
        """Which of the two amounts below the page names."""
        with layout.ask(f"http://127.0.0.1:{port}/metiers/ethicien-ia/") as page:
            return set(re.findall("(777|888)\u202f000", page.read().decode()))

    with layout.gunicorn(env, port, log):
        with layout.ask(f"http://127.0.0.1:{port}/metiers/ethicien-ia/") as page:
            assert page.status == 200
        assert shown() == set()
        layout.manage(env, "shell", "-c", change.format(777_000))
        assert shown() == {"777"}
        put_back(empty, saved, replace=True)
        assert shown() == set()
        layout.manage(env, "shell", "-c", change.format(888_000))
        assert shown() == {"888"}


# --- The file ---------------------------------------------------------------------------------


def test_file_is_read_by_its_owner_alone_and_nothing_else_is_left(site, tmp_path):
    folder = tmp_path / "new" / "backups"
    path, manifest = save(site, folder)
    assert (path.stat().st_mode & 0o777, folder.stat().st_mode & 0o777) == (0o600, 0o700)
    assert list(folder.iterdir()) == [path]
    with zipfile.ZipFile(path) as packed:
        told = json.loads(packed.read("manifest.json"))
    assert (told["program"], told["engine"]) == ("careersite", connection.vendor)
    assert "careers.0001_initial" in told["migrations"]
    assert told["sha256"] == manifest.sha256


def test_stolen_file_holds_no_session(saved, tmp_path):
    with zipfile.ZipFile(saved) as packed:
        packed.extract("database", tmp_path)
    if connection.vendor == "sqlite":
        assert b"stolen" not in (tmp_path / "database").read_bytes()
    else:
        read = ["pg_restore", "--data-only", "--file=-", str(tmp_path / "database")]
        assert "stolen" not in subprocess.run(read, capture_output=True, text=True).stdout


def test_rotation_keeps_the_newest_and_what_is_not_ours(tmp_path):
    ours = [archive.name_of(datetime(2026, 1, day, tzinfo=UTC)) for day in range(1, 6)]
    others = ["careersite-notes.zip", "careersite-20260101T000000Z.zip.old", "photo.jpg"]
    for name in [*ours, *others]:
        (tmp_path / name).touch()
    removed = archive.keep(tmp_path, 2)
    assert [path.name for path in removed] == ours[:3]
    assert {path.name for path in tmp_path.iterdir()} == {*ours[3:], *others}


def test_backup_that_is_not_what_was_held_is_not_kept(site, tmp_path, monkeypatch):
    engine = backups._ENGINES[connection.vendor]
    monkeypatch.setattr(engine, "proved", lambda self, dump: {"careers_career": (0, "0")})
    with pytest.raises(BackupError, match="not what the database held"):
        save(site, tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_backup_for_which_there_is_no_room_leaves_nothing(site, tmp_path, monkeypatch):
    def full(*arguments, **options):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(archive, "write", full)
    with pytest.raises(OSError, match="No space left"):
        save(site, tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_backup_of_an_empty_database_is_refused(empty, tmp_path):
    with pytest.raises(BackupError, match="is empty"):
        save(empty, tmp_path / "backups")
    assert not (tmp_path / "backups").exists()


def test_commands_say_what_they_did(site, empty, tmp_path):
    saving = ["backup", str(tmp_path / "b"), "--keep", "1"]
    said = layout.manage(layout.environment(site), *saving).stdout
    (path,) = (tmp_path / "b").iterdir()
    assert said.startswith(f"{path}: ")
    assert said.endswith("restored and compared; 0 older removed\n")
    said = layout.manage(layout.environment(empty), "restore", str(path)).stdout
    assert said.startswith("Restored ")
    refused = layout.manage(layout.environment(empty), "restore", str(path), check=False)
    assert refused.returncode == 1
    assert refused.stderr.startswith("CommandError: Nothing was restored. The database has ")
    assert contents(empty) == contents(site)


# --- What is refused ----------------------------------------------------------------------------


@pytest.fixture(scope="module")
def replaceable(saved, tmp_path_factory, django_db_blocker):
    with (
        django_db_blocker.unblock(),
        layout.database(tmp_path_factory.mktemp("other"), "other") as url,
    ):
        put_back(url, saved)
        yield url


@pytest.fixture
def other_site(replaceable):
    """A site with content of its own, that a restore would replace."""
    with opened(replaceable) as database, database.cursor() as cursor:
        cursor.execute("UPDATE careers_career SET title_en = 'Ours' WHERE slug = 'ethicien-ia'")
        assert cursor.rowcount == 1
    return replaceable


@pytest.mark.parametrize("kind", REFUSED)
def test_restore_refuses_what_is_no_backup_and_leaves_the_site(kind, other_site, saved, tmp_path):
    before = contents(other_site)
    make, reason = REFUSED[kind]
    make(saved, tmp_path / "bad.zip")
    with pytest.raises(BackupError, match=reason):
        put_back(other_site, tmp_path / "bad.zip", replace=True)
    assert contents(other_site) == before


def test_any_damaged_bit_of_the_database_is_found(saved, tmp_path):
    """Whichever of the checks finds it: that of ZIP, its packing or the digest."""
    whole = saved.read_bytes()
    with zipfile.ZipFile(saved) as read:
        packed = read.getinfo("database").compress_size
    for number, place in enumerate(range(100, packed, packed // 50)):
        changed = bytearray(whole)
        changed[place] ^= 1 << number % 8
        (tmp_path / "bad.zip").write_bytes(changed)
        (tmp_path / str(number)).mkdir()
        with pytest.raises(BackupError):
            archive.unpack(tmp_path / "bad.zip", tmp_path / str(number))


def test_restore_replaces_nothing_unasked(other_site, saved):
    before = contents(other_site)
    with pytest.raises(BackupError, match="They are left as they are"):
        put_back(other_site, saved)
    assert contents(other_site) == before


def test_restore_replaces_all_when_asked_and_removes_other_tables(site, other_site, saved):
    with opened(other_site) as database, database.cursor() as cursor:
        cursor.execute("CREATE TABLE later (number integer)")
    put_back(other_site, saved, replace=True)
    assert contents(other_site) == contents(site)


def test_restore_waits_for_a_writer_and_then_gives_up(other_site, saved, monkeypatch):
    monkeypatch.setattr(sqlite, "WAIT", 0.3)
    monkeypatch.setattr(postgres, "_EMPTY", postgres._EMPTY.replace("'30s'", "'300ms'"))
    before = contents(other_site)
    with opened(other_site) as writer, writer.cursor() as cursor:
        cursor.execute("BEGIN IMMEDIATE" if writer.vendor == "sqlite" else "BEGIN")
        cursor.execute("UPDATE careers_career SET title_en = 'Later'")
        with pytest.raises(BackupError, match=r"somebody wrote|lock timeout"):
            put_back(other_site, saved, replace=True)
        cursor.execute("ROLLBACK")
    assert contents(other_site) == before


def test_restore_of_an_older_release_asks_for_migrate(empty, saved, tmp_path):
    with zipfile.ZipFile(saved) as packed:
        migrations = json.loads(packed.read("manifest.json"))["migrations"]
    older = repacked(saved, tmp_path / "older.zip", migrations=migrations[:-2])
    assert put_back(empty, older)[1] == 2


@pytest.mark.skipif("connection.vendor != 'sqlite'", reason="a file of SQLite")
def test_unsound_file_of_sqlite_is_refused(saved, tmp_path):
    """Sums that fit and rows that point nowhere: what a tampered file may hold."""
    with zipfile.ZipFile(saved) as packed:
        packed.extract("database", tmp_path)
    with closing(sqlite3.connect(tmp_path / "database")) as database:
        database.execute("DELETE FROM careers_region")
        database.commit()
    engine = backups.Sqlite(connection)
    with pytest.raises(BackupError, match="unsound"):
        engine.proved(tmp_path / "database")


@pytest.mark.skipif("connection.vendor != 'postgresql'", reason="programs of PostgreSQL")
def test_missing_programs_of_postgresql_are_named(site, tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(BackupError, match="pg_dump is not installed: it comes with PostgreSQL"):
        save(site, tmp_path / "backups")
    assert list((tmp_path / "backups").iterdir()) == []


@pytest.mark.skipif("connection.vendor != 'postgresql'", reason="roles of PostgreSQL")
def test_password_is_in_no_argument(site, monkeypatch):
    seen = []

    def run(command, env, **options):
        seen.append((command, env))
        return subprocess.CompletedProcess(command, 0, "", "")

    monkeypatch.setattr(postgres.subprocess, "run", run)
    with opened(site) as database:
        engine = backups.Postgres(database)
        database.settings_dict["PASSWORD"] = "secret"
        engine._run("pg_dump", "--format=custom")
    ((command, env),) = seen
    assert "secret" not in " ".join(map(str, command))
    assert env["PGPASSWORD"] == "secret"
    assert os.environ.get("PGPASSWORD") != "secret"


def test_path_that_is_not_there_is_named(empty, tmp_path):
    with pytest.raises(FileNotFoundError, match=r"nowhere\.zip"):
        put_back(empty, Path(tmp_path / "nowhere.zip"))
