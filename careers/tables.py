"""CSV as the world writes and reads it. Pure: bytes and cells, no model and no query."""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import cached_property
from itertools import islice
from types import NoneType
from typing import Any, BinaryIO

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from careers import spreadsheets
from careers.spreadsheets import Row, Table, TableError, day, number

__all__ = ["Row", "Table", "TableError", "day", "number"]

_QUOTE = '"'
# Rows held at a time while a file is written: a career may be a page of text.
ROWS_A_CHUNK = 500

Cell = str | Decimal | int | bool | date | datetime | None

# What a spreadsheet would run as a formula, after any quotes and blanks, full-width forms too.
_FORMULA = re.compile(r"""['"\s]*[=+\-@＝＋－＠]|'*[\t\r\n]""")
# The same at the begin of any of the texts that this joins. One that has it within is looked at
# once more, by itself.
_BETWEEN = "\0"
_FORMULA_IN_COLUMN = re.compile(f"{_BETWEEN}(?:{_FORMULA.pattern})")


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


def _decimal(amount: Decimal) -> str:
    """Without needless zeros, yet never with three decimals: "12,125" would read as 12125."""
    text = str(amount)
    if text.endswith(".00") and text[0] != "-":  # as most are in a database
        return text[:-3]
    whole, _point, decimals = (f"{amount:f}" if "E" in text else text).partition(".")
    if not (decimals := decimals.rstrip("0")):
        return "0" if whole == "-0" else whole
    return f"{whole}.{decimals.ljust(4, '0') if len(decimals) == 3 else decimals}"


# How DATA prints each kind of cell that is no text.
_PRINTERS: dict[type, Callable[[Any], str]] = {
    Decimal: _decimal,
    bool: ("0", "1").__getitem__,
    int: str,
    date: date.isoformat,
    datetime: datetime.isoformat,
    NoneType: lambda _none: "",
}


def printed(cell: Cell, profile: Profile = DATA) -> str:
    """One cell as the profile writes it."""
    if isinstance(cell, str):
        return shield(cell)
    said = _PRINTERS[type(cell)](cell)
    return said.replace(DATA.decimal, profile.decimal) if isinstance(cell, Decimal) else said


class Cells(list[Cell]):
    """One column of some rows."""

    @cached_property
    def _kinds(self) -> set[type]:
        return set(map(type, self))

    @cached_property
    def as_data(self) -> list[str]:
        """The cells as DATA prints them: a file and the versions of its rows both ask."""
        try:
            return _shielded(self)  # type: ignore[arg-type]
        except TypeError:  # not all are texts
            pass
        if self._kinds <= _AMOUNTS or len(self._kinds - {NoneType}) == 1:
            # Equal amounts print alike, whatever their types.
            return _each_once(printed, self)
        return list(map(printed, self))

    def printed(self, profile: Profile) -> list[str]:
        if profile.decimal == DATA.decimal or Decimal not in self._kinds:
            return self.as_data
        if self._kinds <= _AMOUNTS:
            return [text.replace(DATA.decimal, profile.decimal) for text in self.as_data]
        return [printed(cell, profile) for cell in self]


_AMOUNTS = {Decimal, int, NoneType}


def _each_once(say: Callable[[Any], str], cells: list[Any]) -> list[str]:
    said = {cell: say(cell) for cell in set(cells)}
    return [said[cell] for cell in cells]


def _shielded(texts: list[str]) -> list[str]:
    """`shield` of each; where none needs it, one look at all of them tells. TypeError for cells
    that are no texts."""
    if not _FORMULA_IN_COLUMN.search(_BETWEEN + _BETWEEN.join(texts)):
        return texts
    return _each_once(shield, texts)


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
    """A CSV file chunk by chunk: as little memory for a million rows as for a thousand.

    The same bytes as Python's csv.writer gives, which looks at every character of every cell where
    a whole column can be looked through at once.
    """
    yield _lines([[shield(name)] for name in header], profile).encode(profile.encoding)
    for columns in chunks:
        yield _lines([cells.printed(profile) for cells in columns], profile).encode()


def _lines(columns: Sequence[list[str]], profile: Profile) -> str:
    """The rows of these columns, each with its CRLF, and quotes where RFC 4180 needs them."""
    if len(columns) == 1:
        # An empty cell alone on its line would be no row at all.
        columns = [[text or '""' for text in _quoted(columns[0], profile.delimiter)]]
    else:
        columns = [_quoted(texts, profile.delimiter) for texts in columns]
    rows = map(profile.delimiter.join, zip(*columns, strict=True))
    return "".join(["\r\n".join(rows), "\r\n" if columns[0] else ""])


def _quoted(texts: list[str], delimiter: str) -> list[str]:
    whole = "".join(texts)
    if '"' in whole or "\r" in whole or "\n" in whole:
        special = re.compile(f'[{re.escape(delimiter)}"\r\n]').search
        return [
            f'"{text.replace(_QUOTE, _QUOTE * 2)}"' if special(text) else text for text in texts
        ]
    if delimiter in whole:
        return [f'"{text}"' if delimiter in text else text for text in texts]
    return texts


def read(content: bytes, knows: Callable[[str], bool] = lambda heading: False) -> Table:
    """The table in a CSV or XLSX file (careers.spreadsheets), its cells as they were before
    `shield`; `knows` tells headings that the reader can use from other words."""
    return spreadsheets.read(content, knows, unshield)


def read_parts(
    file: BinaryIO, knows: Callable[[str], bool] = lambda heading: False, *, size: int
) -> Iterator[Table]:
    """The same in tables of `size` rows: a CSV file of any length, in the memory of one part."""
    return spreadsheets.read_parts(file, knows, unshield, size=size)
