"""What can be chosen, in one piece each: loops in templates took a third of the page."""

from collections.abc import Iterable

# Django's own calls this one, and takes three times as long about it.
from html import escape

from django import template
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from careers.facets import Choice
from careers.models import Region
from careers.templatetags.texts import grouped, indent

register = template.Library()


@register.simple_tag
def facet(choices: Iterable[Choice], name: str, legend: str, opens: bool = False) -> SafeString:
    """A facet of which several values may be ticked.

    {% facet facets.levels "level" form.fields.level.label %}
    """
    return mark_safe(
        f'<fieldset class="facet"><legend>{escape(str(legend))}</legend>'
        f'<div id="choices-{name}">{boxes(choices, name, opens)}</div></fieldset>'
    )


@register.simple_tag
def boxes(choices: Iterable[Choice], name: str, opens: bool = False) -> SafeString:
    """The values of a facet to tick, each with the number of careers that it would leave; `opens`
    where ticking one brings its parts.

    {% boxes facets.levels "level" %}
    """
    html = [_box(choice, name) for choice in choices]
    if opens:
        hint = _("Tick an area to see its parts.")
        html.insert(0, f'<p class="aside">{escape(hint)}</p>')
    return mark_safe("\n".join(html))


def _box(choice: Choice, name: str) -> str:
    value, kind = escape(choice.value), f' class="depth-{choice.depth}"' if choice.depth else ""
    checked = " checked" if choice.is_asked else ""
    return (
        f'<label{kind}><input type="checkbox" id="{name}-{value}" name="{name}" value="{value}"'
        f"{checked}> {escape(choice.label)} {_number(choice, name)}</label>"
    )


@register.simple_tag
def numbers(choices: Iterable[Choice], name: str) -> SafeString:
    """The numbers of a facet alone, for HTMX: what is ticked meanwhile stays ticked.

    {% numbers facets.levels "level" %}
    """
    swapped = ' data-hx-swap-oob="true"'
    return mark_safe("\n".join(_number(choice, name, swapped) for choice in choices))


def _number(choice: Choice, name: str, more: str = "") -> str:
    """How many careers a choice would leave; nothing beside one that is made."""
    kind = "n" if choice.count else "n none"
    shown = "" if choice.is_asked else grouped(choice.count)
    return f'<span id="n-{name}-{escape(choice.value)}" class="{kind}"{more}>{shown}</span>'


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
    return mark_safe(
        "".join(
            f'<option value="{escape(value)}"{" selected" if is_asked else ""}>'
            f"{escape(str(words))}</option>"
            for value, words, is_asked in rows
        )
    )
