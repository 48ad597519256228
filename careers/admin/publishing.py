from django.http import HttpRequest

from careers.models import Career


def may_publish(request: HttpRequest) -> bool:
    return request.user.has_perm("careers.publish_career")


def may_edit(request: HttpRequest, career: Career | None) -> bool:
    """Whoever may not publish edits drafts only: the public never sees an unread change."""
    return career is None or career.status == Career.Status.DRAFT or may_publish(request)
