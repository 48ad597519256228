"""CSV as the world writes and reads it. Pure: bytes and cells, no model and no query."""

import csv
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from careers import spreadsheets
from careers.spreadsheets import Row, Table, TableError, day, number

__all__ = ["Row", "Table", "TableError", "day", "number"]

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
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "1" if cell else "0"
    if isinstance(cell, Decimal):
        return _decimal(cell).replace(".", profile.decimal)
    if isinstance(cell, int):
        return str(cell)
    return cell.isoformat() if isinstance(cell, date) else shield(cell)


def _decimal(amount: Decimal) -> str:
    """Without needless zeros, yet never with three decimals: "12,125" would read as 12125."""
    whole, _point, decimals = f"{amount:f}".partition(".")
    decimals = decimals.rstrip("0")
    if not decimals:
        return whole
    return f"{whole}.{decimals.ljust(4, '0') if len(decimals) == 3 else decimals}"


class _Line:
    """The file-like object that csv.writer writes one line to."""

    def write(self, line: str) -> str:
        return line


def write(rows: Iterable[Sequence[Cell]], profile: Profile) -> Iterator[bytes]:
    """The CSV of `rows`, one chunk a row: as little memory for a million rows as for one."""
    # CRLF, as RFC 4180 says: then a lone CR or LF inside a cell is quoted, too.
    writer = csv.writer(_Line(), delimiter=profile.delimiter, lineterminator="\r\n")
    mark = "\ufeff" if profile.encoding == "utf-8-sig" else ""
    for row in rows:
        line: str = writer.writerow([printed(cell, profile) for cell in row])
        yield (mark + line).encode()
        mark = ""


def read(content: bytes, knows: Callable[[str], bool] = lambda heading: False) -> Table:
    """The table in a CSV or XLSX file (careers.spreadsheets), its cells as they were before
    `shield`; `knows` tells headings that the reader can use from other words."""
    return spreadsheets.read(content, knows, unshield)
