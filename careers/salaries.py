"""What a salary figure says: its words, its yearly amounts, its answer to a threshold.

Pure: no query and no request. The database's twins of these rules are the constraints of
`SalaryBand` and the QuerySet words of `careers.models.salary_band`; tests hold both equal.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, NamedTuple, Protocol

from babel import numbers as cldr
from django.db.models import IntegerChoices, TextChoices
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from careers.wording import STATED, plain, sentences

CURRENCIES = frozenset(cldr.list_currencies())
CENT = Decimal("0.01")


class Level(TextChoices):
    ENTRY = "entry", _("Entry level")
    MID = "mid", _("Mid level")
    SENIOR = "senior", _("Senior")
    LEAD = "lead", _("Lead")
    __empty__ = _("Not split by level")


class Engagement(TextChoices):
    EMPLOYEE = "employee", _("Employee")
    FREELANCE = "freelance", _("Freelance")
    __empty__ = _("Status not stated")


class Period(TextChoices):
    YEAR = "year", _("a year")
    MONTH = "month", _("a month")
    WEEK = "week", _("a week")
    DAY = "day", _("a day")
    HOUR = "hour", _("an hour")


class Basis(TextChoices):
    GROSS = "gross", pgettext_lazy("pay", "gross")
    NET = "net", pgettext_lazy("pay", "net")
    __empty__ = _("gross or net not stated")


class RangeKind(TextChoices):
    PUBLISHED = "published", _("published range")
    AVERAGE = "average", _("average")
    P25_P75 = "p25_p75", _("middle half (25th to 75th percentile)")
    P10_P90 = "p10_p90", _("middle four fifths (10th to 90th percentile)")


class NoFigureReason(TextChoices):
    VARIES = "varies", _("pay varies too much for one figure")
    NOT_PUBLISHED = "not_published", _("no figure is published")
    SUPPRESSED = "suppressed", _("the source withholds the figure")


class Answer(IntegerChoices):
    """Does this pay at least T a year? In the order in which a career prefers its bands."""

    SURE = 0, _("Sure")
    POSSIBLE = 1, _("Possible")
    NO = 2, _("Below")
    UNKNOWN = 3, _("No figure")


class NotComparable(TextChoices):
    """Why a figure has no gross yearly amount, or none in the currency asked."""

    NET = "net", _("net pay is never compared with gross pay")
    FREELANCE_RATE = "freelance_rate", _("a freelance rate is not a yearly salary")
    DAY_RATE = "day_rate", _("a day rate is not a yearly salary")
    NO_YEARLY_HOURS = "no_yearly_hours", _("the region states no yearly hours")
    NO_FIXING = "no_fixing", _("the ECB published no rate for this currency and date")


def label(choices: Any, value: str) -> str:
    """A value of these choices in words; "" where the source leaves it open."""
    return str(choices(value).label if value else choices.__empty__)


class Figure(Protocol):
    """The part of a salary band that its words, rules and amounts are read from."""

    @property
    def low(self) -> Decimal | None: ...
    @property
    def median(self) -> Decimal | None: ...
    @property
    def high(self) -> Decimal | None: ...
    @property
    def open_ended(self) -> bool: ...
    @property
    def currency(self) -> str: ...
    @property
    def period(self) -> str: ...
    @property
    def basis(self) -> str: ...
    @property
    def engagement(self) -> str: ...
    @property
    def range_kind(self) -> str: ...
    @property
    def no_figure_reason(self) -> str: ...
    @property
    def no_figure_note_fr(self) -> str: ...
    @property
    def no_figure_note_en(self) -> str: ...


def amounts(figure: Figure) -> Iterator[Decimal]:
    """The amounts that the figure has, lowest first."""
    for amount in (figure.low, figure.median, figure.high):
        if amount is not None:
            yield amount


# --- The rules of a band ----------------------------------------------------------------------


class Rule(NamedTuple):
    """What must hold of every band; the constraint of the same name keeps it in the database."""

    field: str
    message: Promise
    holds: Callable[[Figure], bool]


def _rising(lower: Decimal | None, upper: Decimal | None) -> bool:
    return lower is None or upper is None or lower <= upper


RULES: dict[str, Rule] = {
    "low_gte_0": Rule("low", _("The low amount is below zero."), lambda f: (f.low or 0) >= 0),
    "median_gte_0": Rule("median", _("The median is below zero."), lambda f: (f.median or 0) >= 0),
    "high_gte_0": Rule("high", _("The high amount is below zero."), lambda f: (f.high or 0) >= 0),
    "low_lte_high": Rule(
        "high",
        _("The high amount is below the low amount."),
        lambda f: _rising(f.low, f.high),
    ),
    "low_lte_median": Rule(
        "median",
        _("The median is below the low amount."),
        lambda f: _rising(f.low, f.median),
    ),
    "median_lte_high": Rule(
        "median",
        _("The median is above the high amount."),
        lambda f: _rising(f.median, f.high),
    ),
    "amount_or_reason": Rule(
        "no_figure_reason",
        _("Give either an amount or the reason why there is none, never both and never neither."),
        lambda f: any(True for _amount in amounts(f)) != bool(f.no_figure_reason),
    ),
    "open_ended_needs_high": Rule(
        "open_ended",
        _("“Open ended” says that the true top lies above the high amount: give the high amount."),
        lambda f: not f.open_ended or f.high is not None,
    ),
    "amount_needs_currency": Rule(
        "currency",
        _("An amount needs a currency, for example EUR."),
        lambda f: bool(f.currency) or not any(True for _amount in amounts(f)),
    ),
}


def broken_rules(figure: Figure) -> Iterator[Rule]:
    """The rules that the figure breaks, in the order in which an editor reads them."""
    return (rule for rule in RULES.values() if not rule.holds(figure))


# --- Words ------------------------------------------------------------------------------------


def sentence(figure: Figure, language: str) -> str:
    """The figure in words, in "fr" or "en": never typed by anyone, always generated.

    A yearly gross figure carries no suffix: the page around it says « brut par an » once.
    Without a figure it is the editors' note, or else the reason, in words.
    """
    stated = [getattr(figure, name) for name in STATED]
    note = figure.no_figure_note_fr if language == "fr" else figure.no_figure_note_en
    said_of = (*map(plain, stated[:3]), *stated[3:], note)
    [said] = sentences(language, *([each] for each in said_of))
    return said


@dataclass(frozen=True)
class Amounts:
    """A figure's amounts made comparable: gross, for a year, in one currency. Also a Figure."""

    low: Decimal | None
    median: Decimal | None
    high: Decimal | None
    open_ended: bool
    currency: str
    period: str = Period.YEAR
    basis: str = Basis.GROSS
    engagement: str = ""
    range_kind: str = RangeKind.PUBLISHED
    no_figure_reason: str = ""
    no_figure_note_fr: str = ""
    no_figure_note_en: str = ""

    def rounded(self) -> "Amounts":
        """The same in whole units: what a converted amount can honestly claim."""
        return replace(
            self, low=_whole(self.low), median=_whole(self.median), high=_whole(self.high)
        )


def _whole(amount: Decimal | None) -> Decimal | None:
    return None if amount is None else amount.quantize(Decimal(1), ROUND_HALF_UP)


# --- Comparable amounts -----------------------------------------------------------------------

_PER_YEAR = {Period.YEAR: 1, Period.MONTH: 12, Period.WEEK: 52}


def why_not_annual(figure: Figure, yearly_hours: int | None) -> str:
    """The NotComparable value that keeps the figure from a gross yearly amount, or ""."""
    if figure.basis == Basis.NET:
        return NotComparable.NET
    if figure.engagement == Engagement.FREELANCE and figure.period != Period.YEAR:
        return NotComparable.FREELANCE_RATE
    if figure.period == Period.DAY:
        return NotComparable.DAY_RATE
    if figure.period == Period.HOUR and yearly_hours is None:
        return NotComparable.NO_YEARLY_HOURS
    return ""


def annual(amount: Decimal | None, period: str, yearly_hours: int | None) -> Decimal | None:
    """`amount` for a whole year, in its own currency and exact; None stays None.

    Only for figures that `why_not_annual` has nothing against.
    """
    if amount is None:
        return None
    return amount * (_PER_YEAR[Period(period)] if period != Period.HOUR else (yearly_hours or 0))


def convert(amount: Decimal, rate: Decimal, target_rate: Decimal = Decimal(1)) -> Decimal:
    """`amount` in another currency, rounded to the cent, half up.

    `rate` and `target_rate` are units of the amount's and of the target's currency for one euro
    on one day (an ECB fixing); the euro's own rate is 1.
    """
    euros = (amount / rate).quantize(CENT, ROUND_HALF_UP)
    return (euros * target_rate).quantize(CENT, ROUND_HALF_UP)


def answer(
    low: Decimal | None,
    median: Decimal | None,
    high: Decimal | None,
    *,
    open_ended: bool,
    threshold: Decimal | int,
) -> Answer:
    """Whether comparable yearly amounts reach `threshold`, all in one currency.

    "Can exceed" is a height that some reach, hence possible for every threshold; so is a lowest
    amount without a highest. No amount at all is unknown, never no.
    """
    if low is None and median is None and high is None:
        return Answer.UNKNOWN
    if low is not None and low >= threshold:
        return Answer.SURE
    reached = any(amount is not None and amount >= threshold for amount in (median, high))
    if reached or open_ended or (low is not None and high is None):
        return Answer.POSSIBLE
    return Answer.NO
