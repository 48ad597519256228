"""What each address of the API answers: CareerFilter or a QuerySet word, printed as records."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

from django.core.paginator import EmptyPage, Page, Paginator
from django.db.models import Exists, OuterRef, Prefetch
from django.http import Http404
from django.utils.translation import gettext as _

from careers import areas, index
from careers.addresses import resource
from careers.answers import LISTED
from careers.api.calls import Call
from careers.api.problems import Moved, Refusal, Refused
from careers.api.questions import (
    BandsForm,
    CareersForm,
    RegionsForm,
    RowsForm,
    understood,
)
from careers.api.records import (
    BandList,
    CareerList,
    CareerRecord,
    FieldList,
    FieldRecord,
    Home,
    Links,
    Records,
    RegionList,
    RegionRecord,
    SourceList,
    SourceRecord,
    facets,
    group_name,
    pages_of,
)
from careers.areas import Offered
from careers.figure_data import FigureInSeries
from careers.filters import CareerFilter
from careers.models import Career, Field, SalaryBand, Source
from careers.results import Results

_TITLES = ("slug", "title_fr", "title_en")
# What a result says of a career: its long texts are not read.
_OF_RESULTS = (*_TITLES, "summary_fr", "summary_en", "field")


def home(call: Call) -> Home:
    return Records(call.base).home()


# --- Careers --------------------------------------------------------------------------------------


def career_list(call: Call) -> CareerList:
    """The careers that answer, by pages."""
    careers = Career.objects.only(*_OF_RESULTS).prefetch_related("field")
    question = CareerFilter(call.data, queryset=careers)
    asked = understood(call.data, question, CareersForm(call.data))
    page = _page(asked, range(question.total))
    places: Any = page.object_list  # of the list, that are on this page
    found = question.numbers(LISTED, slice(places.start, places.stop))
    records = Records(call.base, asked["currency"])
    return {
        "links": _links(call, page),
        "address": pages_of(question, call.base),
        "question": {
            name: written
            for name in question.filters
            if (written := [*filter(None, question.written(name))])
        },
        "counts": {group_name(group): count for group, count in question.counts.items()},
        "count": question.total,
        "results": [
            record
            for result in Results.answering(question, found)
            if (record := records.result(result, found[result.number], asked["salary_min"]))
        ],
        "facets": facets(question) if asked["facets"] else None,
    }


def career_detail(call: Call, slug: str) -> CareerRecord:
    career = Career.objects.published().select_related("field").at_address(slug)
    if career is None:
        raise Http404(_("No career has this address."))
    if career.slug != slug:
        raise Moved(resource("career_detail", career.slug))
    return Records(call.base).career(career)


# --- Bands ----------------------------------------------------------------------------------------


def band_list(call: Call) -> BandList:
    """Figures in an order that never changes, `size` after the last one read."""
    asked = understood(call.data, BandsForm(call.data))
    # Asked of each row: SQLite then walks by number; of a list of careers it would sort all rows.
    public = Career.objects.published().filter(pk=OuterRef("career_id"))
    bands = SalaryBand.objects.filter(Exists(public))
    for name in ("career", "source", "level", "engagement"):
        if asked[name]:
            bands = bands.filter(**{f"{name}__in": asked[name]})
    if asked["region"]:
        bands = bands.in_region(*asked["region"])
    if asked["observed_since"]:
        bands = bands.observed_since(asked["observed_since"])
    if asked["statements"] != "all":
        bands = bands.current()
    size = asked["size"]
    after = bands.filter(pk__gt=asked["after"] or 0).order_by("pk")
    careers = Prefetch("career", Career.objects.only(*_TITLES))
    *rows, further = [*after.prefetch_related(careers, "region", "source")[: size + 1], None]
    if len(rows) > size:
        further = rows.pop()
    latest = _latest(rows)
    figure = Records(call.base).statements.figure
    return {
        "links": {
            "self": call.address,
            "first": call.without("after"),
            "next": call.but("after", rows[-1].pk) if further else None,
        },
        "results": [figure(band, is_latest=band.pk in latest) for band in rows],
    }


def _latest(bands: Sequence[SalaryBand]) -> set[int]:
    current = SalaryBand.objects.current().filter(pk__in=[band.pk for band in bands])
    return set(current.values_list("pk", flat=True))


def band_detail(call: Call, pk: int) -> FigureInSeries:
    bands = SalaryBand.objects.published().select_related("career", "region", "source")
    band = bands.filter(pk=pk).first()
    if band is None:
        raise Http404(_("No figure has this address."))
    series = SalaryBand.objects.in_series_of(band).select_related("career")
    return Records(call.base).statements.in_series(band, series)


# --- What is around -------------------------------------------------------------------------------


def region_list(call: Call) -> RegionList:
    """The regions with figures and those around them, in the order of the tree."""
    asked = understood(call.data, RegionsForm(call.data))
    regions = areas.counted(*index.current())
    if within := asked["within"]:
        paths = tuple(region.path for region in within)
        regions = [each for each in regions if each.region.path.startswith(paths)]
    page = _page(asked, regions)
    return {
        "links": _links(call, page),
        "count": page.paginator.count,
        "results": [*map(Records(call.base).region, page)],
    }


def region_detail(call: Call, code: str) -> RegionRecord:
    regions: list[Offered] = areas.counted(*index.current())
    for each in regions:
        if each.region.code == code.upper():
            if each.region.code != code:
                raise Moved(resource("region_detail", each.region.code))
            return Records(call.base).region(each)
    raise Http404(_("No source gives a figure for this region."))


def source_list(call: Call) -> SourceList:
    asked = understood(call.data, RowsForm(call.data))
    page = _page(asked, Source.objects.order_by("title", "pk"))
    record, counts = Records(call.base).source, _figures_of_sources()
    return {
        "links": _links(call, page),
        "count": page.paginator.count,
        "results": [record(source, counts[source.pk]) for source in page],
    }


def source_detail(call: Call, slug: str) -> SourceRecord:
    source = Source.objects.filter(slug=slug).first()
    if source is None:
        raise Http404(_("No source has this identifier."))
    return Records(call.base).source(source, _figures_of_sources()[source.pk])


def _figures_of_sources() -> Counter[int]:
    figures, at = index.current()
    return figures.sources(figures.public(at))


def field_list(call: Call) -> FieldList:
    asked = understood(call.data, RowsForm(call.data))
    fields = list(Field.objects.counted(Career.objects.published()))
    page = _page(asked, fields)
    return {
        "links": _links(call, page),
        "count": page.paginator.count,
        "results": [*map(Records(call.base).field, page)],
    }


def field_detail(call: Call, slug: str) -> FieldRecord:
    field = Field.objects.counted(Career.objects.published()).filter(slug=slug).first()
    if field is None:
        raise Http404(_("No field of work has this address."))
    return Records(call.base).field(field)


# --- Pages ----------------------------------------------------------------------------------------


def _page(asked: dict[str, Any], rows: Any) -> "Page[Any]":
    paginator = Paginator(rows, asked["size"])
    try:
        return paginator.page(asked["page"])
    except EmptyPage:
        last = paginator.num_pages
        allowed: dict[str, object] = {"type": "integer", "minimum": 1, "maximum": last}
        why = _("the last page is %d") % last
        refusal = Refusal(parameter="page", value=str(asked["page"]), why=why, allowed=allowed)
        raise Refused(refusal) from None


def _links(call: Call, page: "Page[Any]") -> Links:
    def to(number: int) -> str:
        return call.but("page", number)

    return {
        "self": call.address,
        "first": to(1),
        "prev": to(page.previous_page_number()) if page.has_previous() else None,
        "next": to(page.next_page_number()) if page.has_next() else None,
        "last": to(page.paginator.num_pages),
    }
