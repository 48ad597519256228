import gzip
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import IO, Any, BinaryIO, cast

from django.core.management.base import CommandError, CommandParser
from django.db import transaction
from django.utils import translation

from careers import tables
from careers.management.importing import GZIP, PART, PartsCommand, Tally
from careers.resources import RESOURCES, Options, Plan, Resource, plans
from careers.resources.plan import Side, Verdict
from careers.tables import TableError

# Rows whose errors are told one by one; the file of refused rows has them all.
TOLD = 20
# More than any file has.
WHOLE = 10**9


class Command(PartsCommand):
    help = (
        "Imports a file that the site has exported, or any that its admin would take, of any size: "
        "CSV is read and written in parts, in one transaction. All rows or none, unless "
        "--good-rows; rows that the site has changed since the export stop it, unless --conflicts "
        "says whose stay."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("model", choices=RESOURCES)
        parser.add_argument("file", type=Path, help="CSV or XLSX, or the same in .gz")
        parser.add_argument("--preview", action="store_true", help="tell what would be written")
        parser.add_argument(
            "--good-rows", action="store_true", help="leave refused rows out and write the others"
        )
        parser.add_argument("--conflicts", choices=Side.values, default="", help="whose rows stay")
        parser.add_argument(
            "--create-missing",
            action="store_true",
            help="make drafts of careers that the site lacks, and record sources",
        )
        parser.add_argument(
            "--refused", type=Path, help="where to write the refused rows, each with the reason"
        )

    @translation.override("en")
    def handle(self, *args: Any, model: str, file: Path, **options: Any) -> None:
        self.told = 0
        try:
            with ExitStack() as stack:
                content = stack.enter_context(_opened(file))
                where = options["refused"]
                refused = stack.enter_context(where.open("wb")) if where else None
                with transaction.atomic():
                    tally = self._import(RESOURCES[model], content, file, refused, options)
                    stopped = self._stopped(tally, options)
                    transaction.set_rollback(bool(stopped) or options["preview"])
        except (TableError, OSError, EOFError) as error:
            raise CommandError(f"{file}: {error}") from error
        self.tell(file, sum(tally.said[verdict.value] for verdict in Verdict), tally)
        if stopped:
            raise CommandError(f"Nothing was imported: {stopped}")
        if options["preview"]:
            self.stdout.write("A preview: nothing was imported.")

    def _import(
        self,
        resource: Resource,
        content: BinaryIO,
        file: Path,
        refused: IO[bytes] | None,
        options: dict[str, Any],
    ) -> Tally:
        tables_ = resource.read_parts(content, PART if resource.review is None else WHOLE)
        asked = Options(create_missing=options["create_missing"], for_update=True)
        planned = plans(resource, tables_, asked)

        def settled() -> Iterator[Plan]:
            for part in planned:
                self._explain(part)
                if refused:
                    _keep(part, refused)
                yield part.settled({}, options["conflicts"])

        return self.written(settled(), self.entry(file, resource), _good)

    def _explain(self, part: Plan) -> None:
        """The errors of the first refused rows, as the preview of the admin names them."""
        for row in part.having(Verdict.REFUSED)[: TOLD - self.told]:
            self.told += 1
            for column, value, message in part.errors(row):
                about = f"{column} “{value}”: " if column else ""
                self.stdout.write(f"  row {row.number}: {about}{message}")

    def _stopped(self, tally: Tally, options: dict[str, Any]) -> str:
        """Why the file as a whole is not imported, or ""."""
        if tally.said["conflict"]:
            return "rows changed on both sides; say whose stay: --conflicts site, or file."
        if tally.said["refused"] and not options["good_rows"]:
            return "rows were refused; --good-rows writes the others."
        return ""


def _good(part: Plan) -> Plan:
    good = part.only_good()
    return replace(good, rows=[row for row in good.rows if row.verdict != Verdict.CONFLICT])


def _keep(part: Plan, refused: IO[bytes]) -> None:
    """The refused rows of a part, below the header that the first of them brings."""
    if part.having(Verdict.REFUSED):
        header, *rows = tables.write(part.refused_rows(), tables.DATA)
        refused.writelines([*([] if refused.tell() else [header]), *rows])


@contextmanager
def _opened(file: Path) -> Iterator[BinaryIO]:
    with file.open("rb") as content:
        is_packed = content.read(len(GZIP)) == GZIP
        content.seek(0)
        if not is_packed:
            yield content
            return
        with gzip.open(content) as unpacked:
            yield cast(BinaryIO, unpacked)
