"""security.txt (RFC 9116): whom to tell of a hole in this deployment."""

from datetime import UTC, timedelta

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe


@require_safe
@cache_control(public=True, max_age=24 * 60 * 60)
def security_txt(request: HttpRequest) -> HttpResponse:
    """The contacts of the deployment, and until when they hold; 404 where it names none: an
    invented one would be worse."""
    if not settings.SECURITY_CONTACTS:
        raise Http404("SECURITY_CONTACT is not set.")
    day = timezone.now().astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    expires = day + timedelta(days=settings.SECURITY_DAYS)
    lines = [
        *(f"Contact: {contact}" for contact in settings.SECURITY_CONTACTS),
        f"Expires: {expires:%Y-%m-%dT%H:%M:%SZ}",
        f"Preferred-Languages: {', '.join(code for code, _name in settings.LANGUAGES)}",
        f"Canonical: {request.build_absolute_uri(reverse('security_txt'))}",
    ]
    return HttpResponse("\n".join([*lines, ""]), content_type="text/plain; charset=utf-8")
