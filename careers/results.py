"""The careers of one page of a list, each with the figures beside it."""

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from careers.answers import Group
from careers.filters import CareerFilter
from careers.kept import Kept
from careers.models import Career, CareerQuerySet, SalaryBand


class Results:
    """Careers and their figures, known by their numbers. They are read, all at once, when one is
    looked at: to print what is kept of a career takes neither."""

    def __init__(
        self,
        numbers: Mapping[int, Sequence[int]],
        kept: Kept,
        currency: str = "EUR",
        published: Callable[[], CareerQuerySet] = Career.objects.published,
    ) -> None:
        """`numbers` are those of each career's figures, in the order in which they stand;
        `published` makes the query for the careers, once it is needed."""
        self.numbers, self.kept = numbers, kept
        self._currency, self._published = currency, published

    @classmethod
    def answering(cls, question: CareerFilter, careers: Iterable[int]) -> "Results":
        """These careers, each with the figures that answer the question best."""
        kept, currency = question.answers.index.kept_parts, question.asked["currency"]
        return cls(question.best(careers), kept, currency, lambda: question.careers)

    def __iter__(self) -> Iterator["Result"]:
        return (Result(self, number) for number in self.numbers)

    @cached_property
    def careers(self) -> dict[int, Career]:
        return self._published().in_bulk(self.numbers)

    @cached_property
    def bands(self) -> dict[int, list[SalaryBand]]:
        """The figures of each career, with their amounts in the currency asked."""
        bands = SalaryBand.objects.with_amounts_in(self._currency).in_reading_order()
        found = bands.in_bulk([number for pk in self.careers for number in self.numbers[pk]])
        for band in found.values():
            band.career = self.careers[band.career_id]
        return {
            pk: [found[number] for number in self.numbers[pk] if number in found]
            for pk in self.careers
        }


@dataclass(frozen=True)
class Result:
    """One career of the page."""

    page: Results
    number: int

    @property
    def numbers(self) -> tuple[int, ...]:
        """Those of its figures."""
        return tuple(self.page.numbers[self.number])

    @property
    def career(self) -> Career | None:
        """None where it was deleted or withdrawn meanwhile."""
        return self.page.careers.get(self.number)

    @property
    def bands(self) -> list[SalaryBand]:
        return self.page.bands.get(self.number, [])

    def once(self, key: Hashable, make: Callable[[], Any]) -> Any:
        """What `make` makes of the career and its figures, never None, kept until one of them
        changes; the key names all else that it depends on."""
        return self.page.kept.of((self.number, self.numbers, key), make)


@dataclass(frozen=True)
class ResultGroup:
    """The part of one group of the answer that stands on the page; `count` is the whole group's."""

    group: Group
    count: int
    results: list[Result]
