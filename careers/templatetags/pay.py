"""The pay bar: one scale for everything on a page, and each figure drawn on it.

The drawing only repeats the words beside it and is hidden from assistive technology. Places are
percentages in SVG attributes, so that a bar stretches with its column without any inline style;
what does not stretch (diamond, tick, arrow) is a symbol of `careers/_pay_symbols.html`.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal
from functools import cached_property
from typing import NamedTuple

from babel.numbers import get_currency_symbol
from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from careers import salaries, wording
from careers.models import SalaryBand, active_language
from careers.salaries import Amounts, RangeKind

register = template.Library()

STEPS = [Decimal(step) for step in ("1", "2", "2.5", "3", "4", "5", "6", "10")]
# The labels of more would touch each other on a phone, sooner with a long symbol (« 200 k$US »).
MOST_STEPS, LONG_STEPS = 4, 3
MIDDLE = 16  # of the bar below its top, as _pay_symbols.html draws it
THICK, THIN = 14, 4


class Tick(NamedTuple):
    """A labelled place on the scale."""

    place: str
    label: str
    anchor: str


@dataclass(frozen=True)
class PayScale:
    """From 0 to `top`, gross a year, in one currency; `threshold` is the amount asked, or None."""

    currency: str
    top: Decimal
    step: Decimal
    threshold: Decimal | None = None

    def place(self, amount: Decimal) -> str:
        """Where the amount stands, as an SVG percentage."""
        return f"{amount * 100 / self.top:.2f}".rstrip("0").rstrip(".") + "%"

    @cached_property
    def ticks(self) -> list[Tick]:
        """0 and each round amount up to the top."""
        amounts = [self.step * i for i in range(int(self.top / self.step) + 1)]
        anchors = ["start", *("middle" for _amount in amounts[1:])]
        return [self._tick(amount, anchor) for amount, anchor in zip(amounts, anchors, strict=True)]

    @cached_property
    def asked(self) -> Tick | None:
        """The threshold, its label turned inwards near the ends of the scale."""
        if self.threshold is None:
            return None
        share = self.threshold / self.top
        anchor = (
            "start" if share < Decimal("0.2") else "end" if share > Decimal("0.8") else "middle"
        )
        return self._tick(self.threshold, anchor)

    def _tick(self, amount: Decimal, anchor: str) -> Tick:
        return Tick(self.place(amount), compact(amount, self.currency), anchor)


def compact(amount: Decimal, currency: str) -> str:
    """A round amount in the least room: « 50 k€ », "€50k", « 1,5 M$US »."""
    language = active_language()
    units = ((10**6, "M"), (10**3, "k"))
    unit, letter = next(((unit, letter) for unit, letter in units if amount >= unit), (1, ""))
    digits = wording.number(amount / unit, language)
    if not amount:
        return digits
    symbol = get_currency_symbol(currency, locale=language)
    if language == "fr":
        return f"{digits}{wording.NARROW}{letter}{symbol.replace(' ', wording.NARROW)}"
    return f"{symbol}{wording.NO_BREAK if symbol[-1].isalpha() else ''}{digits}{letter}"


def nice(highest: Decimal, most: int = MOST_STEPS) -> tuple[Decimal, Decimal]:
    """The top of the scale and its step: at most `most` round steps that reach `highest`."""
    magnitude = Decimal(10) ** (highest.adjusted() - 1)
    steps = (step * magnitude * scale for scale in (1, 10) for step in STEPS)
    step = next(step for step in steps if step * most >= highest)
    return step * (highest / step).to_integral_value(ROUND_CEILING), step


@register.simple_tag
def pay_scale(
    bands: Iterable[SalaryBand], currency: str = "EUR", threshold: int | None = None
) -> PayScale | None:
    """The scale that holds all these bands and the threshold; None where nothing can be placed.

    {% pay_scale bands currency threshold as scale %}
    """
    return scale_up_to(highest(bands, currency), currency, threshold)


def highest(bands: Iterable[SalaryBand], currency: str) -> Decimal | None:
    """The highest amount of these bands that the scale has to hold; None where none has a place."""
    placed = (amounts for band in bands if (amounts := band.comparable(currency)))
    return max((amount for each in placed for amount in salaries.amounts(each)), default=None)


def scale_up_to(
    amount: Decimal | None, currency: str, threshold: int | None = None
) -> PayScale | None:
    """The scale that holds this amount and the threshold; None without an amount."""
    asked = Decimal(threshold) if threshold else None
    if amount is None or not (top := max(amount, asked or amount)):
        return None
    is_long = len(get_currency_symbol(currency, locale=active_language())) > 1
    return PayScale(currency, *nice(top, LONG_STEPS if is_long else MOST_STEPS), asked)


@register.simple_tag
def pay_bar(band: SalaryBand, scale: PayScale | None, wider: bool = False) -> SafeString:
    """The band drawn on the scale; nothing for a band that has no place on it.

    `wider` outlines a figure for a wider area than the one asked.
    {% pay_bar band scale wider %}
    """
    amounts = band.comparable(scale.currency) if scale else None
    if amounts is None or scale is None:
        return mark_safe("")
    marks = format_html_join("", "{}", ((mark,) for mark in _marks(amounts, scale, wider)))
    kind = "bar wider" if wider else "bar"
    return format_html('<svg class="{}" aria-hidden="true">{}</svg>', kind, marks)


def _marks(amounts: Amounts, scale: PayScale, wider: bool) -> Iterator[SafeString]:
    """The parts of the drawing, those behind first."""
    low, median, high = amounts.low, amounts.median, amounts.high
    end = "-wider" if wider else ""
    if high is not None and amounts.open_ended:
        yield _symbol("exceeds" if low is None else f"open{end}", scale.place(high))
    elif high is None and low is not None:
        yield _symbol(f"over{end}", scale.place(low))
    if low is None and high is not None and not amounts.open_ended:
        yield _bar(Decimal(0), high, scale, "range" if wider else "up-to")
        yield _symbol("end", scale.place(high))
    if low is not None and high is not None:
        yield from _range(low, high, scale, average=amounts.range_kind == RangeKind.AVERAGE)
    if median is not None:
        yield _symbol("median", scale.place(median))


def _range(low: Decimal, high: Decimal, scale: PayScale, *, average: bool) -> Iterator[SafeString]:
    """A bar; between averages a thin one with a diamond at each end; one amount, one diamond."""
    if low < high:
        yield _bar(low, high, scale, "thin" if average else "range")
    if average or low == high:
        for place in sorted({scale.place(low), scale.place(high)}):
            yield _symbol("diamond", place)


def _bar(low: Decimal, high: Decimal, scale: PayScale, kind: str) -> SafeString:
    """A rectangle; "up-to" fades in from the left, since the source names no lowest amount."""
    height = THIN if kind == "thin" else THICK
    return format_html(
        '<rect {} x="{}" y="{}" width="{}" height="{}"/>',
        mark_safe('fill="url(#pay-fade-in)"' if kind == "up-to" else f'class="pay {kind}"'),
        scale.place(low),
        MIDDLE - height // 2,
        scale.place(high - low),
        height,
    )


def _symbol(name: str, place: str) -> SafeString:
    return format_html('<use href="#pay-{}" x="{}"/>', name, place)
