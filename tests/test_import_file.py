"""`import_file`: the admin's files from the command line, in parts and of any size."""

import gzip
import tracemalloc

import pytest
from django.core.management import CommandError

from careers import tables
from careers.management.commands import import_file
from careers.models import Career, Import, Region, SalaryBand
from careers.resources import RESOURCES
from careers.spreadsheets import table
from careers.tables import PROFILES, TableError
from tests.factories import create_band, create_career, create_region
from tests.files import BAND, as_csv, exported, run
from tests.nasty import create_nasty_site

pytestmark = pytest.mark.django_db
each_profile = pytest.mark.parametrize("profile", PROFILES.values(), ids=PROFILES)
LEVELS = ("", "entry", "mid", "senior")


@pytest.fixture(autouse=True)
def parts_of_two(monkeypatch):
    monkeypatch.setattr(import_file, "PART", 2)


@pytest.fixture
def kept(tmp_path):
    """Keeps a content in a file and gives its path."""

    def keep(content, name="bands.csv"):
        path = tmp_path / name
        path.write_bytes(content)
        return path

    return keep


@pytest.fixture
def levels(regions):
    """Four bands, and the file of them."""
    engineer = create_career(slug="ingenieur-ia", title_fr="Ingénieur IA")
    for level in LEVELS:
        create_band(career=engineer, high=100_000, level=level)
    return exported("salaryband")


def said(path, model="salaryband", **options):
    return run("import_file", model, path, **options)


def highs():
    return dict(SalaryBand.objects.values_list("level", "high"))


@each_profile
@pytest.mark.parametrize("name", RESOURCES)
def test_export_of_any_model_comes_back_in_parts_and_changes_nothing(kept, profile, name):
    create_nasty_site()
    count = RESOURCES[name].model.objects.count()
    path = kept(gzip.compress(exported(name, profile)), "file.csv.gz")
    counts = f"file.csv.gz: {count} rows: 0 new, 0 changed, {count} unchanged, 0 refused"
    assert said(path, name)[0] == counts


def test_export_larger_than_the_admin_takes_comes_back(kept, levels, monkeypatch):
    monkeypatch.setattr(table, "MAX_CELLS", 100)
    with pytest.raises(TableError, match=r"manage\.py import_file"):
        tables.read(levels)
    SalaryBand.objects.all().delete()
    assert said(kept(levels)) == ["bands.csv: 4 rows: 4 new, 0 changed, 0 unchanged, 0 refused"]
    assert sorted(exported("salaryband").splitlines()) == sorted(levels.splitlines())
    entry = Import.objects.get()
    assert (entry.username, entry.resource, entry.name, entry.new) == (
        *("manage.py import_file", "salaryband", "bands.csv", 4),
    )


def test_one_refused_row_keeps_the_whole_file_out(kept, levels, tmp_path):
    given = dict(zip(LEVELS, ("1", "2", "lots", "-5"), strict=True))
    path = kept(as_csv(*(BAND | {"level": level, "high": high} for level, high in given.items())))
    refused = tmp_path / "refused.csv"
    with pytest.raises(CommandError, match="Nothing was imported: rows were refused"):
        said(path, refused=refused)
    assert highs() == dict.fromkeys(LEVELS, 100_000)
    assert not Import.objects.exists()
    number = "a number is expected, such as 45000 or 45 000,50"
    rows = tables.read(refused.read_bytes()).rows
    assert [(row.cells["level"], row.cells["why_refused"]) for row in rows] == [
        ("mid", f"high: {number}"),
        ("senior", "high: The high amount is below zero."),
    ]
    assert said(path, good_rows=True)[:3] == [
        f"  row 4: high “lots”: {number}",
        "  row 5: high “-5”: The high amount is below zero.",
        "bands.csv: 4 rows: 0 new, 2 changed, 0 unchanged, 2 refused",
    ]
    assert highs() == {"": 1, "entry": 2, "mid": 100_000, "senior": 100_000}


@pytest.mark.parametrize(("side", "high"), [("site", 70_000), ("file", 50_000)])
def test_conflicts_wait_for_a_choice(kept, levels, side, high):
    SalaryBand.objects.filter(level="senior").update(high=70_000)
    path = kept(levels.replace(b",100000,", b",50000,"))
    with pytest.raises(CommandError, match="say whose stay: --conflicts site, or file"):
        said(path)
    assert highs() == dict.fromkeys(LEVELS, 100_000) | {"senior": 70_000}
    said(path, conflicts=side)
    assert highs() == dict.fromkeys(LEVELS, 50_000) | {"senior": high}


def test_preview_writes_nothing(kept, levels):
    assert said(kept(levels.replace(b",100000,", b",50000,")), preview=True) == [
        "bands.csv: 4 rows: 0 new, 4 changed, 0 unchanged, 0 refused",
        "A preview: nothing was imported.",
    ]
    assert highs() == dict.fromkeys(LEVELS, 100_000)
    assert not Import.objects.exists()


def test_the_same_again_in_another_part_is_refused(kept, levels):
    rows = levels.splitlines(keepends=True)
    told = said(kept(b"".join([*rows, rows[1]])), good_rows=True)
    assert told[0] == "  row 6: this row is about the same as row 2: keep one of them"


def test_regions_are_planned_whole(kept, levels):
    """Rows of two parts that together put a region within itself."""
    circle = {"AA": "CC", "BB": "AA", "CC": "BB"}
    world = Region.objects.get(code="001")
    for code in circle:
        create_region(code=code, parent=world)
    rows = [{"code": code, "parent": within, "name_fr": code} for code, within in circle.items()]
    with pytest.raises(CommandError, match="rows were refused"):
        said(kept(as_csv(*rows)), "region")
    parents = Region.objects.filter(code__in=circle).values_list("parent__code", flat=True)
    assert set(parents) == {"001"}


def test_missing_careers_are_made_when_asked(kept, levels):
    path = kept(as_csv(BAND | {"career": "Fée du logis"}))
    with pytest.raises(CommandError, match="rows were refused"):
        said(path)
    assert "  1 careers made, drafts until they have a French title" in said(
        path, create_missing=True
    )
    assert Career.objects.get(title_fr="Fée du logis").status == "draft"


def test_command_says_why_a_file_is_not_read(kept):
    with pytest.raises(CommandError, match="web page"):
        said(kept(b"\n<html>career</html>"))
    with pytest.raises(CommandError, match="lacks these columns: region, source, observed_on"):
        said(kept(b"career\r\na\r\n"))
    with pytest.raises(CommandError, match="columns"):
        said(kept(b"career" + b"," * 10_000_000))


# --- Reading in parts -------------------------------------------------------------------------


@each_profile
@pytest.mark.parametrize("size", [1, 2, 3, 5, 50])
def test_parts_are_the_table_read_whole(kept, levels, profile, size):
    text = exported("salaryband", profile).decode(profile.encoding)
    titles = f"Titre{profile.delimiter}\r\n\r\n"
    notes = "\r\nSource : moi\r\n* nd\r\n"
    content = f"{titles}{text}{notes}".encode(profile.encoding)
    whole = RESOURCES["salaryband"].read(content)
    with kept(content).open("rb") as file:
        parts = list(RESOURCES["salaryband"].read_parts(file, size))
    assert [row for part in parts for row in part.rows] == whole.rows
    assert [each for part in parts for each in part.skipped] == whole.skipped
    assert {tuple(part.header) for part in parts} == {tuple(whole.header)}
    assert [text for _number, text in whole.skipped] == ["Titre", "Source : moi", "* nd"]


def test_parts_end_where_a_long_file_does(kept):
    rows = "".join(f"a,FR,{number}\r\n" for number in range(205))
    with kept(f"career,region,high\r\n{rows}Source: x\r\n".encode()).open("rb") as file:
        parts = list(RESOURCES["salaryband"].read_parts(file, 50))
    assert [row.cells["high"] for part in parts for row in part.rows] == list(map(str, range(205)))
    assert [part.skipped for part in parts[:-1]] == [[]] * (len(parts) - 1)
    assert [text for _number, text in parts[-1].skipped] == ["Source: x"]
    assert [len(part.rows) for part in parts[:-1]] == [50] * (len(parts) - 1)


def test_a_file_read_in_parts_is_never_whole_in_memory(kept):
    header, row = b"career,region,high\r\n", b"a,FR," + b"x" * 994 + b"\r\n"
    with kept(header + row * 20_000).open("rb") as file:
        tracemalloc.start()
        try:
            rows = sum(len(part.rows) for part in RESOURCES["salaryband"].read_parts(file, 100))
            peak = tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()
    assert rows == 20_000
    assert peak < 15_000_000
