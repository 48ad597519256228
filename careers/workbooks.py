"""XLSX as it leaves the site: typed cells, a frozen header with a filter, columns wide enough.

Texts carry the same shield as in CSV (`tables.shield`). Their cells are typed as text and would
not run; but a workbook is saved again as CSV, where they would, and whichever way it comes back,
one rule takes the shield off.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal
from itertools import chain, islice
from tempfile import TemporaryFile
from typing import Any

from django.utils.translation import gettext as _
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter

from careers.spreadsheets.table import grouped
from careers.tables import Cell, Cells, TableError, shield

# What Excel opens.
MOST_ROWS = 1_048_576
LONGEST_TEXT = 32_767
# Before it, spreadsheets disagree on the calendar: a text says the day.
FIRST_DAY = date(1900, 3, 1)
BLOCK = 64 * 1024
# Widths are those of the first rows, in characters, within reason.
ROWS_MEASURED = 100
WIDTHS = range(8, 50)

# XML has no words for these, nor for a lone CR; spreadsheets write _x0001_, and escape what
# already looks so.
_UNSPEAKABLE = re.compile(r"[\x00-\x08\x0b-\x1f\ufffe\uffff]|_(?=x[0-9A-Fa-f]{4}_)")


def escape(text: str) -> str:
    """`text` as XLSX holds it; spreadsheets show what it was, and `spreadsheets.workbook.unescape`
    gives it back."""
    return _UNSPEAKABLE.sub(lambda found: f"_x{ord(found[0]):04X}_", text)


def write_columns(header: Sequence[str], chunks: Iterable[Sequence[Cells]]) -> Iterator[bytes]:
    """A workbook of one sheet, in blocks, in the memory of a few rows.

    The file is whole before its first block: raises TableError until then, where a sheet cannot
    hold the table.
    """
    chunks = iter(chunks)
    first = list(islice(chunks, 1))
    book = Workbook(write_only=True)
    sheet = book.create_sheet("Export")
    sheet.freeze_panes = "A2"
    for number, name in enumerate(header):
        measured = first[0][number].as_data[:ROWS_MEASURED] if first else []
        width = max(map(len, (name, *measured))) + 2
        letter = get_column_letter(number + 1)
        sheet.column_dimensions[letter].width = min(max(width, WIDTHS.start), WIDTHS.stop)
    sheet.append([_bold(sheet, name) for name in header])
    row = _Row(sheet, header)
    try:
        for columns in chain(first, chunks):
            row.append_all(columns)
    except BaseException:
        # Unsaved, openpyxl would leave what it wrote so far in the folder of temporary files.
        sheet.close()
        sheet._writer.cleanup()
        raise
    sheet.auto_filter.ref = f"A1:{get_column_letter(len(header))}{row.number}"
    with TemporaryFile() as file:
        book.save(file)
        file.seek(0)
        while block := file.read(BLOCK):
            yield block


def _bold(sheet: Any, name: str) -> Any:
    cell = WriteOnlyCell(sheet, name)
    cell.font = Font(bold=True)
    return cell


class _TooLong(ValueError):
    """A text that no cell holds: its column and its size."""


class _Row:
    """Writes rows with the same few cells again and again: a cell is in the file once appended."""

    def __init__(self, sheet: Any, header: Sequence[str]) -> None:
        self.sheet, self.header, self.number = sheet, header, 1
        self.texts = [WriteOnlyCell(sheet) for _name in header]
        self.days = [WriteOnlyCell(sheet) for _name in header]
        for cell in self.texts:
            # As text: corrected by hand, neither 001 nor -1 turns into a number.
            cell.number_format, cell.alignment = "@", Alignment(vertical="top")
        for cell in self.days:
            cell.number_format = "yyyy-mm-dd"

    def append_all(self, columns: Sequence[Cells]) -> None:
        for cells in zip(*columns, strict=True):
            self.number += 1
            if self.number > MOST_ROWS:
                raise TableError(
                    _("A spreadsheet holds %s rows at most: choose CSV.") % grouped(MOST_ROWS - 1)
                )
            try:
                self.sheet.append([self._typed(place, cell) for place, cell in enumerate(cells)])
            except _TooLong as error:
                raise TableError(
                    _(
                        "“%(what)s”, column %(column)s: a text of %(size)s characters; a cell of "
                        "XLSX holds %(most)s. Choose CSV, or leave this column out."
                    )
                    % {**error.args[0], "what": cells[0], "most": grouped(LONGEST_TEXT)}
                ) from error

    def _typed(self, place: int, cell: Cell) -> Any:
        if cell is None or cell == "":
            return None
        if isinstance(cell, bool | int | Decimal):
            return int(cell) if isinstance(cell, bool) else cell
        if isinstance(cell, date) and not isinstance(cell, datetime) and cell >= FIRST_DAY:
            self.days[place].value = cell
            return self.days[place]
        # A moment as text: a sheet knows no time zone and rounds to the millisecond.
        text = escape(cell.isoformat() if isinstance(cell, date) else shield(cell))
        if len(text) > LONGEST_TEXT:
            raise _TooLong({"column": self.header[place], "size": grouped(len(text))})
        written = self.texts[place]
        written.value, written.data_type = text, "s"
        return written
