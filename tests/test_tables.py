import csv
import io
import zipfile
from datetime import date, datetime
from decimal import Decimal
from itertools import count, islice

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from careers import tables
from careers.tables import DATA, EXCEL_FR, PROFILES, TableError

NARROW, NO_BREAK = "\u202f", "\u00a0"
TRIGGERS = "=+-@＝＋－＠"
BLANKS = " \t\r\n\v\f" + NARROW + NO_BREAK
CHARACTERS = st.one_of(
    st.sampled_from(TRIGGERS + BLANKS + "'\";,1aÉ€—😀אع"),
    # A cell holds no NUL, and no encoding writes half a surrogate pair.
    st.characters(exclude_categories=["Cs"], exclude_characters="\0"),
)
TEXTS = st.text(CHARACTERS, max_size=12)
AMOUNTS = st.decimals(-(10**11), 10**11, places=4) | st.decimals(0, 100, places=3)
both_profiles = pytest.mark.parametrize("profile", PROFILES.values(), ids=lambda p: p.slug)


def written(*rows, profile=DATA):
    return b"".join(tables.write(rows, profile))


def raw_cells(content, profile):
    """What the file holds, by Python's own reader and without `unshield`."""
    text = content.decode(profile.encoding)
    return list(csv.reader(io.StringIO(text, newline=""), delimiter=profile.delimiter))


# --- What a spreadsheet would run -------------------------------------------------------------

FORMULAS = ["=1+1", "+33 1", "-1", "@SUM(A1)", "＝1", "＋1", "－1", "＠1", " =1", f"{NO_BREAK}=1"]
FORMULAS += ["\t=1", "\n=1", "\r\n=1", "'=1", "''=1", '"=1', "' \"=1", "\tx", "\rx", "\nx", "'\tx"]
HARMLESS = [
    "",
    "a=b",
    "1-2",
    "a@b.fr",
    "’s avonds",
    "'quoted'",
    "«\u202fa\u202f»",
    "45000",
    "é",
    "😀",
]


@pytest.mark.parametrize("text", FORMULAS)
def test_shield_puts_one_apostrophe_before_what_would_run(text):
    assert tables.shield(text) == f"'{text}"
    assert tables.unshield(f"'{text}") == text


@pytest.mark.parametrize("text", HARMLESS)
def test_shield_leaves_the_rest_as_it_is(text):
    assert tables.shield(text) == text
    assert tables.unshield(text) == text


@given(TEXTS)
def test_shield_is_undone_by_unshield(text):
    assert tables.unshield(tables.shield(text)) == text


CELLS = st.none() | st.booleans() | st.integers() | AMOUNTS | st.dates() | TEXTS


@both_profiles
@given(
    rows=st.integers(1, 3).flatmap(
        lambda width: st.lists(st.lists(CELLS, min_size=width, max_size=width), max_size=8)
    )
)
@example(rows=[[""], ["a"]])
@example(rows=[["a;b,c", "=1"]] * 9)
@example(rows=[['a"b', Decimal("1.50")], ["\r", Decimal("-0.0000")], ["c\n", None]])
def test_write_gives_the_bytes_of_pythons_own_writer(profile, rows):
    width = len(rows[0]) if rows else 1
    table = [["h"] * width, *rows]
    file = io.StringIO(newline="")
    csv.writer(file, delimiter=profile.delimiter).writerows(
        [tables.printed(cell, profile) for cell in row] for row in table
    )
    assert written(*table, profile=profile) == file.getvalue().encode(profile.encoding)


@both_profiles
@given(texts=st.lists(TEXTS, min_size=2, max_size=4))
@example(texts=["a", "=1;2"])
@example(texts=['""=1', "\t"])
@example(texts=["b\r=1", "c"])
def test_write_never_lets_a_formula_out(profile, texts):
    [header, *rows] = raw_cells(written(["a", "b"], texts, profile=profile), profile)
    assert header == ["a", "b"]
    for cell in (cell for row in rows for cell in row):
        begins = cell.lstrip(BLANKS + "\"'")[:1]
        assert cell.startswith("'") or (
            begins not in set(TRIGGERS) and cell[:1] not in set("\t\r\n")
        )


# --- Numbers and days -------------------------------------------------------------------------

NUMBERS = {
    "45000": "45000",
    " 45000 ": "45000",
    f"45{NARROW}000,50{NARROW}€": "45000.50",
    f"45{NO_BREAK}000,50{NO_BREAK}€": "45000.50",
    "45 000,50 €": "45000.50",
    "53,400": "53400",
    "€53,400": "53400",
    "$1,234,567.89": "1234567.89",
    "£ 12.50": "12.50",
    "1.234.567,8": "1234567.8",
    "1.234.567": "1234567",
    "1.234,5": "1234.5",
    "12,5": "12.5",
    "12,50": "12.50",
    "12,1250": "12.1250",
    "12.125": "12.125",
    "0,125": "0.125",
    "45\u2009000": "45000",
    "45’000.50": "45000.50",
    "1'234'567": "1234567",
    "¥1,234": "1234",
    "12 500 ₣": "12500",
    "-€5": "-5",
    "\N{MINUS SIGN}5": "-5",
    "1234,567": "1234.567",
    "-53,400": "-53400",
    "+7": "7",
    "0": "0",
}
NO_NUMBERS = ["", "€", "*", "#", "NA", "n/a", "45k", "1e5", "NaN", "Infinity", "--5", "12,", ",5"]
NO_NUMBERS += [
    "1,2,3",
    "0,123,456",
    "1.2.3",
    "12,34,567",
    "50-60",
    "45 000 à 50 000",
    "0x10",
    "²",
    "1_000",
    "12 34",
    "1234 567",
    "1’23",
    "45 000 EUR",
]


@pytest.mark.parametrize(("text", "amount"), NUMBERS.items())
def test_number_reads_what_spreadsheets_show(text, amount):
    assert tables.number(text) == Decimal(amount)


@pytest.mark.parametrize("text", NO_NUMBERS)
def test_number_guesses_nothing(text):
    with pytest.raises(ValueError, match=r".*"):
        tables.number(text)


@both_profiles
@given(amount=AMOUNTS)
@example(amount=Decimal("12.125"))
@example(amount=Decimal("0.1000"))
@example(amount=Decimal("1E+5"))
def test_amount_written_reads_as_itself_and_never_with_three_decimals(profile, amount):
    [_header, [cell, _x]] = raw_cells(written(["a", "b"], [amount, "x"], profile=profile), profile)
    assert tables.number(cell) == amount
    decimals = cell.partition(profile.decimal)[2]
    assert len(decimals) in (0, 1, 2, 4)
    assert set(cell) <= {*"-0123456789", profile.decimal}


DAYS = {
    "2023-04-30": date(2023, 4, 30),
    " 2023-04-30 ": date(2023, 4, 30),
    "30/04/2023": date(2023, 4, 30),
    "1/2/2023": date(2023, 2, 1),
    "30.04.2023": date(2023, 4, 30),
    "30-04-2023": date(2023, 4, 30),
    "2023/04/30": date(2023, 4, 30),
    "2023-04-30 00:00:00": date(2023, 4, 30),
    "30/04/2023 00:00": date(2023, 4, 30),
}


@pytest.mark.parametrize(("text", "day"), DAYS.items())
def test_day_reads_iso_and_french(text, day):
    assert tables.day(text) == day


@pytest.mark.parametrize("text", ["", "31/02/2023", "04-30-2023", "2023", "30/04/23", "avril 2023"])
def test_day_guesses_nothing(text):
    with pytest.raises(ValueError, match=r".*"):
        tables.day(text)


# --- Writing and reading back -----------------------------------------------------------------

CELLS = st.one_of(
    TEXTS,
    AMOUNTS,
    st.dates(),
    st.booleans(),
    st.none(),
    st.integers(-(10**9), 10**9),
)


def read_as(value, cell):
    """The cell as its column would read it."""
    if isinstance(value, bool):
        return {"1": True, "0": False}[cell]
    if isinstance(value, Decimal | int):
        return tables.number(cell)
    if isinstance(value, date):
        return tables.day(cell)
    return cell or None if value is None else cell


@both_profiles
@given(rows=st.lists(st.tuples(CELLS, CELLS, CELLS), max_size=5))
@example(rows=[("a\rb", "a\r\nb", "a\nb")])
@example(rows=[(" ", "é;è,ê\të", 'said "no"')])
def test_table_written_is_read_back(profile, rows):
    numbered = [(number, *row) for number, row in enumerate(rows, 2)]
    table = tables.read(written(["row", "a", "b", "c"], *numbered, profile=profile))
    assert table.header == ["row", "a", "b", "c"]
    assert [row.number for row in table.rows] == [number for number, *_cells in numbered]
    assert [
        tuple(map(read_as, values, row.cells.values()))
        for values, row in zip(numbered, table.rows, strict=True)
    ] == numbered


def test_write_speaks_each_profile():
    rows = [["titre", "haut"], ["L’éthicien; « IA »", Decimal("45000.5000")]]
    assert written(*rows, profile=EXCEL_FR) == (
        b"\xef\xbb\xbf" + 'titre;haut\r\n"L’éthicien; « IA »";45000,5\r\n'.encode()
    )
    assert written(*rows, profile=DATA) == ("titre,haut\r\nL’éthicien; « IA »,45000.5\r\n".encode())


def test_write_keeps_moments_whole():
    moment = datetime.fromisoformat("2023-05-02T09:00:00.123456+02:00")
    [row] = tables.read(written(["a", "b"], [moment, "x"])).rows
    assert datetime.fromisoformat(row.cells["a"]) == moment


@both_profiles
def test_write_is_lazy(profile):
    asked = count()
    chunks = tables.write(([next(asked), "a"] for _forever in count()), profile)
    assert next(asked) == 0
    assert len(list(islice(chunks, 3))) == 3
    assert next(asked) == 2 + 2 * tables.ROWS_A_CHUNK


# --- Files as they come -----------------------------------------------------------------------

LINES = [
    ["slug", "Titre", ""],
    ["ia", "Éthicien d’IA, « œuvre »", "5"],
    ["b", 'dit "non"\n; ou oui\t', ""],
]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252", "utf-16-be"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
def test_read_takes_every_encoding_delimiter_and_line_end(encoding, delimiter, line_end):
    file = io.StringIO(newline="")
    csv.writer(file, delimiter=delimiter, lineterminator=line_end).writerows(LINES)
    mark = "\ufeff" if encoding == "utf-16-be" else ""
    table = tables.read((mark + file.getvalue()).encode(encoding))
    assert table.header == LINES[0]
    assert [list(row.cells.values()) for row in table.rows] == LINES[1:]


def test_read_numbers_rows_as_a_spreadsheet_does():
    content = b'a,b\n1,2\n\n4,"two\nlines\r\nand three"\n,\n  ,\n7,8\n\n'
    assert [(row.number, row.cells["a"]) for row in tables.read(content).rows] == [
        (2, "1"),
        (4, "4"),
        (7, "7"),
    ]


def test_read_takes_the_cells_that_a_short_row_leaves_out_as_empty():
    [short, long] = tables.read(b"a,b,c\n1,2\n1,2,3,,\n").rows
    assert short.cells == {"a": "1", "b": "2", "c": ""}
    assert long.cells == {"a": "1", "b": "2", "c": "3"}


@pytest.mark.usefixtures("english")
def test_read_loses_no_cell_silently():
    with pytest.raises(TableError, match=r"^Two columns are called a\.$"):
        tables.read(b"a,b,a\n1,2,3\n")
    [row] = tables.read(b"a,b\n1,2,3,,4\n").rows
    assert row == (2, {"a": "1", "b": "2"}, "cells beyond the last column: 3 4")


def archive_of(part):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr(part, "<x/>")
    return file.getvalue()


EMPTY = "The file is empty: its first row should name the columns."
NUL = "Row %d holds a NUL character: the file is not a text file."
OTHER = "This is a file of another kind (%s): save it as CSV or XLSX."
OLD = OTHER % "Excel 97, .xls, or with a password"
ENCODING = "The file’s characters are neither UTF-8 nor UTF-16 nor Windows-1252."
MIXED = "The file mixes two encodings: save it anew, as UTF-8."
WEB_PAGE = "This is a web page, not CSV."
REFUSED = {
    "nothing": (b"", EMPTY),
    "blank lines": (b"\r\n\n", EMPTY),
    "only a mark": (b"\xef\xbb\xbf", EMPTY),
    "only delimiters": (b";;;\n;;;\n", EMPTY),
    "NUL": (b"a,b\n1,\0\n", NUL % 2),
    "UTF-16 without a mark": ("a,b\n1,2\n".encode("utf-16-le"), NUL % 1),
    "Excel 97": (bytes.fromhex("d0cf11e0a1b11ae1") + bytes(64), OLD),
    "HTML": (b"<!DOCTYPE html>\n<title>Log in</title>", WEB_PAGE),
    "HTML after blanks": (b"\xef\xbb\xbf\r\n  <html>", WEB_PAGE),
    "PDF": (b"%PDF-1.7\n", OTHER % "PDF"),
    "PNG": (b"\x89PNG\r\n\x1a\n", OTHER % "PNG"),
    "JPEG": (b"\xff\xd8\xff\xe0\0", OTHER % "JPEG"),
    "ODS": (archive_of("content.xml"), OTHER % "OpenDocument, .ods"),
    "Numbers": (archive_of("Index/Document.iwa"), OTHER % "Numbers"),
    "Word": (archive_of("word/document.xml"), OTHER % "Word"),
    "XLSB": (archive_of("xl/workbook.bin"), OTHER % "Excel, .xlsb"),
    "ZIP": (archive_of("bands.csv"), OTHER % "ZIP"),
    "half an XLSX": (
        archive_of("xl/workbook.xml"),
        "The spreadsheet is damaged or is no XLSX file.",
    ),
    "no known encoding": (b"a,b\n\x81,\xe9\n", ENCODING),
    "UTF-8 and Windows-1252": ("a,b\n1,é\n".encode() + b"2,\xe9\n", MIXED),
    "Windows-1252 and UTF-8": (b"a,b\n1,\xe9\n" + "2,l’été\n".encode(), MIXED),
    "open quotes": (b'a,b\n1,"2\n', "Row 2 is not CSV: a quotation mark is never closed"),
    "quotes in quotes": (
        b'a,b\n1,"2"3\n',
        "Row 2 is not CSV: a quotation mark stands alone within a quoted cell",
    ),
    "a cell too long": (
        b"a,b\n1," + b"x" * 1_000_001,
        "Row 2 is not CSV: a cell holds more than 1,000,000 characters",
    ),
}


@pytest.mark.usefixtures("english")
@pytest.mark.parametrize(("content", "message"), REFUSED.values(), ids=REFUSED)
def test_read_refuses_in_words(content, message):
    with pytest.raises(TableError) as refused:
        tables.read(content)
    assert str(refused.value) == message
