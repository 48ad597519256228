"""What is new, as an Atom feed: of the whole site, or of the careers that answer a question."""

from collections.abc import Iterator
from datetime import datetime
from heapq import merge
from itertools import islice
from operator import attrgetter
from typing import Any, NamedTuple

from django.contrib.syndication.views import Feed
from django.http import HttpRequest
from django.utils.decorators import method_decorator
from django.utils.feedgenerator import Atom1Feed, get_tag_uri
from django.utils.html import escape
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import conditional_page, require_safe

from careers.changes import CAREER_CHANGED_AT, FIGURE_CHANGED_AT
from careers.filters import CareerFilter
from careers.models import SalaryBand, active_language
from careers.salaries import Answer
from careers.templatetags.question import chips, feed
from careers.templatetags.statements import for_whom_in_full
from careers.templatetags.texts import month
from careers.xml import writable

ENTRIES = 50


class Asked(NamedTuple):
    """The question, and an absolute address to make ids with."""

    question: CareerFilter
    site: str


class Entry(NamedTuple):
    """A career or a figure, new or changed."""

    id: str
    path: str
    title: str
    summary: str
    published_at: datetime
    changed_at: datetime


@method_decorator([require_safe, conditional_page], name="__call__")
class CareerFeed(Feed):
    """The newest changes among the careers that the list shows for the same parameters."""

    feed_type = Atom1Feed
    author_name = gettext_lazy("Careers, plainly")
    subtitle = gettext_lazy("New and changed careers and pay figures, the newest first.")

    def get_object(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Asked:
        question = CareerFilter(request.GET)
        return Asked(question, request.build_absolute_uri("/"))

    def title(self, asked: Asked) -> str:
        conditions = ", ".join(chip.words for chip in chips(asked.question))
        return writable(" – ".join(filter(None, (conditions, _("Careers, plainly")))))

    def link(self, asked: Asked) -> str:
        return asked.question.address(sort="")

    def feed_url(self, asked: Asked) -> str:
        return feed(asked.question)

    def items(self, asked: Asked) -> list[Entry]:
        both = (_careers(asked), _figures(asked))
        newest = merge(*both, key=attrgetter("changed_at"), reverse=True)
        return list(islice(newest, ENTRIES))

    def item_title(self, entry: Entry) -> str:
        return writable(entry.title)

    def item_description(self, entry: Entry) -> str | None:  # type: ignore[override]
        return escape(writable(entry.summary)) if entry.summary else None

    def item_link(self, entry: Entry) -> str:
        return entry.path

    def item_guid(self, entry: Entry) -> str:
        return entry.id

    def item_pubdate(self, entry: Entry) -> datetime:
        return entry.published_at

    def item_updateddate(self, entry: Entry) -> datetime:
        return entry.changed_at


def _careers(asked: Asked) -> Iterator[Entry]:
    """The careers that the page lists, the newest first."""
    careers: Any = asked.question.qs.annotate(changed_at=CAREER_CHANGED_AT)
    for career in careers.order_by("-changed_at", "-pk")[:ENTRIES]:
        yield Entry(
            _id(asked, career.created_at, f"careers/{career.pk}"),
            career.get_absolute_url(),
            career.title,
            career.summary,
            career.published_at,
            career.changed_at,
        )


def _figures(asked: Asked) -> Iterator[Entry]:
    """The current figures of those careers that meet the question, the newest first."""
    question = asked.question
    bands: Any = question.own_bands | question.wider_bands
    of_listed = bands.exclude(answer=Answer.NO).filter(career__in=question.qs)
    newest = of_listed.annotate(changed_at=FIGURE_CHANGED_AT)
    ordered = newest.order_by("-changed_at", "-pk").select_related("career", "region", "source")
    for band in ordered[:ENTRIES]:
        yield Entry(
            _id(asked, band.created_at, f"figures/{band.pk}"),
            band.get_absolute_url(),
            _("%(career)s, %(region)s: %(figure)s")
            % {"career": band.career.title, "region": band.region.name, "figure": band.sentence},
            _said(band),
            max(band.created_at, band.career.published_at),
            band.changed_at,
        )


def _said(band: SalaryBand) -> str:
    """Whom the figure is for, who says it and when."""
    said_by = _("Source: {}.").format(band.source.named)
    said_on = _("Figure of {}.").format(month(band.observed_on))
    return f"{for_whom_in_full(band)}. {said_by} {said_on}"


def _id(asked: Asked, created_at: datetime, name: str) -> str:
    """A tag: URI (RFC 4151) that neither a new title nor a new address changes."""
    return get_tag_uri(f"{asked.site}{active_language()}/{name}", created_at)
