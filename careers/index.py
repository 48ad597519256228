"""Every current figure of every published career as bitmaps: what questions are answered from.

Derived from the database, and held by each process for the state at which it was read; after a
change the next question reads again the careers that it concerns, no more (docs/adr/0014).
"""

import logging
import threading
import time
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator
from datetime import date
from decimal import ROUND_CEILING, Decimal
from functools import reduce
from itertools import accumulate, compress
from operator import or_
from typing import Any, NamedTuple

from careers import bitmaps, state
from careers.bitmaps import Table
from careers.holdings import COLUMNS, ENGAGEMENTS, LEVELS, Codes, Facts, Holding, facts, holdings
from careers.models import Career, Change, ExchangeRate, SalaryBand
from careers.models.change import MANY
from careers.state import State

logger = logging.getLogger(__name__)

_READ = 20_000  # rows that are read before they become numbers
_SETS_KEPT = 256
_CENT = Decimal("0.01")


class Standing(NamedTuple):
    """Which figures say that they reach an amount, may, do not, or cannot tell."""

    sure: int
    possible: int
    below: int
    unknown: int


class Index:
    """Figures as the rows of a table whose groups are careers, in the order of `holdings`."""

    def __init__(
        self, table: Table, held: list[Holding], known: dict[int, Facts], codes: Codes
    ) -> None:
        self.table, self.holdings, self.facts, self.codes = table, held, known, codes
        self.groups = table.groups
        ends = list(accumulate(len(holding.bands) + 1 for holding in held))
        self.starts = [0, *ends][: len(held)]
        self.marks = [end - 1 for end in ends]
        self.number = {holding.career: number for number, holding in enumerate(held)}
        self._sets: dict[Any, Any] = {}

    @classmethod
    def read(cls) -> "Index":
        """All of it, from the database."""
        codes, known, table = Codes.read(), facts(Career.objects.all()), Table(COLUMNS)
        held: list[Holding] = []
        texts: list[str] = []
        for holding in holdings(known, SalaryBand.objects.all(), codes, table):
            held.append(holding._replace(text=""))
            texts.append(holding.text)
            if sum(map(len, texts)) > _READ * table.width:
                table.append("".join(texts))
                texts.clear()
        table.append("".join(texts))
        return cls(table, held, known, codes)

    def renewed(self, careers: Collection[int]) -> "Index":
        """The same with these careers read again, or all where the tree of regions changed."""
        codes = Codes.read()
        if codes != self.codes:
            return Index.read()
        read = facts(Career.objects.filter(pk__in=careers))
        bands = SalaryBand.objects.filter(career__in=careers)
        table, held = self.table, list(self.holdings)
        # From the end, so that the places before stay what they are.
        for number in sorted((self.number[c] for c in careers if c in self.number), reverse=True):
            table = table.replaced(self.starts[number], self.marks[number] + 1, "")
            del held[number]
        for holding in holdings(read, bands, self.codes, table):
            table = table.replaced(table.length, table.length, holding.text)
            held.append(holding._replace(text=""))
        known = {pk: fact for pk, fact in self.facts.items() if pk not in careers}
        return Index(table, held, known | read, self.codes)

    # --- Sets of figures ----------------------------------------------------------------------

    def kept(self, key: Any, make: Callable[[], Any]) -> Any:
        """What `make` makes, once for as long as the index lives."""
        found = self._sets.get(key)
        if found is None:
            if len(self._sets) > _SETS_KEPT:
                self._sets.clear()
            found = self._sets[key] = make()
        return found

    def at_levels(self, levels: Iterable[str]) -> int:
        return self._of("level", LEVELS, levels)

    def with_engagements(self, engagements: Iterable[str]) -> int:
        return self._of("engagement", ENGAGEMENTS, engagements)

    def _of(self, column: str, values: tuple[str, ...], wanted: Iterable[str]) -> int:
        return self._union(self._equal(column, values.index(value)) for value in wanted)

    def _equal(self, column: str, number: int) -> int:
        rows: int = self.kept(
            (column, number),
            lambda: bitmaps.equal(self.table[column], number, self.groups.rows),
        )
        return rows

    @staticmethod
    def _union(sets: Iterable[int]) -> int:
        return reduce(or_, sets, 0)

    def since(self, day: date) -> int:
        number = day.toordinal()
        rows: int = self.kept(
            ("since", number),
            lambda: bitmaps.at_least(self.table["day"], number, self.groups.rows),
        )
        return rows

    def within(self, paths: Iterable[str]) -> int:
        """Figures of these areas and their parts."""
        return self._union(self._within(path) for path in paths)

    def _within(self, path: str) -> int:
        span = self.codes.span(path)
        rows: int = self.kept(
            ("within", path),
            lambda: bitmaps.between(self.table["region"], *span, self.groups.rows),
        )
        return rows

    def at(self, paths: Iterable[str]) -> int:
        """Figures of exactly these areas."""
        spans = (self.codes.span(path) for path in paths)
        return self._union(self._equal("region", first) for first, end in spans if first < end)

    def standing(self, threshold: int | None, currency: str) -> Standing:
        """How each figure answers: the twin of `salaries.answer()`."""
        standing: Standing = self.kept(
            ("standing", threshold, currency), lambda: self._standing(threshold, currency)
        )
        return standing

    def _standing(self, threshold: int | None, currency: str) -> Standing:
        rows = self.groups.rows
        if threshold is None:
            figure = self.table["figure"][0]
            return Standing(figure, 0, 0, rows ^ figure)
        has = sure = top = 0
        for unit, least, comparable in self._comparable(threshold, currency):
            has |= comparable
            sure |= bitmaps.at_least(self.table[f"low_{unit}"], least + 1, comparable)
            top |= bitmaps.at_least(self.table[f"top_{unit}"], least + 1, comparable)
        possible = has & (top | self.table["open"][0] | self.table["half"][0]) & ~sure
        return Standing(sure, possible, has & ~(sure | possible), rows & ~has)

    def _comparable(self, threshold: int, currency: str) -> Iterator[tuple[str, int, int]]:
        """In which unit, from which number on, and which figures reach the amount."""
        in_euros = self.table["euros"][0]
        if currency == "EUR":
            yield "euros", threshold * 100, in_euros
            return
        own = 0
        if currency in self.codes.currencies:
            own = self._equal("currency", self.codes.currencies[currency])
            yield "own", threshold, own & self.table["own"][0]
        for rate, rows in self._fixed(currency):
            # What is converted is rounded to the cent, half up.
            least = (Decimal(threshold) - _CENT / 2) * 100 / rate
            cents = max(0, int(least.to_integral_value(ROUND_CEILING)))
            yield "euros", cents, rows & in_euros & ~own

    def _fixed(self, currency: str) -> list[tuple[Decimal, int]]:
        """The rates of the currency, each with the figures that it converts."""

        def fixed() -> Iterator[tuple[Decimal, int]]:
            rest = self.groups.rows
            fixings = ExchangeRate.objects.filter(currency=currency).order_by("-fixed_on")
            for rate, day in fixings.values_list("rate", "fixed_on"):
                if rows := self.since(day) & rest:
                    rest ^= rows
                    yield rate, rows

        rates: list[tuple[Decimal, int]] = self.kept(("fixed", currency), lambda: list(fixed()))
        return rates

    # --- Sets of careers ----------------------------------------------------------------------

    def careers(self, numbers: Iterable[int]) -> int:
        """The set of the careers with these numbers, as far as they are published."""
        places = (self.marks[self.number[pk]] for pk in numbers if pk in self.number)
        return bitmaps.of_places(places, self.table.length)

    def public(self, at: State) -> int:
        """The careers that the public sees in that state."""
        careers: int = self.kept(
            ("public", at.since),
            lambda: self.careers(Career.objects.published().values_list("pk", flat=True)),
        )
        return careers

    def in_fields(self, fields: Iterable[int]) -> int:
        return self._union(self._knowing("field", field) for field in fields)

    def written_in(self, languages: Iterable[str]) -> int:
        return self._union(self._knowing("languages", language) for language in languages)

    def _knowing(self, name: str, value: Any) -> int:
        def known(fact: Facts) -> bool:
            return fact.field == value if name == "field" else value in fact.languages

        careers: int = self.kept(
            (name, value),
            lambda: self.careers(pk for pk, fact in self.facts.items() if known(fact)),
        )
        return careers

    def areas(self, careers: int) -> list[int]:
        """Of each of these careers the set of the regions that it has figures of."""
        members = self.members(careers, self.number)
        return [self.holdings[self.number[career]].regions for career in members]

    def sources(self, careers: int) -> Counter[int]:
        """How many of these careers' figures each source gives, by its number."""

        def counted() -> Counter[int]:
            counts: Counter[int] = Counter()
            for career in self.members(careers, self.number):
                counts.update(self.holdings[self.number[career]].sources)
            return counts

        sources: Counter[int] = self.kept(("sources", careers), counted)
        return sources

    def ordered(self, by: str) -> list[int]:
        """The numbers of all careers: by title in the language `by`, or the "newest" first."""

        def key(pk: int) -> Any:
            fact = self.facts[pk]
            return (-fact.published_at.timestamp(), pk) if by == "newest" else (fact.titles[by], pk)

        order: list[int] = self.kept(("order", by), lambda: sorted(self.facts, key=key))
        return order

    def members(self, careers: int, order: Iterable[int]) -> list[int]:
        """The numbers of the set's careers, in that order."""
        octets = careers.to_bytes(self.table.length // 8 + 1, "little")
        marks, number = self.marks, self.number
        return [
            pk
            for pk in order
            if pk in number and octets[(m := marks[number[pk]]) >> 3] >> (m & 7) & 1
        ]

    # --- One career's figures -----------------------------------------------------------------

    def best(self, career: int, sets: Iterable[int], most: int | None) -> list[int]:
        """The numbers of its best bands out of these sets, those of the first set first."""
        number = self.number[career]
        start, bands = self.starts[number], self.holdings[number].bands
        own = (1 << len(bands)) - 1
        found: list[int] = []
        for rows in sets:
            for place in bitmaps.places(rows >> start & own):
                if len(found) == most:
                    return found
                found.append(bands[place])
        return found

    def extremes(self, rows: int, careers: Iterable[int], *, lowest: bool) -> dict[int, int]:
        """Of each career the lowest `foot` or the highest `top` among these figures, in cents of a
        euro a year; careers without any amount are left out."""
        amounts = rows & self.table["euros"][0]
        bits = f"{amounts:0{self.table.length}b}"[::-1].encode().translate(_AS_NUMBERS)
        found = {}
        for career in careers:
            number = self.number[career]
            holding, own = self.holdings[number], bits[self.starts[number] : self.marks[number]]
            if 1 in own:
                best = min if lowest else max
                found[career] = best(compress(holding.feet if lowest else holding.tops, own))
        return found


_AS_NUMBERS = bytes.maketrans(b"01", b"\x00\x01")


class _Held(NamedTuple):
    """An index and the changes it knows of, by number and token."""

    content: int
    changes: frozenset[tuple[int, int]]
    figures: Index


_held: _Held | None = None
_renewing = threading.Lock()


def current() -> tuple[Index, State]:
    """The index of this moment, and the state that it answers for."""
    at = state.now()
    held = _held
    if held is None or held.content != at.content:
        # One thread reads; the others wait for it rather than answer from what is out of date.
        with _renewing:
            held = _renew(at)
    return held.figures, at


def _renew(at: State) -> _Held:
    global _held
    if _held is None or _held.content != at.content:
        began = time.perf_counter()
        # Before the content itself: what changes meanwhile is read again next time.
        rows = list(Change.objects.values_list("pk", "token", "career_number", "everything"))
        changes = frozenset((pk, token) for pk, token, _career, _everything in rows)
        content = sum(token for _pk, token in changes)
        careers = _changed(_held, rows, changes)
        known = _held.figures if _held else None
        figures = Index.read() if known is None or careers is None else known.renewed(careers)
        _held = _Held(content, changes, figures)
        told = {
            "figures": sum(len(holding.bands) for holding in figures.holdings),
            "careers": len(figures.holdings) if careers is None else len(careers),
            "seconds": round(time.perf_counter() - began, 3),
        }
        logger.info("index read", extra={"told": told})
    return _held


def _changed(
    held: _Held | None, rows: list[tuple[Any, ...]], changes: frozenset[tuple[int, int]]
) -> set[int] | None:
    """The careers changed since, or None where the changes that are kept cannot tell."""
    if held is None or not held.changes or max(held.changes) not in changes:
        return None
    first = min(changes)
    if any(change >= first for change in held.changes - changes):
        return None  # rolled back, or a backup brought another content
    new = [row for row in rows if (row[0], row[1]) not in held.changes]
    careers = {career for _pk, _token, career, _everything in new if career is not None}
    too_many = len(careers) > MANY or any(everything for *_row, everything in new)
    return None if too_many else careers
