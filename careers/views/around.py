"""What is around careers: fields, sources, regions, the method, and a missing page."""

from collections.abc import Iterable
from itertools import groupby
from typing import Any

from django.core.paginator import Page
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from careers import search
from careers.filters import FIGURES_SHOWN
from careers.lost import meant
from careers.models import Career, Field, Region, SalaryBand, Source, active_language
from careers.models.salary_band import SalaryBandQuerySet
from careers.views.pages import FIGURES_A_PAGE, PAGE_SIZE, Result, numbered


@require_safe
def field_list(request: HttpRequest) -> TemplateResponse:
    fields = sorted(
        Field.objects.counted(Career.objects.published()),
        key=lambda field: search.fold(field.name),
    )
    return TemplateResponse(request, "careers/field_list.html", {"fields": fields})


@require_safe
def field_detail(request: HttpRequest, slug: str) -> HttpResponse:
    careers = Career.objects.published()
    field = get_object_or_404(Field.objects.counted(careers), slug=slug.lower())
    if field.slug != slug:
        return redirect(field, permanent=True)
    ordered = careers.filter(field=field).order_by(f"sort_title_{active_language()}", "pk")
    page = numbered(request, ordered, PAGE_SIZE)
    results = _with_best_figures(page)
    context = {"field": field, "page": page, "results": results}
    return TemplateResponse(request, "careers/field_detail.html", context)


def _with_best_figures(page: "Page[Any]") -> list[Result]:
    """The careers of the page, each with the first of its figures."""
    results = {career.pk: Result(career, []) for career in page}
    bands = SalaryBand.objects.current().with_answer(None).filter(career__in=results)
    best = bands.best_of_each_career(FIGURES_SHOWN).select_related("region", "source")
    _share_out(best, results)
    return list(results.values())


def _share_out(bands: Iterable[SalaryBand], results: dict[int, Result]) -> None:
    """Give each band to the result of its career, which need not be read again."""
    for band in bands:
        result = results[band.career_id]
        band.career = result.career
        result.bands.append(band)


@require_safe
def source_list(request: HttpRequest) -> TemplateResponse:
    sources = Source.objects.with_figures(SalaryBand.objects.published().current())
    page = numbered(request, sources.order_by("title", "pk"), FIGURES_A_PAGE)
    return TemplateResponse(request, "careers/source_list.html", {"page": page})


@require_safe
def source_detail(request: HttpRequest, slug: str) -> TemplateResponse:
    source = get_object_or_404(Source, slug=slug)
    bands = SalaryBand.objects.published().current().filter(source=source)
    page = numbered(request, bands.with_answer(None).by_career(), FIGURES_A_PAGE)
    results = [
        Result(career, list(members))
        for career, members in groupby(page.object_list, key=lambda band: band.career)
    ]
    context = {"source": source, "page": page, "results": results}
    return TemplateResponse(request, "careers/source_detail.html", context)


@require_safe
def region_list(request: HttpRequest) -> TemplateResponse:
    context = {"regions": Region.objects.counted()}
    return TemplateResponse(request, "careers/region_list.html", context)


@require_safe
def region_detail(request: HttpRequest, code: str) -> HttpResponse:
    region = get_object_or_404(Region, code=code.upper())
    if region.code != code:
        return redirect("careers:region_detail", region.code, permanent=True)
    context = {"region": region, **_pay_in(region, request)}
    return TemplateResponse(request, "careers/region_detail.html", context)


def _pay_in(region: Region, request: HttpRequest) -> dict[str, Any]:
    """What the region's page shows, or Http404 where no public figure is in it or its parts."""
    offered = Region.objects.within(region).counted()
    if not offered:
        raise Http404(_("No source gives a figure for this region."))
    bands = SalaryBand.objects.current().with_answer(None)
    own, wider = bands.filter(region=region), bands.around(region)
    careers = Career.objects.published().offering_own_or_wider(own, wider)
    page = numbered(request, careers, PAGE_SIZE)
    return {
        "offered": offered,
        "around": Region.objects.containing(region).reverse(),
        "hours": region.stating_hours,
        "page": page,
        "own": _offering(page, own, True),
        "wider": _offering(page, wider, False),
    }


def _offering(page: "Page[Any]", bands: SalaryBandQuerySet, own: bool) -> list[Result]:
    """The careers of the page that have figures of the region's own, or those that have not."""
    results = {career.pk: Result(career, []) for career in page if career.has_own == own}
    _share_out(bands.filter(career__in=results).in_reading_order(), results)
    return list(results.values())


@require_safe
def method(request: HttpRequest) -> TemplateResponse:
    return TemplateResponse(request, "careers/method.html")


def not_found(request: HttpRequest, exception: Exception) -> TemplateResponse:
    return TemplateResponse(request, "404.html", {"meant": meant(request)}, status=404)
