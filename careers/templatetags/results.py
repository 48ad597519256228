"""Careers in a list: each made once, and then again only when it has changed."""

from collections.abc import Callable, Hashable, Iterable, Sequence
from decimal import Decimal
from functools import partial
from typing import Any, Protocol

from django import template
from django.conf import settings
from django.template.loader import get_template
from django.utils import timezone
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from careers.kept import Kept
from careers.models import Career, Region, SalaryBand, active_language
from careers.templatetags.career import career_query
from careers.templatetags.compare import compare_query
from careers.templatetags.kept import packed
from careers.templatetags.pay import PayScale, highest, scale_up_to

register = template.Library()

# Where the links of what is kept say what was asked: two characters that no text holds.
ASKED, COMPARED = "\ue000", "\ue001"


class Shown(Protocol):
    """A career of a list; its number and those of its bands are known before they are read.

    `kept` is where what is made of it may be kept, if anywhere.
    """

    @property
    def kept(self) -> Kept | None: ...
    @property
    def number(self) -> int: ...
    @property
    def numbers(self) -> tuple[int, ...]: ...
    @property
    def career(self) -> Career | None: ...
    @property
    def bands(self) -> list[SalaryBand]: ...


class ShownGroup(Protocol):
    """A group of results as the view builds it."""

    @property
    def results(self) -> Sequence[Shown]: ...


@register.simple_tag
def results_scale(
    groups: Iterable[ShownGroup], currency: str, threshold: int | None = None
) -> PayScale | None:
    """The scale that holds all figures of these groups and the threshold.

    {% results_scale groups question.asked.currency question.asked.salary_min as scale %}
    """
    tops = (_top(shown, currency) for group in groups for shown in group.results)
    placed = [top for top in tops if top is not None]
    return scale_up_to(max(placed, default=None), currency, threshold)


def _top(shown: Shown, currency: str) -> Decimal | None:
    """The highest amount among the figures of one career; None where none has a place."""
    found: tuple[Decimal | None] = _kept(
        shown, (shown.numbers, currency), lambda: (highest(shown.bands, currency),)
    )
    return found[0]


def _kept(shown: Shown, key: Hashable, make: Callable[[], Any]) -> Any:
    """What `make` makes, which is never None; not kept while templates are being written."""
    if shown.kept is None or settings.DEBUG:
        return make()
    return shown.kept.of((shown.number, key), make)


@register.simple_tag
def results(
    listed: Iterable[Shown],
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
    html = "".join(
        _kept(shown, (shown.numbers, *key), partial(_made, shown, context)) for shown in listed
    )
    asked = escape(career_query(region, amount, currency))
    compared = escape(compare_query(region.code if region else "", currency))
    return mark_safe(html.replace(ASKED, asked).replace(COMPARED, compared))


def _made(shown: Shown, context: dict[str, Any]) -> SafeString:
    if not shown.career:
        return packed("")
    places = {"result": shown, "asked": ASKED, "compared": COMPARED}
    return packed(get_template("careers/_result.html").render(context | places))
