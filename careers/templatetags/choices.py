"""What can be chosen, in one piece each: loops in templates took a third of the page."""

from collections.abc import Iterable

from django import template
from django.utils.html import format_html_join
from django.utils.safestring import SafeString, mark_safe

from careers.facets import Choice
from careers.models import Region
from careers.templatetags.texts import grouped, indent

register = template.Library()

_BOX = (
    '<label{}><input type="checkbox" id="{}-{}" name="{}" value="{}"{}> '
    '{} <span id="n-{}-{}" class="{}">{}</span></label>'
)
_NUMBER = '<span id="n-{}-{}" class="{}" data-hx-swap-oob="true">{}</span>'
_OPTION = '<option value="{}"{}>{}</option>'
_DEPTHS = {depth: mark_safe(f' class="depth-{depth}"') for depth in range(1, 10)}
_CHECKED, _SELECTED = mark_safe(" checked"), mark_safe(" selected")


@register.simple_tag
def boxes(choices: Iterable[Choice], name: str) -> SafeString:
    """The values of a facet to tick, each with the number of careers that it would leave.

    {% boxes facets.levels "level" %}
    """
    rows = (
        (
            _DEPTHS.get(choice.depth, ""),
            *(name, choice.value, name, choice.value),
            _CHECKED if choice.is_asked else "",
            choice.label,
            *(name, choice.value, *_number(choice)),
        )
        for choice in choices
    )
    return format_html_join("\n", _BOX, rows)


@register.simple_tag
def numbers(choices: Iterable[Choice], name: str) -> SafeString:
    """The numbers of a facet alone, for HTMX: what is ticked meanwhile stays ticked.

    {% numbers facets.levels "level" %}
    """
    rows = ((name, choice.value, *_number(choice)) for choice in choices)
    return format_html_join("\n", _NUMBER, rows)


def _number(choice: Choice) -> tuple[str, str]:
    """The class of a choice's number and the number; none beside one that is made."""
    return "n" if choice.count else "n none", "" if choice.is_asked else grouped(choice.count)


@register.simple_tag
def counted_options(choices: Iterable[Choice]) -> SafeString:
    """The values of a facet of which one counts, with their numbers, for a select.

    {% counted_options facets.ages %}
    """
    rows = (
        (each.value, f"{each.label} ({grouped(each.count)})", each.is_asked) for each in choices
    )
    return _options(rows)


@register.simple_tag
def options(values: Iterable[str | tuple[str, object]], asked: str, usual: str) -> SafeString:
    """Values, or values and their words, for a select; an address need not name the usual one.

    {% options currencies question.asked.currency "EUR" %}
    """
    named = ((each, each) if isinstance(each, str) else each for each in values)
    return _options(
        ("" if value == usual else value, words, value == asked) for value, words in named
    )


@register.simple_tag
def region_options(regions: Iterable[Region], asked: str) -> SafeString:
    """Regions for a select, the one with the code `asked` chosen; parts stand indented.

    {% region_options regions comparison.region %}
    """
    return _options(
        (each.code, f"{indent(each.depth)}{each.name}", each.code == asked) for each in regions
    )


def _options(rows: Iterable[tuple[str, object, bool]]) -> SafeString:
    chosen = ((value, _SELECTED if is_asked else "", words) for value, words, is_asked in rows)
    return format_html_join("", _OPTION, chosen)
