"""The public pages. Each asks CareerFilter or a QuerySet word, and prints the answer."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING, Any

from django.core.paginator import EmptyPage, InvalidPage, Page, PageNotAnInteger, Paginator
from django.db.models import QuerySet
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseRedirect,
    JsonResponse,
    StreamingHttpResponse,
)
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.utils.text import slugify
from django.utils.translation import get_language_from_request, override
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe
from django.views.decorators.vary import vary_on_headers
from django_htmx.middleware import HtmxDetails

from careers import search, tables
from careers.career_pay import CareerPay
from careers.comparison import Comparison
from careers.downloads import Download
from careers.facets import Facets
from careers.filters import FIGURES_SHOWN, CareerFilter, Group, Ignored
from careers.models import (
    Career,
    ExchangeRate,
    Field,
    FormerSlug,
    Region,
    SalaryBand,
    Source,
    active_language,
)
from careers.models.salary_band import SalaryBandQuerySet
from careers.reports import ReportForm
from careers.statements import as_data

if TYPE_CHECKING:
    from careers.filters import AnsweredCareer

PAGE_SIZE = 20
FIGURES_A_PAGE = 50
RELATED_SHOWN = 6


class HtmxHttpRequest(HttpRequest):
    htmx: HtmxDetails


@dataclass(frozen=True)
class Result:
    """One career of the list with the figures that answer for it."""

    career: Career
    bands: list[SalaryBand]


@dataclass(frozen=True)
class ResultGroup:
    """The part of one group that stands on this page; `count` is the whole group's."""

    group: Group
    count: int
    results: list[Result]


@require_safe
@vary_on_headers("Accept-Language")
def home(request: HttpRequest) -> HttpResponseRedirect:
    """The list in the visitor's language."""
    with override(get_language_from_request(request, check_path=True)):
        return redirect("careers:career_list")


@require_safe
@vary_on_headers("HX-Request")
def career_list(request: HtmxHttpRequest) -> TemplateResponse:
    question = CareerFilter(request.GET, queryset=Career.objects.published())
    page, ignored = _page(question, request.GET.get("page", "1"))
    partial = request.htmx and not request.htmx.history_restore_request
    context = {
        "question": question,
        "page": page,
        "groups": _groups(question, page),
        "ignored": [*question.ignored, *ignored],
        "facets": Facets(question, Region.objects.offered()),
        "partial": partial,
    }
    if not partial:
        context["currencies"] = ExchangeRate.objects.currencies()
    template = "careers/_results.html" if partial else "careers/career_list.html"
    return TemplateResponse(request, template, context)


def _page(question: CareerFilter, number: str) -> "tuple[Page[AnsweredCareer], list[Ignored]]":
    """The page asked; a number that does not exist is named, and the nearest page shown."""
    paginator = Paginator(question.listed, PAGE_SIZE)
    paginator.count = sum(question.listed_counts.values())
    try:
        return paginator.page(number), []
    except PageNotAnInteger:
        return paginator.page(1), [Ignored("page", number, _("a page is a whole number"))]
    except EmptyPage:
        last = paginator.page(paginator.num_pages)
        return last, [Ignored("page", number, _("the last page is %d") % last.number)]


def _groups(question: CareerFilter, page: "Page[AnsweredCareer]") -> list[ResultGroup]:
    careers = list(page.object_list)
    figures = question.figures(careers)
    return [
        ResultGroup(
            Group(group),
            question.counts[Group(group)],
            [Result(career, figures[career.pk]) for career in members],
        )
        for group, members in groupby(careers, key=lambda career: career.group)
    ]


@require_safe
def career_detail(request: HttpRequest, slug: str) -> HttpResponse:
    published = Career.objects.published()
    career = published.select_related("field").filter(slug=slug).first()
    if career is None:
        return _moved(slug)
    context = {
        "career": career,
        "pay": CareerPay(career, request.GET),
        "currencies": ExchangeRate.objects.currencies(),
        "related": published.related_to(career)[:RELATED_SHOWN],
    }
    return TemplateResponse(request, "careers/career_detail.html", context)


def _moved(slug: str) -> HttpResponse:
    """A permanent redirect from an address that a published career once had, or Http404."""
    former = FormerSlug.objects.filter(
        slug=slug, career__in=Career.objects.published()
    ).select_related("career")
    for each in former:
        return redirect(each.career, permanent=True)
    raise Http404(_("No career has this address."))


@require_safe
def compare(request: HttpRequest) -> TemplateResponse:
    context = {
        "comparison": Comparison(request.GET),
        "regions": Region.objects.offered(),
        "currencies": ExchangeRate.objects.currencies(),
    }
    return TemplateResponse(request, "careers/compare.html", context)


@require_safe
def export_csv(request: HttpRequest) -> StreamingHttpResponse:
    """The answer as CSV, `?profile=excel-fr` for a spreadsheet in French."""
    asked = request.GET.copy()
    profile = tables.PROFILES.get(asked.get("profile", ""), tables.DATA)
    asked.pop("profile", None)
    rows = Download(asked, request.build_absolute_uri).as_csv(profile)
    return _file(rows, "text/csv; charset=utf-8", "csv")


@require_safe
def export_json(request: HttpRequest) -> StreamingHttpResponse:
    answer = Download(request.GET, request.build_absolute_uri).as_json()
    return _file(answer, "application/json", "json")


def _file(content: Iterator[bytes], kind: str, ending: str) -> StreamingHttpResponse:
    name = slugify(Career._meta.verbose_name_plural or "")
    response = StreamingHttpResponse(content, content_type=kind)
    response["Content-Disposition"] = f'attachment; filename="{name}.{ending}"'
    response["X-Robots-Tag"] = "noindex"
    return response


# --- Figures, fields, sources, regions ----------------------------------------------------------


@require_safe
def figure_detail(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    band = _figure(slug, pk)
    if band.career.slug != slug:
        return redirect("careers:figure_detail", band.career.slug, pk, permanent=True)
    series = SalaryBand.objects.in_series_of(band)
    context = {"band": band, "bands": [band], "series": list(series)}
    return TemplateResponse(request, "careers/figure_detail.html", context)


@require_safe
def figure_json(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """The figure with all its conditions, in both languages, for a program."""
    band = _figure(slug, pk)
    if band.career.slug != slug:
        return redirect("careers:figure_json", band.career.slug, pk, permanent=True)
    series = SalaryBand.objects.in_series_of(band).select_related("career")
    data = as_data(band, series, request.build_absolute_uri)
    return JsonResponse(data, json_dumps_params={"ensure_ascii": False, "indent": 2})


def _figure(slug: str, pk: int) -> SalaryBand:
    """The public figure of that number, if its career has or had that slug, or Http404."""
    band = SalaryBand.objects.published().at_address(slug, pk).with_answer(None).first()
    if band is None:
        raise Http404(_("No figure has this address."))
    return band


@csrf_exempt  # careers/reports.py says why, and what stands in its place
@require_http_methods(["GET", "HEAD", "POST"])
def figure_report(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    band = _figure(slug, pk)
    if band.career.slug != slug and request.method != "POST":
        return redirect("careers:figure_report", band.career.slug, pk, permanent=True)
    form = ReportForm(band, request)
    if form.is_valid():
        form.save()
        return redirect("careers:report_thanks", band.career.slug, pk)
    context = {"band": band, "form": form}
    return TemplateResponse(request, "careers/figure_report.html", context)


@require_safe
def report_thanks(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    band = _figure(slug, pk)
    if band.career.slug != slug:
        return redirect("careers:report_thanks", band.career.slug, pk, permanent=True)
    return TemplateResponse(request, "careers/report_thanks.html", {"band": band})


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
    page = _numbered(request, ordered, PAGE_SIZE)
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
    page = _numbered(request, sources.order_by("title", "pk"), FIGURES_A_PAGE)
    return TemplateResponse(request, "careers/source_list.html", {"page": page})


@require_safe
def source_detail(request: HttpRequest, slug: str) -> TemplateResponse:
    source = get_object_or_404(Source, slug=slug)
    bands = SalaryBand.objects.published().current().filter(source=source)
    page = _numbered(request, bands.with_answer(None).by_career(), FIGURES_A_PAGE)
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
    page = _numbered(request, careers, PAGE_SIZE)
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


def _numbered(request: HttpRequest, rows: "QuerySet[Any]", size: int) -> "Page[Any]":
    """The page of `rows` that the address asks for, or Http404."""
    try:
        return Paginator(rows, size).page(request.GET.get("page", "1"))
    except InvalidPage as wrong:
        raise Http404(str(wrong)) from wrong


@require_safe
def method(request: HttpRequest) -> TemplateResponse:
    return TemplateResponse(request, "careers/method.html")
