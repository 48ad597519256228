"""CSV: its encoding, its delimiter, its rows."""

import csv
import io
import re
from codecs import getincrementaldecoder
from collections.abc import Iterator
from functools import partial
from typing import BinaryIO, TextIO

from django.utils.translation import gettext as _

from careers.spreadsheets.table import Knows, Record, TableError, first_rows, fitness, grouped

# Long texts fill a cell; anything above is not a table of careers.
csv.field_size_limit(1_000_000)
_DELIMITERS = ",;\t|"
# More on one line than any text has commas. The csv module would make a list of them all.
_MAX_DELIMITERS = 100_000
# No row on one line is longer; what is, is read in pieces, each a line of its own.
_LONGEST_LINE = 20_000_000
_BLOCK = 1_000_000
# « é » and « ’ » in UTF-8; in Windows-1252 they would be « Ã© » and « â€™ », which nobody writes.
_OF_UTF_8 = re.compile(rb"\xc3[\x80-\xbf]|\xe2\x80[\x93-\xa6]")
# The first line by which a spreadsheet tells another one its delimiter.
_DECLARED = re.compile(r'"?sep=([,;\t|])"?[\r\n]')


def records_of_csv(file: BinaryIO, knows: Knows) -> Iterator[Record]:
    """The rows of a CSV file one by one, whatever its encoding, delimiter and line ends.

    No more of it is in memory than a row; at the end it is closed. Raises TableError when it is
    no CSV file.
    """
    with io.TextIOWrapper(file, _encoding(file), newline="") as text:
        text.seek(0)
        beginning = text.read(_BLOCK)
        if beginning.lstrip()[:1] == "<":
            raise TableError(_("This is a web page, not CSV."))
        declared = _DECLARED.match(beginning)
        records = _records(text, declared[1] if declared else _delimiter(text, knows))
        if declared:
            # A row of the spreadsheet, too: the numbers of the others stay.
            next(records)
            yield []
        yield from records


def _records(text: TextIO, delimiter: str) -> Iterator[Record]:
    number = 0
    try:
        for number, record in enumerate(_reader(text, delimiter, strict=True), 1):
            if "\0" in "".join(record):
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
        return _("a cell holds more than %s characters") % grouped(csv.field_size_limit())
    if "end of data" in str(error):
        return _("a quotation mark is never closed")
    return _("a quotation mark stands alone within a quoted cell")


def _reader(text: TextIO, delimiter: str, *, strict: bool) -> Iterator[Record]:
    text.seek(0)
    return csv.reader(_lines(text, delimiter), delimiter=delimiter, strict=strict)


def _lines(text: TextIO, delimiter: str) -> Iterator[str]:
    for number, line in enumerate(iter(partial(text.readline, _LONGEST_LINE), ""), 1):
        if line.count(delimiter) > _MAX_DELIMITERS:
            raise TableError(
                _("Line %(line)d has more than %(most)s columns.")
                % {"line": number, "most": grouped(_MAX_DELIMITERS)}
            )
        yield line


def _encoding(file: BinaryIO) -> str:
    if file.read(2) in (b"\xff\xfe", b"\xfe\xff"):
        encodings = ["utf-16"]
    else:
        # The last is what a spreadsheet on Windows writes.
        encodings = ["utf-8-sig", "cp1252"]
    for encoding in encodings:
        file.seek(0)
        decoder = getincrementaldecoder(encoding)()
        try:
            while block := file.read(_BLOCK):
                decoder.decode(block)
                if encoding == "cp1252" and _OF_UTF_8.search(block):
                    raise TableError(_("The file mixes two encodings: save it anew, as UTF-8."))
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            continue
        return encoding
    raise TableError(_("The file’s characters are neither UTF-8 nor UTF-16 nor Windows-1252."))


def _delimiter(text: TextIO, knows: Knows) -> str:
    """The delimiter by which the first rows have most known headings, or else most columns."""

    def fit(delimiter: str) -> tuple[int, int]:
        try:
            return fitness(first_rows(_reader(text, delimiter, strict=False)), knows)
        except csv.Error:
            return (0, 0)

    return max(_DELIMITERS, key=fit)
