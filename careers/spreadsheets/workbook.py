"""XLSX, cell by cell, behind limits that are checked before anything is unpacked."""

import io
import re
import zipfile
import zlib
from collections.abc import Iterator
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any
from xml.etree.ElementTree import ParseError

import openpyxl
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from careers.spreadsheets.table import (
    MAX_CELLS,
    Computed,
    Record,
    Sheet,
    TableError,
    grouped,
    sheet_of,
    too_many_cells,
)

MAX_ENTRIES = 1_000
# What the archive's directory says; no entry gives more than it claims there.
MAX_UNPACKED = 150_000_000
# The texts of all cells are kept in memory while their sheet is read.
MAX_TEXTS = 50_000_000
MAX_RATIO = 100
# A small archive may repeat itself as much as it likes.
SMALL = 10_000_000
MAX_ROWS = 1_048_576
BLOCK = 1_000_000
# How XLSX writes what XML cannot, a lone CR above all; half a surrogate pair is no character.
_ESCAPED = re.compile(r"_x(?![Dd][89A-Fa-f])([0-9A-Fa-f]{4})_")
# Other files that are ZIP archives, by a part that each has.
_OTHERS = {
    "content.xml": "OpenDocument, .ods",
    "Index/Document.iwa": "Numbers",
    "word/document.xml": "Word",
    "xl/workbook.bin": "Excel, .xlsb",
}
_NO_WORKBOOK = (
    *(zipfile.BadZipFile, ParseError, KeyError, ValueError, TypeError, AttributeError),
    *(IndexError, EOFError, OSError, NotImplementedError, RuntimeError, zlib.error),
)


def unescape(text: str) -> str:
    """`text` as it was before `careers.workbooks.escape` or a spreadsheet put it into XML."""
    return _ESCAPED.sub(lambda found: chr(int(found[1], 16)), text)


def another_kind(kind: str | Promise) -> TableError:
    return TableError(_("This is a file of another kind (%s): save it as CSV or XLSX.") % kind)


def sheets_of_workbook(content: bytes) -> list[Sheet]:
    """The sheets of an XLSX file in their order; raises TableError when it is none."""
    try:
        _refuse_bombs(content)
        # Formulas are read as such: what they last gave may be old, or missing.
        book = openpyxl.load_workbook(io.BytesIO(content), read_only=True, keep_links=False)
        return [sheet_of(sheet.title, _records(sheet)) for sheet in book.worksheets]
    except TableError:
        raise
    except _NO_WORKBOOK as error:
        raise TableError(_("The spreadsheet is damaged or is no XLSX file.")) from error


def _refuse_bombs(content: bytes) -> None:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        entries = archive.infolist()
        _refuse_others({entry.filename for entry in entries})
        _refuse_size(content, entries)
        for entry in entries:
            if entry.filename.startswith("xl/worksheets/"):
                _refuse_cells(archive, entry)


def _refuse_others(parts: set[str]) -> None:
    other = "" if any(part.startswith("xl/") for part in parts) else "ZIP"
    if kind := next((kind for part, kind in _OTHERS.items() if part in parts), other):
        raise another_kind(kind)


def _refuse_size(content: bytes, entries: list[zipfile.ZipInfo]) -> None:
    unpacked = sum(entry.file_size for entry in entries)
    texts = sum(entry.file_size for entry in entries if "sharedstrings" in entry.filename.lower())
    if len(entries) > MAX_ENTRIES:
        raise TableError(_("The spreadsheet consists of too many parts."))
    if unpacked > MAX_UNPACKED or texts > MAX_TEXTS:
        raise TableError(
            _("Unpacked, the spreadsheet would fill %(size)d MB: split it, or save it as CSV.")
            % {"size": max(unpacked, texts) // 1_000_000}
        )
    if unpacked > SMALL and unpacked > MAX_RATIO * len(content):
        raise TableError(_("Unpacked, the spreadsheet would be over a hundred times as large."))


def _refuse_cells(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> None:
    """Count the cells by their tags: a hundred times faster than to read them first."""
    cells = 0
    with archive.open(entry) as sheet:
        while block := sheet.read(BLOCK):
            cells += block.count(b"<c ") + block.count(b"<c>")
            if cells > MAX_CELLS:
                raise too_many_cells()


def _records(sheet: Any) -> Iterator[Record]:
    # The size that the sheet claims is not believed: rows would be padded to it.
    sheet.reset_dimensions()
    for number, row in enumerate(sheet.iter_rows(), 1):
        if number > MAX_ROWS:
            raise TableError(_("The spreadsheet has more than %s rows.") % grouped(MAX_ROWS))
        record = [_text(cell) for cell in row]
        if any("\0" in cell for cell in record):
            raise TableError(
                _("Row %d holds a NUL character: the file is not a text file.") % number
            )
        yield record


def _text(cell: Any) -> str:
    """The cell as a data file would write it."""
    value = cell.value
    if value is None:
        return ""
    if cell.data_type in ("f", "e"):
        return Computed(value if isinstance(value, str) else "=")
    if isinstance(value, str):
        return unescape(value)
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, float):
        # As the spreadsheet shows it, in 15 digits: 0.1, not the binary fraction behind it, nor
        # 0.30000000000000004; and never 1e-07.
        text = f"{Decimal(f'{value:.15g}'):f}"
        # Three decimals might be thousands in a text; a number has none.
        return f"{text}0" if text[-4:-3] == "." else text
    if isinstance(value, datetime) and value.time() == time():
        return value.date().isoformat()
    return value.isoformat() if isinstance(value, date) else str(value)
