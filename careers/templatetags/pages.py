"""Addresses of a page, the pages above it, and its parts."""

from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import NamedTuple

from django import template
from django.http import HttpRequest
from django.template import Context, NodeList
from django.template.base import Parser, Token
from django.urls import reverse, translate_url
from django.utils.html import format_html
from django.utils.http import urlencode
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import override

from careers.models import Career, Field, Region, SalaryBand, active_language
from careers.templatetags.texts import translated

register = template.Library()


def _request(context: Context) -> HttpRequest:
    request: HttpRequest = context["request"]
    return request


@register.simple_tag(takes_context=True)
def absolute(context: Context, path: str = "") -> str:
    """The absolute address of a path, or of this page without its query.

    {% absolute path %}
    """
    request = _request(context)
    return request.build_absolute_uri(path or request.path)


@register.simple_tag
def in_language(address: str, language: str) -> str:
    """The same page in "fr" or "en"; an address that leads nowhere stays as it is.

    {% in_language address "en" %}
    """
    return address if language == active_language() else _translated(address, language)


@register.simple_tag(takes_context=True)
def switched(context: Context) -> str:
    """This page with this query in the other language.

    {% switched %}
    """
    return _translated(_request(context).get_full_path(), other_language())


def _translated(address: str, language: str) -> str:
    page, mark, asked = address.partition("?")
    return f"{_page_in(language, page, active_language())}{mark}{asked}"


@lru_cache(maxsize=5_000)
def _page_in(language: str, page: str, _active: str) -> str:
    return translate_url(page, language)


@register.simple_tag
def other_language() -> str:
    """The language that this page is not in.

    {% other_language %}
    """
    return "fr" if active_language() == "en" else "en"


@register.simple_tag
def list_in(language: str) -> str:
    """The list of careers in "fr" or "en".

    {% list_in "en" %}
    """
    with override(language):
        return reverse("careers:career_list")


class Step(NamedTuple):
    """A page above this one, or a part of it: its words and where it is."""

    words: str
    address: str


Page = str | Career | Field | Region | SalaryBand


class WrittenNode(template.Node):
    """What its block writes, to be printed in more than one place."""

    def __init__(self, nodelist: NodeList, name: str) -> None:
        self.nodelist, self.name = nodelist, name

    def render(self, context: Context) -> str:
        context[self.name] = mark_safe(self.nodelist.render(context).strip())
        return ""


@register.tag
def written(parser: Parser, token: Token) -> WrittenNode:
    """Remember what a block writes.

    {% written as page_title %}{% block title %}…{% endblock %}{% endwritten %}
    """
    _tag, _as, name = token.split_contents()
    nodelist = parser.parse(("endwritten",))
    parser.delete_first_token()
    return WrittenNode(nodelist, name)


@register.filter
def without_site(title: str) -> SafeString:
    """The title of a page without the site's name, which Open Graph tells apart.

    {{ page_title|without_site }}
    """
    return mark_safe(title.removesuffix(f" – {_('Careers, plainly')}"))


@register.simple_tag
def trail(*pages: Page | Iterable[Page]) -> list[Step]:
    """The pages above this one, the widest first: lists by their name, and what has a page.

    {% trail "career_list" band.career as up %}
    """
    return [step for each in pages for step in _steps(each)]


def _steps(page: Page | Iterable[Page]) -> Iterator[Step]:
    lists = {
        "career_list": _("All careers"),
        "field_list": _("Fields of work"),
        "region_list": _("Regions"),
        "source_list": _("Sources"),
    }
    if isinstance(page, str):
        yield Step(lists[page], reverse(f"careers:{page}"))
    elif isinstance(page, Career):
        yield Step(translated(page, "title"), page.get_absolute_url())
    elif isinstance(page, Field | Region):
        yield Step(translated(page, "name"), page.get_absolute_url())
    elif isinstance(page, SalaryBand):
        yield Step(page.sentence, page.get_absolute_url())
    else:
        for each in page:
            yield from _steps(each)


@register.simple_tag
def list_of(name: str, value: str) -> str:
    """The list of careers asked for one thing.

    {% list_of "region" region.code as among %}
    """
    return f"{reverse('careers:career_list')}?{urlencode({name: value})}"


@register.simple_tag
def parts(*named: str) -> list[Step]:
    """The parts of this page for its contents list, by anchor and heading in turn.

    One without a heading is left out: `as` gives "" for a part that the page has not.
    {% parts "pay" _("What it pays") "codes" codes_title as here %}
    """
    return list(_parts(*named))


def _parts(*named: str) -> Iterator[Step]:
    for anchor, words in zip(named[::2], named[1::2], strict=True):
        if words:
            yield Step(words, f"#{anchor}")


@register.simple_block_tag
def part(content: SafeString, anchor: str, heading: str) -> SafeString:
    """A part of a text: its heading and, beside it, what stands inside.

    {% part "source" _("The source") %}<p>…</p>{% endpart %}
    """
    section = '<section id="{}" class="reading">\n<h2>{}</h2>\n<div>{}</div>\n</section>'
    return format_html(section, anchor, heading, content)
