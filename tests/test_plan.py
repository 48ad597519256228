"""What an import would do, row by row, and all that it refuses."""

from datetime import date
from decimal import Decimal
from itertools import product

import pytest
from django.db.models.signals import post_init

from careers import tables
from careers.models import Career, Region, SalaryBand, Source
from careers.resources import RESOURCES, apply, plan, planner
from tests.factories import create_band, create_career, create_region
from tests.files import (
    BAND,
    as_lines,
    bands,
    book_of,
    changed,
    counted,
    planned,
    planned_file,
    told,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english")]


# --- What changes -----------------------------------------------------------------------------


def test_plan_lists_changes_old_and_new(engineer):
    region, source = Region.objects.get(), Source.objects.get()
    create_band(career=engineer, region=region, source=source, low=1, high=100_000)
    for level in ("entry", "mid"):
        create_band(career=engineer, region=region, source=source, high=100_000, level=level)
    edited = bands(
        {"level": "mid", "open_ended": "1"},
        {"level": "lead"},
        {"level": "entry"},
        {"level": "", "low": "45 000,50 €"},
    )
    assert counted(edited) == {"new": 1, "changed": 2, "unchanged": 1}
    assert changed(edited) == [
        (2, "open_ended", False, True),
        (3, "career", "", engineer),
        (3, "region", "", region),
        (3, "level", "", "lead"),
        (3, "high", "", 100_000),
        (3, "open_ended", "", False),
        (3, "currency", "", "EUR"),
        (3, "period", "", "year"),
        (3, "source", "", source),
        (3, "observed_on", "", date(2023, 4, 30)),
        (5, "low", 1, Decimal("45000.50")),
    ]
    assert SalaryBand.objects.filter(open_ended=True).count() == 0
    assert apply(edited) == 3
    assert set(SalaryBand.objects.values_list("level", "low", "high", "open_ended")) == {
        ("", Decimal("45000.50"), 100_000, False),
        ("entry", None, 100_000, False),
        ("mid", None, 100_000, True),
        ("lead", None, 100_000, False),
    }
    assert counted(bands({"level": "mid", "open_ended": "1"}, {"level": "lead"})) == {
        "unchanged": 2
    }


def test_plan_empties_a_cell_that_the_file_leaves_empty(engineer):
    create_band(career=engineer, low=1, high=100_000)
    emptied = bands({})
    assert changed(emptied) == [(2, "low", 1, None)]
    apply(emptied)
    assert SalaryBand.objects.get().low is None


@pytest.mark.parametrize("kind", ["CSV", "XLSX"])
def test_plan_empties_a_cell_at_the_end_of_a_row_that_ends_before_it(engineer, kind):
    create_band(career=engineer, high=100_000, stated_as="Tableau 3")
    whole, short = [*BAND, "stated_as"], list(BAND.values())
    file = book_of(whole, short) if kind == "XLSX" else as_lines(whole, short)
    emptied = planned_file("salaryband", file)
    assert changed(emptied) == [(2, "stated_as", "Tableau 3", "")]
    apply(emptied)
    assert SalaryBand.objects.get().stated_as == ""


@pytest.mark.usefixtures("engineer")
def test_plan_refuses_a_row_that_ends_before_its_source_and_day():
    names = [name for name in BAND if name not in ("source", "observed_on")]
    file = as_lines([*names, "source", "observed_on"], [BAND[name] for name in names])
    empty = "this cell cannot be empty"
    assert told(planned_file("salaryband", file)) == [
        (2, "source", "", empty),
        (2, "observed_on", "", empty),
    ]


def test_plan_shows_a_text_without_the_shield_of_its_file():
    create_career(slug="ancien", summary_fr="+ Ancien")
    texts = {"title_fr": "Ancien", "summary_fr": "'- Nouveau"}
    [row] = planned("career", {"slug": "ancien", "status": "published"} | texts).rows
    shown = {change.column: (change.before, change.after) for change in row.changes}
    assert shown["summary_fr"] == ("+ Ancien", "- Nouveau")


def test_plan_only_new_leaves_out_what_the_site_has():
    create_career(title_fr="Ancien", slug="ancien")
    both = planned(
        "career",
        {"slug": "ancien", "title_fr": "Changé", "status": "draft"},
        {"slug": "nouveau", "title_fr": "Nouveau", "status": "draft"},
    )
    assert counted(both) == {"new": 1, "changed": 1}
    assert apply(both.only_new()) == 1
    assert set(Career.objects.values_list("slug", "title_fr")) == {
        ("ancien", "Ancien"),
        ("nouveau", "Nouveau"),
    }


def test_plan_reads_a_region_and_its_parts_from_one_file():
    apply(
        planned(
            "region",
            {"code": "150", "parent": "", "kind": "continent", "name_fr": "Europe"},
            {"code": "FR", "parent": "150", "kind": "country", "name_fr": "France"},
            {"code": "FR-IDF", "parent": "France", "kind": "subdivision1", "name_fr": "IDF"},
        )
    )
    assert set(Region.objects.values_list("path", flat=True)) == {
        "150/",
        "150/FR/",
        "150/FR/FR-IDF/",
    }


@pytest.mark.parametrize("code", ["fr", " FR "])
def test_plan_knows_a_region_however_its_code_is_typed(engineer, code):
    row = {"code": code, "kind": "country", "name_fr": "La France"}
    renamed = planned("region", row)
    assert (counted(renamed), changed(renamed)) == (
        {"changed": 1},
        [(2, "name_fr", "France", "La France")],
    )


def test_plan_never_takes_a_new_code_for_another_regions_name(engineer):
    added = planned("region", {"code": "FRANCE", "kind": "country", "name_fr": "Une autre"})
    assert counted(added) == {"new": 1}
    apply(added)
    assert set(Region.objects.values_list("code", flat=True)) == {"FR", "FRANCE"}


@pytest.fixture
def read():
    """The bands that were read from the database."""
    found = []

    def keep(instance, **_kwargs):
        found.append((instance.career_id, instance.region_id))

    post_init.connect(keep, sender=SalaryBand)
    yield found
    post_init.disconnect(keep, sender=SalaryBand)


@pytest.mark.parametrize("asked", [1, 2, 500])
def test_rows_in_no_order_read_no_other_bands_than_theirs(engineer, read, monkeypatch, asked):
    monkeypatch.setattr(planner, "ASKED", asked)
    careers = [engineer, create_career(slug="boulanger"), create_career(slug="cuisinier")]
    regions = [*Region.objects.all(), create_region(code="DE"), create_region(code="US")]
    for career, region in product(careers, regions):
        create_band(career=career, region=region, high=100_000)
    read.clear()
    pairs = [(careers[2], regions[0]), (careers[0], regions[1]), (careers[1], regions[2])]
    file = bands(*({"career": c.slug, "region": r.code} for c, r in pairs))
    assert counted(file) == {"unchanged": 3}
    assert sorted(read) == sorted((career.pk, region.pk) for career, region in pairs)


# --- What is refused --------------------------------------------------------------------------

LEVELS = "allowed: entry, mid, senior, lead"
UNKNOWN = "the site knows none of this name or code"
NUMBER = "a number is expected, such as 45000 or 45 000,50"
MARK = "a mark beside an amount: leave this end empty, or all of them"
DAY = "a date is expected, such as 2023-04-30 or 30/04/2023"


def test_plan_tells_all_errors_of_all_rows(engineer):
    refused = bands(
        {"career": "Boulanger", "region": "UK", "level": "boss", "source": "(none)"},
        {"level": "entry"},
        {"low": "*", "high": "a lot", "open_ended": "maybe", "observed_on": "soon"},
        {"low": "100 000 €", "high": "50 000 €", "currency": ""},
        {"low": "-1", "high": "1.23456", "currency": "EURO"},
        {"career": "", "source": ""},
    )
    assert told(refused) == [
        (2, "career", "Boulanger", UNKNOWN),
        (2, "region", "UK", UNKNOWN),
        (2, "level", "boss", LEVELS),
        (2, "source", "(none)", UNKNOWN),
        (4, "low", "*", MARK),
        (4, "high", "a lot", NUMBER),
        (4, "open_ended", "maybe", "1 or 0 is expected"),
        (4, "observed_on", "soon", DAY),
        (5, "high", "50 000 €", "The high amount is below the low amount."),
        (5, "currency", "", "An amount needs a currency, for example EUR."),
        (6, "high", "1.23456", "Ensure that there are no more than 4 decimal places."),
        (6, "currency", "EURO", "“EURO” is not an ISO 4217 currency code such as EUR or USD."),
        (6, "low", "-1", "The low amount is below zero."),
        (7, "career", "", "this cell cannot be empty"),
        (7, "source", "", "this cell cannot be empty"),
    ]
    assert counted(refused) == {"new": 1, "refused": 5}


def test_plan_tells_broken_rules_beside_unreadable_cells(engineer):
    refused = bands({"region": "UK", "low": "5", "high": "3"})
    assert told(refused) == [
        (2, "region", "UK", UNKNOWN),
        (2, "high", "3", "The high amount is below the low amount."),
    ]


def test_plan_says_what_a_spreadsheets_count_of_days_is(engineer):
    counted_days = "a spreadsheet’s count of days: let the column show dates, and save again"
    refused = bands({"observed_on": "45657"}, {"observed_on": "31/12/24"})
    assert told(refused) == [
        (2, "observed_on", "45657", counted_days),
        (3, "observed_on", "31/12/24", DAY),
    ]


def test_plan_judges_a_refused_row_by_what_the_site_has():
    """A title that the file leaves out is not missing."""
    create_career(slug="capitaine", title_fr="Capitaine", isco_code="0110")
    refused = planned("career", {"slug": "capitaine", "isco_code": "110"})
    assert told(refused) == [(2, "isco_code", "110", "An ISCO code reads like 2511.")]


NEEDS_HIGH = "“Open ended” says that the true top lies above the high amount: give the high amount."
QUOTED = [
    ({"low": "5", "high": "0"}, "high", "0", "The high amount is below the low amount."),
    ({"low": "5", "high": "", "open_ended": "oui"}, "open_ended", "oui", NEEDS_HIGH),
]


@pytest.mark.parametrize(("cells", "column", "value", "message"), QUOTED)
def test_plan_quotes_a_cell_as_the_file_has_it(engineer, cells, column, value, message):
    assert told(bands(cells)) == [(2, column, value, message)]


REFUSED = [
    ("career", {"slug": "a", "status": "published"}, "title_fr", "A published career needs"),
    ("career", {"slug": "a b", "title_fr": "A"}, "slug", "Enter a valid “slug”"),
    ("career", {"slug": "old", "title_fr": "A"}, "slug", "This address once led to another"),
    ("career", {"slug": "a", "title_fr": "A", "status": "online"}, "status", "allowed: draft"),
    ("career", {"slug": "a", "title_fr": "x" * 256}, "title_fr", "Ensure this value has at most"),
    (
        "career",
        {"slug": "a", "title_fr": "A", "published_at": "0001-01-01T00:00"},
        "published_at",
        "a date and time is expected",
    ),
    ("source", {"title": "A", "url": "javascript:alert(1)"}, "url", "Enter a valid URL."),
    ("source", {"title": "A", "published_on": "2023"}, "published_on", "a date is expected"),
    ("region", {"code": "A/B", "kind": "world", "name_fr": "A"}, "code", "A code holds no slash."),
    ("region", {"code": "A", "kind": "", "name_fr": "A"}, "kind", "This field cannot be blank."),
    ("region", {"code": "A", "kind": "world", "name_fr": ""}, "name_fr", "This field cannot be"),
    (
        "region",
        {"code": "150", "kind": "continent", "name_fr": "Europe", "parent": "FR"},
        "parent",
        "A region cannot lie within itself.",
    ),
    (
        "region",
        {"code": "FR", "kind": "country", "name_fr": "France", "yearly_hours": "1607,5"},
        "yearly_hours",
        "a whole number is expected",
    ),
    (
        "exchangerate",
        {"currency": "USD", "fixed_on": "2023-04-28", "rate": ""},
        "rate",
        "this cell cannot be empty",
    ),
]


@pytest.mark.parametrize(("name", "cells", "column", "message"), REFUSED)
def test_plan_refuses_what_the_models_refuse(name, cells, column, message):
    create_region(parent=create_region(code="150"))
    create_career(slug="new").former_slugs.create(slug="old")
    refused = planned(name, cells)
    assert [(row, at) for row, at, _value, _said in told(refused)] == [(2, column)]
    assert told(refused)[0][-1].startswith(message)


def test_plan_refuses_what_only_the_database_refuses():
    [row] = planned("exchangerate", {"currency": "USD", "fixed_on": "2023-04-28", "rate": 0}).rows
    assert [error.message for error in row.errors] == ["A rate is above zero."]


def test_plan_refuses_a_row_twice_naming_the_first(engineer):
    again = {"career": "AI engineer", "source": "Cinq métiers de l'IA", "low": "1"}
    refused = bands({"level": "mid"}, {}, {"level": "lead"}, again, again)
    said = "this row is about the same as row 3: keep one of them"
    assert told(refused) == [(5, "", "", said), (6, "", "", said)]
    assert counted(refused) == {"new": 3, "refused": 2}


def test_plan_refuses_a_cycle_made_by_two_rows():
    for code in ("A", "B"):
        create_region(code=code, kind="continent", name_fr=code, name_en="")
    rows = [{"code": "A", "parent": "B"}, {"code": "B", "parent": "A"}]
    swapped = planned("region", *({**row, "name_fr": row["code"]} for row in rows))
    assert swapped.is_refused
    assert told(swapped)[-1][1] == "parent"


def test_plan_without_rows_is_refused(engineer):
    empty = plan(RESOURCES["source"], tables.read(b"title\n\n"))
    assert (empty.rows, empty.is_refused) == ([], True)


# --- Who may publish --------------------------------------------------------------------------

PUBLISHED_ONLY = "only those who may publish change what is published"


@pytest.mark.parametrize(
    "cells",
    [
        {"slug": "public", "status": "draft"},
        {"slug": "public", "summary_fr": "Un autre résumé."},
        {"slug": "draft", "status": "published"},
        {"slug": "new", "status": "published"},
    ],
)
def test_plan_leaves_publishing_to_those_who_may(cells):
    for slug in ("public", "draft"):
        create_career(slug=slug, status="published" if slug == "public" else "draft")
    row = {"title_fr": "Titre", **cells}
    assert told(planned("career", row, may_publish=True)) == []
    refused = planned("career", row, may_publish=False)
    assert told(refused) == [(2, "", "", PUBLISHED_ONLY)]


def test_plan_leaves_the_figures_of_published_careers_to_those_who_may(engineer):
    assert counted(bands({})) == {"new": 1}
    assert told(bands({}, may_publish=False)) == [(2, "career", "", PUBLISHED_ONLY)]


def test_plan_never_guesses_between_namesakes(engineer):
    for code in ("GP", "FR-971"):
        create_region(code=code, name_fr="Guadeloupe", name_en="Guadeloupe")
    said = "several have this name, give one of: FR-971, GP"
    assert told(bands({"region": "Guadeloupe"})) == [(2, "region", "Guadeloupe", said)]


def test_plan_knows_the_codes_whose_zeros_a_spreadsheet_dropped():
    create_region(code="001", kind="world", name_fr="Monde", name_en="World")
    row = {"code": "1", "kind": "world", "name_fr": "Le monde"}
    assert changed(planned("region", row)) == [(2, "name_fr", "Monde", "Le monde")]
    part = planned("region", {"code": "19", "kind": "continent", "name_fr": "A", "parent": "1"})
    apply(part)
    assert set(Region.objects.values_list("path", flat=True)) == {"001/", "001/019/"}


def test_plan_lets_everybody_write_drafts():
    create_career(slug="draft", status="draft", title_fr="Ancien")
    written = planned(
        "career",
        {"slug": "draft", "status": "draft", "title_fr": "Neuf"},
        {"slug": "new", "status": "draft", "title_fr": "Nouveau"},
        may_publish=False,
    )
    assert counted(written) == {"new": 1, "changed": 1}


def test_plan_does_not_unpublish_by_date_for_those_who_may_not():
    create_career(slug="public", title_fr="Titre")
    hidden = {"slug": "public", "title_fr": "Titre", "published_at": "2099-01-01T00:00+00:00"}
    assert not planned("career", hidden, may_publish=True).is_refused
    assert planned("career", hidden, may_publish=False).is_refused
