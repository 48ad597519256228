"""What crawlers may read: /robots.txt, and the public pages in both languages at /sitemap.xml.

Only public pages are listed, by the QuerySet words that the pages themselves say.
"""

from collections.abc import Iterator
from datetime import datetime
from functools import cached_property
from typing import Any, NamedTuple

from django.contrib.sitemaps import Sitemap, views
from django.core.paginator import Page, Paginator
from django.db.models import Max, QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import override
from django.views.decorators.http import require_safe

from careers.changes import CAREER_CHANGED_AT, FIGURE_CHANGED_AT
from careers.models import LANGUAGES, Career, SalaryBand

# A file may hold 50,000 addresses. It holds each of its rows in each language, and this many rows
# with their alternates are written in about a second.
ROWS_A_FILE = 2_500


class InEachLanguage(Paginator):
    """Pages of rows, each with each language; rows are read by the page and never whole."""

    def page(self, number: int | str) -> "Page[Any]":
        page = super().page(number)
        page.object_list = [(row, language) for row in page.object_list for language in LANGUAGES]
        return page


class PublicSitemap(Sitemap):
    """Pages in French and English, French by default. A row says when it changed, or None."""

    i18n = alternates = x_default = True
    languages = LANGUAGES
    limit = ROWS_A_FILE

    @cached_property
    def paginator(self) -> "Paginator[Any]":
        rows: Any = self.items()
        return InEachLanguage(rows, self.limit, allow_empty_first_page=False)

    def lastmod(self, row: Any) -> datetime | None:
        changed_at: datetime | None = row.changed_at
        return changed_at

    def get_latest_lastmod(self) -> datetime | None:
        rows: Any = self.items()
        latest: datetime | None = rows.aggregate(latest=Max("changed_at"))["latest"]
        return latest


class StaticSitemap(PublicSitemap):
    """Pages that are always there."""

    def items(self) -> list[str]:
        return [
            *("career_list", "field_list", "region_list", "source_list", "compare", "method"),
            *("api_guide", "data"),
        ]

    def location(self, view: str) -> str:
        return reverse(f"careers:{view}")

    def lastmod(self, view: str) -> None:
        return None

    def get_latest_lastmod(self) -> None:
        return None


class CareerSitemap(PublicSitemap):
    def items(self) -> "QuerySet[Career, Any]":
        careers = Career.objects.published().annotate(changed_at=CAREER_CHANGED_AT)
        return careers.order_by("pk").values_list("slug", "changed_at", named=True)

    def location(self, row: Any) -> str:
        return reverse("careers:career_detail", args=[row.slug])


class FigureSitemap(PublicSitemap):
    """Every public figure, the earlier ones of a series too: each has a page of its own."""

    def items(self) -> "QuerySet[SalaryBand, Any]":
        bands = SalaryBand.objects.published().annotate(changed_at=FIGURE_CHANGED_AT)
        return bands.order_by("pk").values_list("career__slug", "pk", "changed_at", named=True)

    def location(self, row: Any) -> str:
        return reverse("careers:figure_detail", args=[row.career__slug, row.pk])


class SourceSitemap(PublicSitemap):
    """Sources with public figures, each as new as the newest of them."""

    def items(self) -> "QuerySet[SalaryBand, Any]":
        bands = SalaryBand.objects.published().order_by("source").values("source__slug")
        changed = bands.annotate(changed_at=Max(FIGURE_CHANGED_AT))
        return changed.values_list("source__slug", "changed_at", named=True)

    def location(self, row: Any) -> str:
        return reverse("careers:source_detail", args=[row.source__slug])


class FieldSitemap(PublicSitemap):
    """Fields with public careers, each as new as the newest of them."""

    def items(self) -> "QuerySet[Career, Any]":
        careers = Career.objects.published().filter(field__isnull=False)
        changed = careers.order_by("field").values("field__slug")
        changed = changed.annotate(changed_at=Max(CAREER_CHANGED_AT))
        return changed.values_list("field__slug", "changed_at", named=True)

    def location(self, row: Any) -> str:
        return reverse("careers:field_detail", args=[row.field__slug])


class RegionChange(NamedTuple):
    """A region's code, and when a figure in it or its parts last changed."""

    code: str
    changed_at: datetime


class RegionSitemap(PublicSitemap):
    """Regions with public figures in them or their parts, each as new as the newest of those."""

    def items(self) -> list[RegionChange]:
        bands = SalaryBand.objects.published().order_by("region__path").values("region__path")
        latest: dict[str, datetime] = {}
        for path, changed_at in bands.annotate(at=Max(FIGURE_CHANGED_AT)).values_list(
            "region__path", "at"
        ):
            for code in path.split("/")[:-1]:
                latest[code] = max(changed_at, latest.get(code, changed_at))
        return [RegionChange(code, latest[code]) for code in sorted(latest)]

    def location(self, row: RegionChange) -> str:
        return reverse("careers:region_detail", args=[row.code])

    def get_latest_lastmod(self) -> datetime | None:
        return max((row.changed_at for row in self.items()), default=None)


SITEMAPS = {
    "pages": StaticSitemap,
    "careers": CareerSitemap,
    "fields": FieldSitemap,
    "regions": RegionSitemap,
    "sources": SourceSitemap,
    # Last: of many figures come many files, and some crawlers read the first ones only.
    "figures": FigureSitemap,
}


def sitemap_index(request: HttpRequest) -> HttpResponse:
    """The sections that have pages: a sitemap without any address is none."""
    sections: dict[str, Any] = {name: section() for name, section in SITEMAPS.items()}
    filled = {name: each for name, each in sections.items() if each.paginator.count}
    return views.index(request, filled, sitemap_url_name="sitemap_section")


# --- robots.txt -------------------------------------------------------------------------------


@require_safe
def robots(request: HttpRequest) -> HttpResponse:
    """Everything may be read but files, and questions of more than two conditions.

    "Jobs in France from 80,000 euros" and "these two side by side" are pages that people look
    for; from the third condition on their number has no end.
    """
    sitemap = request.build_absolute_uri(reverse("sitemap"))
    lines = ["User-agent: *", *(f"Disallow: {path}" for path in _kept_out())]
    text = "\n".join([*lines, "", f"Sitemap: {sitemap}", ""])
    return HttpResponse(text, content_type="text/plain; charset=utf-8")


def _kept_out() -> Iterator[str]:
    """The beginnings of addresses, `*` for anything, that crawlers are asked to leave alone."""
    for view, ending in (
        ("career_list", "?*&*&"),
        ("compare", "?*&*&"),
        ("export_csv", ""),
        ("export_json", ""),
        ("career_feed", "?"),
    ):
        for language in LANGUAGES:
            with override(language):
                yield reverse(f"careers:{view}") + ending
    yield reverse("data_file", args=["x"]).removesuffix("x")
