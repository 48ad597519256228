"""The life of a career: which transitions there are, who makes them, and the door they all pass."""

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from careers.models import Career

if TYPE_CHECKING:
    from django.contrib.auth.models import User

DRAFT, IN_REVIEW, PUBLISHED, ARCHIVED = Career.Status
PUBLISH, CHANGE_CAREER = "careers.publish_career", "careers.change_career"


@dataclass(frozen=True)
class Transition:
    """One step in the life of a career: its button, what the log says of it, and its conditions."""

    name: str
    label: Promise
    said: Promise
    starts: tuple[str, ...]
    ends: str
    permission: str = PUBLISH
    asks_reason: bool = False
    asks_moment: bool = False

    @property
    def asks(self) -> bool:
        return self.asks_reason or self.asks_moment

    def refusal(self, career: Career, now: datetime) -> str:
        """Why the career cannot make this step now, in words that name it; "" where it can."""
        if career.status not in self.starts:
            named = {"career": career, "status": career.get_status_display()}
            return _("“%(career)s” cannot take this step: it is %(status)s.") % named
        if self.ends == PUBLISHED and not career.title_fr:
            return _("“%s” needs a French title first.") % career
        if self.name in ("publish", "schedule") and career.is_public_at(now):
            return _("“%s” is public already.") % career
        if self.name == "expire" and career.unpublished_at and career.unpublished_at <= now:
            return _("“%s” is no longer public.") % career
        if self.name == "stay" and not (career.unpublished_at and career.unpublished_at > now):
            return _("“%s” is not to be unpublished.") % career
        return ""


TRANSITIONS = {
    each.name: each
    for each in (
        Transition(
            "submit",
            gettext_lazy("Submit for review"),
            gettext_lazy("Submitted for review"),
            (DRAFT,),
            IN_REVIEW,
            CHANGE_CAREER,
        ),
        Transition(
            "take_back",
            gettext_lazy("Take back to draft"),
            gettext_lazy("Taken back to draft"),
            (IN_REVIEW,),
            DRAFT,
            CHANGE_CAREER,
        ),
        Transition(
            "publish",
            gettext_lazy("Publish now"),
            pgettext_lazy("log", "Published"),
            (DRAFT, IN_REVIEW, PUBLISHED),
            PUBLISHED,
        ),
        Transition(
            "schedule",
            gettext_lazy("Publish at…"),
            gettext_lazy("Set to be published"),
            (DRAFT, IN_REVIEW, PUBLISHED),
            PUBLISHED,
            asks_moment=True,
        ),
        Transition(
            "send_back",
            gettext_lazy("Send back…"),
            gettext_lazy("Sent back"),
            (IN_REVIEW,),
            DRAFT,
            asks_reason=True,
        ),
        Transition(
            "expire",
            gettext_lazy("Unpublish at…"),
            gettext_lazy("Set to be unpublished"),
            (PUBLISHED,),
            PUBLISHED,
            asks_moment=True,
        ),
        Transition(
            "stay",
            gettext_lazy("Keep public without an end"),
            gettext_lazy("Kept public without an end"),
            (PUBLISHED,),
            PUBLISHED,
        ),
        Transition(
            "withdraw",
            gettext_lazy("Withdraw…"),
            gettext_lazy("Withdrawn"),
            (PUBLISHED,),
            DRAFT,
            asks_reason=True,
        ),
        Transition(
            "archive",
            gettext_lazy("Archive…"),
            pgettext_lazy("log", "Archived"),
            (DRAFT, IN_REVIEW, PUBLISHED),
            ARCHIVED,
            asks_reason=True,
        ),
        Transition(
            "reopen",
            gettext_lazy("Back to draft"),
            gettext_lazy("Brought back to draft"),
            (ARCHIVED,),
            DRAFT,
        ),
    )
}


def offered(career: Career, user: "User") -> list[Transition]:
    """The steps that this person may make with this career now, in the order of their buttons."""
    now = timezone.now()
    return [
        each
        for each in TRANSITIONS.values()
        if user.has_perm(each.permission) and not each.refusal(career, now)
    ]


def move(
    career: Career,
    name: str,
    *,
    user: "User",
    reason: str = "",
    moment: datetime | None = None,
) -> None:
    """Make a step in the life of a career; the log keeps who made it and why.

    The one door of every transition: pages, buttons and list actions pass it. Raises
    PermissionDenied, or ValidationError with a sentence for the editor; then nothing changed.
    """
    step, now = TRANSITIONS[name], timezone.now()
    if not user.has_perm(step.permission):
        raise PermissionDenied
    with transaction.atomic():
        # Read again, and kept: somebody else may have pressed another button meanwhile.
        kept = Career.objects.select_for_update().get(pk=career.pk)
        why_not = step.refusal(kept, now) or _missing(step, kept, reason, moment, now)
        if why_not:
            raise ValidationError(why_not)
        kept.status = step.ends
        _set_dates(step, kept, moment, now)
        changed = ["status", "published_at", "unpublished_at", "updated_at"]
        said = _in_the_log(step, reason, moment)
        kept._change_reason = said  # the history keeps it too
        kept.save(update_fields=changed)
        log(kept, user, said)
    for name in changed:
        setattr(career, name, getattr(kept, name))


def log(career: Career, user: "User", said: str) -> None:
    """Keep in the career's log what somebody did with it besides filling in its form."""
    LogEntry.objects.create(
        user=user,
        content_type=ContentType.objects.get_for_model(Career),
        object_id=str(career.pk),
        object_repr=str(career)[:200],
        action_flag=CHANGE,
        change_message=said,
    )


def last_word(career: Career) -> LogEntry | None:
    """The last thing that somebody did with the career besides filling in its form."""
    entries = LogEntry.objects.filter(
        content_type=ContentType.objects.get_for_model(Career), object_id=str(career.pk)
    )
    # Django keeps what a form changed as a list.
    steps = entries.exclude(change_message="").exclude(change_message__startswith="[")
    return steps.select_related("user").order_by("-action_time", "-pk").first()


def _missing(
    step: Transition, career: Career, reason: str, moment: datetime | None, now: datetime
) -> str:
    if step.asks_reason and not reason.strip():
        return _("Say why.")
    if not step.asks_moment:
        return ""
    if moment is None or moment <= now:
        return _("Give a moment that lies ahead.")
    ends, begins = career.unpublished_at, career.published_at
    if step.name == "schedule" and ends and now < ends <= moment:
        return _("A career is unpublished after it was published.")
    if step.name == "expire" and begins and begins >= moment:
        return _("A career is unpublished after it was published.")
    return ""


def _set_dates(step: Transition, career: Career, moment: datetime | None, now: datetime) -> None:
    if step.name in ("publish", "schedule"):
        career.published_at = moment or now
        if career.unpublished_at and career.unpublished_at <= career.published_at:
            career.unpublished_at = None
    elif step.name in ("expire", "stay"):
        career.unpublished_at = moment
    else:
        # What is not published has no end, nor a beginning that lies ahead.
        career.unpublished_at = None
        if career.published_at and career.published_at > now:
            career.published_at = None


def _in_the_log(step: Transition, reason: str, moment: datetime | None) -> str:
    what = str(step.said)
    if moment:
        when = timezone.localtime(moment)
        what = _("%(what)s (%(when)s)") % {"what": what, "when": f"{when:%Y-%m-%d %H:%M}"}
    return _("%(what)s: %(why)s") % {"what": what, "why": reason.strip()} if reason else what
