from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection

from careersite import backups
from careersite.backups.archive import BackupError


class Command(BaseCommand):
    help = (
        "Makes the database what a backup holds, or leaves it as it is and says why. Everybody has "
        "to sign in again."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, help="a file that `backup` has made")
        parser.add_argument(
            "--replace", action="store_true", help="give up all that is in the database now"
        )

    def handle(self, *args: Any, file: Path, replace: bool, **options: Any) -> None:
        try:
            manifest, behind = backups.restore(connection, file, replace=replace)
        except (BackupError, OSError) as error:
            raise CommandError(f"Nothing was restored. {error}") from error
        rows = sum(number for number, _digest in manifest.tables.values())
        self.stdout.write(
            f"Restored {len(manifest.tables)} tables with {rows:,} rows, as of {manifest.made_at}."
        )
        if behind:
            self.stdout.write(f"This release has {behind} migrations more: run migrate.")
