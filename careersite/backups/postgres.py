"""A database of PostgreSQL, saved and put back by its own programs, in one moment each."""

import os
import secrets
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.db import DatabaseError
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.postgresql.client import DatabaseClient

from careersite.backups.archive import EMPTIED, BackupError, Tables

WAIT = 30  # seconds, for whoever holds a table
_TABLES = """SELECT format('%I.%I', schemaname, tablename), tablename FROM pg_catalog.pg_tables
WHERE schemaname !~ '^pg_' AND schemaname <> 'information_schema' ORDER BY 1"""
# The same text for the same row, whatever the server or the role is set to.
_PLAIN = """SET TimeZone = 'UTC'; SET DateStyle = 'ISO, YMD'; SET IntervalStyle = 'postgres';
SET extra_float_digits = 1; SET bytea_output = 'hex'; SET statement_timeout = 0"""
_CONTENTS = """SELECT count(*), coalesce(sum(
('x' || left(md5(row_of::text), 16))::bit(64)::bigint::numeric), 0)::text FROM {} AS row_of"""
_EMPTY = f"""SET lock_timeout = '{WAIT}s'; SET statement_timeout = 0;
DO $$ DECLARE named text; BEGIN
  FOR named IN SELECT found.format FROM ({_TABLES}) AS found
  LOOP EXECUTE 'DROP TABLE IF EXISTS ' || named || ' CASCADE'; END LOOP;
END $$;
"""
_COMPARED = """DO $$ BEGIN
IF NOT EXISTS (SELECT FROM ({}) AS found (number, digest) WHERE number = {} AND digest = '{}')
THEN RAISE EXCEPTION 'the table % is not what the manifest says', '{}'; END IF; END $$;
"""


class Postgres:
    def __init__(self, connection: BaseDatabaseWrapper) -> None:
        self.connection = connection
        with connection.cursor() as cursor:
            cursor.execute("SHOW server_version")
            self.version = str(cursor.fetchone()[0])

    def dump(self, path: Path) -> Tables:
        """Save one moment of the database to `path`; what stood in each table at that moment."""
        with self._session() as session, session.cursor() as cursor:
            cursor.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
            cursor.execute("SELECT pg_export_snapshot()")
            snapshot = cursor.fetchone()[0]
            tables = _tables(session)
            options = [f"--snapshot={snapshot}", "--format=custom", "--no-owner", "--no-acl"]
            options += [f"--exclude-table-data=*.{name}" for name in sorted(EMPTIED)]
            self._run("pg_dump", *options, f"--file={path}", self._name())
            cursor.execute("ROLLBACK")
        return tables

    def proved(self, dump: Path) -> Tables:
        """What stands in the database that the dump makes, restored into one of its own."""
        name = f"{self._name()}_proof_{secrets.token_hex(4)}"
        quoted = self.connection.ops.quote_name(name)
        try:
            with self.connection.cursor() as cursor:
                cursor.execute(f"CREATE DATABASE {quoted} TEMPLATE template0 ENCODING 'UTF8'")
        except DatabaseError as error:
            raise BackupError(
                f"There is no database to prove the backup in ({str(error).strip()}). "
                "The role needs CREATEDB; --unproved only reads the file again."
            ) from error
        try:
            options = ["--no-owner", "--no-acl", "--exit-on-error", f"--dbname={name}"]
            self._run("pg_restore", *options, str(dump), name=name)
            with self._session(name) as session:
                return _tables(session)
        finally:
            with self.connection.cursor() as cursor:
                cursor.execute(f"DROP DATABASE {quoted} WITH (FORCE)")

    def names(self) -> list[str]:
        """The tables that are there now."""
        with self.connection.cursor() as cursor:
            cursor.execute(_TABLES)
            return [table for _full, table in cursor.fetchall()]

    def restore(self, dump: Path, tables: Tables) -> None:
        """Put the dump in the place of all tables and compare it with the manifest, in one
        transaction: whoever reads meanwhile waits, and where it fails all stays as it was."""
        script, before, after = (dump.with_name(name) for name in ("script", "before", "after"))
        self._run("pg_restore", "--no-owner", "--no-acl", f"--file={script}", str(dump))
        before.write_text(_EMPTY)
        compared = [
            _COMPARED.format(_CONTENTS.format(name), rows, digest, name.replace("'", "''"))
            for name, (rows, digest) in tables.items()
        ]
        after.write_text(f"{_PLAIN};\n" + "".join(compared))
        options = ["--no-psqlrc", "--quiet", "--single-transaction", "--set=ON_ERROR_STOP=1"]
        files = [f"--file={file}" for file in (before, script, after)]
        self.connection.close()
        self._run("psql", *options, *files, f"--dbname={self._name()}", "--output=/dev/null")

    # --- PostgreSQL's programs, and sessions beside Django's ----------------------------------

    def _name(self) -> str:
        return str(self.connection.settings_dict["NAME"])

    def _run(self, program: str, *arguments: str, name: str = "") -> None:
        """Raises BackupError with what the program said. No password stands in its arguments."""
        given = {**self.connection.settings_dict, "NAME": name or self._name()}
        command, environment = DatabaseClient.settings_to_cmd_args_env(given, [])
        # psql's own, without its name and the database: all three programs know them.
        server = command[1:-1] if program != "pg_restore" or name else []
        try:
            done = subprocess.run(
                [program, "--no-password", *server, *arguments],
                env={**os.environ, **(environment or {})},
                capture_output=True,
                text=True,
                check=False,
            )
        except FileNotFoundError as error:
            raise BackupError(
                f"{program} is not installed: it comes with PostgreSQL's client programs."
            ) from error
        if done.returncode:
            said = done.stderr.strip().splitlines()[-3:]
            raise BackupError(f"{program} failed: {' '.join(said) or done.returncode}")

    @contextmanager
    def _session(self, name: str = "") -> Iterator[BaseDatabaseWrapper]:
        """A connection of its own, outside any transaction of the caller."""
        session = self.connection.copy()
        session.settings_dict["NAME"] = name or self._name()
        try:
            with session.cursor() as cursor:
                cursor.execute(_PLAIN)
            yield session
        finally:
            session.close()


def _tables(session: BaseDatabaseWrapper) -> Tables:
    with session.cursor() as cursor:
        cursor.execute(_TABLES)
        named = [full for full, table in cursor.fetchall() if table not in EMPTIED]
        tables: Tables = {}
        for name in named:
            cursor.execute(_CONTENTS.format(name))
            rows, digest = cursor.fetchone()
            tables[name] = (rows, digest)
    return tables
