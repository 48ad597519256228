"""The current figures of published careers, read from the database as rows of numbers."""

from array import array
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby
from operator import itemgetter
from typing import Any, NamedTuple

from django.conf import settings
from django.db.models import F, FloatField
from django.db.models.functions import Cast

from careers.bitmaps import Column, Table, of_places
from careers.models import Career, CareerQuerySet, Region
from careers.models.salary_band import SalaryBandQuerySet
from careers.salaries import Engagement, Level

LEVELS = ("", *(level.value for level in Level))
ENGAGEMENTS = ("", *(engagement.value for engagement in Engagement))
COLUMNS = (
    Column("level", 3),
    Column("engagement", 2),
    Column("region", 14),
    Column("day", 22),
    Column("currency", 9),
    # What an answer needs to know besides amounts: whether there is a figure at all, whether it is
    # open at its top, or has a low and no high; whether it has yearly amounts in its own currency
    # and in euros.
    *(Column(name, 1) for name in ("figure", "open", "half", "own", "euros")),
    # Yearly: cents of a euro, whole units of the own currency; plus one, 0 being no amount.
    *(Column(name, 40) for name in ("low_euros", "top_euros")),
    *(Column(name, 34) for name in ("low_own", "top_own")),
)
_HIGHEST_EUROS, _HIGHEST_OWN = (1 << 40) - 1, (1 << 34) - 1
_AMOUNTS = tuple(
    f"annual_{end}{unit}" for unit in ("", "_eur") for end in ("low", "median", "high")
)
_WITHOUT = -1
_REGION = [column.name for column in COLUMNS].index("region")


class Facts(NamedTuple):
    """What the order of a list and the facets of careers need to know of a career."""

    field: int | None
    languages: frozenset[str]
    titles: dict[str, str]
    published_at: datetime


class Holding(NamedTuple):
    """A career's figures, the best first: their numbers, their lowest and highest amounts in cents
    of a euro a year (-1 without), the set of their regions, how many each source gives, and the
    rows of the table."""

    career: int
    bands: "array[int]"
    feet: "array[int]"
    tops: "array[int]"
    regions: int
    sources: Counter[int]
    text: str


@dataclass(frozen=True)
class Codes:
    """The numbers that stand for regions and currencies.

    Regions are numbered in the order of their paths, so that an area and its parts are a span.
    """

    paths: list[str]
    regions: dict[int, int]
    currencies: dict[str, int] = field(default_factory=dict, compare=False)

    @classmethod
    def read(cls) -> "Codes":
        regions = sorted(Region.objects.order_by().values_list("path", "pk"))
        numbers = {pk: number for number, (_path, pk) in enumerate(regions)}
        return cls([path for path, _pk in regions], numbers)

    def currency(self, code: str) -> int:
        return self.currencies.setdefault(code, len(self.currencies))

    def span(self, path: str) -> tuple[int, int]:
        """The first number of the area of that path and its parts, and the one after the last."""
        return bisect_left(self.paths, path), bisect_left(self.paths, f"{path}\U0010ffff")


def facts(careers: CareerQuerySet) -> dict[int, Facts]:
    """Of those careers that are published, now or as planned."""
    published = careers.filter(status=Career.Status.PUBLISHED).order_by("pk")
    languages = {
        code: set(published.written_in(code).values_list("pk", flat=True))
        for code, _name in settings.LANGUAGES
    }
    titles = [f"sort_title_{code}" for code in languages]
    return {
        pk: Facts(
            field,
            frozenset(code for code, careers in languages.items() if pk in careers),
            dict(zip(languages, sorted_as, strict=True)),
            published_at,
        )
        for pk, field, published_at, *sorted_as in published.values_list(
            "pk", "field", "published_at", *titles
        )
    }


def holdings(
    careers: Iterable[int], bands: SalaryBandQuerySet, codes: Codes, table: Table
) -> Iterator[Holding]:
    """What each of these careers, in ascending order, holds of those bands; often nothing."""
    columns = ("pk", "source", "level", "engagement", "region", "observed_on", "currency")
    # As floats: cents are exact in them, and Decimals take as long to make as all the rest.
    amounts = {name: _Float(F(name), FloatField()) for name in _AMOUNTS}
    rows = (
        bands.current()
        .order_by("career")
        .values_list("career", *columns, "no_figure_reason", "open_ended", *amounts.values())
    )
    held = groupby(rows.iterator(chunk_size=5_000), key=itemgetter(0))
    career, figures = next(held, (None, iter(())))
    for wanted in careers:
        while career is not None and career < wanted:
            career, figures = next(held, (None, iter(())))
        own = figures if career == wanted else ()
        yield _holding(wanted, [_Figure.of(row, codes) for row in own], codes, table)


class _Float(Cast):
    """As the database gives it: checking half a million floats takes as long as reading them."""

    def get_db_converters(self, connection: Any) -> list[Any]:
        return []


class _Figure(NamedTuple):
    """A row of the table, after what puts it in its place among the career's figures."""

    foot: int
    top: int
    day: int
    band: int
    source: int
    numbers: tuple[int, ...]

    @classmethod
    def of(cls, row: tuple[Any, ...], codes: Codes) -> "_Figure":
        _career, pk, source, level, engagement, region, day, currency, *rest = row
        reason, is_open, *amounts = rest
        low, median, high, *in_euros = amounts
        # low <= median <= high: the first known is the lowest, the last the highest.
        first, middle, last = (None if each is None else round(each * 100) for each in in_euros)
        top = high if high is not None else median
        top_euros = last if last is not None else middle
        number = day.toordinal()
        numbers = (
            LEVELS.index(level),
            ENGAGEMENTS.index(engagement),
            codes.regions[region],
            number,
            codes.currency(currency),
            not reason,
            is_open,
            low is not None and high is None,
            low is not None or top is not None,
            first is not None or top_euros is not None,
            0 if first is None else min(1 + first, _HIGHEST_EUROS),
            0 if top_euros is None else min(1 + top_euros, _HIGHEST_EUROS),
            0 if low is None else min(1 + int(low), _HIGHEST_OWN),
            0 if top is None else min(1 + int(top), _HIGHEST_OWN),
        )
        known = [each for each in (first, middle, last) if each is not None] or [_WITHOUT]
        return cls(-known[0], -known[-1], -number, pk, source, numbers)


def _holding(career: int, figures: list[_Figure], codes: Codes, table: Table) -> Holding:
    figures.sort()
    return Holding(
        career,
        array("q", [figure.band for figure in figures]),
        array("q", [-figure.foot for figure in figures]),
        array("q", [-figure.top for figure in figures]),
        of_places({figure.numbers[_REGION] for figure in figures}, len(codes.paths)),
        Counter(figure.source for figure in figures),
        table.written(figure.numbers for figure in figures),
    )
