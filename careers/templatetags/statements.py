"""The page of one figure: its conditions as a table, its conversion in words, how to cite it."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from django import template
from django.template import Context
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from careers import statements
from careers.areas import Offered
from careers.models import Field, Region, SalaryBand, Source
from careers.salaries import Basis, Engagement, Level, Period, RangeKind, label
from careers.templatetags.figures import SEPARATOR, aged
from careers.templatetags.texts import day, grouped

register = template.Library()


class Term(NamedTuple):
    """One condition of a figure: what it is called, and its value in words."""

    name: str
    words: str


@register.simple_tag
def for_whom_in_full(band: SalaryBand) -> str:
    """Level and employment, also where the source leaves them open.

    {% for_whom_in_full band %}
    """
    return SEPARATOR.join(_whom(band))


def _whom(band: SalaryBand) -> tuple[str, str]:
    return label(Level, band.level), label(Engagement, band.engagement)


@register.simple_tag
def terms(band: SalaryBand) -> list[Term]:
    """What the figure is about and what its amounts are.

    {% terms band as rows %}
    """
    return list(_terms(band))


def _terms(band: SalaryBand) -> Iterator[Term]:
    level, engagement = _whom(band)
    yield Term(_("Level"), level)
    yield Term(_("Employment"), engagement)
    if not band.no_figure_reason:
        yield Term(_("Amounts"), f"{band.currency} {Period(band.period).label}")
        yield Term(_("Gross or net"), label(Basis, band.basis))
        yield Term(_("Kind of range"), str(RangeKind(band.range_kind).label))
    yield Term(_("Stood on"), aged(day(band.observed_on), band.observed_on))
    if band.confirmed_on:
        yield Term(_("Confirmed on"), aged(day(band.confirmed_on), band.confirmed_on))


@register.simple_tag
def no_conversion(band: SalaryBand) -> str:
    """Why nothing had to be converted, for a comparable figure that is yearly and in euros.

    {% no_conversion band %}
    """
    if band.basis == Basis.GROSS:
        return _("Stated in euros, gross and for a year: compared as it is, nothing converted.")
    return _(
        "Stated in euros and for a year: nothing converted. The source does not say gross or net; "
        "the figure is compared as gross."
    )


def _inside(words: str) -> str:
    """A label as it stands inside a sentence."""
    return words[:1].lower() + words[1:]


@register.simple_tag(takes_context=True)
def citation(context: Context, band: SalaryBand) -> str:
    """One sentence to quote the figure with, its address absolute and today's date in it.

    {% citation band %}
    """
    return statements.citation(
        band,
        whom=", ".join((band.region.name, *map(_inside, _whom(band)))),
        address=context["request"].build_absolute_uri(band.get_absolute_url()),
        observed=day(band.observed_on),
        read=day(timezone.localdate()),
    )


class Place(NamedTuple):
    """A region of the tree, its number of careers, and the parts of it that have any."""

    region: Region
    careers: int
    parts: "list[Place]"


@register.simple_tag
def as_tree(offered: Iterable[Offered]) -> list[Place]:
    """`areas.counted()` as a tree; each part stands below the area around it.

    {% as_tree regions as places %}
    """
    roots: list[Place] = []
    parts: dict[int | None, list[Place]] = {}
    for region, careers in offered:
        place = Place(region, careers, parts.setdefault(region.pk, []))
        parts.get(region.parent_id, roots).append(place)
    return roots


@register.simple_tag
def source_description(source: Source, figures: int) -> str:
    """What a search engine prints below the title of a source's page.

    {% source_description source page.paginator.count %}
    """
    if not figures:
        return _("“%(title)s”: who published it, under which licence, and what it is used for.") % {
            "title": source.title
        }
    return ngettext(
        "%(shown)s pay figure according to “%(title)s”, with its conditions and its date.",
        "%(shown)s pay figures according to “%(title)s”, each with its conditions and its date.",
        figures,
    ) % {"shown": grouped(figures), "title": source.title}


@register.simple_tag
def region_description(region: Region) -> str:
    """{% region_description region %}"""
    return _(
        "What careers pay in %(region)s (%(code)s) according to published sources, and in its "
        "parts; figures of wider areas apart."
    ) % {"region": region.name, "code": region.code}


@register.simple_tag
def field_description(field: Field) -> str:
    """{% field_description field %}"""
    return _(
        "What one does in %(field)s and what it pays, according to published sources; each figure "
        "with its conditions and its date."
    ) % {"field": field.name}


@register.simple_tag
def page_mark(number: int) -> str:
    """What the title of a numbered page adds; nothing to the first.

    {% page_mark page.number %}
    """
    return f" – {_('page %d') % number}" if number > 1 else ""


@register.simple_tag
def page_sentence(number: int) -> str:
    """What the description of a numbered page adds; nothing to the first.

    {% page_sentence page.number %}
    """
    return f" {_('Page %d.') % number}" if number > 1 else ""


@register.simple_tag
def page_path(path: str, number: int) -> str:
    """The address of a numbered page, `path` with or without a question; the first has no number.

    {% page_path request.path page.next_page_number %}
    """
    return f"{path}{'&' if '?' in path else '?'}page={number}" if number > 1 else path
