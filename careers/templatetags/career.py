"""The page of one career: its addresses, each group of its figures in a line, its codes."""

from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import NamedTuple

from django import template
from django.utils.html import format_html
from django.utils.http import urlencode
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from careers import salaries, wording
from careers.career_pay import CareerPay, PayGroup
from careers.models import Career, Region, active_language
from careers.templatetags.figures import aged
from careers.templatetags.pages import Step
from careers.templatetags.pay import PayScale
from careers.templatetags.texts import Alternatives, Section, grouped, month

register = template.Library()


@register.simple_tag
def career_address(
    career: Career,
    region: Region | None = None,
    salary_min: int | None = None,
    currency: str = "EUR",
    everything: bool = False,
) -> str:
    """The page of a career that begins with this region, on a scale with this amount.

    {% career_address career region=region salary_min=80000 currency="EUR" %}
    """
    return f"{career.get_absolute_url()}{career_query(region, salary_min, currency, everything)}"


@register.simple_tag
def career_description(career: Career) -> str:
    """What search engines and shared links say of a career: its summary, or what its page tells.

    {% career_description career %}
    """
    if career.summary:
        return career.summary
    words = _("%(career)s: what the job pays, where, according to whom, and how sure that is.")
    return words % {"career": career.title}


def career_query(
    region: Region | None, salary_min: int | None, currency: str, everything: bool = False
) -> str:
    """What the address of a career's page says of the question, beginning with "?", or ""."""
    return _query(region.code if region else "", salary_min, currency, everything)


@lru_cache(maxsize=1_000)  # a list says the same to each of its careers
def _query(region: str, salary_min: int | None, currency: str, everything: bool) -> str:
    asked: list[tuple[str, str | int]] = []
    if region:
        asked.append(("region", region))
    if salary_min:
        asked.append(("salary_min", salary_min))
    if currency != "EUR":
        asked.append(("currency", currency))
    if everything:
        asked.append(("all", 1))
    return f"?{urlencode(asked)}" if asked else ""


@register.simple_tag
def pay_address(pay: CareerPay, region: Region | None = None, everything: bool = False) -> str:
    """The same page with everything open, or beginning with another region.

    {% pay_address pay region=group.region %}
    """
    place = region or pay.region
    return career_address(pay.career, place, pay.threshold, pay.currency, everything)


@register.simple_tag
def amount_asked(pay: CareerPay) -> str:
    """The threshold in words; "" where none is asked.

    {% amount_asked pay as amount %}
    """
    if not pay.threshold:
        return ""
    return wording.money(pay.threshold, pay.currency, active_language())


@register.simple_tag
def group_summary(group: PayGroup, currency: str) -> str:
    """How many figures a group has, between which amounts, and of when the latest is.

    {% group_summary group "EUR" %}
    """
    return ", ".join(_summary(group, currency))


def _summary(group: PayGroup, currency: str) -> Iterator[str]:
    count = len(group.bands)
    yield ngettext("%(shown)s figure", "%(shown)s figures", count) % {"shown": grouped(count)}
    if span := group.span(currency):
        yield salaries.sentence(span.rounded(), active_language())
    latest = aged(month(group.latest_on), group.latest_on)
    yield _("the latest: %s") % latest if count > 1 else latest


@register.simple_tag
def span_bar(group: PayGroup, scale: PayScale | None) -> SafeString:
    """A thin line from the smallest to the largest amount of the group.

    {% span_bar group scale %}
    """
    span = group.span(scale.currency) if scale else None
    if scale is None or span is None or span.low is None or span.high is None:
        return mark_safe("")
    return format_html(
        '<svg class="bar span" aria-hidden="true"><line x1="{}" x2="{}" y1="50%" y2="50%"/></svg>',
        scale.place(span.low),
        scale.place(span.high),
    )


@register.simple_tag
def career_parts(
    texts: list[Section],
    titles: Alternatives,
    rows: "list[Code]",
    related: Iterable[Career],
    pay: CareerPay,
) -> list[Step]:
    """The parts that the page of a career has, for its contents list.

    {% career_parts texts titles rows related pay as here %}
    """
    named = [
        ("pay", _("What it pays"), True),
        ("wider", _("For a wider area"), pay.wider),
        ("elsewhere", _("Elsewhere"), pay.elsewhere),
        *((part.anchor, part.title, True) for part in texts),
        ("related", _("Related jobs"), related),
        ("titles", _("Other titles"), titles.first),
        ("codes", _("In the classifications"), rows),
    ]
    return [Step(words, f"#{anchor}") for anchor, words, present in named if present]


class Code(NamedTuple):
    """The career in a classification: whose, its code, where to read it, what it is."""

    name: str
    code: str
    address: str
    words: str


@register.simple_tag
def codes(career: Career) -> list[Code]:
    """{% codes career as rows %}"""
    return list(_codes(career))


def _codes(career: Career) -> Iterator[Code]:
    if code := career.rome_code:
        address = f"https://candidat.francetravail.fr/metierscope/fiche-metier/{code}"
        yield Code("ROME", code, address, _("the jobs of France Travail"))
    if code := career.isco_code:
        address = "https://isco.ilo.org/en/isco-08/"
        yield Code("ISCO-08", code, address, _("the International Labour Organization’s groups"))
    if uri := career.esco_uri:
        yield Code("ESCO", uri.rpartition("/")[2], uri, _("the European Commission’s occupations"))
    if code := career.soc_code:
        whole = code if "." in code else f"{code}.00"
        address = f"https://www.onetonline.org/link/summary/{whole}"
        yield Code("O*NET-SOC", code, address, _("the occupations of the United States"))
