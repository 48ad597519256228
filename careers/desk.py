"""What waits for an editor: each task is one set of rows, counted on the desk and listed by it.

The words here narrow a queryset; the desk counts what they leave, and the filter of the change list
behind the count says the same word.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.contrib.auth.models import AbstractBaseUser
from django.db import models
from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from careers.models import (
    Career,
    CareerQuerySet,
    ProseAmount,
    Report,
    ReportQuerySet,
    SalaryBand,
    SalaryBandQuerySet,
)
from careers.models.source import CHECKED_AGAIN_AFTER

Status = Career.Status
# Names a task in the address of a list: ?desk=due.
PARAMETER = "desk"


class Section(models.TextChoices):
    WRITING = "writing", _("Writing and publishing")
    FIGURES = "figures", _("Figures")
    TEXTS = "texts", _("Texts in two languages")


@dataclass(frozen=True)
class Task:
    """Rows of a model that wait for something; `slug` names them in addresses.

    `narrow` leaves them of a queryset; where the task `is_personal` it is told for whom.
    """

    slug: str
    section: Section
    model: type[models.Model]
    label: Promise | str
    narrow: Callable[..., "QuerySet[Any]"]
    is_personal: bool = False

    def rows(self, of: "QuerySet[Any]", user: Any) -> "QuerySet[Any]":
        return self.narrow(of, user) if self.is_personal else self.narrow(of)


def tasks_of(model: type[models.Model]) -> list[Task]:
    return [task for task in TASKS if task.model is model]


def not_archived(careers: CareerQuerySet) -> CareerQuerySet:
    """Those that somebody still works on."""
    return careers.exclude(status=Status.ARCHIVED)


# --- Writing and publishing -------------------------------------------------------------------


def drafts_of(careers: CareerQuerySet, user: AbstractBaseUser) -> CareerQuerySet:
    """Drafts that this person began or changed last, says the history."""
    versions = Career.history.filter(id=OuterRef("pk"))
    ends = [
        versions.order_by(order).values("history_user")[:1]
        for order in ("history_id", "-history_id")
    ]
    first, last = (Subquery(end) for end in ends)
    drafts = careers.filter(status=Status.DRAFT).alias(begun_by=first, changed_by=last)
    return drafts.filter(Q(begun_by=user.pk) | Q(changed_by=user.pk))


def sent_back(careers: CareerQuerySet) -> CareerQuerySet:
    """Drafts that were last in review: somebody wants them changed."""
    before = Career.history.filter(id=OuterRef("pk")).exclude(status=Status.DRAFT)
    last = Subquery(before.order_by("-history_id").values("status")[:1])
    drafts = careers.filter(status=Status.DRAFT).alias(last_status=last)
    return drafts.filter(last_status=Status.IN_REVIEW)


def in_review(careers: CareerQuerySet) -> CareerQuerySet:
    return careers.filter(status=Status.IN_REVIEW)


def to_publish(careers: CareerQuerySet) -> CareerQuerySet:
    """Published from a moment still to come."""
    return careers.filter(status=Status.PUBLISHED, published_at__gt=timezone.now())


def to_unpublish(careers: CareerQuerySet) -> CareerQuerySet:
    """Public, or to be, until a moment still to come."""
    return careers.filter(status=Status.PUBLISHED, unpublished_at__gt=timezone.now())


# --- Figures ----------------------------------------------------------------------------------


def due(bands: SalaryBandQuerySet, today: date | None = None) -> SalaryBandQuerySet:
    """Figures that are to be checked against their source again: the latest of their series, stated
    and confirmed longer ago than their kind of source holds."""
    today = today or timezone.localdate()
    old = Q()
    for kind, interval in CHECKED_AGAIN_AFTER.items():
        limit = today - interval
        unconfirmed = Q(confirmed_on=None) | Q(confirmed_on__lt=limit)
        old |= Q(unconfirmed, source__kind=kind, observed_on__lt=limit)
    # Not "in those kept": SQLite would walk the careers first, and sort all their figures.
    archived = Career.objects.filter(status=Status.ARCHIVED)
    return bands.filter(old).exclude(career__in=archived).current()


def is_due(band: SalaryBand, today: date) -> bool:
    """The twin of `due()` for a figure in memory that no later one replaces."""
    seen = max(filter(None, (band.observed_on, band.confirmed_on)))
    return seen < today - CHECKED_AGAIN_AFTER[band.source.kind]


def without_figures(careers: CareerQuerySet) -> CareerQuerySet:
    """Careers that have no figure, nor a reason why there is none."""
    return not_archived(careers).filter(~Exists(SalaryBand.objects.filter(career=OuterRef("pk"))))


# --- Texts in two languages -------------------------------------------------------------------


def missing_english(careers: CareerQuerySet) -> CareerQuerySet:
    """Careers with a French text that has no English beside it."""
    lacking = Q()
    for name in Career.TRANSLATED:
        lacking |= ~Q(**{f"{name}_fr": ""}) & Q(**{f"{name}_en": ""})
    return not_archived(careers).filter(lacking)


def stale_english(careers: CareerQuerySet) -> CareerQuerySet:
    """Careers with English whose French has changed since."""
    return not_archived(careers).exclude(stale_english="")


def unsupported(careers: CareerQuerySet) -> CareerQuerySet:
    """Careers whose texts name an amount that none of their figures states or comes to."""
    band = SalaryBand.objects.filter(career=OuterRef("career"))
    own = Q()
    for column in ("low", "median", "high", "annual_low", "annual_median", "annual_high"):
        own |= Q(**{column: OuterRef("amount")}, currency=OuterRef("currency"))
    named = ProseAmount.objects.filter(career=OuterRef("pk"))
    return not_archived(careers).filter(Exists(named.filter(~Exists(band.filter(own)))))


def differing(careers: CareerQuerySet) -> CareerQuerySet:
    """Careers in which a text names an amount that the same text in the other language does not."""
    return not_archived(careers).filter(
        Exists(ProseAmount.objects.filter(career=OuterRef("pk"), one_sided=True))
    )


# --- The desk ---------------------------------------------------------------------------------

_WRITING, _FIGURES, _TEXTS = Section.WRITING, Section.FIGURES, Section.TEXTS

TASKS: tuple[Task, ...] = (
    Task("mine", _WRITING, Career, _("My drafts"), drafts_of, is_personal=True),
    Task("sent-back", _WRITING, Career, pgettext_lazy("careers", "Sent back"), sent_back),
    Task("in-review", _WRITING, Career, _("Waiting for review"), in_review),
    Task("to-publish", _WRITING, Career, _("Will be published"), to_publish),
    Task("to-unpublish", _WRITING, Career, _("Will be unpublished"), to_unpublish),
    Task("waiting", _FIGURES, Report, _("Readers’ reports waiting"), ReportQuerySet.waiting),
    Task("due", _FIGURES, SalaryBand, _("Figures due for a check"), due),
    Task("without-figures", _FIGURES, Career, _("Careers without a figure"), without_figures),
    Task(
        "unsupported",
        _FIGURES,
        Career,
        _("Amounts in the text that no figure supports"),
        unsupported,
    ),
    Task("missing-english", _TEXTS, Career, _("English is missing"), missing_english),
    Task("stale-english", _TEXTS, Career, _("The French changed after its English"), stale_english),
    Task("differing", _TEXTS, Career, _("Amounts differ between French and English"), differing),
)
