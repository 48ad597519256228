"""The careers of one page of an answer, each by its number with its best figures: what is kept of
one needs neither it nor its figures to be read."""

from collections.abc import Callable, Hashable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from careers.answers import Group
from careers.filters import CareerFilter
from careers.kept import Kept
from careers.models import Career, SalaryBand


class Answer:
    """The careers of a page, each in its group; they and their figures are read, all at once, when
    one is looked at."""

    def __init__(self, question: CareerFilter, careers: dict[int, Group]) -> None:
        self.question = question
        self.groups = careers
        self.best = question.best(careers)

    @cached_property
    def careers(self) -> dict[int, Career]:
        return self.question.careers.in_bulk(self.groups)

    @cached_property
    def figures(self) -> dict[int, list[SalaryBand]]:
        return self.question.figures(self.careers.values())


@dataclass(frozen=True)
class Answered:
    """One career of an answer, by its number, with the figures that answer for it."""

    answer: Answer
    number: int

    @property
    def kept(self) -> Kept:
        return self.answer.question.answers.index.kept_of

    def once(self, key: Hashable, make: Callable[[], Any]) -> Any:
        """What `make` makes of the career and its figures, never None; the key names all else that
        it depends on."""
        return self.kept.of((self.number, self.numbers, key), make)

    @property
    def group(self) -> Group:
        return self.answer.groups[self.number]

    @property
    def numbers(self) -> tuple[int, ...]:
        return tuple(self.answer.best[self.number])

    @property
    def career(self) -> Career | None:
        """None where it was deleted or withdrawn meanwhile."""
        return self.answer.careers.get(self.number)

    @property
    def bands(self) -> list[SalaryBand]:
        return self.answer.figures.get(self.number, [])
