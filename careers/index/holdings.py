"""The current figures of published careers, read from the database as rows of numbers."""

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import islice
from typing import Any, NamedTuple

import numpy as np
from django.conf import settings
from django.db.models import F, FloatField, IntegerField, TextField
from django.db.models.functions import Cast

from careers.bitmaps import Numbers, Table
from careers.models import Career, CareerQuerySet, Region
from careers.models.salary_band import SalaryBandQuerySet
from careers.salaries import Engagement, Level

LEVELS = ("", *(level.value for level in Level))
ENGAGEMENTS = ("", *(engagement.value for engagement in Engagement))
# What an answer needs to know besides amounts, a bit each: whether there is a figure at all,
# whether it is open at its top, or has a low and no high; whether it has yearly amounts in its own
# currency and in euros; whether `foot` is its low, and `peak` its high or median.
FLAGS = ("figure", "open", "half", "own", "euros", "low", "top")
WITHOUT = -1
_READ = 20_000  # rows that are read before they become numbers
_HIGHEST_CENTS, _HIGHEST_OWN = 2.0**62, 2.0**31 - 1  # beyond any amount that can be asked
_AMOUNTS = tuple(
    f"annual_{end}{unit}" for unit in ("", "_eur") for end in ("low", "median", "high")
)


class Facts(NamedTuple):
    """What the order of a list and the facets of careers need to know of a career."""

    field: int | None
    languages: frozenset[str]
    titles: dict[str, str]
    published_at: datetime


class Holding(NamedTuple):
    """What a career's figures have together: the numbers of their regions, in ascending order, and
    how many of them each source gives."""

    career: int
    regions: Numbers
    sources: Counter[int]


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

    def place(self, path: str) -> tuple[int, int]:
        """The same of that area without its parts; nothing where no area has this path."""
        first, end = self.span(path)
        return first, min(first + 1, end)


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
    careers: Iterable[int], bands: SalaryBandQuerySet, codes: Codes
) -> tuple[Table, list[Holding]]:
    """What each of these careers, in ascending order, holds of those bands; often nothing.

    The figures of a career stand the best first. Columns, apart from codes and days: `foot` and
    `peak`, the lowest and the highest amount in cents of a euro a year; `own_low` and `own_top` in
    whole units of the own currency; each WITHOUT where there is none.
    """
    columns = ("pk", "source", "level", "engagement", "region", "currency", "no_figure_reason")
    # Checking half a million dates, truths and decimals takes longer than reading them.
    plain = [_Plain(F("observed_on"), TextField()), _Plain(F("open_ended"), IntegerField())]
    plain += [_Plain(F(name), FloatField()) for name in _AMOUNTS]
    rows = bands.current().order_by().values_list("career", *columns, *plain)
    read = rows.iterator(chunk_size=_READ)
    parts = []
    while chunk := list(islice(read, _READ)):
        parts.append(_numbers(zip(*chunk, strict=True), codes))
    if not parts:
        parts.append(_numbers(([] for _column in range(16)), codes))
    names = list(parts[0])
    # What is joined is let go at once: half a million figures are 30 MB.
    table = {name: np.concatenate([part.pop(name) for part in parts]) for name in names}
    return _in_groups(np.array([*careers], np.int64), table)


class _Plain(Cast):
    """A value as the database gives it. Cents are exact in floats."""

    def get_db_converters(self, connection: Any) -> list[Any]:
        return []


class _Days(dict[str, int]):
    """The number of each day: few days, many figures."""

    def __missing__(self, text: str) -> int:
        self[text] = number = date.fromisoformat(text).toordinal()
        return number


def _numbers(columns: Iterable[Sequence[Any]], codes: Codes) -> dict[str, Numbers]:
    """A part of what was read, column by column."""
    career, pk, source, level, engagement, region, currency, reason, day, is_open, *amounts = (
        columns
    )

    def coded(code: Any, values: Sequence[Any], kind: Any) -> Numbers:
        return np.fromiter(map(code, values), kind, len(values))

    own, euros = (np.array(amounts[i : i + 3], np.float64).reshape(3, -1) for i in (0, 3))
    own_known, euros_known = ~np.isnan(own), ~np.isnan(euros)
    # low <= median <= high: the first known is the lowest, the last the highest.
    cents = np.where(euros_known, np.minimum(np.rint(euros * 100), _HIGHEST_CENTS), WITHOUT)
    units = np.where(own_known, np.minimum(np.floor(own), _HIGHEST_OWN), WITHOUT)
    flags = (
        ~coded(bool, reason, np.bool_),
        np.array(is_open, np.bool_),
        own_known[0] & ~own_known[2],
        own_known.any(0),
        euros_known.any(0),
        euros_known[0],
        euros_known[1] | euros_known[2],
    )
    return {
        "career": np.array(career, np.int64),
        "band": np.array(pk, np.int64),
        "source": np.array(source, np.int64),
        "level": coded(LEVELS.index, level, np.int8),
        "engagement": coded(ENGAGEMENTS.index, engagement, np.int8),
        "region": coded(codes.regions.__getitem__, region, np.int32),
        "day": coded(_Days().__getitem__, day, np.int32),
        "currency": coded(codes.currency, currency, np.int16),
        "flags": sum((each.astype(np.uint8) << bit for bit, each in enumerate(flags)), np.uint8(0)),
        "foot": _first(*cents).astype(np.int64),
        "peak": _first(*cents[::-1]).astype(np.int64),
        "own_low": units[0].astype(np.int32),
        "own_top": _first(units[2], units[1]).astype(np.int32),
    }


def _first(*amounts: Any) -> Any:
    """Of each row the first amount that is known."""
    *firsts, found = amounts
    for amount in reversed(firsts):
        found = np.where(amount == WITHOUT, found, amount)
    return found


def _in_groups(careers: Numbers, given: dict[str, Numbers]) -> tuple[Table, list[Holding]]:
    """The rows of these careers in the order of the table, and what each career's have together."""
    group = np.searchsorted(careers, given["career"])
    known = np.append(careers, WITHOUT)[group] == given["career"]
    order = np.lexsort((given["band"], -given["day"], -given["peak"], -given["foot"], group))
    order = order[known[order]]
    ends = np.searchsorted(group[order], np.arange(len(careers)), side="right")
    sizes = np.diff(ends, prepend=0)
    regions, sources = given["region"][order], given.pop("source")[order]
    del given["career"]
    held = [
        Holding(
            career,
            np.unique(regions[start:end]),
            Counter(sources[start:end].tolist()),
        )
        for career, start, end in zip(careers.tolist(), ends - sizes, ends, strict=True)
    ]
    return Table.of(given, order, sizes), held
