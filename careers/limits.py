"""Who asks, and how often: answers that have to be made are limited for each client."""

from collections.abc import Callable
from functools import cache as remembered
from ipaddress import IPv6Address, ip_address, ip_network
from typing import Any

from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.template.loader import render_to_string
from django.utils.crypto import salted_hmac
from django.utils.translation import get_language_from_path, override

A_MINUTE = 60  # seconds
UNKNOWN = "0.0.0.0"  # for a client that has no address: nobody's
# A password takes as long to check as many pages to make.
LOGIN_WEIGHS = 10


class Limits:
    """Middleware, right inside `SharedPages`: what is kept, or unchanged, costs nothing and is not
    counted. Everything else is, so that no address is forgotten."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        most = settings.RATE_LIMIT
        if not most or is_within("answers", request, most, A_MINUTE):
            return self.get_response(request)
        return too_many(request)


def may_log_in(request: HttpRequest) -> bool:
    """Whether this client may try one more password, for whatever user."""
    most = settings.RATE_LIMIT
    return not most or is_within("logins", request, -(-most // LOGIN_WEIGHS), A_MINUTE)


def is_within(what: str, request: HttpRequest, most: int, seconds: int) -> bool:
    """Count one more from this client, and say whether it is one of the first `most` of a stretch
    of `seconds`, which the first begins. No address is stored, but a keyed digest of it.

    A cache that does not answer counts nothing and keeps nobody out.
    """
    digest = salted_hmac("careers.limits", client_address(request), algorithm="sha256").hexdigest()
    key = f"careers.limits.{what}.{digest}"
    try:
        cache.add(key, 0, seconds)
        return cache.incr(key) <= most
    except Exception:  # whatever the cache in use raises, or ValueError where the key is just gone
        return True


def client_address(request: HttpRequest) -> str:
    """The client's address; of IPv6 its network of 64 bits, all of which one client may have.

    Each of `settings.PROXIES` proxies adds to the right of X-Forwarded-For whom it was asked by.
    What stands further left, anybody may have written.
    """
    known = str(request.META.get("REMOTE_ADDR", ""))
    forwarded = request.headers.get("X-Forwarded-For", "").split(",")
    if 0 < settings.PROXIES <= len(forwarded):
        return _normal(forwarded[-settings.PROXIES]) or _normal(known) or UNKNOWN
    return _normal(known) or UNKNOWN


def _normal(written: str) -> str:
    """An address as it is counted, or "" where it is none."""
    try:
        found = ip_address(written.strip())
    except ValueError:
        return ""
    if not isinstance(found, IPv6Address):
        return str(found)
    if found.ipv4_mapped:
        return str(found.ipv4_mapped)
    return str(ip_network((int(found), 64), strict=False).network_address)


def too_many(request: HttpRequest) -> HttpResponse:
    """429 in the reader's language, which here nothing but the address tells."""
    language = get_language_from_path(request.path_info) or settings.LANGUAGE_CODE
    response = HttpResponse(_page(language), status=429, content_type="text/html; charset=utf-8")
    response["Retry-After"] = str(A_MINUTE)
    response["Cache-Control"] = "no-store"
    response["Content-Language"] = language
    if request.headers.get("HX-Request"):
        # HTMX shows no error: the browser goes there itself, and shows this page.
        response["HX-Redirect"] = request.get_full_path()
    return response


@remembered
def _page(language: str) -> str:
    with override(language):
        return render_to_string("429.html")


def locked_out(
    request: HttpRequest, response: HttpResponse | None, credentials: dict[str, Any] | None
) -> HttpResponse:
    """What django-axes answers whoever has mistyped too many passwords for one user."""
    wait = settings.AXES_COOLOFF_TIME
    page = render_to_string("admin/locked.html", {"minutes": int(wait.seconds / 60)}, request)
    locked = HttpResponse(page, status=429)
    locked["Retry-After"] = str(wait.seconds)
    locked["Cache-Control"] = "no-store"
    return locked
