"""The chart of a career for pages of others: its snippet, its address, and how it is found."""

from collections.abc import Iterable, Iterator
from textwrap import wrap
from typing import NamedTuple

from django import template
from django.template import Context
from django.urls import reverse
from django.utils.html import strip_tags
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from careers.career_pay import CareerPay
from careers.career_question import CareerQuestion
from careers.embedding import NARROW, SHOWN, WIDE, Heights, frame, ordered, query_of
from careers.models import Career, SalaryBand
from careers.templatetags.career import career_address
from careers.templatetags.figures import conversion, for_whom, origin, shared_origin, why_apart

register = template.Library()

# Pixels of a chart: its edges left and right, a small and a large character, the height of a line,
# of a bar with the space around it, and of what is around all figures. Fonts differ: a bit more.
EDGES, SMALL, LARGE = 34, 8, 11
LINE, BAR, AROUND = 24, 50, 150
WIDER = "x " * 50  # as long as the words that say that figures are for a wider area


class Embedded(NamedTuple):
    """The chart's absolute address, and the snippet to paste."""

    address: str
    snippet: str


@register.simple_tag(takes_context=True)
def embedding(context: Context, pay: CareerPay) -> Embedded:
    """The chart that begins where the page of the career does.

    {% embedding pay as embedded %}
    """
    path = reverse("careers:career_embed", args=[pay.career.slug])
    address = context["request"].build_absolute_uri(f"{path}{query_of(pay.question)}")
    bands = ordered(pay.own_bands or pay.wider_bands)
    heights = heights_of(pay, bands[:SHOWN])
    return Embedded(address, frame(address, chart_title(pay.career), heights))


def heights_of(asked: CareerQuestion, bands: list[SalaryBand]) -> Heights:
    """What holds the chart of these figures; where there is room to spare, it goes between them."""
    return Heights(*(_height(asked, bands, width - EDGES) for width in (NARROW, WIDE)))


def _height(asked: CareerQuestion, bands: list[SalaryBand], width: int) -> int:
    shared = shared_origin(bands)
    large, small = [asked.career.title], [_origin(shared)] if shared else []
    if asked.region and not all(asked.region.contains(band.region) for band in bands):
        small.append(WIDER)
    for band in bands:
        large.append(band.sentence)
        small += [*_notes(band, asked.currency), "" if shared else _origin(band)]
    lines = _lines(large, width // LARGE) + _lines(small, width // SMALL)
    return AROUND + BAR * max(len(bands), 1) + LINE * lines


def _notes(band: SalaryBand, currency: str) -> Iterator[str]:
    """What a figure says below its amounts, as _figure.html prints it."""
    yield for_whom(band, region=True, full=True)
    yield why_apart(band, currency) or conversion(band, currency)
    yield band.stated_as and _("The source says: %(words)s") % {"words": band.stated_as}
    yield f"{_('Inferred:')} {band.inferred}" if band.inferred_fr else ""


def _origin(band: SalaryBand) -> str:
    return strip_tags(origin(band, full=True))


def _lines(texts: Iterable[str], characters: int) -> int:
    return sum(len(wrap(text, characters)) for text in texts)


@register.simple_tag(takes_context=True)
def oembed_address(context: Context, pay: CareerPay) -> str:
    """Where oEmbed tells how to embed the page's chart.

    {% oembed_address pay as address %}
    """
    absolute = context["request"].build_absolute_uri
    page = absolute(career_address(pay.career, pay.region, pay.threshold, pay.currency))
    return f"{absolute(reverse('oembed'))}?{urlencode({'url': page})}"


@register.simple_tag
def chart_title(career: Career) -> str:
    """« Data scientist : ce que cela paie – Métiers au clair ».

    {% chart_title career %}
    """
    return _("%(career)s: what it pays – Careers, plainly") % {"career": career.title}
