"""What an import does not decide alone: conflicts, refused rows, and what hangs on them."""

from decimal import Decimal

import pytest

from careers import tables
from careers.models import Career, Region, SalaryBand, Source
from careers.resources import RESOURCES, apply
from careers.resources.plan import Side
from careers.resources.resource import version
from tests.factories import create_band
from tests.files import BAND, as_csv, bands, changed, counted, planned, planned_file, told

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english")]


@pytest.fixture
def versioned(engineer):
    """Three rows as they were exported; then an editor changed the second and the third."""
    for level in ("entry", "mid", "senior"):
        create_band(career=engineer, high=100_000, level=level)
    resource = RESOURCES["salaryband"]
    rows = [
        {"level": band.level, "version": resource.version(band)}
        for band in SalaryBand.objects.order_by("pk")
    ]
    SalaryBand.objects.exclude(level="entry").update(low=50_000)
    return rows


# --- Conflicts --------------------------------------------------------------------------------


def test_version_is_of_the_row_and_no_number():
    band = create_band(low=1, high=9)
    resource = RESOURCES["salaryband"]
    first = resource.version(SalaryBand.objects.get())
    assert first == resource.version(band) == resource.version(SalaryBand.objects.get())
    for name, value in (("low", Decimal("1.5")), ("inferred_fr", "x"), ("open_ended", True)):
        SalaryBand.objects.update(**{name: value})
    assert resource.version(SalaryBand.objects.get()) != first
    assert all(version([str(n)])[0].isalpha() for n in range(50))
    assert version(["a", "bc"]) != version(["ab", "c"])


def test_a_row_that_both_sides_changed_is_a_conflict(versioned):
    entry, mid, senior = versioned
    plan = bands(entry | {"low": "1"}, mid | {"low": "45000"}, senior | {"low": "50000"})
    assert counted(plan) == {"changed": 1, "conflict": 1, "unchanged": 1}
    assert changed(plan) == [(2, "low", None, 1), (3, "low", 50_000, 45_000)]
    assert plan.is_refused
    with pytest.raises(ValueError, match="conflicts is never written"):
        apply(plan)
    assert plan.settled({}).is_refused
    assert plan.settled({9: Side.FILE}, "").is_refused


def test_a_new_row_that_was_exported_once_is_counted(versioned):
    entry, mid, senior = versioned
    SalaryBand.objects.filter(level="entry").delete()
    plan = bands(entry, mid | {"level": "lead"}, senior, {"level": ""})
    assert counted(plan) == {"new": 3, "conflict": 1}
    assert plan.strangers == 2


def lows():
    return dict(SalaryBand.objects.values_list("level", "low"))


@pytest.mark.parametrize(
    ("sides", "otherwise", "low"),
    [
        ({}, Side.SITE, 50_000),
        ({}, Side.FILE, 45_000),
        ({3: Side.SITE}, Side.FILE, 50_000),
        ({3: Side.FILE}, Side.SITE, 45_000),
        ({3: "file"}, "", 45_000),
    ],
)
def test_a_conflict_is_settled_for_all_or_row_by_row(versioned, sides, otherwise, low):
    entry, mid, _senior = versioned
    plan = bands(entry | {"low": "1"}, mid | {"low": "45000"}).settled(sides, otherwise)
    apply(plan)
    assert lows() == {"entry": 1, "mid": low, "senior": 50_000}


def test_a_file_without_versions_changes_what_it_says(versioned):
    plan = bands({"level": "mid", "low": "45000"}, {"level": "senior", "version": ""})
    assert counted(plan) == {"changed": 2}
    assert plan.unread == []


def test_the_fingerprint_follows_what_would_be_written(versioned):
    rows = [{"level": "entry", "low": "1"}, {"level": "lead"}]
    first = bands(*rows)
    assert bands(*rows).fingerprint == first.fingerprint
    SalaryBand.objects.filter(level="entry").update(low=7)
    assert bands(*rows).fingerprint != first.fingerprint


# --- The good rows alone ----------------------------------------------------------------------


def test_good_rows_are_written_without_what_only_refused_rows_name(engineer):
    plan = bands(
        {"career": "Boulanger", "source": "Insee"},
        {"career": "Plombier", "source": "Apec", "level": "boss"},
        {"career": "Boulanger", "source": "Insee", "level": "mid"},
        create_missing=True,
    )
    assert [str(made) for made in plan.made] == ["Boulanger", "Insee", "Plombier", "Apec"]
    good = plan.only_good()
    assert (counted(good), [str(made) for made in good.made]) == (
        {"new": 2},
        ["Boulanger", "Insee"],
    )
    apply(good)
    assert set(Career.objects.values_list("slug", flat=True)) == {"ingenieur-ia", "boulanger"}
    assert set(Source.objects.values_list("slug", flat=True)) == {"article-2023", "insee"}


def test_a_region_is_refused_with_the_region_it_lies_in():
    rows = [
        {"code": "A", "kind": "continent", "name_fr": ""},
        {"code": "B", "kind": "country", "name_fr": "B", "parent": "A"},
        {"code": "C", "kind": "country", "name_fr": "C", "parent": "D"},
        {"code": "D", "kind": "continent", "name_fr": "D", "yearly_hours": "99999"},
        {"code": "E", "kind": "country", "name_fr": "E"},
    ]
    plan = planned("region", *rows)
    assert {(row, column) for row, column, *_said in told(plan)} == {
        (2, "name_fr"),
        (3, "parent"),
        (4, "parent"),
        (5, "yearly_hours"),
    }
    apply(plan.only_good())
    assert set(Region.objects.values_list("code", flat=True)) == {"E"}


# --- The file of refused rows -----------------------------------------------------------------


@pytest.mark.parametrize("profile", tables.PROFILES.values(), ids=lambda profile: profile.slug)
def test_refused_rows_come_as_a_file_that_imports_once_corrected(engineer, profile):
    note = ' =1; « œ »\n"x", \'y'
    rows = [BAND | {"level": level, "my note": note} for level in ("boss", "mid", "entry")]
    plan = planned_file("salaryband", as_csv(*rows, BAND | {"low": "9", "high": "1 €"}))
    content = b"".join(tables.write(plan.refused_rows(), profile))
    again = RESOURCES["salaryband"].read(content)
    assert [dict(row.cells) for row in again.rows] == [
        rows[0] | {"why_refused": "level: allowed: entry, mid, senior, lead"},
        BAND
        | {"low": "9", "high": "1 €", "my note": ""}
        | {"why_refused": "high: The high amount is below the low amount."},
    ]
    corrected = content.replace(b"boss", b"lead").replace("1 €".encode(), "10 €".encode())
    good = planned_file("salaryband", corrected)
    assert (counted(good), good.unread) == ({"new": 2}, ["my note"])
    [header, *_rows] = good.refused_rows()
    assert header == [*BAND, "my note", "why_refused"]
