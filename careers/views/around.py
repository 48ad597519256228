"""What is around careers: fields, sources, regions, the method, and a missing page."""

from itertools import groupby
from typing import Any

from django.core.paginator import Page
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from careers import areas, index, search
from careers.filters import CareerFilter
from careers.kept import Kept
from careers.lost import meant
from careers.models import Career, Field, Region, SalaryBand, Source, active_language
from careers.models.region import paths_around
from careers.models.salary_band import SalaryBandQuerySet
from careers.shared_pages import shared
from careers.views.pages import FIGURES_A_PAGE, PAGE_SIZE, Result, numbered


@require_safe
@shared
def field_list(request: HttpRequest) -> TemplateResponse:
    fields = sorted(
        Field.objects.counted(Career.objects.published()),
        key=lambda field: search.fold(field.name),
    )
    return TemplateResponse(request, "careers/field_list.html", {"fields": fields})


@require_safe
@shared
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
    careers, question = list(page), CareerFilter()
    figures, kept = question.figures(careers), question.answers.index.kept_of
    return [Result(career, figures[career.pk], kept) for career in careers]


@require_safe
@shared
def source_list(request: HttpRequest) -> TemplateResponse:
    page = numbered(request, Source.objects.order_by("title", "pk"), FIGURES_A_PAGE)
    figures, at = index.current()
    counts = figures.sources(figures.public(at))
    context = {"page": page, "sources": [(source, counts[source.pk]) for source in page]}
    return TemplateResponse(request, "careers/source_list.html", context)


@require_safe
@shared
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
@shared
def region_list(request: HttpRequest) -> TemplateResponse:
    context = {"regions": areas.counted(*index.current())}
    return TemplateResponse(request, "careers/region_list.html", context)


@require_safe
@shared
def region_detail(request: HttpRequest, code: str) -> HttpResponse:
    region = get_object_or_404(Region, code=code.upper())
    if region.code != code:
        return redirect("careers:region_detail", region.code, permanent=True)
    context = {"region": region, **_pay_in(region, request)}
    return TemplateResponse(request, "careers/region_detail.html", context)


def _pay_in(region: Region, request: HttpRequest) -> dict[str, Any]:
    """What the region's page shows, or Http404 where no public figure is in it or its parts."""
    figures, at = index.current()
    every = areas.counted(figures, at)
    offered = [each for each in every if each.region.path.startswith(region.path)]
    if not offered:
        raise Http404(_("No source gives a figure for this region."))
    public, having = figures.public(at), figures.table.having
    own = public & having(figures.at([region.path]))
    wider = public & having(figures.at(paths_around([region.path]))) & ~own
    order = figures.ordered(active_language())
    numbers = [*figures.members(own, order), *figures.members(wider, order)]
    page = numbered(request, numbers, PAGE_SIZE)
    careers = Career.objects.in_bulk(page.object_list)
    first = [careers[pk] for pk in figures.members(own, page.object_list)]
    then = [careers[pk] for pk in figures.members(wider, page.object_list)]
    bands = SalaryBand.objects.current().with_answer(None)
    return {
        "offered": offered,
        "around": Region.objects.containing(region).reverse(),
        "hours": region.stating_hours,
        "page": page,
        "own": _offering(first, bands.filter(region=region), figures.kept_of),
        "wider": _offering(then, bands.around(region), figures.kept_of),
    }


def _offering(careers: list[Career], bands: SalaryBandQuerySet, kept: Kept) -> list[Result]:
    """The careers, each with its figures out of these."""
    results = {career.pk: Result(career, [], kept) for career in careers}
    for band in bands.filter(career__in=results).in_reading_order():
        result = results[band.career_id]
        band.career = result.career
        result.bands.append(band)
    return list(results.values())


@require_safe
@shared
def method(request: HttpRequest) -> TemplateResponse:
    return TemplateResponse(request, "careers/method.html")


def not_found(request: HttpRequest, exception: Exception) -> TemplateResponse:
    return TemplateResponse(request, "404.html", {"meant": meant(request)}, status=404)
