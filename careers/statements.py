"""One figure as a statement that can be carried elsewhere: as data, and as a citation.

No amount ever stands alone: each comes with its currency, period, basis, source and date, and as
text, so that no reader rounds it.
"""

from collections.abc import Callable, Iterable
from decimal import Decimal
from typing import Any

from django.db.models import Model
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import override

from careers import salaries
from careers.models import Region, SalaryBand, Source
from careers.salaries import (
    Basis,
    Engagement,
    Level,
    NoFigureReason,
    NotComparable,
    Period,
    RangeKind,
)

LANGUAGES = ("fr", "en")
Absolute = Callable[[str], str]  # a path of the site as an absolute address
Both = dict[str, str]  # the same in "fr" and "en"


def in_both(say: Callable[[], object]) -> Both:
    """What `say` gives in each language."""
    said = {}
    for language in LANGUAGES:
        with override(language):
            said[language] = str(say())
    return said


def addresses(absolute: Absolute, view: str, *args: object) -> Both:
    """The absolute address of a page in each language."""
    return in_both(lambda: absolute(reverse(f"careers:{view}", args=args)))


def as_data(band: SalaryBand, series: Iterable[SalaryBand], absolute: Absolute) -> dict[str, Any]:
    """All that the figure's page says, for a program; `series` has the latest statement first."""
    career, statements = band.career, list(series)
    at = (career.slug, band.pk)
    return {
        "address": addresses(absolute, "figure_detail", *at),
        "json": addresses(absolute, "figure_json", *at),
        "career": {
            "slug": career.slug,
            "title": _texts(career, "title"),
            "address": addresses(absolute, "career_detail", career.slug),
        },
        "region": _region(band.region, absolute),
        "level": _coded(Level, band.level),
        "engagement": _coded(Engagement, band.engagement),
        "sentence": {language: salaries.sentence(band, language) for language in LANGUAGES},
        "stated": _stated(band),
        "no_figure": _no_figure(band),
        "stated_as": band.stated_as or None,
        "inferred": _texts(band, "inferred"),
        "yearly": _yearly(band),
        "not_comparable": _coded(NotComparable, band.not_comparable)
        if band.not_comparable
        else None,
        "source": _source(band.source, absolute),
        "observed_on": band.observed_on.isoformat(),
        "is_latest": statements[:1] == [band],
        "series": [_in_series(each, absolute) for each in statements],
    }


def _texts(instance: Model, name: str) -> dict[str, str | None]:
    """A text of the content as it is written in each language; None where it is not."""
    return {language: getattr(instance, f"{name}_{language}") or None for language in LANGUAGES}


def _coded(choices: Any, value: str) -> dict[str, Any]:
    """A value of a fixed list and its words; None where the source does not say."""
    return {
        "code": value or None,
        "words": in_both(lambda: choices(value).label if value else choices.__empty__),
    }


def _text(amount: Decimal | None) -> str | None:
    """45000.0000 as "45000"."""
    return None if amount is None else f"{amount.normalize():f}"


def _ends(low: Decimal | None, median: Decimal | None, high: Decimal | None) -> dict[str, Any]:
    return {"low": _text(low), "median": _text(median), "high": _text(high)}


def _stated(band: SalaryBand) -> dict[str, Any] | None:
    """The amounts as the source states them; None where it states none."""
    if band.no_figure_reason:
        return None
    return {
        **_ends(band.low, band.median, band.high),
        "open_ended": band.open_ended,
        "currency": band.currency,
        "period": _coded(Period, band.period),
        "basis": _coded(Basis, band.basis),
        "range_kind": _coded(RangeKind, band.range_kind),
    }


def _no_figure(band: SalaryBand) -> dict[str, Any] | None:
    if not band.no_figure_reason:
        return None
    note = _texts(band, "no_figure_note")
    return {**_coded(NoFigureReason, band.no_figure_reason), "note": note}


def _yearly(band: SalaryBand) -> list[dict[str, Any]]:
    """The derived gross yearly amounts: in the figure's own currency, then in euros."""
    if band.no_figure_reason or (band.not_comparable not in ("", NotComparable.NO_FIXING)):
        return []
    conditions = {
        "open_ended": band.open_ended,
        "period": Period.YEAR.value,
        "basis": Basis.GROSS.value,
        "basis_is_stated": bool(band.basis),
        "range_kind": band.range_kind,
        "made_from": {"period": band.period, "yearly_hours": _hours(band)},
    }
    own = _ends(band.annual_low, band.annual_median, band.annual_high)
    yearly = [{**own, "currency": band.currency, "rate": None, **conditions}]
    if band.currency != "EUR" and band.euro_rate and band.fixed_on:
        euros = _ends(band.annual_low_eur, band.annual_median_eur, band.annual_high_eur)
        rate = {
            "publisher": "ECB",
            "currency": band.currency,
            "units_for_one_euro": _text(band.euro_rate),
            "fixed_on": band.fixed_on.isoformat(),
        }
        yearly.append({**euros, "currency": "EUR", "rate": rate, **conditions})
    return yearly


def _hours(band: SalaryBand) -> str | None:
    return str(band.yearly_hours) if band.period == Period.HOUR else None


def _region(region: Region, absolute: Absolute) -> dict[str, Any]:
    return {
        "code": region.code,
        "name": _texts(region, "name"),
        "address": addresses(absolute, "region_detail", region.code),
    }


def _source(source: Source, absolute: Absolute) -> dict[str, Any]:
    return {
        "slug": source.slug,
        "title": source.title,
        "publisher": source.publisher or None,
        "kind": _coded(Source.Kind, source.kind),
        "licence": source.licence or None,
        "published_on": source.published_on.isoformat() if source.published_on else None,
        "original": source.url or None,
        "address": addresses(absolute, "source_detail", source.slug),
    }


def _in_series(band: SalaryBand, absolute: Absolute) -> dict[str, Any]:
    return {
        "observed_on": band.observed_on.isoformat(),
        "sentence": {language: salaries.sentence(band, language) for language in LANGUAGES},
        "address": addresses(absolute, "figure_detail", band.career.slug, band.pk),
    }


def citation(band: SalaryBand, whom: str, address: str, observed: str, read: str) -> str:
    """One sentence to quote the figure with, in the language of the page.

    `whom` says level, employment and region; `observed` and `read` are days in words.
    """
    source = band.source
    named = f"{source.title}, {source.publisher}" if source.publisher else source.title
    return _(
        "“%(figure)s” (%(career)s, %(whom)s), according to %(source)s, figure of %(observed)s, "
        "as shown by Careers, plainly: %(address)s, read on %(read)s."
    ) % {
        "figure": band.sentence,
        "career": band.career.title,
        "whom": whom,
        "source": named,
        "observed": observed,
        "address": address,
        "read": read,
    }
