"""What is around careers: fields, sources, regions, the method, and a missing page."""

from collections.abc import Iterable
from typing import Any

from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from careers import areas, index, search
from careers.filters import CareerFilter
from careers.models import Career, Field, Region, SalaryBand, Source, active_language
from careers.models.region import paths_around
from careers.not_found import meant
from careers.results import Result, Results
from careers.shared_pages import shared
from careers.views.pages import FIGURES_A_PAGE, PAGE_SIZE, page_of


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
    fields = Field.objects.counted(Career.objects.published())
    field = get_object_or_404(fields, slug=slug.lower())
    if field.slug != slug:
        return redirect(field, permanent=True)
    question = CareerFilter()
    figures, public = question.answers.index, question.answers.public()
    careers = public & figures.in_fields([field.pk])
    numbers = figures.members(careers, figures.ordered(active_language()))
    page = page_of(request, numbers, PAGE_SIZE)
    results = Results.answering(question, page)
    context = {"field": field, "page": page, "results": list(results)}
    return TemplateResponse(request, "careers/field_detail.html", context)


@require_safe
@shared
def source_list(request: HttpRequest) -> TemplateResponse:
    page = page_of(request, Source.objects.order_by("title", "pk"), FIGURES_A_PAGE)
    figures, at = index.current()
    counts = figures.sources(figures.public(at))
    context = {"page": page, "sources": [(source, counts[source.pk]) for source in page]}
    return TemplateResponse(request, "careers/source_list.html", context)


@require_safe
@shared
def source_detail(request: HttpRequest, slug: str) -> TemplateResponse:
    source = get_object_or_404(Source, slug=slug)
    bands = SalaryBand.objects.published().current().filter(source=source)
    page = page_of(request, bands.by_career().values_list("career", "pk"), FIGURES_A_PAGE)
    figures, _at = index.current()
    results = Results(_by_career(page), figures.kept_parts)
    context = {"source": source, "page": page, "results": list(results)}
    return TemplateResponse(request, "careers/source_detail.html", context)


@require_safe
@shared
def region_list(request: HttpRequest) -> TemplateResponse:
    figures, at = index.current()
    context = {"regions": areas.counted(figures, at), "state": at}
    return TemplateResponse(request, "careers/region_list.html", context)


@require_safe
@shared
def region_detail(request: HttpRequest, code: str) -> HttpResponse:
    region = get_object_or_404(Region, code=code.upper())
    if region.code != code:
        return redirect(region, permanent=True)
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
    around = paths_around([region.path])
    own = public & having(figures.at([region.path]))
    wider = public & having(figures.at(around)) & ~own
    order = figures.ordered(active_language())
    numbers = [*figures.members(own, order), *figures.members(wider, order)]
    page = page_of(request, numbers, PAGE_SIZE)
    first, then = (figures.members(careers, page.object_list) for careers in (own, wider))
    shown = Q(career__in=first, region=region) | Q(career__in=then, region__path__in=around)
    bands = SalaryBand.objects.current().filter(shown).in_reading_order()
    by_career = _by_career(bands.values_list("career", "pk"))
    results = Results(by_career, figures.kept_parts)
    return {
        "offered": offered,
        "around": Region.objects.containing(region).reverse(),
        "hours": region.stating_hours,
        "page": page,
        "results": list(results),
        "own": [Result(results, pk) for pk in first],
        "wider": [Result(results, pk) for pk in then],
    }


def _by_career(bands: Iterable[tuple[int, int]]) -> dict[int, list[int]]:
    """The numbers of each career's bands, in their order, of pairs of a career and a band."""
    numbers: dict[int, list[int]] = {}
    for career, band in bands:
        numbers.setdefault(career, []).append(band)
    return numbers


@require_safe
@shared
def method(request: HttpRequest) -> TemplateResponse:
    return TemplateResponse(request, "careers/method.html")


def not_found(request: HttpRequest, exception: Exception) -> TemplateResponse:
    return TemplateResponse(request, "404.html", {"meant": meant(request)}, status=404)
