import os
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection

from careersite import backups
from careersite.backups import archive
from careersite.backups.archive import BackupError


class Command(BaseCommand):
    help = (
        "Saves the whole site into one file while it runs, and proves the file by restoring it "
        "into a database of its own and comparing every table."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("folder", type=Path, help="where the file is to be")
        parser.add_argument(
            "--keep", type=int, metavar="N", help="afterwards remove all backups but the newest N"
        )
        parser.add_argument(
            "--unproved",
            action="store_true",
            help="only read the file again: for a role of PostgreSQL without CREATEDB",
        )

    def handle(
        self, *args: Any, folder: Path, keep: int | None, unproved: bool, **options: Any
    ) -> None:
        if keep is not None and keep < 1:
            raise CommandError("--keep must leave at least one.")
        # Nobody else reads what is written on the way.
        os.umask(0o077)
        try:
            path, manifest = backups.backup(connection, folder, prove=not unproved)
            removed = archive.keep(folder, keep) if keep else []
        except (BackupError, OSError) as error:
            raise CommandError(f"No backup was made. {error}") from error
        rows = sum(number for number, _digest in manifest.tables.values())
        proof = "read again, not restored" if unproved else "restored and compared"
        self.stdout.write(
            f"{path}: {len(manifest.tables)} tables, {rows:,} rows, "
            f"{path.stat().st_size:,} octets, {proof}; {len(removed)} older removed"
        )
