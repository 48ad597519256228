"""Figures as sets: which stand where, and what they say to an amount."""

from collections import Counter
from collections.abc import Callable, Collection, Hashable, Iterable, Sequence
from datetime import date
from decimal import ROUND_CEILING, Decimal
from functools import reduce
from itertools import chain
from operator import or_
from typing import Any, NamedTuple

import numpy as np

from careers.bitmaps import WORD, Members, Numbers, Rows, Table, firsts, packed, unpacked
from careers.index.holdings import (
    ENGAGEMENTS,
    FLAGS,
    LEVELS,
    WITHOUT,
    Codes,
    Facts,
    Holding,
    facts,
    holdings,
)
from careers.kept import Kept
from careers.models import Career, ExchangeRate, SalaryBand
from careers.state import State

# Octets of what is kept besides the table: sets of figures, and parts of pages by career.
_SETS, _PAGES = 1 << 26, 1 << 25
_CENT = Decimal("0.01")
_NEVER = np.iinfo(np.int64).max


class FiguresByAnswer(NamedTuple):
    """The figures that reach an amount, that may, that do not, and that cannot tell."""

    sure: Rows
    possible: Rows
    below: Rows
    unknown: Rows

    @property
    def nbytes(self) -> int:
        return sum(rows.nbytes for rows in self)


class Index:
    """Figures as the rows of a table whose groups are the careers, in the order of their keys."""

    def __init__(
        self, table: Table, held: list[Holding], known: dict[int, Facts], codes: Codes
    ) -> None:
        self.table = table
        self.holdings, self.facts, self.codes = held, known, codes
        self.number = {holding.career: number for number, holding in enumerate(held)}
        # One more, which no career has: what is looked for and not found.
        self._careers = np.array([*self.number, WITHOUT], np.int64)
        self._kept = Kept(_SETS)
        self.kept_parts = Kept(_PAGES)

    @classmethod
    def read(cls) -> "Index":
        """All of it, from the database."""
        codes, known = Codes.read(), facts(Career.objects.all())
        return cls(*holdings(known, SalaryBand.objects.all(), codes), known, codes)

    def renewed(self, careers: Collection[int]) -> "Index":
        """The same with these careers read again, or all where the tree of regions changed."""
        codes = Codes.read()
        if codes != self.codes:
            return Index.read()
        read = facts(Career.objects.filter(pk__in=careers))
        bands = SalaryBand.objects.filter(career__in=careers)
        table, held = holdings(read, bands, self.codes)
        numbers = {holding.career: number for number, holding in enumerate(held)}
        known = {pk: fact for pk, fact in self.facts.items() if pk not in careers} | read
        known = dict(sorted(known.items()))
        return Index(
            self.table.spliced(
                (table, numbers[pk]) if pk in read else (self.table, self.number[pk])
                for pk in known
            ),
            [held[numbers[pk]] if pk in read else self.holdings[self.number[pk]] for pk in known],
            known,
            self.codes,
        )

    def kept(self, key: Hashable, make: Callable[[], Any]) -> Any:
        """What `make` makes, for as long as the index lives or until there is too much of it."""
        return self._kept.of(key, make)

    # --- Sets of figures ----------------------------------------------------------------------

    @property
    def none(self) -> Rows:
        """The set of no figure."""
        rows: Rows = self.kept("none", lambda: np.zeros_like(self.table.rows))
        return rows

    def at_levels(self, levels: Iterable[str]) -> Rows:
        return self._of("level", LEVELS, levels)

    def with_engagements(self, engagements: Iterable[str]) -> Rows:
        return self._of("engagement", ENGAGEMENTS, engagements)

    def _of(self, column: str, values: tuple[str, ...], wanted: Iterable[str]) -> Rows:
        return self._union(self._equal(column, values.index(value)) for value in wanted)

    def _equal(self, column: str, number: int) -> Rows:
        return self._where((column, number), lambda: self.table[column] == number)

    def _flagged(self, flag: str) -> Rows:
        bit = 1 << FLAGS.index(flag)
        return self._where(flag, lambda: self.table["flags"] & bit != 0)

    def _where(self, key: Any, condition: Callable[[], Members]) -> Rows:
        rows: Rows = self.kept(key, lambda: packed(condition()) & self.table.rows)
        return rows

    def _union(self, sets: Iterable[Rows]) -> Rows:
        first = next(joined := iter(sets), self.none)
        return reduce(or_, joined, first)

    def since(self, day: date) -> Rows:
        number = day.toordinal()
        return self._where(("since", number), lambda: self.table["day"] >= number)

    def within(self, paths: Iterable[str]) -> Rows:
        """Figures of these areas and their parts."""
        return self._union(self._in_span(path, self.codes.span) for path in paths)

    def at(self, paths: Iterable[str]) -> Rows:
        """Figures of exactly these areas."""
        return self._union(self._in_span(path, self.codes.place) for path in paths)

    def _in_span(self, path: str, span: Callable[[str], tuple[int, int]]) -> Rows:
        def inside() -> Members:
            first, end = span(path)
            return (self.table["region"] >= first) & (self.table["region"] < end)

        return self._where((span.__name__, path), inside)

    def figures_by_answer(self, threshold: int | None, currency: str) -> FiguresByAnswer:
        """How each figure answers: the twin of `salaries.answer()`."""
        figures: FiguresByAnswer = self.kept(
            ("by answer", threshold, currency), lambda: self._by_answer(threshold, currency)
        )
        return figures

    def _by_answer(self, threshold: int | None, currency: str) -> FiguresByAnswer:
        rows = self.table.rows
        if threshold is None:
            figure = self._flagged("figure")
            return FiguresByAnswer(figure, self.none, self.none, rows & ~figure)
        if currency == "EUR":
            has, sure, top = self._from(threshold * 100)
        else:
            has, sure, top = self._converted(threshold, currency)
        open_ended = self._flagged("open") | self._flagged("half")
        possible = has & (top | open_ended) & ~sure
        return FiguresByAnswer(sure, possible, has & ~(sure | possible), rows & ~has)

    def _from(self, cents: Any) -> tuple[Rows, Rows, Rows]:
        """Three sets of figures: those with amounts in euros, those whose low is `cents` or more,
        and those whose high, or else median, is. `cents` is one number, or one for each figure."""
        low = packed(self.table["foot"] >= cents) & self._flagged("low")
        top = packed(self.table["peak"] >= cents) & self._flagged("top")
        return self._flagged("euros"), low, top

    def _converted(self, threshold: int, currency: str) -> tuple[Rows, Rows, Rows]:
        """The same of an amount in another currency: a figure's own one as it stands, else by
        the rate of its day."""
        stated, code = self.none, self.codes.currencies.get(currency)
        if code is not None:
            stated = self._equal("currency", code)
        own = stated & self._flagged("own")
        # What is converted is rounded to the cent, half up.
        least = [(Decimal(threshold) - _CENT / 2) * 100 / rate for rate in self._rates(currency)]
        cents = [max(0, int(amount.to_integral_value(ROUND_CEILING))) for amount in least]
        fixing = self._fixing(currency)
        has, low, top = self._from(np.array([_NEVER, *cents], np.int64)[fixing])
        other = packed(fixing > 0) & ~stated
        return (
            own | other & has,
            own & packed(self.table["own_low"] >= threshold) | other & low,
            own & packed(self.table["own_top"] >= threshold) | other & top,
        )

    @property
    def currencies(self) -> list[str]:
        """Those that an amount can be asked in."""
        known: list[str] = self.kept("currencies", ExchangeRate.objects.currencies)
        return known

    def _rates(self, currency: str) -> list[Decimal]:
        return [rate for rate, _day in self._fixings(currency)]

    def _fixings(self, currency: str) -> list[tuple[Decimal, date]]:
        """The rates of the currency, each with its day, the first first."""
        fixings = ExchangeRate.objects.filter(currency=currency).order_by("fixed_on")
        found: list[tuple[Decimal, date]] = self.kept(
            ("fixings", currency), lambda: list(fixings.values_list("rate", "fixed_on"))
        )
        return found

    def _fixing(self, currency: str) -> Numbers:
        """By which of these each figure is converted: 1 for the first; 0 where there was none."""

        def fixing() -> Numbers:
            days = [day.toordinal() for _rate, day in self._fixings(currency)]
            found = np.searchsorted(np.array(days, np.int32), self.table["day"], side="right")
            return found.astype(np.int32)

        numbers: Numbers = self.kept(("fixing", currency), fixing)
        return numbers

    # --- Sets of careers ----------------------------------------------------------------------

    def careers(self, numbers: Iterable[int]) -> Members:
        """The set of the careers with these numbers, as far as they are published."""
        found = np.zeros(len(self.holdings), np.bool_)
        found[[self.number[pk] for pk in numbers if pk in self.number]] = True
        return found

    def public(self, at: State) -> Members:
        """The careers that the public sees in that state."""
        careers: Members = self.kept(
            ("public", at.since),
            lambda: self.careers(Career.objects.published().values_list("pk", flat=True)),
        )
        return careers

    def in_fields(self, fields: Iterable[int]) -> Members:
        return self._any(self._knowing("field", field) for field in fields)

    def written_in(self, languages: Iterable[str]) -> Members:
        return self._any(self._knowing("languages", language) for language in languages)

    def _any(self, sets: Iterable[Members]) -> Members:
        joined = iter(sets)
        first = next(joined, None)
        return self.careers(()) if first is None else reduce(or_, joined, first)

    def _knowing(self, name: str, value: Any) -> Members:
        def known(fact: Facts) -> bool:
            return fact.field == value if name == "field" else value in fact.languages

        careers: Members = self.kept(
            (name, value),
            lambda: self.careers(pk for pk, fact in self.facts.items() if known(fact)),
        )
        return careers

    def spread(self, careers: Members, spans: Sequence[tuple[int, int]]) -> list[int]:
        """How many of these careers have figures of each of these spans of regions."""
        firsts, ends = np.array(spans, np.int64).reshape(-1, 2).T
        found = np.zeros(len(spans), np.int64)
        for number in np.flatnonzero(careers):
            regions = self.holdings[number].regions
            found += np.searchsorted(regions, firsts) < np.searchsorted(regions, ends)
        counts: list[int] = found.tolist()
        return counts

    def sources(self, careers: Members) -> Counter[int]:
        """How many of these careers' figures each source gives, by its number."""

        def counted() -> Counter[int]:
            counts: Counter[int] = Counter()
            for number in np.flatnonzero(careers):
                counts.update(self.holdings[number].sources)
            return counts

        sources: Counter[int] = self.kept(("sources", careers.tobytes()), counted)
        return sources

    def ordered(self, by: str) -> Numbers:
        """The numbers of all careers: by title in the language `by`, or the "newest" first."""

        def key(pk: int) -> Any:
            fact = self.facts[pk]
            return (-fact.published_at.timestamp(), pk) if by == "newest" else (fact.titles[by], pk)

        order: Numbers = self.kept(
            ("order", by), lambda: np.array(sorted(self.facts, key=key), np.int64)
        )
        return order

    def members(self, careers: Members, order: Iterable[int]) -> list[int]:
        """The numbers of the set's careers, in that order."""
        numbers = order if isinstance(order, np.ndarray) else np.array([*order], np.int64)
        place = np.searchsorted(self._careers[:-1], numbers)
        found = (self._careers[place] == numbers) & np.append(careers, False)[place]
        members: list[int] = numbers[found].tolist()
        return members

    # --- One career's figures -----------------------------------------------------------------

    def best(
        self, career: int, rows: Rows, near: Rows, sets: Iterable[Rows], most: int | None
    ) -> list[int]:
        """The numbers of its bands among `rows`, all or `most` of them, the best first.

        `sets` come in the order in which they answer, the best answer first. The very first band
        is the one that answers best; then follow those that are `near`, then the others, both in
        the order of the sets.
        """
        group, found = self.number[career], list[int]()
        left, close = self.table.own(group, rows), self.table.own(group, near)
        answering = [left & self.table.own(group, each) for each in sets]
        nearest = [each & close for each in answering]
        best = next(filter(None, chain(*zip(nearest, answering, strict=True))), 0)
        for each in (best & -best, *nearest, *answering):
            found += firsts(left & each, None if most is None else most - len(found))
            left &= ~each
        first = self.table.span(group, group + 1).start
        bands: list[int] = self.table["band"][[first + place for place in found]].tolist()
        return bands

    def extremes(self, rows: Rows, careers: Iterable[int], *, lowest: bool) -> dict[int, int]:
        """Of each career the lowest `foot` or the highest `peak` among these figures, in cents of
        a euro a year; careers without any amount are left out."""
        known = rows & self._flagged("euros")
        if lowest:
            amounts = np.where(unpacked(known), self.table["foot"], _NEVER)
            found = np.minimum.reduceat(amounts, WORD * self.table.starts)
        else:
            amounts = np.where(unpacked(known), self.table["peak"], WITHOUT)
            found = np.maximum.reduceat(amounts, WORD * self.table.starts)
        having = self.table.having(known)
        return {pk: int(found[n]) for pk in careers if having[n := self.number[pk]]}
