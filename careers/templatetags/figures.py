"""What stands beside a figure: whom it is for, how it was converted, and what it stands among."""

from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import NamedTuple

from django import template
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from careers import salaries, wording
from careers.addresses import address
from careers.comparison import why_not
from careers.models import SalaryBand, Source, active_language
from careers.salaries import Basis, Engagement, Level, NotComparable, Period, RangeKind, label
from careers.templatetags.texts import age, day, grouped, month

register = template.Library()

SEPARATOR = f"{wording.NO_BREAK}· "
RATE_DIGITS = Decimal("0.0001")  # what the ECB publishes


@register.simple_tag
def shared_origin(bands: Sequence[SalaryBand]) -> SalaryBand | None:
    """One of the bands where all have the same source and dates, so that it is told once.

    {% shared_origin bands as shared %}
    """
    origins = {(band.source_id, band.observed_on, band.confirmed_on) for band in bands}
    return bands[0] if len(origins) == 1 else None


@register.simple_tag
def for_whom(band: SalaryBand, region: bool = False, full: bool = False, here: str = "") -> str:
    """Level, employment and, where asked, region of a figure, and what its ends mean.

    `full` also says what the source leaves open. What stands above it (`here`), its "region" or its
    "level", is not said again.
    {% for_whom band region=True %}
    """
    region, level = region and here != "region", here != "level"
    return SEPARATOR.join(_conditions(band, region=region, level=level, full=full))


def _conditions(band: SalaryBand, *, region: bool, level: bool, full: bool) -> Iterator[str]:
    if level and (band.level or full):
        yield label(Level, band.level)
    if band.engagement or full:
        yield label(Engagement, band.engagement)
    if region:
        yield band.region.name
    if band.range_kind in (RangeKind.P25_P75, RangeKind.P10_P90):
        yield str(RangeKind(band.range_kind).label)
    if full and not band.basis and not band.no_figure_reason:
        yield label(Basis, "")


@register.simple_tag
def origin(band: SalaryBand, full: bool = False, here: str = "") -> SafeString:
    """Source, month and age of a figure, with a link to the source's page; `full` adds its licence.
    The page of the source itself ("source" is `here`) says only the month.

    {% origin band full=True %}
    """
    source = None if here == "source" else _Named.of(band.source)
    licence = band.source.licence if full else ""
    said = (source, licence, band.observed_on, band.confirmed_on)
    return _origin(*said, timezone.localdate(), active_language())


class _Named(NamedTuple):
    """What is said of a source."""

    title: str
    publisher: str
    slug: str

    @classmethod
    def of(cls, source: Source) -> "_Named":
        return cls(source.title, source.publisher, source.slug)


@lru_cache(maxsize=5_000)  # a page says the same of figure after figure
def _origin(
    source: _Named | None,
    licence: str,
    observed_on: date,
    confirmed_on: date | None,
    _today: date,
    _language: str,
) -> SafeString:
    parts = [format_html(_("Figure of {}."), aged(month(observed_on), observed_on))]
    if source:
        parts.insert(0, format_html(_("Source: {}."), _linked(source)))
    if confirmed_on:
        parts.append(format_html(_("Confirmed on {}."), aged(day(confirmed_on), confirmed_on)))
    if source and licence:
        parts.append(format_html(_("Licence: {}."), licence))
    return format_html_join(" ", "{}", ((part,) for part in parts))


def _linked(source: _Named) -> SafeString:
    """Title and publisher, with a link to the source's page."""
    path = address("source_detail", source.slug)
    title = format_html('<a href="{}">{}</a>', path, source.title)
    return format_html("{}, {}", title, source.publisher) if source.publisher else title


def aged(words: str, value: date) -> str:
    """A day or month in words, and how long ago that was."""
    ago = age(value)
    return f"{words}, {ago}" if ago else words


@register.simple_tag
def conversion(band: SalaryBand, currency: str = "EUR") -> str:
    """The figure as gross a year in `currency` and how it was made so; "" where it already is.

    {% conversion band "EUR" %}
    """
    amounts = band.comparable(currency)
    steps = list(_steps(band, currency)) if amounts else []
    if amounts is None or not steps:
        return ""
    words = salaries.sentence(amounts.rounded(), active_language())
    return _("Converted: %(figure)s (%(steps)s).") % {"figure": words, "steps": ", ".join(steps)}


def _steps(band: SalaryBand, currency: str) -> Iterator[str]:
    """How the band's amounts became yearly amounts in `currency`."""
    if band.period == Period.MONTH:
        yield _("12 months")
    if band.period == Period.WEEK:
        yield _("52 weeks")
    if band.period == Period.HOUR:
        hours = band.yearly_hours or 0
        yield _("%s hours a year") % grouped(hours)
    if band.currency == currency:
        return
    if band.currency != "EUR" and band.euro_rate and band.fixed_on:
        yield _ecb_rate(band.fixed_on, band.euro_rate, band.currency)
    if currency != "EUR":
        # Annotated by SalaryBandQuerySet.with_answer for the currency asked.
        yield _ecb_rate(band.rate_asked_on, band.rate_asked, currency)  # type: ignore[attr-defined]


def _ecb_rate(fixed_on: date, rate: Decimal, currency: str) -> str:
    said = {"day": day(fixed_on), "rate": _rate(rate, currency)}
    return _("ECB rate of %(day)s: %(rate)s") % said


def _rate(rate: Decimal, currency: str) -> str:
    """« 1 € = 1,0981 $US »."""
    language = active_language()
    one = wording.money(1, "EUR", language)
    equals = f"{wording.NO_BREAK}={wording.NO_BREAK}"
    return f"{one}{equals}{wording.money(rate.quantize(RATE_DIGITS), currency, language)}"


@register.simple_tag
def why_apart(band: SalaryBand, currency: str = "EUR") -> str:
    """Why a figure has no place on the scale; "" where it has one, or where it is no figure.

    {% why_apart band "EUR" as why %}
    """
    reason = why_not(band, currency)
    return str(NotComparable(reason).label) if reason else ""
