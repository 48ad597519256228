"""CSV as the world writes and reads it. Pure: bytes and cells, no model and no query."""

import csv
import io
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import cached_property
from itertools import islice
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from careers import spreadsheets
from careers.spreadsheets import Row, Table, TableError, day, number

__all__ = ["Row", "Table", "TableError", "day", "number"]

# Rows held at a time while a file is written: a career may be a page of text.
ROWS_A_CHUNK = 500

Cell = str | Decimal | int | bool | date | datetime | None

# What a spreadsheet would run as a formula, after any quotes and blanks, full-width forms too.
_FORMULA = re.compile(r"""['"\s]*[=+\-@＝＋－＠]|'*[\t\r\n]""")


@dataclass(frozen=True)
class Profile:
    """One way to write CSV: for a program, or for a spreadsheet in French."""

    slug: str
    label: str | Promise
    encoding: str
    delimiter: str
    decimal: str


DATA = Profile("data", gettext_lazy("Data (UTF-8, comma, decimal point)"), "utf-8", ",", ".")
EXCEL_FR = Profile("excel-fr", "Excel (français)", "utf-8-sig", ";", ",")
PROFILES = {profile.slug: profile for profile in (EXCEL_FR, DATA)}


def shield(text: str) -> str:
    """`text` as a spreadsheet will show it and never run it; `unshield` gives it back.

    One apostrophe before whatever begins like a formula. Shielding a shielded text adds one more,
    so that the way back is never a guess.
    """
    return f"'{text}" if _FORMULA.match(text) else text


def unshield(text: str) -> str:
    return text[1:] if text.startswith("'") and _FORMULA.match(text[1:]) else text


def printed(cell: Cell, profile: Profile = DATA) -> str:
    """One cell as the profile writes it."""
    if isinstance(cell, str):
        return shield(cell)
    said = _printed(cell)
    return said.replace(".", profile.decimal) if isinstance(cell, Decimal) else said


def _printed(cell: Decimal | int | bool | date | datetime | None) -> str:
    if cell is None:
        return ""
    if isinstance(cell, Decimal):
        units = int(cell)
        return str(units) if units == cell else _decimal(cell)
    return cell.isoformat() if isinstance(cell, date) else str(int(cell))


def _decimal(amount: Decimal) -> str:
    """Without needless zeros, yet never with three decimals: "12,125" would read as 12125."""
    whole, _point, decimals = f"{amount:f}".partition(".")
    if not (decimals := decimals.rstrip("0")):
        return whole
    return f"{whole}.{decimals.ljust(4, '0') if len(decimals) == 3 else decimals}"


class Cells(list[Cell]):
    """One column of some rows."""

    @cached_property
    def as_data(self) -> list[str]:
        """The cells as DATA prints them: a file and the versions of its rows both ask."""
        cells: list[Any] = self
        kinds = set(map(type, cells))
        if kinds == {str}:
            # Most texts are empty or begin with a letter, which is told sooner than by `shield`.
            return [text if not text or text[:1].isalnum() else shield(text) for text in cells]
        return list(map(printed if str in kinds else _printed, cells))

    def printed(self, profile: Profile) -> list[str]:
        if profile.decimal == DATA.decimal or Decimal not in set(map(type, self)):
            return self.as_data
        return [printed(cell, profile) for cell in self]


def columns_of(rows: Iterable[Sequence[Cell]]) -> Iterator[list[Cells]]:
    """The rows in chunks, each as its columns."""
    rows = iter(rows)
    while chunk := list(islice(rows, ROWS_A_CHUNK)):
        yield [Cells(column) for column in zip(*chunk, strict=True)]


def write(rows: Iterable[Sequence[Cell]], profile: Profile) -> Iterator[bytes]:
    """The CSV of `rows`, the header among them: see `write_columns`."""
    rows = iter(rows)
    yield from write_columns([str(name) for name in next(rows)], columns_of(rows), profile)


def write_columns(
    header: Sequence[str], chunks: Iterable[Sequence[Cells]], profile: Profile
) -> Iterator[bytes]:
    """A CSV file chunk by chunk: as little memory for a million rows as for a thousand."""
    buffer = io.StringIO(newline="")
    # CRLF, as RFC 4180 says: then a lone CR or LF inside a cell is quoted, too.
    writer = csv.writer(buffer, delimiter=profile.delimiter, lineterminator="\r\n")
    writer.writerow(map(shield, header))
    yield buffer.getvalue().encode(profile.encoding)
    for columns in chunks:
        buffer.seek(0)
        buffer.truncate()
        writer.writerows(zip(*(cells.printed(profile) for cells in columns), strict=True))
        yield buffer.getvalue().encode()


def read(content: bytes, knows: Callable[[str], bool] = lambda heading: False) -> Table:
    """The table in a CSV or XLSX file (careers.spreadsheets), its cells as they were before
    `shield`; `knows` tells headings that the reader can use from other words."""
    return spreadsheets.read(content, knows, unshield)
