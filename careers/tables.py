"""CSV as the world writes and reads it. Pure: bytes and cells, no model and no query."""

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import cached_property
from itertools import islice
from typing import Any, NamedTuple

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

# Rows held at a time while a file is written: a career may be a page of text.
ROWS_A_CHUNK = 500

Cell = str | Decimal | int | bool | date | datetime | None

# Long texts fill a cell; anything above is not a table of careers.
csv.field_size_limit(1_000_000)

# What a spreadsheet would run as a formula, after any quotes and blanks, full-width forms too.
_FORMULA = re.compile(r"""['"\s]*[=+\-@＝＋－＠]|'*[\t\r\n]""")


class TableError(ValueError):
    """The file as a whole cannot be read; the message says why, for its reader."""


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


class Row(NamedTuple):
    """One row of a file: its number as a spreadsheet counts it, and its cells by header."""

    number: int
    cells: dict[str, str]


class Table(NamedTuple):
    header: list[str]
    rows: list[Row]


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


def read(content: bytes) -> Table:
    """The table in a CSV file, whatever its encoding, delimiter and line ends.

    Raises TableError when it is no CSV file. Blank rows are left out; cells come as text, without
    the apostrophe that `write` may have put before them.
    """
    text = _decode(content)
    records = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text), strict=True)
    try:
        header = [name.strip() for name in next(records, [])]
        numbered = [(number, record) for number, record in enumerate(records, 2)]
    except csv.Error as error:
        raise TableError(_("The file is not a CSV file: %s") % error) from error
    if not any(header):
        raise TableError(_("The file is empty: its first row should name the columns."))
    for name in header:
        if name and header.count(name) > 1:
            raise TableError(_("Two columns are called %s.") % name)
    for number, record in numbered:
        if any(cell.strip() for cell in record[len(header) :]):
            raise TableError(_("Row %d has cells beyond the last column.") % number)
    rows = [
        Row(number, dict(zip(header, map(unshield, record), strict=False)))
        for number, record in numbered
        if any(cell.strip() for cell in record)
    ]
    return Table(header, rows)


def _decode(content: bytes) -> str:
    if content.startswith(b"PK\x03\x04"):
        raise TableError(_("This is a spreadsheet, not CSV: save it as CSV and try again."))
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        text = content.decode("utf-16", errors="replace")
    else:
        try:
            text = content.decode("utf-8-sig")
        except UnicodeDecodeError:
            # What a spreadsheet on Windows writes; every byte means something in it, or nearly.
            text = content.decode("cp1252", errors="replace")
    if "\0" in text:
        raise TableError(_("The file holds a NUL character: it is not a text file."))
    if text.lstrip()[:1] == "<":
        raise TableError(_("This is a web page, not CSV."))
    return text


def _delimiter(text: str) -> str:
    """The delimiter that the header row has most of."""
    header = text.lstrip("\r\n").split("\n", 1)[0]
    return max(",;\t", key=header.count)


# 53,400 and 1,234,567.89; then 1.234.567 and 1.234,5. A lone 12.125 has three decimals.
_SIGNS = re.compile(r"[\s€$£]+")
_GROUPED = re.compile(r"[+-]?\d{1,3}(,\d{3})+(\.\d+)?")
_GROUPED_BY_POINTS = re.compile(r"[+-]?\d{1,3}((\.\d{3}){2,}|(\.\d{3})+,\d+)")


def number(text: str) -> Decimal:
    """The amount written in a cell: "45000", "45 000,50 €", "53,400", "1.234.567,8".

    A comma before three digits groups thousands, as spreadsheets in English write them; any other
    comma is a decimal comma. Raises ValueError when it is no number.
    """
    bare = _SIGNS.sub("", text)
    if _GROUPED.fullmatch(bare):
        bare = bare.replace(",", "")
    elif _GROUPED_BY_POINTS.fullmatch(bare):
        bare = bare.replace(".", "")
    bare = bare.replace(",", ".")
    if not re.fullmatch(r"[+-]?\d+(?:\.\d+)?", bare):
        raise ValueError(text)
    return Decimal(bare)


def day(text: str) -> date:
    """The date written in a cell: 2023-04-30, or 30/04/2023. Raises ValueError otherwise."""
    french = re.fullmatch(r"(\d{1,2})/(\d{1,2})/(\d{4})", text.strip())
    if french:
        return date(int(french[3]), int(french[2]), int(french[1]))
    return date.fromisoformat(text.strip())
