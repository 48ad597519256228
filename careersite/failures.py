"""What a visitor and an editor are told when a part of the machine is away (docs/failures.md)."""

import errno
import sys
from collections.abc import Iterator
from contextlib import suppress

from django.conf import settings
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.template.loader import render_to_string
from django.utils.cache import add_never_cache_headers
from django.utils.translation import get_language_from_path, override
from django.views.defaults import server_error

RETRY_AFTER = 10  # seconds: a database that restarts is back by then
_FULL = (errno.ENOSPC, errno.EDQUOT)


def failed(request: HttpRequest) -> HttpResponseBase:
    """Django's handler500: 503 where the database or the disk is at fault, which passes.

    Django calls it where it has caught the error, wherever in the layers of middleware.
    """
    error = sys.exc_info()[1]
    if not _passes(error):
        return server_error(request)
    _drop_files(request)
    language = get_language_from_path(request.path) or settings.LANGUAGE_CODE
    with override(language):
        page = render_to_string("503.html", _said(request), None)
    response = HttpResponse(page, status=503)
    response["Retry-After"] = str(RETRY_AFTER)
    response["Content-Language"] = language
    if request.method == "GET" and request.headers.get("HX-Request"):
        # htmx shows no part of a failure: the browser goes to the whole page.
        response["HX-Redirect"] = request.get_full_path()
    add_never_cache_headers(response)
    return response


def _passes(error: BaseException | None) -> bool:
    """Whether the same request may succeed in a while, as it is."""
    if isinstance(error, OSError):
        return error.errno in _FULL
    return isinstance(error, OperationalError | InterfaceError)


def _drop_files(request: HttpRequest) -> None:
    """What has arrived of a file that the disk does not hold: Django leaves it lying there."""
    for handler in request.upload_handlers:
        if file := getattr(handler, "file", None):
            with suppress(OSError):
                file.close()


def _said(request: HttpRequest) -> dict[str, object]:
    sent = request.method == "POST"
    return {"sent": sent, "again": request.get_full_path(), "fields": list(_typed(request))}


def _typed(request: HttpRequest) -> Iterator[tuple[str, str]]:
    """The fields of the form that was sent, so that they can be sent again from the page.

    None of a form with a password, and none where a file was sent: no page can send it again.
    """
    is_form = request.content_type == "application/x-www-form-urlencoded"
    if request.method != "POST" or not is_form or any("password" in name for name in request.POST):
        return
    for name, values in request.POST.lists():
        for value in values:
            yield name, value
