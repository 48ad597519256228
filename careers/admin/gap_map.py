"""The map of the gaps: career × region × level, and what each has: a figure, an old one, a reason
why there is none, or nothing yet."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from typing import Any, NamedTuple
from urllib.parse import urlencode

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.core.paginator import Page, Paginator
from django.db import models
from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from careers import desk
from careers.models import Career, Field, Region, SalaryBand
from careers.salaries import Level

ROWS_A_PAGE = 25
ASKED_LAST = "region_of_the_gaps"  # in the session
LEVELS = ["", *(level.value for level in Level)]


class State(models.TextChoices):
    FIGURE = "figure", gettext_lazy("figure")
    STALE = "stale", gettext_lazy("due for a check")
    REASON = "reason", gettext_lazy("no figure, with its reason")
    GAP = "gap", gettext_lazy("gap")


class Cell(NamedTuple):
    """What one level of one row has, in words, and where a click leads."""

    state: State
    text: str
    url: str


class Row(NamedTuple):
    """A career in the region of the map, or a region of its career."""

    title: str
    depth: int
    url: str
    cells: list[Cell]


def state(bands: Iterable[SalaryBand], today: date) -> State:
    """The best that the current figures of a cell say; none of them is a gap."""
    bands = list(bands)
    figures = [band for band in bands if not band.no_figure_reason]
    if figures:
        is_stale = all(desk.is_due(band, today) for band in figures)
        return State.STALE if is_stale else State.FIGURE
    return State.REASON if bands else State.GAP


class GapMapAdmin(admin.ModelAdmin):
    """The careers' admin with the map as a page of its own."""

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(require_safe(self.gaps_view))
        return [path("gaps/", view, name="careers_career_gaps"), *super().get_urls()]

    def gaps_view(self, request: HttpRequest) -> HttpResponse:
        """All careers in one region, or, with `career`, all regions for one career."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        career = request.GET.get("career", "")
        asked = _regions_of(request, career) if career.isdecimal() else _careers_in(request)
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": _("Map of the gaps"),
            "levels": [
                Level(level).label if level else _("Not split by level") for level in LEVELS
            ],
            "regions": Region.objects.only("code", "name_fr", "name_en", "path"),
            "fields": Field.objects.only("slug", "name_fr", "name_en"),
            "may_add": request.user.has_perm("careers.add_salaryband"),
            **asked,
        }
        return TemplateResponse(request, "admin/careers/gaps.html", context)


def _careers_in(request: HttpRequest) -> dict[str, Any]:
    region = _region_shown(request)
    careers = desk.not_archived(Career.objects.order_by("sort_title_fr", "pk"))
    field = Field.objects.filter(slug=request.GET.get("field", "")).first()
    if field:
        careers = careers.filter(field=field)
    page = _page(request, careers.only("title_fr", "title_en", "slug"))
    bands = SalaryBand.objects.filter(region=region, career__in=[each.pk for each in page])
    cells = _Cells(bands)
    rows = [
        Row(str(career), 0, f"?career={career.pk}", cells.of(career.pk, region.pk))
        for career in page
        if region
    ]
    return {"page": page, "rows": rows, "region": region, "field": field}


def _regions_of(request: HttpRequest, number: str) -> dict[str, Any]:
    career = get_object_or_404(Career, pk=number)
    page = _page(request, Region.objects.order_by("path", "pk"))
    cells = _Cells(SalaryBand.objects.filter(career=career, region__in=[each.pk for each in page]))
    rows = [
        Row(
            str(region),
            region.depth,
            f"?{urlencode({'region': region.code})}",
            cells.of(career.pk, region.pk),
        )
        for region in page
    ]
    return {"page": page, "rows": rows, "career": career}


def _region_shown(request: HttpRequest) -> Region | None:
    """The region asked, or else the one asked last, or else the one with the most figures."""
    asked, last = request.GET.get("region", ""), request.session.get(ASKED_LAST, "")
    regions = {region.code: region for region in Region.objects.filter(code__in=[asked, last])}
    if asked in regions and asked != last:
        request.session[ASKED_LAST] = asked
    by_figures = Region.objects.annotate(figures=Count("bands")).order_by("-figures", "path")
    return regions.get(asked) or regions.get(last) or by_figures.first()


def _page(request: HttpRequest, rows: "models.QuerySet[Any]") -> "Page[Any]":
    return Paginator(rows, ROWS_A_PAGE).get_page(request.GET.get("p"))


class _Cells:
    """The current figures of one page of the map, by career, region and level."""

    def __init__(self, bands: Any) -> None:
        self.today = timezone.localdate()
        self.bands: dict[tuple[int, int, str], list[SalaryBand]] = defaultdict(list)
        current = bands.current().select_related("source").order_by("-observed_on", "pk")
        for band in current:
            self.bands[band.career_id, band.region_id, band.level].append(band)
        self.listed = reverse("admin:careers_salaryband_changelist")
        self.added = reverse("admin:careers_salaryband_add")

    def of(self, career: int, region: int) -> list[Cell]:
        return [self._cell(career, region, level) for level in LEVELS]

    def _cell(self, career: int, region: int, level: str) -> Cell:
        bands = self.bands[career, region, level]
        found = state(bands, self.today)
        if not bands:
            given = {"career": career, "region": region, "level": level}
            return Cell(found, "", f"{self.added}?{urlencode(given)}")
        if len(bands) == 1:
            url = reverse("admin:careers_salaryband_change", args=[bands[0].pk])
            return Cell(found, bands[0].sentence, url)
        asked = {"career__id__exact": career, "region__id__exact": region, "level__exact": level}
        return Cell(found, bands[0].sentence, f"{self.listed}?{urlencode(asked)}")
