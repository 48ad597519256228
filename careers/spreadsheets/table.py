"""Which row of a sheet is the header, which are data, and which only stand around them."""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from math import inf
from typing import NamedTuple

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from careers import wording

# What a spreadsheet's row can hold, and more cells than any table of careers has.
MAX_COLUMNS = 16_384
MAX_CELLS = 2_000_000
# The header stands among the first rows that say anything.
_HEADER_WITHIN = 30
# And notes are the last rows, of a file read in parts no more than these.
_NOTES_WITHIN = 30

Record = list[str]
Knows = Callable[[str], bool]  # is it a heading that the reader can use?
Restore = Callable[[str], str]


class TableError(ValueError):
    """The file as a whole cannot be read; the message says why, for its reader."""


class Computed(str):
    """A cell that holds a formula, or the error that one gave: not a value."""

    __slots__ = ()


class Row(NamedTuple):
    """One row of a file: its number as a spreadsheet counts it, its cells by header, and a
    reason against it that whoever read it found."""

    number: int
    cells: dict[str, str]
    why: str = ""


class Skipped(NamedTuple):
    """A row that is no data: a title above the header, or a note below the last row."""

    number: int
    text: str


class Table(NamedTuple):
    header: list[str]
    rows: list[Row]
    skipped: list[Skipped] = []
    unread_sheets: list[str] = []

    def parts(self, size: int) -> "Iterator[Table]":
        """The same in tables of `size` rows."""
        for start in range(0, len(self.rows), size):
            yield self._replace(rows=self.rows[start : start + size])


class Sheet(NamedTuple):
    """The rows of a file as they lie there, each with its number; blank ones are left out."""

    name: str
    records: list[tuple[int, Record]]

    def known(self, knows: Knows) -> int:
        """How many headings of its best row the reader can use."""
        head = (record for _number, record in self.records[:_HEADER_WITHIN])
        return max((_known(record, knows) for record in head), default=0)


def grouped(number: int) -> str:
    """A limit as its reader's language writes it: « 16 384 », "16,384"."""
    return wording.number(number, get_language() or "en")


def sheet_of(name: str, records: Iterable[Record]) -> Sheet:
    """The sheet of all `records`; raises TableError where there are too many of anything."""
    return Sheet(name, list(filled(records, MAX_CELLS)))


def filled(records: Iterable[Record], most: float = inf) -> Iterator[tuple[int, Record]]:
    """The rows that say anything, each with its number; at `most` so many cells in all."""
    cells = 0
    for number, record in enumerate(records, 1):
        if len(record) > MAX_COLUMNS:
            raise TableError(
                _("Row %(row)d has more than %(most)s columns.")
                % {"row": number, "most": grouped(MAX_COLUMNS)}
            )
        cells += len(record)
        if cells > most:
            raise too_many_cells()
        if any(cell and not cell.isspace() for cell in record):
            yield number, record


def too_many_cells() -> TableError:
    return TableError(
        _(
            "The file has more than %s cells: split it in several, or have it imported as CSV with "
            "“manage.py import_file”, which takes any size."
        )
        % grouped(MAX_CELLS)
    )


def _known(record: Record, knows: Knows) -> int:
    return len({name.strip() for name in record if name.strip() and knows(name.strip())})


def first_rows(records: Iterable[Record]) -> list[Record]:
    """The rows among which the header stands."""
    return list(islice(filter(None, records), _HEADER_WITHIN))


def fitness(records: list[Record], knows: Knows) -> tuple[int, int]:
    """How well these first rows read as a table: its known headings, then its columns."""
    return max(
        ((_known(record, knows), len(record)) for record in records),
        key=lambda fit: fit[0],
        default=(0, 0),
    )


def lay_out(sheet: Sheet, knows: Knows, restore: Restore) -> Table:
    """The table that the sheet holds; what stands around it is skipped, and told."""
    [table] = in_parts(sheet.records, knows, restore, size=len(sheet.records), most=MAX_CELLS)
    return table


def in_parts(
    records: Iterable[tuple[int, Record]],
    knows: Knows,
    restore: Restore,
    *,
    size: int,
    most: float = inf,
) -> Iterator[Table]:
    """The same as tables of `size` rows, each read when the one before it is done with; at `most`
    so many cells in each, those that short rows leave out among them."""
    records = iter(records)
    ahead = size + _NOTES_WITHIN
    held = list(islice(records, ahead))
    if not held:
        raise TableError(_("The file is empty: its first row should name the columns."))
    # The first of those that have most: a file without any known heading begins with its header.
    first = max(range(min(len(held), _HEADER_WITHIN)), key=lambda at: _known(held[at][1], knows))
    around, head, held = held[:first], held[first], held[first + 1 :]
    header = _header(head[1])
    while True:
        held += islice(records, ahead + 1 - len(held))
        is_last = len(held) <= ahead
        end = _last_row([head, *held], header) - 1 if is_last else size
        if end * len(header) > most:
            raise too_many_cells()
        rows = [_row(number, record, header, restore) for number, record in held[:end]]
        notes = held[end:] if is_last else []
        yield Table(header, rows, [Skipped(n, _text(record)) for n, record in (*around, *notes)])
        if is_last:
            return
        around, held = [], held[end:]


def _header(record: Record) -> list[str]:
    header = [name.strip() for name in record]
    for name, count in Counter(header).items():
        if name and count > 1:
            raise TableError(_("Two columns are called %s.") % name)
    return header


def _row(number: int, record: Record, header: list[str], restore: Restore) -> Row:
    # Spreadsheets leave out the empty cells at the end of a row.
    whole = [*record, *[""] * (len(header) - len(record))]
    cells = {
        name: cell if isinstance(cell, Computed) else restore(cell)
        for name, cell in zip(header, whole, strict=False)
    }
    beyond = _text(record[len(header) :])
    return Row(number, cells, _("cells beyond the last column: %s") % beyond if beyond else "")


def _text(record: Record) -> str:
    return " ".join(cell.strip() for cell in record if cell.strip())


# How notes below a table begin, in official tables above all.
_NOTE = re.compile(
    r"\s*(?:sources?|notes?|champ|lecture|légende|legend|avertissement|nota|n\.?b\.?|copyright)"
    r"(?:\(s\))?\s*:|\s*(?:©|\*+|#|\(\w\)|[¹²³⁴⁵])\s*\w{2}",
    re.IGNORECASE,
)


def _last_row(records: list[tuple[int, Record]], header: list[str]) -> int:
    """Where the data below the first row, the header, ends and notes begin.

    Notes are the last rows of the file, each filling the first column alone or reading like a
    note; they begin with one that does, or after a blank row. Where all rows are such, none is.
    """
    columns = sum(1 for name in header if name)
    start = len(records)
    while start > 1 and columns > 1 and _may_be_note(records[start - 1][1], columns):
        start -= 1
    for at in range(start, len(records)):
        number, record = records[at]
        after_blank = start > 1 and number > records[at - 1][0] + 1
        if _NOTE.match(record[0]) or after_blank:
            return at
    return len(records)


def _may_be_note(record: Record, columns: int) -> bool:
    filled = sum(1 for cell in record if cell.strip())
    if _NOTE.match(record[0]):
        return filled * 2 <= columns
    return filled == 1 and bool(record[0].strip())
