"""The list of careers, the answer as files, and the comparison."""

from collections.abc import Iterator
from itertools import groupby

from django.core.paginator import EmptyPage, Page, PageNotAnInteger, Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, StreamingHttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.text import slugify
from django.utils.translation import get_language_from_request, override
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe
from django.views.decorators.vary import vary_on_headers
from django_htmx.middleware import HtmxDetails

from careers import areas, index, tables
from careers.answers import LISTED
from careers.comparison import Comparison
from careers.downloads import Download
from careers.facets import Facets
from careers.filters import CareerFilter
from careers.models import Career
from careers.parameters import Ignored
from careers.results import Result, ResultGroup, Results
from careers.shared_pages import shared
from careers.templatetags.question import chips
from careers.views.pages import PAGE_SIZE


class HtmxHttpRequest(HttpRequest):
    htmx: HtmxDetails


@require_safe
@vary_on_headers("Accept-Language")
def home(request: HttpRequest) -> HttpResponseRedirect:
    """The list in the visitor's language."""
    with override(get_language_from_request(request, check_path=True)):
        return redirect("careers:career_list")


@require_safe
@shared
def career_list(request: HtmxHttpRequest) -> HttpResponse:
    """The list, or its changing parts for HTMX; a question has one address, and leads there."""
    question = CareerFilter(request.GET)
    page, ignored = _page(question, request.GET.get("page", "1"))
    ignored = [*question.ignored, *ignored]
    partial = request.htmx and not request.htmx.history_restore_request
    address = question.address(page.number)
    if not (partial or ignored or address == request.get_full_path()):
        return redirect(address)
    groups = _groups(question, page)
    context = {
        "question": question,
        "applied": chips(question),
        "page": page,
        "groups": groups,
        "results": [result for each in groups for result in each.results],
        "ignored": ignored,
        "facets": Facets(question),
        "partial": partial,
    }
    if not partial:
        context["currencies"] = question.answers.index.currencies
    template = "careers/_results.html" if partial else "careers/career_list.html"
    response = TemplateResponse(request, template, context)
    if partial and not ignored:
        response["HX-Push-Url"] = address
    return response


def _page(question: CareerFilter, number: str) -> tuple[Page[int], list[Ignored]]:
    """The page asked, of places in the list; a number that does not exist is named, and the
    nearest page shown."""
    paginator = Paginator(range(question.total), PAGE_SIZE)
    try:
        return paginator.page(number), []
    except PageNotAnInteger:
        return paginator.page(1), [Ignored("page", number, _("a page is a whole number"))]
    except EmptyPage:
        if int(number) < 1:
            return paginator.page(1), [Ignored("page", number, _("the first page is 1"))]
        last = paginator.page(paginator.num_pages)
        return last, [Ignored("page", number, _("the last page is %d") % last.number)]


def _groups(question: CareerFilter, page: Page[int]) -> list[ResultGroup]:
    first = (page.number - 1) * PAGE_SIZE
    found = question.numbers(LISTED, slice(first, first + PAGE_SIZE))
    results = Results.answering(question, found)
    return [
        ResultGroup(group, question.counts[group], [Result(results, pk) for pk in members])
        for group, members in groupby(found, key=found.__getitem__)
    ]


@require_safe
@shared
def compare(request: HttpRequest) -> TemplateResponse:
    figures, at = index.current()
    context = {
        "comparison": Comparison(request.GET),
        "regions": areas.offered(figures, at),
        "currencies": figures.currencies,
    }
    return TemplateResponse(request, "careers/compare.html", context)


@require_safe
@shared
def export_csv(request: HttpRequest) -> StreamingHttpResponse:
    """The answer as CSV, a row a career; `?rows=figures` gives a row a figure, and
    `?profile=excel-fr` is for a spreadsheet in French."""
    asked = request.GET.copy()
    profile = tables.PROFILES.get(asked.get("profile", ""), tables.DATA)
    every_figure = asked.get("rows") == "figures"
    for name in ("profile", "rows"):
        asked.pop(name, None)
    answer = Download(asked, request.build_absolute_uri)
    rows = answer.as_csv(profile, every_figure=every_figure)
    return _file(rows, "text/csv; charset=utf-8", "csv")


@require_safe
@shared
def export_json(request: HttpRequest) -> StreamingHttpResponse:
    answer = Download(request.GET, request.build_absolute_uri).as_json()
    return _file(answer, "application/json", "json")


def _file(content: Iterator[bytes], kind: str, ending: str) -> StreamingHttpResponse:
    name = slugify(Career._meta.verbose_name_plural or "")
    response = StreamingHttpResponse(content, content_type=kind)
    response["Content-Disposition"] = f'attachment; filename="{name}.{ending}"'
    response["X-Robots-Tag"] = "noindex"
    return response
