"""Import of published files from the command line: the editors' door, a part at a time."""

import gzip
from collections import Counter
from collections.abc import Callable, Iterable
from contextlib import nullcontext
from hashlib import file_digest
from pathlib import Path
from typing import Any, NamedTuple

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction
from django.utils import translation

from careers.models import Career, Import
from careers.resources import RESOURCES, Options, Plan, Resource, apply, plan, plans
from careers.resources.plan import Verdict
from careers.resources.shapes import Formats, read
from careers.tables import Row, Table, TableError

# Rows planned and written at a time: what is in memory beside the file itself.
PART = 2_000
WIDTH = 40
GZIP = b"\x1f\x8b"
MAX_BYTES = 200 * 1024 * 1024


class Tally(NamedTuple):
    """What became of the rows: how many of each word, and why those refused were."""

    said: Counter[str]
    reasons: Counter[str]

    def add(self, part: Plan, good: Plan) -> None:
        """Count a part, of which `good` was written; changes that were not are kept back."""
        self.said.update({verdict.value: count for verdict, count in part.counts.items()})
        kept = part.counts[Verdict.CHANGED] - good.counts[Verdict.CHANGED]
        self.said["changed"] -= kept
        self.said["kept"] += kept
        self.said["withheld"] += part.withheld
        self.said["made"] += sum(1 for each in good.made if isinstance(each, Career))
        for row in part.having(Verdict.REFUSED):
            error = row.errors[0]
            self.reasons[f"{error.column}: {error.message}" if error.column else error.message] += 1


class PartsCommand(BaseCommand):
    """Plans and writes a table in parts, and tells what became of its rows."""

    def written(
        self, planned: Iterable[Plan], entry: Import, chosen: Callable[[Plan], Plan], rows: int = 0
    ) -> Tally:
        """Write what is `chosen` of each part; `rows` of all, where they are known, for the bar."""
        tally = Tally(Counter(), Counter())
        done = 0
        for part in planned:
            good = chosen(part)
            if good.rows:
                apply(good)
            tally.add(part, good)
            new, changed = (good.counts[verdict] for verdict in (Verdict.NEW, Verdict.CHANGED))
            refused = part.counts[Verdict.REFUSED]
            unchanged = len(part.rows) - new - changed - refused
            entry.count(new=new, changed=changed, unchanged=unchanged, refused=refused)
            done += len(part.rows)
            self._draw(done, rows)
        return tally

    def entry(self, file: Path, resource: Resource) -> Import:
        """For the log: no account stands behind a command."""
        command = type(self).__module__.rpartition(".")[2]
        entry = Import(username=f"manage.py {command}", resource=resource.name)
        with file.open("rb") as content:
            entry.name, entry.sha256 = file.name[-255:], file_digest(content, "sha256").hexdigest()
        return entry

    def _draw(self, done: int, of: int) -> None:
        """The progress bar, on a terminal alone; where the end is not known, the rows so far."""
        if not self.stdout.isatty():
            return
        if of:
            bar, end = "#" * (WIDTH * done // of), "\n" if done == of else ""
            self.stdout.write(f"\r[{bar:.<{WIDTH}}] {done} of {of}", ending=end)
        else:
            self.stdout.write(f"\r{done} rows", ending="")
        self.stdout.flush()

    def tell(self, file: Path, rows: int, tally: Tally) -> None:
        said, words = tally.said, ("new", "changed", "unchanged", "kept", "conflict", "refused")
        optional = ("kept", "conflict")
        counts = ", ".join(
            f"{said[word]} {word}" for word in words if said[word] or word not in optional
        )
        self.stdout.write(f"{file.name}: {rows} rows: {counts}")
        if said["withheld"]:
            self.stdout.write(f"  {said['withheld']} of them with a reason in place of a figure")
        if made := said["made"]:
            self.stdout.write(f"  {made} careers made, drafts until they have a French title")
        for reason, count in sorted(tally.reasons.items()):
            self.stdout.write(f"  refused: {count} × {reason}")


class FileCommand(PartsCommand):
    """Imports a published file of one resource; subclasses say which, and in what formats.

    One transaction: a visitor sees the figures of before or those of after, and a run that is
    stopped leaves nothing behind. With --in-parts each part stays once it is written, and the same
    command goes on where it stopped: what is there already is unchanged.
    """

    resource: Resource
    formats: Formats

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, help="CSV or XLSX, or the same in .gz")
        parser.add_argument(
            "--format", choices=self.formats, default="", help="else told by header"
        )
        parser.add_argument(
            "--in-parts",
            action="store_true",
            help="keep what is written when the command is stopped; run it again to go on",
        )

    @translation.override("en")
    def handle(self, *args: Any, file: Path, **options: Any) -> None:
        try:
            content = _content(file)
            shape, raw = read(content, self.formats, options["format"])
            table = shape.shaped(raw, self.resource)
            entry = self.entry(file, self.resource)
            with nullcontext() if options["in_parts"] else transaction.atomic():
                self._record(RESOURCES["source"], shape.source_of(raw))
                for field in shape.fields_of(raw):
                    self._record(RESOURCES["field"], field)
                planned = plans(self.resource, table.parts(PART), Options(create_missing=True))
                tally = self.written(
                    planned,
                    entry,
                    lambda part: self.chosen(part.only_good(), **options),
                    len(table.rows),
                )
        except (TableError, OSError, EOFError) as error:
            raise CommandError(f"{file}: {error}") from error
        self.tell(file, len(table.rows), tally)

    def chosen(self, part: Plan, **options: Any) -> Plan:
        """What of the good rows of a part is to be written."""
        return part

    def _record(self, resource: Resource, cells: dict[str, str]) -> None:
        """What the file's rows refer to, where the site lacks it; what editors wrote stays."""
        planned = plan(resource, Table(list(cells), [Row(1, cells)]))
        if planned.counts[Verdict.NEW]:
            apply(planned)


def _content(file: Path) -> bytes:
    content = file.read_bytes()
    if content.startswith(GZIP):
        with gzip.open(file) as unpacked:
            content = unpacked.read(MAX_BYTES + 1)
    if len(content) > MAX_BYTES:
        raise CommandError(f"{file} is larger than {MAX_BYTES // 1024**2} MB: split it.")
    return content
