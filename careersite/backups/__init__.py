"""The whole site in one file, taken while it runs and proved by being restored (docs/adr/0025)."""

from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.migrations.recorder import MigrationRecorder

from careersite.backups import archive
from careersite.backups.archive import BackupError, Manifest
from careersite.backups.postgres import Postgres
from careersite.backups.sqlite import Sqlite
from careersite.health import known_migrations

_ENGINES: dict[str, type[Sqlite | Postgres]] = {"sqlite": Sqlite, "postgresql": Postgres}


def backup(connection: BaseDatabaseWrapper, folder: Path, *, prove: bool) -> tuple[Path, Manifest]:
    """A new file in the folder, once what is in it has been restored and found to be the same."""
    engine = _ENGINES[connection.vendor](connection)
    if not engine.names():
        raise BackupError("The database is empty: there is nothing to save.")
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = folder / archive.name_of(datetime.now(UTC))
    with (
        archive.new(path) as part,
        TemporaryDirectory(dir=folder, prefix=".careersite-") as scratch,
    ):
        dump = Path(scratch) / "dump"
        tables = engine.dump(dump)
        migrations = [
            f"{app}.{name}" for app, name in MigrationRecorder(connection).applied_migrations()
        ]
        archive.write(
            part,
            dump,
            engine=connection.vendor,
            database=engine.version,
            migrations=sorted(migrations),
            tables=tables,
        )
        dump.unlink()
        # From here on as on the day when it is needed: from the file alone.
        manifest, again = archive.unpack(part, Path(scratch))
        if prove and engine.proved(again) != manifest.tables:
            raise BackupError("What was saved is not what the database held. Nothing is kept.")
    return path, manifest


def restore(connection: BaseDatabaseWrapper, path: Path, *, replace: bool) -> tuple[Manifest, int]:
    """Make the database what the file holds; its manifest, and how many migrations it lacks."""
    engine = _ENGINES[connection.vendor](connection)
    there = engine.names()
    if there and not replace:
        raise BackupError(
            f"The database has {len(there)} tables. They are left as they are: give an empty "
            "database, or --replace."
        )
    known = {f"{app}.{name}" for app, name in known_migrations()}
    with TemporaryDirectory(prefix="careersite-") as scratch:
        manifest, dump = archive.unpack(path, Path(scratch))
        if manifest.engine != connection.vendor:
            raise BackupError(
                f"{path} is of {manifest.engine}, the database of {connection.vendor}."
            )
        if later := sorted(set(manifest.migrations) - known):
            raise BackupError(f"{path} is of a newer release: this one does not know {later[0]}.")
        connection.close()
        engine.restore(dump, manifest.tables)
    return manifest, len(known - set(manifest.migrations))
