"""Files as editors hand them in, and what an import says of them."""

import csv
import io
from collections.abc import Iterable, Sequence

import openpyxl
from django.core.management import call_command

from careers import tables
from careers.resources import RESOURCES, Options, Plan, plan
from careers.tables import DATA, Profile

# One row of a file of bands; a test names the cells that differ.
BAND = {
    "career": "ingenieur-ia",
    "region": "FR",
    "level": "",
    "low": "",
    "high": "100000",
    "open_ended": "",
    "currency": "EUR",
    "period": "year",
    "source": "article-2023",
    "observed_on": "2023-04-30",
}


def as_csv(*rows: dict[str, object]) -> bytes:
    """A file with a column for each key of any row."""
    file = io.StringIO()
    writer = csv.DictWriter(file, list(dict.fromkeys(name for row in rows for name in row)))
    writer.writeheader()
    writer.writerows(rows)
    return file.getvalue().encode()


def as_lines(*rows: Sequence[str]) -> bytes:
    """A file of these rows, however long each of them is."""
    return "\n".join(map(",".join, rows)).encode()


def columns_of(name: str) -> list[str]:
    """All that a file of this resource may show, but for the version."""
    return [column.name for column in RESOURCES[name].shown()]


def book_of(*rows: Sequence[object], more: Iterable[str] = ()) -> bytes:
    """An XLSX file: a sheet of these rows, and further sheets by name."""
    book = openpyxl.Workbook()
    book.active.title = "Données"
    for row in rows:
        book.active.append(row)
    for name in more:
        book.create_sheet(name).append(["Notes", "x"])
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def exported(name: str, profile: Profile = DATA, chosen: Iterable[str] | None = None) -> bytes:
    resource = RESOURCES[name]
    chunks = resource.chunks(resource.model._default_manager.all(), chosen)
    return b"".join(tables.write_columns(resource.header(chosen), chunks, profile))


def planned_file(name: str, content: bytes, **options: bool) -> Plan:
    return plan(RESOURCES[name], RESOURCES[name].read(content), Options(**options))


def planned(name: str, *rows: dict[str, object], **options: bool) -> Plan:
    return planned_file(name, as_csv(*rows), **options)


def bands(*changed: dict[str, object], **options: bool) -> Plan:
    """The plan for rows that each say BAND but for some cells."""
    return planned("salaryband", *(BAND | cells for cells in changed), **options)


def counted(plan: Plan) -> dict[str, int]:
    """How many rows have which verdict, without zeros."""
    return {verdict.value: count for verdict, count in plan.counts.items() if count}


def changed(plan: Plan) -> list[tuple[object, ...]]:
    """Every change: (row, column, old, new)."""
    return [(row.number, *change) for row in plan.rows for change in row.changes]


def told(plan: Plan) -> list[tuple[object, ...]]:
    """Every error: (row, column, value, message)."""
    return [(row.number, *error) for row in plan.rows for error in row.errors]


def run(command: str, *words: object, **options: object) -> list[str]:
    """What a command that imports a file prints, line by line."""
    out = io.StringIO()
    call_command(command, *map(str, words), stdout=out, **options)
    return out.getvalue().splitlines()
