"""What several pages share: results, and one page of many rows."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.core.paginator import InvalidPage, Page, Paginator
from django.db.models import QuerySet
from django.http import Http404, HttpRequest

from careers.answers import Group
from careers.filters import CareerFilter
from careers.kept import Kept
from careers.models import Career, SalaryBand

PAGE_SIZE = 20
FIGURES_A_PAGE = 50


@dataclass(frozen=True)
class Result:
    """One career of a list with figures of its own."""

    career: Career
    bands: list[SalaryBand]
    kept: Kept | None = None

    @property
    def number(self) -> int:
        return self.career.pk

    @property
    def numbers(self) -> tuple[int, ...]:
        """The numbers of its bands."""
        return tuple(band.pk for band in self.bands)


class Answer:
    """The careers of one page of an answer, each in its group.

    They and their figures are read when one is looked at: what is kept of them needs neither.
    """

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


def numbered(request: HttpRequest, rows: "QuerySet[Any] | list[Any]", size: int) -> "Page[Any]":
    """The page of `rows` that the address asks for, or Http404."""
    try:
        return Paginator(rows, size).page(request.GET.get("page", "1"))
    except InvalidPage as wrong:
        raise Http404(str(wrong)) from wrong
