"""What several pages share: results, and one page of many rows."""

from dataclasses import dataclass
from typing import Any

from django.core.paginator import InvalidPage, Page, Paginator
from django.db.models import QuerySet
from django.http import Http404, HttpRequest

from careers.models import Career, SalaryBand

PAGE_SIZE = 20
FIGURES_A_PAGE = 50


@dataclass(frozen=True)
class Result:
    """One career of the list with the figures that answer for it."""

    career: Career
    bands: list[SalaryBand]


def numbered(request: HttpRequest, rows: "QuerySet[Any] | list[Any]", size: int) -> "Page[Any]":
    """The page of `rows` that the address asks for, or Http404."""
    try:
        return Paginator(rows, size).page(request.GET.get("page", "1"))
    except InvalidPage as wrong:
        raise Http404(str(wrong)) from wrong
