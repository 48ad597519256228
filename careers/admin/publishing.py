from typing import Any

from django.contrib.auth.models import User
from django.db.models import QuerySet
from django.http import HttpRequest

from careers.models import Career


def user_of(request: HttpRequest) -> User:
    """Whoever is logged in: `admin_view` lets nobody else in."""
    assert isinstance(request.user, User)
    return request.user


def may_publish(request: HttpRequest) -> bool:
    return request.user.has_perm("careers.publish_career")


def may_edit(request: HttpRequest, career: Career | None) -> bool:
    """Whoever may not publish edits drafts only: the public never sees an unread change.

    The forms of a working draft are open to all who write: what they hold is not saved.
    """
    if career is None or career.status == Career.Status.DRAFT or may_publish(request):
        return True
    return getattr(request, "is_rehearsal", False)


def public_page(obj: Any, public: "QuerySet[Any]") -> str | None:
    """The object's page in the language of this screen; None where it is not among what is public,
    and has no page."""
    is_public = obj is not None and public.filter(pk=obj.pk).exists()
    return obj.get_absolute_url() if is_public else None
