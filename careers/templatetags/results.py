"""Careers in a list: each made once, and then again only when it has changed."""

from collections.abc import Hashable, Iterable
from decimal import Decimal
from typing import Any

from django import template
from django.conf import settings
from django.template.loader import get_template
from django.utils import timezone
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from careers.models import Region, active_language
from careers.results import Result
from careers.templatetags.career import career_query
from careers.templatetags.compare import compare_query
from careers.templatetags.kept import packed
from careers.templatetags.pay import PayScale, highest, scale_up_to

register = template.Library()

# Where the links of what is kept say what was asked: two characters that no text holds.
ASKED, COMPARED = "\ue000", "\ue001"


@register.simple_tag
def results_scale(
    results: Iterable[Result], currency: str = "EUR", threshold: int | None = None
) -> PayScale | None:
    """The scale that holds all figures of these careers and the threshold.

    {% results_scale results question.asked.currency question.asked.salary_min as scale %}
    """
    tops = (_top(result, currency) for result in results)
    placed = [top for top in tops if top is not None]
    return scale_up_to(max(placed, default=None), currency, threshold)


def _top(result: Result, currency: str) -> Decimal | None:
    """The highest amount among the figures of one career; None where none has a place."""
    found: tuple[Decimal | None] = result.once(currency, lambda: (highest(result.bands, currency),))
    return found[0]


@register.simple_tag
def results(
    listed: Iterable[Result],
    scale: PayScale | None,
    currency: str = "EUR",
    wider: bool = False,
    here: str = "",
    region: Region | None = None,
    amount: int | None = None,
) -> SafeString:
    """Careers of a list: what each is, and the figures that answer for it. Its page begins with
    the region and amount that were asked; `here` as in _plot.html.

    {% results each.results scale currency wider region=question.only_region amount=80000 %}
    """
    drawn = (scale.currency, scale.top) if scale else None
    key = (drawn, currency, wider, here, active_language(), timezone.localdate())
    context = {"scale": scale, "currency": currency, "wider": wider, "here": here}
    html = "".join(_entry(result, key, context) for result in listed)
    asked = escape(career_query(region, amount, currency))
    compared = escape(compare_query(region.code if region else "", currency))
    return mark_safe(html.replace(ASKED, asked).replace(COMPARED, compared))


def _entry(result: Result, key: Hashable, context: dict[str, Any]) -> SafeString:
    """One career of the list; made again while templates are being written."""
    if settings.DEBUG:
        return _made(result, context)
    html: SafeString = result.once(key, lambda: _made(result, context))
    return html


def _made(result: Result, context: dict[str, Any]) -> SafeString:
    if not result.career:
        return packed("")
    places = {"result": result, "asked": ASKED, "compared": COMPARED}
    return packed(get_template("careers/_result.html").render(context | places))
