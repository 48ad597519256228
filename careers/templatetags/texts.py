"""Texts of the content: French marked where English is missing, Markdown, dates."""

import re
from datetime import date
from functools import lru_cache
from typing import NamedTuple

from django import template
from django.db.models import Model
from django.utils import timezone
from django.utils.dateformat import format as format_date
from django.utils.html import escape, format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from careers import wording
from careers.markup import markdown
from careers.models import Career, active_language

register = template.Library()

ALTERNATIVES_SHOWN = 12
MONTHS_COUNTED = 24  # an age below it is said in months
_CODE = re.compile("`([^`]+)`")


@register.filter
def with_code(text: str) -> SafeString:
    """The text with what stands between backticks as code.

    {{ key.means|with_code }}
    """
    return mark_safe(_CODE.sub(r"<code>\1</code>", escape(text)))


class Spoken(NamedTuple):
    """A text and the language it is written in."""

    text: str
    language: str


def _spoken(instance: Model, name: str) -> Spoken:
    language = active_language()
    text: str = getattr(instance, f"{name}_{language}")
    return Spoken(text, language) if text else Spoken(getattr(instance, f"{name}_fr"), "fr")


@register.simple_tag
def translated(instance: Model, name: str) -> str:
    """The field in the page's language; French on an English page says so, for screen readers.

    {% translated career "summary" %}
    """
    text, language = _spoken(instance, name)
    return text if language == active_language() else format_html('<span lang="fr">{}</span>', text)


@register.simple_tag
def translated_markdown(instance: Model, name: str) -> SafeString:
    """A Markdown field as safe HTML, French marked as `translated` does; "" when it is empty.

    {% translated_markdown career "tasks" as text %}
    """
    text, language = _spoken(instance, name)
    html = markdown(text)
    if not html or language == active_language():
        return html
    return format_html('<div lang="fr">{}</div>', html)


class Section(NamedTuple):
    """A long text of the career page: its anchor, its heading, its HTML."""

    anchor: str
    title: str
    text: SafeString


@register.simple_tag
def sections(career: Career) -> list[Section]:
    """The long texts that the career has, in the order of the page.

    {% sections career as parts %}
    """
    titles = {
        "tasks": _("What you do"),
        "typical_week": _("A typical week"),
        "entry_routes": _("How to get in"),
        "skills": _("Skills"),
        "pay_factors": _("What makes pay vary"),
        "outlook": _("Outlook"),
    }
    texts = ((name, translated_markdown(career, name)) for name in career.SECTIONS)
    return [Section(name.replace("_", "-"), titles[name], text) for name, text in texts if text]


class Alternatives(NamedTuple):
    """The first other titles, the rest (some careers have thousands), and their language."""

    first: list[str]
    rest: list[str]
    language: str


@register.simple_tag
def alternatives(career: Career) -> Alternatives:
    """{% alternatives career as titles %}"""
    text, language = _spoken(career, "alternative_titles")
    titles = [line.strip() for line in text.splitlines() if line.strip()]
    return Alternatives(titles[:ALTERNATIVES_SHOWN], titles[ALTERNATIVES_SHOWN:], language)


@register.filter
def day(value: date) -> str:
    """A day in words: « 1er avril 2023 », "1 April 2023"."""
    words = format_date(value, "j F Y")
    return f"1er{words[1:]}" if value.day == 1 and active_language() == "fr" else words


@register.filter
def month(value: date) -> str:
    """A month in words: « avril 2023 », "April 2023"."""
    return _month(value, active_language())


@lru_cache(maxsize=2_000)
def _month(value: date, _language: str) -> str:
    return format_date(value, "F Y")


@register.filter
def age(value: date) -> str:
    """How long ago a day was, never younger than it is: « il y a plus de 3 ans », "5 months ago".

    Whole months up to two years, then whole years; "over" says that some months have passed since.
    "" for a day that is still to come.
    """
    return _age(value, timezone.localdate(), active_language())


@lru_cache(maxsize=2_000)
def _age(value: date, today: date, _language: str) -> str:
    months = (today.year - value.year) * 12 + today.month - value.month
    months -= today.day < value.day
    if value > today:
        return ""
    if months < 1:
        return _("less than a month ago")
    if months < MONTHS_COUNTED:
        words = ngettext("%(count)s month ago", "%(count)s months ago", months)
        return words % {"count": months}
    years, more = divmod(months, 12)
    if more:
        return ngettext("over %(count)s year ago", "over %(count)s years ago", years) % {
            "count": years
        }
    return ngettext("%(count)s year ago", "%(count)s years ago", years) % {"count": years}


@register.filter
def grouped(value: int) -> str:
    """A count grouped as the page's language does: « 2 749 », "2,749"."""
    return wording.number(value, active_language())


@register.filter
def indent(depth: int) -> str:
    """The space before a region in a select, where nothing else can show a tree."""
    return wording.NO_BREAK * 3 * depth
