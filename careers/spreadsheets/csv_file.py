"""CSV: its encoding, its delimiter, its rows."""

import csv
import io
import re
from collections.abc import Iterator
from itertools import chain

from django.utils.translation import gettext as _

from careers.spreadsheets.table import (
    Knows,
    Record,
    Sheet,
    TableError,
    first_rows,
    fitness,
    sheet_of,
)

# Long texts fill a cell; anything above is not a table of careers.
csv.field_size_limit(1_000_000)
_DELIMITERS = ",;\t|"
# More on one line than any text has commas. The csv module would make a list of them all.
_MAX_DELIMITERS = 100_000
# The first line by which a spreadsheet tells another one its delimiter.
_DECLARED = re.compile(r'"?sep=([,;\t|])"?[\r\n]')


def sheet_of_csv(content: bytes, knows: Knows) -> Sheet:
    """The rows of a CSV file, whatever its encoding, delimiter and line ends.

    Raises TableError when it is no CSV file.
    """
    text = _decoded(content)
    declared = _DECLARED.match(text)
    delimiter = declared[1] if declared else _delimiter(text, knows)
    records = _records(text, delimiter)
    if declared:
        # A row of the spreadsheet, too: the numbers of the others stay.
        next(records)
        records = chain([[]], records)
    return sheet_of("", records)


def _records(text: str, delimiter: str) -> Iterator[Record]:
    number, holds_nul = 0, "\0" in text
    try:
        for number, record in enumerate(_reader(text, delimiter, strict=True), 1):
            if holds_nul and any("\0" in cell for cell in record):
                raise TableError(
                    _("Row %d holds a NUL character: the file is not a text file.") % number
                )
            yield record
    except csv.Error as error:
        raise TableError(
            _("Row %(row)d is not CSV: %(why)s") % {"row": number + 1, "why": _why(error)}
        ) from error


def _why(error: csv.Error) -> str:
    """What the csv module says in English alone."""
    if "field limit" in str(error):
        return _("a cell holds more than %d characters") % csv.field_size_limit()
    if "end of data" in str(error):
        return _("a quotation mark is never closed")
    return _("a quotation mark stands alone within a quoted cell")


def _reader(text: str, delimiter: str, *, strict: bool) -> Iterator[Record]:
    return csv.reader(_lines(text, delimiter), delimiter=delimiter, strict=strict)


def _lines(text: str, delimiter: str) -> Iterator[str]:
    for number, line in enumerate(io.StringIO(text, newline=""), 1):
        if line.count(delimiter) > _MAX_DELIMITERS:
            raise TableError(
                _("Line %(line)d has more than %(most)d columns.")
                % {"line": number, "most": _MAX_DELIMITERS}
            )
        yield line


def _decoded(content: bytes) -> str:
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        encodings = ["utf-16"]
    else:
        # The last is what a spreadsheet on Windows writes.
        encodings = ["utf-8-sig", "cp1252"]
    for encoding in encodings:
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if text.lstrip()[:1] == "<":
            raise TableError(_("This is a web page, not CSV."))
        return text
    raise TableError(_("The file’s characters are neither UTF-8 nor UTF-16 nor Windows-1252."))


def _delimiter(text: str, knows: Knows) -> str:
    """The delimiter by which the first rows have most known headings, or else most columns."""

    def fit(delimiter: str) -> tuple[int, int]:
        try:
            return fitness(first_rows(_reader(text, delimiter, strict=False)), knows)
        except csv.Error:
            return (0, 0)

    return max(_DELIMITERS, key=fit)
