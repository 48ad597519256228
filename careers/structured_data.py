"""Pages as schema.org data for other programs: an occupation with its pay, the open data, and where
a page stands.

Types and properties: https://schema.org/Occupation, /MonetaryAmountDistribution, /MonetaryAmount,
/QuantitativeValueDistribution, /Dataset, /DataDownload, /BreadcrumbList. A property that would
claim more than the source does is left out; the figure's own sentence, which has all its
conditions, stands beside each.
"""

from collections.abc import Callable, Iterable, Iterator
from decimal import Decimal
from itertools import groupby
from typing import Any, Literal

from django.urls import reverse
from django.utils.dateformat import format as format_date
from django.utils.translation import gettext as _

from careers.models import LANGUAGES, Career, Field, Region, SalaryBand, Source
from careers.open_data import Entry, Release
from careers.open_data.contents import TITLES
from careers.open_data.licences import Licence
from careers.salaries import Basis, Engagement, Level, NotComparable, Period, RangeKind, label

Absolute = Callable[[str], str]  # a path of the site as an absolute address
Data = dict[str, Any]
Trail = list[tuple[str, str]]  # names and paths, from the top of the site down to the page

CONTEXT = "https://schema.org"
FIGURES_TOLD = 50  # a career may have thousands: the page has them all
DURATIONS = {
    Period.YEAR: "P1Y",
    Period.MONTH: "P1M",
    Period.WEEK: "P1W",
    Period.DAY: "P1D",
    Period.HOUR: "PT1H",
}
PERCENTILES = {
    RangeKind.P25_P75: ("percentile25", "percentile75"),
    RangeKind.P10_P90: ("percentile10", "percentile90"),
}
# A reader of `estimatedSalary` takes it for a gross salary.
NO_SALARY = (NotComparable.NET, NotComparable.FREELANCE_RATE, NotComparable.DAY_RATE)


# --- The occupation ---------------------------------------------------------------------------


def occupations(career: Career, bands: Iterable[SalaryBand], absolute: Absolute) -> Data:
    """The career once for each region with figures, so that no amount passes for another place's.

    `bands` are in reading order, each with its region and source. Without any, the career stands
    once, anywhere.
    """
    told = list(bands)[:FIGURES_TOLD]
    regions = groupby(told, key=lambda band: band.region)
    places = [_occupation(career, region, list(own), absolute) for region, own in regions]
    anywhere = {**_about(career, absolute), "occupationLocation": _area(_("World"))}
    return {"@context": CONTEXT, "@graph": places or [anywhere]}


def _about(career: Career, absolute: Absolute) -> Data:
    return {
        "@type": "Occupation",
        "name": career.title,
        "description": career.summary or career.title,
        "url": absolute(career.get_absolute_url()),
    }


def _occupation(
    career: Career, region: Region, bands: list[SalaryBand], absolute: Absolute
) -> Data:
    about = {**_about(career, absolute), "occupationLocation": _place(region, absolute)}
    salaries = [
        _salary(career, band, absolute)
        for band in bands
        if not band.no_figure_reason and band.not_comparable not in NO_SALARY
    ]
    return {**about, "estimatedSalary": salaries} if salaries else about


def _area(name: str) -> Data:
    return {"@type": "AdministrativeArea", "name": name}


def _place(region: Region, absolute: Absolute) -> Data:
    place = _area(region.name)
    if region.kind == Region.Kind.COUNTRY:
        place["@type"] = "Country"
    url = absolute(region.get_absolute_url())
    return {**place, "identifier": region.code, "url": url}


def _salary(career: Career, band: SalaryBand, absolute: Absolute) -> Data:
    """The amounts as the source states them, in its currency and for its period."""
    path = reverse("careers:figure_detail", args=[career.slug, band.pk])
    return {
        **_amounts(band),
        "name": f"{label(Level, band.level)}, {label(Engagement, band.engagement)}",
        "description": _in_words(band),
        "currency": band.currency,
        "duration": DURATIONS[Period(band.period)],
        "url": absolute(path),
    }


def _amounts(band: SalaryBand) -> Data:
    """What of the amounts can be said without their sentence.

    Above an open end there is more: it is no maximum and no percentile. "Can exceed" is neither a
    minimum nor a maximum, and stays in words.
    """
    high = None if band.open_ended else band.high
    percentiles = PERCENTILES.get(RangeKind(band.range_kind))
    middle = {} if band.median is None else {"median": _number(band.median)}
    if percentiles or (band.low is None and band.high is None):
        names = percentiles or ("", "")
        ends = zip(names, (band.low, high), strict=True)
        known = {name: _number(end) for name, end in ends if end is not None}
        return {"@type": "MonetaryAmountDistribution", **known, **middle}
    # `duration` and `median` are the distribution's, the ends the amount's: it is both.
    return {
        "@type": ["MonetaryAmount", "QuantitativeValueDistribution"],
        **_ends(band, high),
        **middle,
    }


def _ends(band: SalaryBand, high: Decimal | None) -> Data:
    if band.low is not None and band.low == high:
        return {"value": _number(band.low)}
    ends = (("minValue", band.low), ("maxValue", high))
    known = {name: _number(end) for name, end in ends if end is not None}
    return known or {"value": {"@type": "QuantitativeValue", "value": band.sentence}}


def _number(amount: Decimal) -> int | float:
    return int(amount) if amount == int(amount) else float(amount)


def _in_words(band: SalaryBand) -> str:
    """The figure's sentence with its conditions, its source and its month."""
    parts = (
        f"{band.sentence} ({', '.join(_conditions(band))}).",
        _("Source: {}.").format(band.source.named),
        _("Figure of {}.").format(format_date(band.observed_on, "F Y")),
    )
    return " ".join(parts)


def _conditions(band: SalaryBand) -> Iterator[str]:
    if band.period == Period.YEAR:  # the sentence says any other
        yield str(Period.YEAR.label)
    yield label(Basis, band.basis)
    if band.low is not None and band.high is not None:
        yield str(RangeKind(band.range_kind).label)


# --- The open data ----------------------------------------------------------------------------

ENCODINGS = {"csv": "text/csv", "jsonl": "application/jsonl", "json": "application/json"}


def dataset(release: Release, licence: Licence, absolute: Absolute) -> Data:
    """All tables as one dataset, with a download for each file that is not compressed."""
    address = absolute(reverse("careers:data"))
    data: Data = {
        "@context": CONTEXT,
        "@type": "Dataset",
        "name": _("Careers, plainly: jobs and what they pay"),
        "description": _(
            "All careers, pay figures, regions, sources and exchange rates of this site as CSV, "
            "JSON Lines and a data package, with their conditions, sources and licences."
        ),
        "url": address,
        "identifier": address,
        "version": release.version,
        "dateModified": release.built_at.isoformat(),
        "inLanguage": list(LANGUAGES),
        "isAccessibleForFree": True,
        "license": licence.address,
        "creator": {"@type": "Organization", "name": _("Careers, plainly"), "url": absolute("/")},
        "spatialCoverage": _area(_("World")),
        "variableMeasured": [str(title) for title in TITLES.values()],
        "distribution": [
            _download(entry, absolute)
            for entry in release.entries.values()
            if not entry.name.endswith(".gz")
        ],
    }
    if release.observed:
        data["temporalCoverage"] = "/".join(day.isoformat() for day in release.observed)
    return data


def _download(entry: Entry, absolute: Absolute) -> Data:
    return {
        "@type": "DataDownload",
        "name": entry.name,
        "contentUrl": absolute(reverse("data_file", args=[entry.name])),
        "encodingFormat": ENCODINGS[entry.name.rpartition(".")[2]],
        "contentSize": f"{entry.bytes} B",
        "sha256": entry.sha256,
    }


# --- Where a page stands ----------------------------------------------------------------------


def breadcrumbs(trail: Trail, absolute: Absolute) -> Data:
    steps = [
        {"@type": "ListItem", "position": number, "name": name, "item": absolute(path)}
        for number, (name, path) in enumerate(trail, start=1)
    ]
    return {"@context": CONTEXT, "@type": "BreadcrumbList", "itemListElement": steps}


Page = Literal["data"] | Career | Field | SalaryBand | Source | Region


def trail(page: Page, around: Iterable[Region] = ()) -> Trail:
    """The trail of the page of a career, a field, a figure, a source, a region or the open data, as
    the page prints it.

    `around` are the wider areas of a region, the widest first.
    """
    careers = (_("All careers"), reverse("careers:career_list"))
    match page:
        case Career():
            field = [(page.field.name, page.field.get_absolute_url())] if page.field else []
            return [careers, *field, (page.title, page.get_absolute_url())]
        case Field():
            fields = (_("Fields of work"), reverse("careers:field_list"))
            return [careers, fields, (page.name, page.get_absolute_url())]
        case SalaryBand():
            career = (page.career.title, page.career.get_absolute_url())
            return [careers, career, (page.sentence, page.get_absolute_url())]
        case Source():
            sources = (_("Sources"), reverse("careers:source_list"))
            return [careers, sources, (page.title, page.get_absolute_url())]
        case Region():
            places = [(each.name, each.get_absolute_url()) for each in (*around, page)]
            return [(_("Regions"), reverse("careers:region_list")), *places]
        case "data":
            return [careers, (_("Data to download"), reverse("careers:data"))]
