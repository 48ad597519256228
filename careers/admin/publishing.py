from django.contrib.auth.models import User
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
