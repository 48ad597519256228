"""One page of many rows, as several pages show it."""

from typing import Any

from django.core.paginator import InvalidPage, Page, Paginator
from django.db.models import QuerySet
from django.http import Http404, HttpRequest

PAGE_SIZE = 20
FIGURES_A_PAGE = 50


def page_of(request: HttpRequest, rows: "QuerySet[Any] | list[Any]", size: int) -> "Page[Any]":
    """The page of `rows` that the address asks for, or Http404."""
    try:
        return Paginator(rows, size).page(request.GET.get("page", "1"))
    except InvalidPage as wrong:
        raise Http404(str(wrong)) from wrong
