"""One figure as a statement that can be carried elsewhere: as data, and as a citation.

No amount ever stands alone: each comes with its currency, period, basis, source and date, and as
text, so that no reader rounds it. What the data hold is said in careers.figure_data.
"""

from collections.abc import Callable, Iterable
from decimal import Decimal
from functools import cache
from typing import Any

from django.db.models import Model
from django.utils.translation import gettext as _
from django.utils.translation import override

from careers import salaries
from careers.addresses import address, numbered, resource
from careers.figure_data import (
    Both,
    CareerName,
    Coded,
    Ends,
    Figure,
    FigureInSeries,
    NoFigure,
    Pages,
    Rate,
    RegionName,
    SourceFacts,
    Stated,
    Statement,
    Texts,
    Yearly,
)
from careers.models import LANGUAGES, Career, Region, SalaryBand, Source
from careers.salaries import (
    Basis,
    Engagement,
    Level,
    NoFigureReason,
    NotComparable,
    Period,
    RangeKind,
)


def in_both(say: Callable[[], object]) -> Both:
    """What `say` gives in each language."""
    said = []
    for language in LANGUAGES:
        with override(language):
            said.append(str(say()))
    return {"fr": said[0], "en": said[1]}


def texts(instance: Model, name: str) -> Texts:
    return {
        "fr": getattr(instance, f"{name}_fr") or None,
        "en": getattr(instance, f"{name}_en") or None,
    }


def coded(choices: Any, value: str) -> Coded:
    return {"code": value or None, "words": _words(choices, value)}


@cache
def _words(choices: Any, value: str) -> Both:
    return in_both(lambda: salaries.label(choices, value))


class Statements:
    """Prints figures as data for the site at `base` ("https://example.org"), with yearly amounts in
    `currency` too where the bands carry them (`SalaryBandQuerySet.with_amounts_in`).

    What many figures share (a career, a region, a source) is made once.
    """

    def __init__(self, base: str, currency: str = "EUR") -> None:
        self.base, self.currency = base, currency
        self._shared: dict[tuple[type[Model], int, str], Any] = {}

    def figure(self, band: SalaryBand, *, is_latest: bool) -> Figure:
        """All that the figure's page says, for a program, but for its series."""
        own, pages = self._figure(band)
        return {
            "id": str(band.pk),
            "self": own,
            "address": pages,
            "career": self._once(band.career, self.career),
            "region": self._once(band.region, self.region),
            "level": coded(Level, band.level),
            "engagement": coded(Engagement, band.engagement),
            "sentence": _sentence(band),
            "stated": _stated(band),
            "no_figure": _no_figure(band),
            "stated_as": band.stated_as or None,
            "inferred": texts(band, "inferred"),
            "yearly": _yearly(band, self.currency),
            "not_comparable": coded(NotComparable, band.not_comparable)
            if band.not_comparable
            else None,
            "source": self._once(band.source, self.source),
            "observed_on": band.observed_on.isoformat(),
            "confirmed_on": band.confirmed_on.isoformat() if band.confirmed_on else None,
            "is_latest": is_latest,
        }

    def in_series(self, band: SalaryBand, series: Iterable[SalaryBand]) -> FigureInSeries:
        """The figure and its `series`, which has the latest statement first."""
        statements = list(series)
        figure = self.figure(band, is_latest=statements[:1] == [band])
        return {**figure, "series": [self._statement(each) for each in statements]}

    def _statement(self, band: SalaryBand) -> Statement:
        own, pages = self._figure(band)
        return {
            "observed_on": band.observed_on.isoformat(),
            "sentence": _sentence(band),
            "self": own,
            "address": pages,
        }

    def _once(self, instance: Any, make: Callable[[Any], Any], part: str = "") -> Any:
        key = type(instance), instance.pk, part
        if key not in self._shared:
            self._shared[key] = make(instance)
        return self._shared[key]

    def career(self, career: Career) -> CareerName:
        return {
            "slug": career.slug,
            "title": texts(career, "title"),
            "self": self.resource("career_detail", career.slug),
            "address": self.pages("career_detail", career.slug),
        }

    def region(self, region: Region) -> RegionName:
        return {
            "code": region.code,
            "name": texts(region, "name"),
            "self": self.resource("region_detail", region.code),
            "address": self.pages("region_detail", region.code),
        }

    def source(self, source: Source) -> SourceFacts:
        return {
            "slug": source.slug,
            "title": source.title,
            "publisher": source.publisher or None,
            "kind": coded(Source.Kind, source.kind),
            "licence": source.licence or None,
            "published_on": source.published_on.isoformat() if source.published_on else None,
            "original": source.url or None,
            "self": self.resource("source_detail", source.slug),
            "address": self.pages("source_detail", source.slug),
        }

    def resource(self, name: str, *arguments: object) -> str:
        """The absolute address of something in the API."""
        return self.base + resource(name, *arguments)

    def _figure(self, band: SalaryBand) -> tuple[str, Pages]:
        """Where the figure stands in the API and on the site."""
        pages = self._once(
            band.career, lambda career: self.pages("figure_detail", career.slug, 0), "figures"
        )
        return numbered(self.resource("band_detail", 0), band.pk), {
            "fr": numbered(pages["fr"], band.pk),
            "en": numbered(pages["en"], band.pk),
        }

    def pages(self, view: str, *arguments: object) -> Pages:
        """The absolute address of a page in each language."""
        paths = in_both(lambda: address(view, *arguments))
        return {"fr": self.base + paths["fr"], "en": self.base + paths["en"]}


def _sentence(band: SalaryBand) -> Both:
    return {"fr": salaries.sentence(band, "fr"), "en": salaries.sentence(band, "en")}


def _text(amount: Decimal | None) -> str | None:
    """45000.0000 as "45000"."""
    return None if amount is None else f"{amount.normalize():f}"


def _ends(
    band: SalaryBand, low: Decimal | None, median: Decimal | None, high: Decimal | None, unit: str
) -> Ends:
    return {
        "low": _text(low),
        "median": _text(median),
        "high": _text(high),
        "open_ended": band.open_ended,
        "currency": unit,
    }


def _stated(band: SalaryBand) -> Stated | None:
    if band.no_figure_reason:
        return None
    return {
        **_ends(band, band.low, band.median, band.high, band.currency),
        "period": coded(Period, band.period),
        "basis": coded(Basis, band.basis),
        "range_kind": coded(RangeKind, band.range_kind),
    }


def _no_figure(band: SalaryBand) -> NoFigure | None:
    if not band.no_figure_reason:
        return None
    note = texts(band, "no_figure_note")
    return {**coded(NoFigureReason, band.no_figure_reason), "note": note}


def _yearly(band: SalaryBand, asked: str) -> list[Yearly]:
    if band.no_figure_reason or (band.not_comparable not in ("", NotComparable.NO_FIXING)):
        return []
    own = band.annual_low, band.annual_median, band.annual_high
    yearly = [_a_year(band, *own, band.currency, [])]
    rates: list[Rate] = []
    if band.currency != "EUR" and band.euro_rate and band.fixed_on:
        rates = [_rate(band.currency, band.euro_rate, band.fixed_on.isoformat())]
        euros = band.annual_low_eur, band.annual_median_eur, band.annual_high_eur
        yearly.append(_a_year(band, *euros, "EUR", rates))
    if asked not in ("EUR", band.currency) and (amounts := band.comparable(asked)):
        # Annotated by SalaryBandQuerySet.with_amounts_in.
        rate, day = band.rate_asked, band.rate_asked_on  # type: ignore[attr-defined]
        rates = [*rates, _rate(asked, rate, day.isoformat())]
        ends = amounts.low, amounts.median, amounts.high
        yearly.append(_a_year(band, *ends, asked, rates))
    return yearly


def _a_year(
    band: SalaryBand,
    low: Decimal | None,
    median: Decimal | None,
    high: Decimal | None,
    unit: str,
    rates: list[Rate],
) -> Yearly:
    hours = band.yearly_hours if band.period == Period.HOUR else None
    return {
        **_ends(band, low, median, high, unit),
        "period": "year",
        "basis": "gross",
        "basis_is_stated": bool(band.basis),
        "range_kind": band.range_kind,
        "made_from": {"period": band.period, "yearly_hours": str(hours) if hours else None},
        "rates": rates,
    }


def _rate(currency: str, units: Decimal, day: str) -> Rate:
    return {
        "publisher": "ECB",
        "currency": currency,
        "units_for_one_euro": f"{units.normalize():f}",
        "fixed_on": day,
    }


def citation(band: SalaryBand, whom: str, address: str, observed: str, read: str) -> str:
    """One sentence to quote the figure with, in the language of the page.

    `whom` says level, employment and region; `observed` and `read` are days in words.
    """
    return _(
        "“%(figure)s” (%(career)s, %(whom)s), according to %(source)s, figure of %(observed)s, "
        "as shown by Careers, plainly: %(address)s, read on %(read)s."
    ) % {
        "figure": band.sentence,
        "career": band.career.title,
        "whom": whom,
        "source": band.source.named,
        "observed": observed,
        "address": address,
        "read": read,
    }
