"""What looks odd about a figure; a table of figures and of what is said of each."""

import pytest

from careers.warnings import WARNINGS, warnings
from tests.factories import figure

FRANCE, STATES, EUROPE, WORLD = "001/150/FR/FR-IDF/", "001/US/", "001/150/", "001/"
USUAL = [figure(low=45_000, high=60_000), figure(median=50_000), figure(low=108_000)]

ODD = [
    ({"low": 45_000, "high": 100_000}, FRANCE, set()),
    ({"low": 450_000, "high": 600_000}, FRANCE, {"tenfold"}),
    ({"low": 4_500, "high": 6_000}, FRANCE, {"tenfold"}),
    ({"low": 45, "high": 60}, FRANCE, {"tenfold", "small_year"}),
    # Three times the others is a lead in New York, not a slip.
    ({"low": 150_000, "high": 160_000}, FRANCE, set()),
    # By the month there is nothing to compare with.
    ({"low": 4_500, "period": "month"}, FRANCE, set()),
    ({"low": 45_000, "currency": "USD"}, FRANCE, {"foreign_currency"}),
    ({"low": 45_000, "currency": "USD"}, EUROPE, {"foreign_currency"}),
    ({"low": 45_000, "currency": "CHF"}, EUROPE, set()),
    ({"low": 45_000, "currency": "USD"}, WORLD, set()),
    ({"low": 45_000, "currency": "USD"}, STATES, set()),
    ({"low": 45_000, "currency": "EUR"}, STATES, {"foreign_currency"}),
    ({"low": 450, "period": "day", "engagement": "employee"}, FRANCE, {"day_rate"}),
    ({"low": 450, "period": "day", "engagement": "freelance"}, FRANCE, set()),
    ({"low": 30_000, "high": 90_000}, FRANCE, set()),
    ({"low": 30_000, "high": 90_001}, FRANCE, {"wide"}),
    ({"low": 0, "high": 90_000}, FRANCE, set()),
    ({"low": 40_000, "median": 43_000, "high": 60_000}, FRANCE, set()),
    ({"low": 40_000, "median": 42_999, "high": 60_000}, FRANCE, {"lopsided"}),
    ({"low": 40_000, "median": 57_001, "high": 60_000}, FRANCE, {"lopsided"}),
    ({"low": 50_000, "median": 50_000, "high": 50_000}, FRANCE, set()),
    ({"low": 999}, FRANCE, {"tenfold", "small_year"}),
    ({"currency": "", "no_figure_reason": "varies"}, FRANCE, set()),
]


@pytest.mark.parametrize(("fields", "path", "names"), ODD, ids=[str(n) for n in range(len(ODD))])
def test_warnings_name_what_looks_odd(fields, path, names):
    assert {each.name for each in warnings(figure(**fields), path, USUAL)} == names


def test_every_warning_is_given_to_some_figure():
    assert {name for _fields, _path, names in ODD for name in names} == set(WARNINGS)


def test_a_figure_alone_is_compared_with_nothing():
    assert warnings(figure(low=1_000_000), FRANCE) == []
    assert warnings(figure(low=1_000_000), FRANCE, [figure(no_figure_reason="varies")]) == []
