"""XLSX: what is written is what a spreadsheet shows, and comes back."""

import csv
import io
import re
import shutil
import subprocess
import tracemalloc
from datetime import UTC, date, datetime
from decimal import Decimal
from tempfile import gettempdir

import openpyxl
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from careers import tables, workbooks
from careers.models import SalaryBand
from careers.resources import RESOURCES
from careers.spreadsheets.workbook import unescape
from careers.tables import DATA, EXCEL_FR, Cells, TableError
from tests.factories import create_bands, create_career, create_regions
from tests.nasty import create_nasty_site

# A cell holds no NUL, and no encoding writes half a surrogate pair.
TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=12)
SOFFICE = shutil.which("soffice")


def workbook(*rows, header=("a", "b")):
    chunks = [[Cells(column) for column in zip(*rows, strict=True)]] if rows else []
    return b"".join(workbooks.write_columns(header, chunks))


def cells_of(content):
    """Type and value of each cell below the header, as any reader finds them."""
    sheet = openpyxl.load_workbook(io.BytesIO(content)).active
    return [[(cell.data_type, cell.value) for cell in row] for row in sheet.iter_rows(min_row=2)]


@given(st.lists(st.tuples(TEXTS, TEXTS), min_size=1, max_size=4))
@example([("=1+1", "#N/A"), ("_x0041_", "a\rb"), ("\x01", "\uffff"), ("\r\n", "001")])
def test_texts_come_back_and_never_run(rows):
    content = workbook(*((*row, "x") for row in rows), header=("a", "b", "c"))
    for row, cells in zip(rows, cells_of(content), strict=True):
        for text, (kind, value) in zip(row, cells[:2], strict=True):
            assert kind == ("s" if text else "n")
            read = tables.unshield(unescape(value or ""))
            assert read == text
            assert not (value or "").startswith(("=", "+", "-", "@"))


TYPED = [
    (Decimal("12.5"), ("n", 12.5)),
    (Decimal("99999999999.9999"), ("n", 99999999999.9999)),
    (7, ("n", 7)),
    (True, ("n", 1)),
    (False, ("n", 0)),
    (None, ("n", None)),
    ("", ("n", None)),
    ("45000", ("s", "45000")),
    (date(2023, 4, 30), ("d", datetime.fromisoformat("2023-04-30"))),
    (date(1815, 6, 18), ("s", "1815-06-18")),
    (
        datetime(2023, 5, 1, 8, 30, 15, 123456, tzinfo=UTC),
        ("s", "2023-05-01T08:30:15.123456+00:00"),
    ),
]


@pytest.mark.parametrize(("cell", "written"), TYPED)
def test_cells_are_typed(cell, written):
    assert cells_of(workbook((cell, "x"))) == [[written, ("s", "x")]]


def test_workbook_without_rows_has_its_header():
    sheet = openpyxl.load_workbook(io.BytesIO(workbook())).active
    assert list(sheet.values) == [("a", "b")]
    assert (sheet.freeze_panes, sheet.auto_filter.ref) == ("A2", "A1:B1")


@pytest.mark.usefixtures("english")
def test_too_many_rows_are_refused_and_leave_nothing_behind(monkeypatch, tmp_path):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    assert gettempdir() == str(tmp_path)
    monkeypatch.setattr(workbooks, "MOST_ROWS", 3)
    assert len(cells_of(workbook((1, 2), (3, 4)))) == 2
    with pytest.raises(TableError, match="A spreadsheet holds 2 rows at most: choose CSV"):
        workbook((1, 2), (3, 4), (5, 6))
    assert list(tmp_path.iterdir()) == []


# --- Through a real spreadsheet ---------------------------------------------------------------

# Delimiter, quote, UTF-8, first row, column formats, language, quoted cells are texts.
CSV_IN = {DATA: "44,34,76,1,,1033,false,true", EXCEL_FR: "59,34,76,1,,1036,false,true"}
# Cells by their content, not as a narrow column shows them.
CSV_OUT = "csv:Text - txt - csv (StarCalc):44,34,76,1,,1033,false,false"


def opened(contents, suffix, folder, *options):
    """The cells of files as LibreOffice has them, when it saves them as CSV in English. Each start
    takes it seconds: one for all files of a kind."""
    folder.mkdir(exist_ok=True)
    sources = [folder / f"{name}.{suffix}" for name in contents]
    for source, content in zip(sources, contents.values(), strict=True):
        source.write_bytes(content)
    profile = f"-env:UserInstallation=file://{folder.parent}/libreoffice"
    where = ["--convert-to", CSV_OUT, "--outdir", str(folder / "out"), *map(str, sources)]
    command = [SOFFICE, profile, "--headless", *options, *where]
    subprocess.run(command, check=True, capture_output=True, timeout=120)
    cells = {}
    for name in contents:
        with (folder / "out" / f"{name}.csv").open(encoding="utf-8", newline="") as f:
            cells[name] = list(csv.reader(f))
    return cells


@pytest.mark.skipif(SOFFICE is None, reason="LibreOffice (soffice) is not installed")
@pytest.mark.django_db
def test_libreoffice_shows_the_same_cells_for_every_kind_of_file(tmp_path):
    create_nasty_site()

    def written(write, *profile):
        contents = {}
        for name in ("region", "source", "career", "salaryband"):
            resource = RESOURCES[name]
            chunks = resource.chunks(resource.model.objects.order_by("pk"))
            contents[name] = b"".join(write(resource.header(), chunks, *profile))
        return contents

    shown = {"xlsx": opened(written(workbooks.write_columns), "xlsx", tmp_path / "xlsx")}
    for profile, filter_options in CSV_IN.items():
        option = f"--infilter=Text - txt - csv (StarCalc):{filter_options}"
        contents = written(tables.write_columns, profile)
        shown[profile.slug] = opened(contents, "csv", tmp_path / profile.slug, option)

    expected = {
        name: list(csv.reader(io.StringIO(data.decode(), newline="")))
        for name, data in written(tables.write_columns, DATA).items()
    }
    compared = {kind: _up_to_a_copy(files) for kind, files in shown.items()}
    assert compared == dict.fromkeys(shown, _up_to_a_copy(expected))


def _up_to_a_copy(files):
    return {name: [list(map(_plain, row)) for row in rows] for name, rows in files.items()}


def _plain(cell):
    """A cell up to what a spreadsheet's own copy changes: its line ends, the zeros of 12.1250,
    and those of 001 read from CSV."""
    text = re.sub(r"\r\n?", "\n", cell)
    if re.fullmatch(r"\d+\.\d+", text):
        return text.rstrip("0")
    return text.lstrip("0") if text.isdecimal() and len(text) > 1 else text


# --- Memory -----------------------------------------------------------------------------------


@pytest.mark.django_db
@pytest.mark.parametrize("kind", ["data", "xlsx"])
def test_a_file_ten_times_as_long_takes_no_more_memory(kind):
    create_regions()
    career = create_career()
    row = {"region": "FR", "high": Decimal(1), "currency": "EUR"}
    create_bands(career=career, rows=[row])

    columns = [
        Cells([cell] * 200)
        for [cell] in next(RESOURCES["salaryband"].chunks(SalaryBand.objects.all()))
    ]

    def peak(chunks):
        header = RESOURCES["salaryband"].header()
        tracemalloc.start()
        try:
            for _block in (
                tables.write_columns(header, chunks, DATA)
                if kind == "data"
                else workbooks.write_columns(header, chunks)
            ):
                pass
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    peak([columns])
    # Each row kept would cost more than the 111 bytes that are free here.
    assert peak([columns] * 20) < peak([columns] * 2) + 400_000
