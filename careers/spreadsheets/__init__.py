"""Spreadsheets as the world writes them, read as tables of text. Pure: no model and no query."""

import io
from collections.abc import Iterator
from typing import BinaryIO

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from careers.spreadsheets.cells import day, number
from careers.spreadsheets.csv_file import records_of_csv
from careers.spreadsheets.table import (
    Computed,
    Knows,
    Restore,
    Row,
    Sheet,
    Skipped,
    Table,
    TableError,
    filled,
    in_parts,
    lay_out,
    sheet_of,
)
from careers.spreadsheets.workbook import another_kind, sheets_of_workbook

__all__ = [
    "Computed",
    "Row",
    "Skipped",
    "Table",
    "TableError",
    "day",
    "number",
    "read",
    "read_parts",
]

ZIP = b"PK\x03\x04"
# What files begin with that people take for tables.
_OTHERS: dict[bytes, str | Promise] = {
    b"%PDF": "PDF",
    b"\xd0\xcf\x11\xe0": gettext_lazy("Excel 97, .xls, or with a password"),
    b"\x1f\x8b": "gzip",
    b"{\\rtf": "RTF",
    b"\x89PNG": "PNG",
    b"\xff\xd8\xff": "JPEG",
}


def read(content: bytes, knows: Knows, restore: Restore) -> Table:
    """The table in a CSV or XLSX file: its header, its rows, and what stands around them.

    `knows` tells whether a heading is one that the reader can use; the header is the row that has
    most of them. `restore` gives back a text as it was before it was made safe for a spreadsheet.
    Raises TableError, which says why in the reader's language.
    """
    _refuse_others(content)
    if not content.startswith(ZIP):
        records = records_of_csv(io.BytesIO(content), knows)
        return lay_out(sheet_of("", records), knows, restore)
    sheets = [sheet for sheet in sheets_of_workbook(content) if sheet.records]
    chosen = max(sheets, key=lambda sheet: sheet.known(knows), default=Sheet("", []))
    table = lay_out(chosen, knows, restore)
    others = [sheet.name for sheet in sheets if sheet is not chosen]
    return table._replace(unread_sheets=others)


def read_parts(file: BinaryIO, knows: Knows, restore: Restore, *, size: int) -> Iterator[Table]:
    """The same in tables of `size` rows: a CSV file of any length, in the memory of one part.

    XLSX is read whole and has its limits.
    """
    beginning = file.read(len(ZIP))
    file.seek(0)
    if beginning == ZIP:
        yield from read(file.read(), knows, restore).parts(size)
        return
    _refuse_others(beginning)
    yield from in_parts(filled(records_of_csv(file, knows)), knows, restore, size=size)


def _refuse_others(content: bytes) -> None:
    for mark, kind in _OTHERS.items():
        if content.startswith(mark):
            raise another_kind(kind)
