"""A file of SQLite, copied and put back by SQLite itself while others read and write it."""

import hashlib
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from django.db.backends.base.base import BaseDatabaseWrapper

from careersite.backups.archive import EMPTIED, BackupError, Tables

WAIT = 30.0  # seconds, for whoever writes


class Sqlite:
    def __init__(self, connection: BaseDatabaseWrapper) -> None:
        self.file = Path(str(connection.settings_dict["NAME"]))
        self.version = sqlite3.sqlite_version

    def dump(self, path: Path) -> Tables:
        """Copy one moment of the database to `path`; what stood in each table at that moment."""
        if not self.file.is_file():
            raise BackupError(f"{self.file} is not there: there is nothing to save.")
        with _opened(self.file) as source, _opened(path) as copy:
            source.execute("BEGIN")
            # What is read within one transaction, the copy among it, is of one moment.
            tables = _tables(source)
            source.backup(copy)
            for name in EMPTIED & set(_names(copy)):
                copy.execute(f'DELETE FROM "{name}"')
            # Deleted rows are gone from the file, too, and it needs no other file beside it.
            copy.execute("VACUUM")
            copy.execute("PRAGMA journal_mode=DELETE")
        return tables

    def proved(self, dump: Path) -> Tables:
        """What stands in the file, which SQLite finds sound."""
        with _opened(dump) as database:
            try:
                found = [str(row[0], "utf-8") for row in database.execute("PRAGMA integrity_check")]
                orphans = database.execute("PRAGMA foreign_key_check").fetchall()
                tables = _tables(database)
            except sqlite3.DatabaseError as error:
                raise BackupError(f"SQLite cannot read the database in it: {error}.") from error
        if found != ["ok"] or orphans:
            raise BackupError(f"SQLite finds the database in it unsound: {[*found, *orphans][:3]}.")
        return tables

    def names(self) -> list[str]:
        """The tables that are there now."""
        if not self.file.exists():
            return []
        with _opened(self.file) as database:
            return _names(database)

    def restore(self, dump: Path, tables: Tables) -> None:
        """Write the dump over the database, in one transaction of SQLite: whoever reads meanwhile
        reads the old or the new one, and where it fails the old one stays."""
        if self.proved(dump) != tables:
            raise BackupError("The database in it is not what its manifest says.")
        until = time.monotonic() + WAIT

        def progress(status: int, _remaining: int, _total: int) -> None:
            if status in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED) and time.monotonic() > until:
                raise BackupError(
                    f"somebody wrote for {WAIT:.0f} seconds: stop the site and try again."
                )

        is_new = not self.file.exists()
        try:
            with _opened(dump) as source, _opened(self.file) as target:
                source.backup(target, progress=progress, sleep=0.1)
        except (BackupError, sqlite3.Error) as error:
            if is_new:
                self.file.unlink(missing_ok=True)
            raise BackupError(f"The database was not written and is as it was: {error}") from error
        if is_new:
            self.file.chmod(0o600)


@contextmanager
def _opened(path: Path) -> Iterator[sqlite3.Connection]:
    # Not in Python's transactions: only in those that are begun here.
    with closing(sqlite3.connect(path, timeout=WAIT, isolation_level=None)) as database:
        # As they stand, whatever they hold.
        database.text_factory = bytes
        yield database


def _names(database: sqlite3.Connection) -> list[str]:
    rows = database.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")
    names = [str(row[0], "utf-8") for row in rows]
    return [name for name in names if not name.startswith("sqlite_")]


def _tables(database: sqlite3.Connection) -> Tables:
    return {name: _contents(database, name) for name in _names(database) if name not in EMPTIED}


def _contents(database: sqlite3.Connection, name: str) -> tuple[int, str]:
    rows = total = 0
    for row in database.execute(f'SELECT * FROM "{name}"'):
        rows += 1
        total += int.from_bytes(hashlib.blake2b(repr(row).encode(), digest_size=8).digest())
    return rows, f"{total:x}"
