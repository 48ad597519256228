"""What looks odd about a figure and may yet be right: said beside it, never refused.

Pure like `salaries`, whose rules refuse; the form of a figure and the editors' desk say these.
"""

from collections.abc import Iterable, Iterator
from decimal import Decimal
from statistics import median
from typing import NamedTuple

from babel.core import get_global
from babel.numbers import get_territory_currencies
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from careers.salaries import Engagement, Figure, Period, amounts

# An extra or a missing zero, with room for the spread between levels and regions.
TENFOLD = 7
WIDE = 3
# A median nearer than this to one end of its range, as a part of the range.
EDGE = Decimal("0.15")
SMALL_YEAR = 1_000
EUROPE = "150"
TERRITORIES = frozenset(get_global("territory_currencies"))


class Oddity(NamedTuple):
    """What looks odd: its name, the field to look at, and the sentence."""

    name: str
    field: str
    message: Promise


WARNINGS = {
    each.name: each
    for each in (
        Oddity(
            "tenfold",
            "low",
            _("About ten times, or a tenth of, the other figures of this career: a zero?"),
        ),
        Oddity("foreign_currency", "currency", _("This is not the currency of the region.")),
        Oddity("day_rate", "period", _("A rate by the day for an employee: a freelancer’s?")),
        Oddity("wide", "high", _("The high amount is over three times the low one.")),
        Oddity("lopsided", "median", _("The median lies at one end of the range.")),
        Oddity("small_year", "period", _("Under 1,000 a year: thousands, or by the month?")),
    )
}


def warnings(
    figure: Figure, region_path: str = "", siblings: Iterable[Figure] = ()
) -> list[Oddity]:
    """What looks odd about the figure, in the order of WARNINGS; nothing about one in no amount.

    `region_path` holds the codes from the world down, "001/150/FR/"; `siblings` are the other
    figures of the career.
    """
    if not any(True for _amount in amounts(figure)):
        return []
    found = {
        "tenfold": _is_tenfold(figure, siblings),
        "foreign_currency": _is_foreign(figure.currency, region_path),
        "day_rate": figure.period == Period.DAY and figure.engagement == Engagement.EMPLOYEE,
        "wide": bool(figure.low and figure.high and figure.high > WIDE * figure.low),
        "lopsided": _is_lopsided(figure),
        "small_year": figure.period == Period.YEAR and max(amounts(figure)) < SMALL_YEAR,
    }
    return [warning for name, warning in WARNINGS.items() if found[name]]


def _middle(figure: Figure) -> Decimal | None:
    """One amount for the figure: its median, or else the middle of what it states."""
    given = list(amounts(figure))
    return figure.median if figure.median is not None else median(given) if given else None


def _is_tenfold(figure: Figure, siblings: Iterable[Figure]) -> bool:
    own = _middle(figure)
    others = [middle for each in siblings if (middle := _alike(figure, each))]
    if not own or not others:
        return False
    usual = median(others)
    return own >= TENFOLD * usual or own * TENFOLD <= usual


def _alike(figure: Figure, sibling: Figure) -> Decimal | None:
    """The sibling's amount where both speak of the same money for the same time."""
    same = (sibling.currency, sibling.period) == (figure.currency, figure.period)
    return _middle(sibling) if same else None


def _is_foreign(currency: str, region_path: str) -> bool:
    countries = [code for code in _codes(region_path) if code in TERRITORIES]
    if countries:
        return currency not in get_territory_currencies(countries[-1])
    return currency == "USD" and EUROPE in _codes(region_path)


def _codes(region_path: str) -> Iterator[str]:
    return (code for code in region_path.split("/") if code)


def _is_lopsided(figure: Figure) -> bool:
    low, middle, high = figure.low, figure.median, figure.high
    if low is None or middle is None or high is None or low >= high:
        return False
    place = (middle - low) / (high - low)
    return not EDGE <= place <= 1 - EDGE
