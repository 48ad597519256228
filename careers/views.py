"""The public pages. Each asks CareerFilter or a QuerySet word, and prints the answer."""

from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING

from django.core.paginator import EmptyPage, Page, PageNotAnInteger, Paginator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.translation import get_language_from_request, override
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe
from django.views.decorators.vary import vary_on_headers
from django_htmx.middleware import HtmxDetails

from careers.facets import Facets
from careers.filters import CareerFilter, Group, Ignored
from careers.models import Career, ExchangeRate, FormerSlug, Region, SalaryBand

if TYPE_CHECKING:
    from careers.filters import AnsweredCareer

PAGE_SIZE = 20


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
    career = Career.objects.published().filter(slug=slug).first()
    if career is None:
        return _moved(slug)
    bands = career.bands.current().with_answer(None).in_reading_order()
    context = {"career": career, "bands": bands}
    return TemplateResponse(request, "careers/career_detail.html", context)


def _moved(slug: str) -> HttpResponse:
    """A permanent redirect from an address that a published career once had, or Http404."""
    former = FormerSlug.objects.filter(
        slug=slug, career__in=Career.objects.published()
    ).select_related("career")
    for each in former:
        return redirect(each.career, permanent=True)
    raise Http404(_("No career has this address."))
