"""Marks in place of amounts: a reason or an open end, never 0 and never the cap as it stands."""

import pytest

from careers.models import SalaryBand
from careers.resources import RESOURCES, apply
from tests.factories import create_career, create_region, create_source
from tests.files import BAND, bands, book_of, counted, planned_file, told

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english")]
MARK = "a mark beside an amount: leave this end empty, or all of them"


@pytest.fixture(autouse=True)
def engineer(db):
    create_source()
    create_region(name_fr="France", name_en="France")
    return create_career(title_fr="Ingénieur en IA", slug="ingenieur-ia")


REASONS = [
    *((mark, "suppressed") for mark in ("*", "**", "#", "x", "X", "ns", " ns ", "n.s.")),
    *((mark, "not_published") for mark in ("nd", "ND", "n.d.", "..", "…", "...")),
]


@pytest.mark.parametrize("amounts", [("low", "high"), ("median",), ("low", "median", "high")])
@pytest.mark.parametrize(("mark", "reason"), REASONS)
def test_marks_alone_are_the_reason_for_no_figure(mark, reason, amounts):
    blank = {"low": "", "median": "", "high": ""}
    plan = bands(blank | dict.fromkeys(amounts, mark))
    assert (told(plan), plan.withheld) == ([], 1)
    apply(plan)
    band = SalaryBand.objects.get()
    assert (band.low, band.median, band.high) == (None, None, None)
    assert (band.no_figure_reason, band.open_ended) == (reason, False)
    assert counted(bands(blank | dict.fromkeys(amounts, mark))) == {"unchanged": 1}


def test_marks_leave_the_reason_that_the_file_gives():
    [row] = bands({"high": "*", "no_figure_reason": "varies"}).rows
    assert row.instance.no_figure_reason == "varies"


OPEN_ENDS = [
    (("36000", "", ">=239,200"), (36_000, None, 239_200, True)),
    (("36000", "", "≥ 239 200 €"), (36_000, None, 239_200, True)),
    (("36000", ">=239200", ">=239200"), (36_000, None, 239_200, True)),
    (("36000", "50000", ">239200"), (36_000, 50_000, 239_200, True)),
    (("36000", "50000", "#"), (36_000, 50_000, None, False)),
    (("36000", "", "#"), (36_000, None, None, False)),
    (("", "50000", "#"), (None, 50_000, None, False)),
    ((">=239200", ">=239200", ">=239200"), (239_200, None, None, False)),
    ((">=239200", "", "#"), (239_200, None, None, False)),
]


@pytest.mark.parametrize(("written", "stated"), OPEN_ENDS)
def test_what_lies_above_a_cap_is_an_open_end(written, stated):
    plan = bands(dict(zip(("low", "median", "high"), written, strict=True)))
    assert told(plan) == []
    band = plan.rows[0].instance
    assert (band.low, band.median, band.high, band.open_ended) == stated
    assert band.sentence != "239,200"


CONTRADICTIONS = [
    ({"low": "*", "high": "83532"}, ["low"]),
    ({"low": "36000", "high": "ns"}, ["high"]),
    ({"low": "#", "high": "83532"}, ["low"]),
    ({"low": ">=5", "high": "83532"}, ["low"]),
    ({"low": "1", "median": ">=5", "high": "9"}, ["median"]),
    ({"low": "", "median": "", "high": ">=5", "no_figure_reason": ""}, ["high"]),
]


@pytest.mark.parametrize(("cells", "columns"), CONTRADICTIONS)
def test_marks_that_contradict_an_amount_are_refused(cells, columns):
    assert [(column, why) for _row, column, _value, why in told(bands(cells))] == [
        (column, MARK) for column in columns
    ]


@pytest.mark.parametrize("code", ["PT", "pt", "Part-time", "temps partiel"])
def test_part_time_is_refused_with_its_reason_and_never_merged(code):
    plan = bands({"high": "", "median": "9"}, {"employment_type": code, "median": "4", "high": ""})
    said = "part-time pay: the site states pay for full time alone, so this row is left out"
    assert told(plan) == [(3, "engagement", code, said)]
    apply(plan.only_good())
    assert [band.median for band in SalaryBand.objects.all()] == [9]


def test_formulas_are_refused_cell_by_cell():
    columns = ["career", "region", "low", "high", "currency", "source", "observed_on", "note"]
    row = ["ingenieur-ia", "FR", 5, "=C2*2", "EUR", "article-2023", "2023-04-30", "=1+1"]
    plan = planned_file("salaryband", book_of(columns, row))
    assert RESOURCES["salaryband"].knows("low")
    assert told(plan) == [(2, "high", "=C2*2", "a formula or an error: paste the value instead")]


# --- Amounts that may mean two things ---------------------------------------------------------

SIGNED = [
    ("45 000 €", "EUR", []),
    ("$45,000", "USD", []),
    ("$45,000", "CAD", []),
    ("£45,000", "GBP", []),
    ("¥45,000", "JPY", []),
    ("45 000 ₣", "CHF", []),
    ("$45,000", "EUR", [(2, "low", "$45,000", "$ is not a sign of the currency EUR")]),
    ("45 000 €", "USD", [(2, "low", "45 000 €", "€ is not a sign of the currency USD")]),
    ("45 000 £", "CHF", [(2, "low", "45 000 £", "£ is not a sign of the currency CHF")]),
]


@pytest.mark.parametrize(("low", "currency", "errors"), SIGNED)
def test_the_sign_of_another_currency_is_refused(low, currency, errors):
    assert told(bands({"low": low, "currency": currency})) == errors


POINT = "the point may stand for thousands or for decimals: write {} or {}"
POINTS = [
    ("45.000", "year", [(2, "low", "45.000", POINT.format(45000, "45.0000"))]),
    ("€1.250", "day", [(2, "low", "€1.250", POINT.format("€1250", "1.2500"))]),
    ("12.125", "hour", []),
    ("45.0000", "year", []),
    ("0.125", "year", []),
    ("45.000,50", "year", []),
    ("1.045.000", "month", []),
]


@pytest.mark.parametrize(("low", "period", "errors"), POINTS)
def test_a_point_before_three_digits_is_not_guessed_at(low, period, errors):
    assert told(bands({"low": low, "high": "2 000 000", "period": period})) == errors


def test_an_amount_that_is_refused_for_something_else_is_told_once():
    assert told(
        planned_file("salaryband", book_of([*BAND], [*(BAND | {"high": "=$A$1"}).values()]))
    ) == [(2, "high", "=$A$1", "a formula or an error: paste the value instead")]
