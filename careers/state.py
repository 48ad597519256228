"""Which state of the public content this is: pages, feeds and files of one state are the same.

A state ends with any change that is committed, and with the minute at which a career is published
or unpublished as planned.
"""

from datetime import datetime
from typing import NamedTuple

from django.db.models import F
from django.utils import timezone

from careers.models import Career, Change


class State(NamedTuple):
    """`content` sums the changes so far; `since` is the last planned moment that has passed."""

    content: int
    since: datetime | None

    def __str__(self) -> str:
        since = int(self.since.timestamp() * 1_000_000) if self.since else 0
        return f"{self.content:x}-{since:x}"


class _Span(NamedTuple):
    """From when and until when a state lasts that nobody changes."""

    content: int
    since: datetime | None
    until: datetime | None

    def holds(self, content: int, now: datetime) -> bool:
        begun = self.since is None or self.since <= now
        ended = self.until is not None and self.until <= now
        return self.content == content and begun and not ended


_known: _Span | None = None


def now() -> State:
    """The state at this moment, in one query; one more for each kind of plan after a change."""
    global _known
    content, moment = Change.objects.state(), timezone.now()
    span = _known
    if span is None or not span.holds(content, moment):
        span = _known = _Span(content, *_planned_around(moment))
    return State(content, span.since)


def last() -> State | None:
    """The state of which this process heard last, without asking; None where a planned moment
    has ended it, or none was asked for yet."""
    span = _known
    if span is None or not span.holds(span.content, timezone.now()):
        return None
    return State(span.content, span.since)


def _planned_around(moment: datetime) -> tuple[datetime | None, datetime | None]:
    """The last moment so far, and the next one, at which a career appears or disappears."""
    published = Career.objects.filter(status=Career.Status.PUBLISHED)
    past: list[datetime] = []
    future: list[datetime] = []
    for name in ("published_at", "unpublished_at"):
        planned = published.exclude(**{name: None}).values_list(name, flat=True)
        past += planned.filter(**{f"{name}__lte": moment}).order_by(F(name).desc())[:1]
        future += planned.filter(**{f"{name}__gt": moment}).order_by(name)[:1]
    return max(past, default=None), min(future, default=None)
