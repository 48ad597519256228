"""The comparison as the page says it: its addresses, its title, the mark beside each figure."""

from typing import NamedTuple

from django import template
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from careers.addresses import address
from careers.comparison import Comparison, Mark, mark
from careers.models import Career, Region, SalaryBand
from careers.salaries import Level, label
from careers.templatetags.question import region_names

register = template.Library()

_SIGNS = {Mark.AS_STATED: "=", Mark.CONVERTED: "≈", Mark.NOT_COMPARABLE: "≠"}


class Marked(NamedTuple):
    """A mark in words, and as the sign that stands before them."""

    sign: str
    label: str


@register.simple_tag
def mark_of(band: SalaryBand, currency: str) -> Marked:
    """{% mark_of band "EUR" as mark %}"""
    found = mark(band, currency)
    return Marked(_SIGNS[found], str(found.label))


@register.simple_tag
def level_name(level: str) -> str:
    """{% level_name group.level %}"""
    return label(Level, level)


@register.simple_tag
def wider_words(comparison: Comparison) -> str:
    """What figures for a wider area than the one asked do not say.

    {% wider_words comparison %}
    """
    words = _(
        "These figures are for a wider area than the one chosen (%s). "
        "They do not say what is paid there."
    )
    return words % region_names(comparison.question)


@register.simple_tag
def compare_title(comparison: Comparison) -> str:
    """{% compare_title comparison %}"""
    titles = [career.title for career in comparison.careers]
    if len(titles) < 2:
        return _("Compare jobs")
    where = [region.name for region in comparison.question.asked["region"]]
    currency = [comparison.currency] if comparison.currency != "EUR" else []
    return " – ".join((_("Compare: %s") % ", ".join(titles), *where, *currency))


@register.simple_tag
def compare_address(
    comparison: Comparison, plus: Career | None = None, without: Career | None = None
) -> str:
    """The comparison with one career more or less: the same careers, the same address.

    {% compare_address comparison plus=career %}
    """
    careers = [career for career in comparison.careers if career != without]
    chosen = [*careers, plus] if plus else careers
    return _address(chosen, comparison.region, comparison.currency)


@register.simple_tag
def compare_with(career: Career, region: Region | None = None, currency: str = "EUR") -> str:
    """A comparison that begins with this career, where and in which currency the page asks.

    {% compare_with career question.only_region question.asked.currency %}
    """
    return _address([career], region.code if region else "", currency)


def _address(careers: list[Career], region: str, currency: str) -> str:
    path, asked = address("compare"), urlencode([("career", career.slug) for career in careers])
    where = compare_query(region, currency)
    return f"{path}?{asked}{where}" if asked else f"{path}{where.replace('&', '?', 1)}"


def compare_query(region: str, currency: str) -> str:
    """What the address of a comparison says after its careers, beginning with "&", or ""."""
    asked = [("region", region)] if region else []
    if currency != "EUR":
        asked.append(("currency", currency))
    return f"&{urlencode(asked)}" if asked else ""
