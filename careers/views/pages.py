"""What several pages share: results, and one page of many rows."""

from dataclasses import dataclass
from typing import Any

from django.core.paginator import InvalidPage, Page, Paginator
from django.db.models import QuerySet
from django.http import Http404, HttpRequest

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


def numbered(request: HttpRequest, rows: "QuerySet[Any] | list[Any]", size: int) -> "Page[Any]":
    """The page of `rows` that the address asks for, or Http404."""
    try:
        return Paginator(rows, size).page(request.GET.get("page", "1"))
    except InvalidPage as wrong:
        raise Http404(str(wrong)) from wrong
