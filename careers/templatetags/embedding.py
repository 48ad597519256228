"""The chart of a career for pages of others: its snippet, its address, and how it is found."""

from typing import NamedTuple

from django import template
from django.template import Context
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from careers.career_pay import Area, CareerPay
from careers.embedding import frame, height_of, query_of
from careers.models import Career
from careers.templatetags.career import career_address

register = template.Library()


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
    height = height_of(_count(pay.own) or _count(pay.wider))
    return Embedded(address, frame(address, chart_title(pay.career), height))


def _count(area: Area) -> int:
    return sum(len(group.bands) for group in (*area.opened, *area.closed))


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
