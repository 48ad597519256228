"""The question as the page says it back: its address, its conditions, its answer in words."""

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from babel.lists import format_list
from django import template
from django.core.paginator import Page
from django.utils.html import format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from careers import wording
from careers.answers import Group
from careers.filters import CareerFilter
from careers.models import active_language
from careers.parameters import AGES, Ignored
from careers.salaries import Engagement, Level
from careers.templatetags.texts import grouped

register = template.Library()

CONDITIONS = ("q", "region", "salary_min", "level", "engagement", "field", "age", "language")
# Round amounts a year, in whatever currency is asked: they begin a question, they do not judge.
PRESETS = (30_000, 50_000, 80_000, 100_000)


class Chip(NamedTuple):
    """A value that is asked, in words, and the address of the question without it."""

    name: str
    value: str
    words: str
    without: str


class Correction(NamedTuple):
    """Words that may have been meant, and the address of the question with them."""

    words: str
    address: str


class GroupWords(NamedTuple):
    """The heading of a group of results and the sentence that explains it, if any.

    `wider` where its figures are for a wider area than the one chosen.
    """

    title: str
    explanation: str
    wider: bool = False


class LeftOut(NamedTuple):
    """How many careers the words match that the list does not show, and the amount asked."""

    below: int
    absent: int
    amount: str


@register.simple_tag
def address(question: CareerFilter, page: int = 1, **replaced: Any) -> str:
    """The path of the list with the understood question: the same question, the same address.

    {% address question page.next_page_number %}, {% address question salary_min=50000 %}
    """
    return question.address(page, **replaced)


@register.simple_tag
def corrections(question: CareerFilter) -> list[Correction]:
    """{% corrections question as others %}"""
    return [Correction(words, address(question, q=words)) for words in question.corrections]


@register.simple_tag
def download(question: CareerFilter, form: str, profile: str = "", rows: str = "") -> str:
    """The answer to the understood question as a file, "csv" or "json", all pages of it.

    {% download question "csv" profile="excel-fr" rows="figures" %}
    """
    return question.address(view=f"export_{form}", profile=profile, rows=rows)


@register.simple_tag
def feed(question: CareerFilter) -> str:
    """The feed of what is new among the careers that answer the question, whatever their order.

    {% feed question as path %}
    """
    return question.address(view="career_feed", sort="")


def chips(question: CareerFilter) -> list[Chip]:
    """The conditions that are applied, in the order of the form: `applied` in templates."""
    return [
        Chip(name, value, words, question.address(without=(name, value)))
        for name in CONDITIONS
        for value, words in zip(question.written(name), _words(question, name), strict=True)
        if value
    ]


@register.filter
def beside_words(applied: Iterable[Chip]) -> list[Chip]:
    """The conditions that phones hold behind a summary: all but the words to look for."""
    return [chip for chip in applied if chip.name != "q"]


def _words(question: CareerFilter, name: str) -> list[str]:
    """The values of a condition as its chips say them."""
    asked = question.asked
    if name in ("region", "field"):
        return [each.name for each in asked[name]]
    labels: dict[str, dict[Any, Any]] = {
        "level": dict(Level.choices),
        "engagement": dict(Engagement.choices),
        "language": {"fr": _("in French"), "en": _("in English")},
    }
    if name in labels:
        return [str(labels[name][value]) for value in asked[name]]
    plain = {
        "q": _("“%s”") % asked["q"],
        "salary_min": _("at least %s") % threshold(question),
        "age": str(dict(AGES).get(asked["age"], "")).lower(),
    }
    return [plain[name]]


def region_names(question: CareerFilter) -> str:
    """The regions asked: « France ou Allemagne »."""
    names = [region.name for region in question.asked["region"]]
    return format_list(names, style="or", locale=active_language())


@register.simple_tag
def relaxations(question: CareerFilter, applied: Sequence[Chip]) -> list[tuple[Chip, int]]:
    """Of several conditions those that keep careers away, and how many there are without each.

    {% relaxations question applied as relaxed %}
    """
    if len(applied) < 2:
        return []
    counted = ((chip, question.without(chip.name, chip.value).total) for chip in applied)
    return [(chip, count) for chip, count in counted if count]


@register.simple_tag
def presets(question: CareerFilter) -> SafeString:
    """Amounts to begin with, each a link to the question with it.

    {% presets question %}
    """
    currency, language = question.asked["currency"], active_language()
    return format_html_join(
        "",
        '<li><a href="{}"{}>{}</a></li>',
        (
            (
                address(question, salary_min=amount),
                mark_safe(' aria-current="true"' if amount == question.asked["salary_min"] else ""),
                wording.money(amount, currency, language),
            )
            for amount in PRESETS
        ),
    )


@register.simple_tag
def list_title(applied: Iterable[Chip], page: Page[int]) -> str:
    """The title of the list: what was asked, which page of it, and the site.

    {% list_title applied page %}
    """
    asked = ", ".join(chip.words for chip in applied)
    parts = [asked or _("What a job is and what it pays"), _("Careers, plainly")]
    if page.number > 1:
        parts.insert(1, _("page %d") % page.number)
    return " – ".join(parts)


@register.simple_tag
def list_description(question: CareerFilter, applied: Iterable[Chip], page: Page[int]) -> str:
    """What a search engine prints below the title: the answer, its page, then the promise.

    {% list_description question applied page %}
    """
    promise = _(
        "What a job is and what it pays: where, at which level, according to whom, and how sure "
        "that is."
    )
    asked = ", ".join(chip.words for chip in applied)
    answer = f"{asked} – {answer_words(question)}" if asked else answer_words(question)
    number = _("Page %d.") % page.number if page.number > 1 else ""
    return " ".join(part for part in (answer, number, promise) if part)


def threshold(question: CareerFilter) -> str:
    """The amount asked with its currency, or "" where none is."""
    amount = question.asked["salary_min"]
    if amount is None:
        return ""
    return wording.money(amount, question.asked["currency"], active_language())


@register.simple_tag
def answer_words(question: CareerFilter) -> str:
    """How many careers the list has and how they stand, in one sentence.

    {% answer_words question %}
    """
    counts = question.listed_counts
    total = sum(counts.values())
    if not total:
        return _none_listed(question)
    shown = {group: grouped(count) for group, count in counts.items()}
    parts = [
        _part(question, group, counts[group]) % {"count": shown[group]}
        for group in counts
        if counts[group]
    ]
    careers = ngettext("%(count)s career", "%(count)s careers", total) % {"count": grouped(total)}
    return _("%(careers)s: %(parts)s.") % {"careers": careers, "parts": ", ".join(parts)}


def _none_listed(question: CareerFilter) -> str:
    rest = left_out(question)
    if rest.below or not rest.absent:
        return _("No career for this choice.")
    return ngettext(
        "%(count)s career, without a figure for this choice.",
        "%(count)s careers, none with a figure for this choice.",
        rest.absent,
    ) % {"count": grouped(rest.absent)}


def _part(question: CareerFilter, group: Group, count: int) -> str:
    if group is Group.WIDER:
        return ngettext("%(count)s for a wider area", "%(count)s for a wider area", count)
    if question.asked["salary_min"] is None:
        if group is Group.UNKNOWN:
            return ngettext("%(count)s without a figure", "%(count)s without a figure", count)
        return ngettext("%(count)s with a figure", "%(count)s with a figure", count)
    if group is Group.SURE:
        return ngettext("%(count)s sure", "%(count)s sure", count)
    if group is Group.POSSIBLE:
        return ngettext("%(count)s possible", "%(count)s possible", count)
    return ngettext(
        "%(count)s without a comparable figure", "%(count)s without a comparable figure", count
    )


@register.simple_tag
def group_words(group: Group, question: CareerFilter) -> GroupWords:
    """What a group is called and what it means for this question.

    {% group_words each.group question as words %}
    """
    if group is Group.WIDER:
        return GroupWords(
            _("For a wider area only"),
            _(
                "These figures are for a wider area than the one chosen (%s). "
                "They do not say what is paid there."
            )
            % region_names(question),
            wider=True,
        )
    amount = threshold(question)
    if not amount:
        if group is Group.UNKNOWN:
            return GroupWords(_("Without a figure"), "")
        return GroupWords(_("With a figure"), "")
    titles = {
        Group.SURE: (_("Sure"), _("The low end of the figure reaches %s a year.")),
        Group.POSSIBLE: (
            _("Possible"),
            _("The figure does not rule out %s a year, and does not promise it either."),
        ),
        Group.UNKNOWN: (
            _("Without a comparable figure"),
            _("Nothing says whether they reach %s a year."),
        ),
    }
    title, explanation = titles[group]
    return GroupWords(title, explanation % amount)


@register.simple_tag
def left_out(question: CareerFilter) -> LeftOut:
    """{% left_out question as rest %}"""
    counts = question.counts
    return LeftOut(counts[Group.BELOW], counts[Group.ABSENT], threshold(question))


@register.filter
def reason(ignored: Ignored) -> str:
    """Why a parameter was not understood, as the end of a sentence whoever wrote it."""
    why = str(ignored.why).rstrip(".")
    return why[:1].lower() + why[1:]
