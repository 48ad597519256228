"""What an import writes: what it makes on the way, all or nothing, and what follows from it."""

from decimal import Decimal

import pytest
from django.db import IntegrityError, connection
from django.test.utils import CaptureQueriesContext

from careers.models import Career, Region, SalaryBand, Source
from careers.models.salary_band import DERIVED
from careers.resources import apply
from tests.factories import create_band, create_career, create_rate, create_region
from tests.files import bands, counted, planned, told

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english")]


# --- Careers and sources that a file names and the site lacks -----------------------------------

ANSWERS = "aijobs.net (P25-P75 of n=3 answers)"


def test_plan_creates_missing_careers_and_sources_once(engineer):
    rows = [
        {"career": "Prompt engineer", "source": ANSWERS},
        {"career": "PROMPT ENGINEER", "source": ANSWERS, "level": "mid"},
        {"career": "AI engineer", "source": "aijobs.net"},
    ]
    assert {(row, column) for row, column, *_said in told(bands(*rows))} == {
        (2, "career"),
        (2, "source"),
        (3, "career"),
        (3, "source"),
        (4, "source"),
    }
    made = bands(*rows, create_missing=True)
    assert counted(made) == {"new": 3}
    assert [str(each) for each in made.made] == ["Prompt engineer", "aijobs.net"]
    assert (Career.objects.count(), Source.objects.count()) == (1, 1)

    assert apply(made) == 3
    prompt = Career.objects.get(slug="prompt-engineer")
    assert (prompt.title_fr, prompt.status, prompt.published_at) == (
        "Prompt engineer",
        "draft",
        None,
    )
    assert prompt.search_text == " prompt engineer"
    assert set(Source.objects.values_list("slug", "title")) == {
        ("article-2023", "Cinq métiers de l’IA"),
        ("aijobs-net", "aijobs.net"),
    }
    assert set(SalaryBand.objects.values_list("career__slug", "level", "range_kind")) == {
        ("prompt-engineer", "", "p25_p75"),
        ("prompt-engineer", "mid", "p25_p75"),
        ("ingenieur-ia", "", "published"),
    }
    again = bands(*rows, create_missing=True)
    assert (counted(again), again.made) == ({"unchanged": 3}, [])


def test_plan_creates_careers_whose_titles_differ_by_signs_alone(engineer):
    create_career(title_fr="Développeur C", slug="developpeur-c")
    titles = {"Développeur C", "Développeur C++", "Développeur C#"}
    made = bands(*({"career": title} for title in sorted(titles)), create_missing=True)
    assert counted(made) == {"new": 3}
    apply(made)
    assert set(SalaryBand.objects.values_list("career__title_fr", flat=True)) == titles
    assert len(set(Career.objects.values_list("slug", flat=True))) == 4


def test_plan_creates_sources_whose_titles_make_no_address(engineer):
    made = bands({"source": "労働"}, {"source": "統計", "level": "mid"}, create_missing=True)
    apply(made)
    assert set(SalaryBand.objects.values_list("source__title", flat=True)) == {"労働", "統計"}
    assert not Source.objects.filter(slug="").exists()


@pytest.mark.parametrize("column", ["career", "source"])
def test_plan_refuses_to_create_what_the_models_refuse(engineer, column):
    refused = bands({column: "x" * 256}, create_missing=True)
    assert [(row, at) for row, at, *_said in told(refused)] == [(2, column)]


# --- All or nothing ---------------------------------------------------------------------------


def test_apply_refuses_a_plan_with_refused_rows(engineer):
    refused = bands({}, {"level": "boss"})
    with pytest.raises(ValueError, match="never written"):
        apply(refused)
    assert not SalaryBand.objects.exists()


def test_apply_writes_nothing_when_a_row_fails():
    rows = [{"title": f"Source {number}"} for number in (1, 2, 3)]
    late = planned("source", *rows)
    Source.objects.create(slug="source-2", title="Somebody was faster")
    with pytest.raises(IntegrityError):
        apply(late)
    assert set(Source.objects.values_list("slug", flat=True)) == {"source-2"}


@pytest.mark.django_db(transaction=True)
def test_apply_writes_nothing_when_a_region_is_gone(engineer):
    band = create_band(career=engineer, high=1, level="mid")
    other = create_region(code="DE")
    late = bands(
        {"region": "DE", "career": "Boulanger", "source": "Insee"},
        {"level": "mid"},
        create_missing=True,
    )
    assert counted(late) == {"new": 1, "changed": 1}
    other.delete()
    with pytest.raises(IntegrityError):
        apply(late)
    assert [each.slug for each in Career.objects.all()] == ["ingenieur-ia"]
    assert [each.slug for each in Source.objects.all()] == ["article-2023"]
    assert list(SalaryBand.objects.values_list("pk", "high")) == [(band.pk, 1)]


# --- What follows from an import --------------------------------------------------------------

DERIVATIONS = [
    {"level": "entry", "high": "36000", "period": "year"},
    {"level": "mid", "high": "3000", "currency": "USD", "period": "month"},
    {"level": "senior", "low": "20.5", "high": "", "period": "hour"},
    {"level": "lead", "high": "500", "period": "day"},
    {"level": "", "high": "1", "currency": "CHF"},
]


def test_apply_in_bulk_derives_what_saving_derives(engineer):
    Region.objects.update(yearly_hours=1607)
    create_rate(rate="1.0981")

    def yearly():
        amounts = SalaryBand.objects.values_list("level", "annual_low_eur", "annual_high_eur")
        return {level: (low, high) for level, low, high in amounts}

    apply(bands(*DERIVATIONS))
    assert yearly() == {
        "entry": (None, 36_000),
        "mid": (None, Decimal("32783.90")),
        "senior": (Decimal("32943.50"), None),
        "lead": (None, None),
        "": (None, None),
    }
    raised = bands(*({**cells, "high": "6000"} for cells in DERIVATIONS))
    assert counted(raised) == {"changed": 5}
    apply(raised)
    assert yearly()["mid"] == (None, Decimal("65567.80"))
    in_bulk = list(SalaryBand.objects.order_by("pk").values(*DERIVED))
    for band in SalaryBand.objects.all():
        band.save()
    assert list(SalaryBand.objects.order_by("pk").values(*DERIVED)) == in_bulk


def test_plan_and_apply_ask_no_more_for_more_rows(engineer):
    def asked(year, count):
        rows = [{"observed_on": f"{year}-04-{day + 1:02}", "low": str(day)} for day in range(count)]
        with CaptureQueriesContext(connection) as queries:
            assert apply(bands(*rows)) == count
        return len(queries)

    assert asked(2022, 3) == asked(2023, 30) <= 10
