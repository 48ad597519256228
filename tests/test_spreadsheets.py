"""Spreadsheets as the world writes them: what is the header, what is data, what is refused."""

import io
import struct
import zipfile
from contextlib import suppress
from datetime import date, datetime
from decimal import Decimal
from time import process_time

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from careers import spreadsheets, tables
from careers.resources import RESOURCES
from careers.spreadsheets import TableError, csv_file, table, workbook
from tests.files import book_of

pytestmark = pytest.mark.usefixtures("english")
BANDS = RESOURCES["salaryband"]


def cells_of(read):
    return [tuple(row.cells.values()) for row in read.rows]


# --- Header, titles, notes --------------------------------------------------------------------

REPORT = """\
Salaires de l’IA;;;
;;;
Métier;Pays;Min;Max
Boulanger;FR;20 000 €;30 000 €
Data scientist;FR;*;*

* : secret statistique;;;
Source : Insee, DADS 2014; tableau 3;;
Lecture : la moitié gagne plus;;;
"""


def test_titles_above_and_notes_below_are_skipped_and_told():
    read = BANDS.read(REPORT.encode())
    assert read.header == ["Métier", "Pays", "Min", "Max"]
    assert [(row.number, *row.cells.values()) for row in read.rows] == [
        (4, "Boulanger", "FR", "20 000 €", "30 000 €"),
        (5, "Data scientist", "FR", "*", "*"),
    ]
    assert read.skipped == [
        (1, "Salaires de l’IA"),
        (7, "* : secret statistique"),
        (8, "Source : Insee, DADS 2014 tableau 3"),
        (9, "Lecture : la moitié gagne plus"),
    ]


NOTES = {
    "a note after a blank row": ("a,b,c\n1,2,3\n\nProvisional\n", ["1"], [4]),
    "a block after a blank row": ("a,b,c\n1,2,3\n\nProvisional\nSecond line\n", ["1"], [4, 5]),
    "a note that reads like one": ("a,b,c\n1,2,3\nSource: BLS\n", ["1"], [3]),
    "a row with one cell is a row": ("a,b,c\n1,2,3\nBaker\n", ["1", "Baker"], []),
    "rows with one cell each": ("a,b\nBaker\n\nCook\n\nSource: me\n", ["Baker", "Cook"], [6]),
    "one column": ("a\nBaker\n\nSource: me\n", ["Baker", "Source: me"], []),
    "a full row that begins with a mark": ("a,b,c\n1,2,3\n* x,2,3\n", ["1", "* x"], []),
    "a blank row inside": ("a,b,c\n1,2,3\n\nBaker\n4,5,6\n", ["1", "Baker", "4"], []),
}


@pytest.mark.parametrize(("text", "first", "skipped"), NOTES.values(), ids=NOTES)
def test_only_the_last_rows_can_be_notes(text, first, skipped):
    read = tables.read(text.encode())
    assert [row.cells["a"] for row in read.rows] == first
    assert [row.number for row in read.skipped] == skipped


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_delimiter_is_the_one_that_the_header_has(delimiter):
    lines = [
        ["Salaries, by job; 2024 | all"],
        ["career", "region", "low"],
        ["a,b;c|d\te", "FR", "1"],
    ]
    text = "\n".join(delimiter.join(f'"{cell}"' for cell in line) for line in lines)
    read = BANDS.read(text.encode())
    assert (read.header, cells_of(read)) == (lines[1], [tuple(lines[2])])


def test_delimiter_that_excel_declares_is_believed():
    read = tables.read(b'sep=;\r\na,b;c\r\n"1,5";2\r\n')
    assert (read.header, cells_of(read)) == (["a,b", "c"], [("1,5", "2")])


HEADINGS = [
    (
        "salaryband",
        "Métier;Pays;Niveau;Bas;Médiane;Haut;Devise;Date",
        "career region level low median high currency observed_on",
    ),
    (
        "salaryband",
        "Job title;Country;Experience;Salary min;Salary max",
        "career region level low high",
    ),
    ("salaryband", "OBSERVED ON;Employment;stated_as", "observed_on engagement stated_as"),
    ("career", "Titre;Title;Résumé;Summary", "title_fr title_en summary_fr summary_en"),
    ("region", "code;Nom;Name;lies in", "code name_fr name_en parent"),
    ("source", "Titre;Éditeur;Lien;License", "title publisher url licence"),
]


@pytest.mark.parametrize(("name", "header", "columns"), HEADINGS)
def test_headings_are_known_in_both_languages(name, header, columns):
    named = RESOURCES[name].named(header.split(";"))
    assert [column.name for column in named.values()] == columns.split()
    assert list(named) == header.split(";")


def test_the_surest_heading_has_the_column_and_none_is_read_twice():
    named = BANDS.named(["Max", "high", "date", "version", "region_name", "Pays"])
    assert {name: column.name for name, column in named.items()} == {
        "high": "high",
        "date": "observed_on",
        "Pays": "region",
    }


# --- XLSX -------------------------------------------------------------------------------------


def test_workbook_gives_what_its_cells_hold():
    moment = datetime.fromisoformat("2023-04-30T09:30")
    values = [
        45000,
        0.1,
        1e-07,
        12.125,
        45000.10000000001,
        999_999_999.99,
        True,
        date(2023, 4, 30),
        moment,
        " é\n😀",
        "'=1",
        None,
        1e15,
    ]
    read = tables.read(book_of([f"c{n}" for n in range(len(values))], values))
    texts = ["45000", "0.1", "0.0000001", "12.1250", "45000.1", "999999999.99", "1"]
    days = ["2023-04-30", "2023-04-30T09:30:00"]
    assert cells_of(read) == [(*texts, *days, " é\n😀", "=1", "", "1000000000000000")]
    assert tables.number(read.rows[0].cells["c2"]) == Decimal("1e-7")


def test_workbook_keeps_its_row_numbers_and_names_the_sheets_not_read():
    rows = [["Salaires"], [], ["Métier", "Pays", "Max"], ["a", "FR", 1], [], ["b", "FR", 2]]
    read = BANDS.read(book_of(*rows, more=["Lisez-moi"]))
    assert [(row.number, *row.cells.values()) for row in read.rows] == [
        (4, "a", "FR", "1"),
        (6, "b", "FR", "2"),
    ]
    assert (read.skipped, read.unread_sheets) == ([(1, "Salaires")], ["Lisez-moi"])


def test_workbook_writes_in_other_words_what_xml_cannot():
    read = tables.read(book_of(["a", "b", "c"], ["x_x000D_y_x0001_", "_xD83D_", "a_xyz_b"]))
    assert cells_of(read) == [("x\ry\x01", "_xD83D_", "a_xyz_b")]
    with pytest.raises(TableError, match=r"^Row 2 holds a NUL character"):
        tables.read(book_of(["a", "b"], ["x_x0000_", "y"]))


def test_workbook_formulas_are_no_values():
    read = tables.read(book_of(["a", "b", "c"], ["=1+1", "#N/A", "x"]))
    assert [isinstance(cell, spreadsheets.Computed) for cell in read.rows[0].cells.values()] == [
        True,
        True,
        False,
    ]


# --- Files that would fill the machine --------------------------------------------------------

SHEET = "xl/worksheets/sheet1.xml"
HEAD = b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
TAIL = b"</sheetData></worksheet>"


def repacked(sheet, packing=zipfile.ZIP_DEFLATED, **more):
    """A workbook whose first sheet is these bytes, with more entries beside it."""
    file = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(book_of(["a"]))) as source:
        kept = {name: source.read(name) for name in source.namelist()}
    with zipfile.ZipFile(file, "w", packing) as archive:
        for name, content in (kept | {SHEET: sheet} | more).items():
            archive.writestr(name, content)
    return file.getvalue()


def claiming(content, size):
    """The same archive, whose directory claims another size for its last entry."""
    at = content.rindex(b"PK\x01\x02") + 24
    return content[:at] + struct.pack("<I", size) + content[at + 4 :]


def nested_entities():
    entities = b"".join(
        b'<!ENTITY e%d "%s">' % (n, b"&e%d;" % (n - 1) * 10 if n else b"ha") for n in range(10)
    )
    cell = b'<row><c t="inlineStr"><is><t>&e9;</t></is></c></row>'
    return b"<!DOCTYPE x [" + entities + b"]>" + HEAD + cell + TAIL


ROW = b'<row r="%d"><c r="XFD%d"><v>1</v></c></row>'
MANY_CELLS = (
    f"The file has more than {table.MAX_CELLS:,} cells: split it in several, or have it imported "
    "as CSV with “manage.py import_file”, which takes any size."
)
BOMBS = {
    "blanks": (
        lambda: repacked(HEAD + b" " * 100_000_000 + TAIL),
        "Unpacked, the spreadsheet would be over a hundred times as large.",
    ),
    "a claim of 2 GB": (
        lambda: claiming(repacked(HEAD + TAIL), 2_000_000_000),
        "Unpacked, the spreadsheet would fill 2000 MB: split it, or save it as CSV.",
    ),
    "parts without end": (
        lambda: repacked(HEAD + TAIL, **{str(n): b"" for n in range(1_001)}),
        "The spreadsheet consists of too many parts.",
    ),
    "entities in entities": (
        lambda: repacked(nested_entities()),
        "The spreadsheet is damaged or is no XLSX file.",
    ),
    "a size that is not true": (
        lambda: claiming(repacked(HEAD + TAIL, last=b"x" * 1000), 1),
        None,
    ),
    "cells": (
        lambda: repacked(HEAD + b"<row>" + b"<c ></c>" * 2_000_001 + TAIL, zipfile.ZIP_STORED),
        MANY_CELLS,
    ),
    "cells far to the right": (
        lambda: repacked(HEAD + b"".join(ROW % (n, n) for n in range(1, 1000)) + TAIL),
        MANY_CELLS,
    ),
    "a row far below": (
        lambda: repacked(HEAD + ROW % (999_999_999, 999_999_999) + TAIL),
        "The spreadsheet has more than 1,048,576 rows.",
    ),
    "ten million columns": (
        lambda: b"a,b\n" + b"," * 10_000_000 + b"\n1,2\n",
        f"Line 2 has more than {csv_file._MAX_DELIMITERS:,} columns.",
    ),
    "columns": (lambda: b"a,b\n" + b"," * 20_000, "Row 2 has more than 16,384 columns."),
    "rows that end before the last of many columns": (
        lambda: b",".join(b"c%d" % n for n in range(16_000)) + b"\nx" * 200_000,
        MANY_CELLS,
    ),
    "small cells": (lambda: (b"," * 999 + b"\n") * 2_001, MANY_CELLS),
}


@pytest.mark.parametrize(("made", "said"), BOMBS.values(), ids=BOMBS)
def test_bombs_are_refused_within_seconds_and_little_memory(made, said, monkeypatch):
    content = made()
    began = process_time()
    with pytest.raises(TableError) as refused:
        tables.read(content)
    assert process_time() - began < 5
    assert said in (None, str(refused.value))


def test_a_large_honest_workbook_is_read():
    rows = [[f"c{n}" for n in range(10)], *([n, *"abcdefghi"] for n in range(3_000))]
    assert len(tables.read(book_of(*rows)).rows) == 3_000
    assert workbook.MAX_UNPACKED > 36_667_105  # what 70,000 salary bands unpack to


BOOK = book_of(["Code", "Nom"], ["FR", "France"], [1, date(2023, 4, 1)])
TEXT = 'Code;Nom\r\nFR;"Île\nde France"\r\n'.encode()


def written_over(content, places, patch):
    """The file with other bytes at these places, each a part of a thousand of its length."""
    broken = bytearray(content)
    for place in places:
        at = place * len(content) // 1000
        broken[at : at + len(patch)] = patch
    return bytes(broken)


BROKEN = st.builds(
    written_over,
    st.sampled_from([BOOK, TEXT]),
    st.lists(st.integers(0, 999), min_size=1, max_size=5),
    st.binary(max_size=4),
)


@settings(max_examples=100)
@given(BROKEN | st.binary(max_size=200))
@example(b"PK\x03\x04")
@example(b"\xff\xfe")
@example(BOOK[:-30])
def test_any_file_is_a_table_or_refused_with_a_reason(content):
    with suppress(TableError):
        assert all(isinstance(cell, str) for cell in tables.read(content).header)
