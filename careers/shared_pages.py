"""Pages that are the same for everybody, kept for as long as the content stays as it is.

The state of the content names what is kept: a change gives every page another name, so nothing
kept is ever out of date, in whichever process, and nothing has to be deleted (docs/adr/0015). Only
while the database does not answer, what was kept of the last state is better than nothing.
"""

import hashlib
from collections.abc import Callable
from contextlib import suppress
from functools import cache, wraps
from pathlib import Path
from threading import Lock
from typing import Any, TypeVar

from django.conf import settings
from django.core.cache import caches
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.utils.cache import get_conditional_response, patch_cache_control
from django.utils.translation import get_supported_language_variant
from django.utils.translation.trans_real import parse_accept_lang_header

from careers import state
from careers.addresses import API
from careers.state import State

# Named by what they hold, kept pages never grow old; they only make room.
KEPT = 24 * 60 * 60  # seconds
# HTMX asks for the part of a page that changes.
_ASKING_FOR_A_PART = ("HX-Request", "HX-History-Restore-Request")
_View = TypeVar("_View", bound=Callable[..., HttpResponseBase])
# One thread makes a page that many ask for; the others wait for it.
_making = [Lock() for _number in range(64)]


def shared(view: _View) -> _View:
    """For a view whose answer depends on its address, the content and the day, and on nobody."""

    return _marked(view, is_shared=True, is_kept=True)


def named(view: _View) -> _View:
    """The same for answers of which there are too many to keep: who has one gets 304."""
    return _marked(view, is_shared=True, is_kept=False)


def _marked(view: _View, **marks: bool) -> _View:
    @wraps(view)
    def marked(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        response = view(request, *args, **kwargs)
        vars(response).update(marks)
        return response

    return marked  # type: ignore[return-value]


def preferred_language(request: HttpRequest) -> str:
    """The language of the site that who asks prefers, by `Accept-Language` alone; else French."""
    accepted = parse_accept_lang_header(request.headers.get("Accept-Language", "").lower())
    for code, _quality in accepted:
        with suppress(LookupError):
            return get_supported_language_variant(code)
    return settings.LANGUAGE_CODE


class SharedPages:
    """Middleware: answers from what is kept, with 304 to who has it, and keeps what is shared.

    It stands outside what translates and compresses, so that what is kept is what is sent. Whoever
    is signed in is never answered from here, nor is anybody while templates are being written.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if settings.DEBUG or request.method not in ("GET", "HEAD") or _is_somebody(request):
            return self.get_response(request)
        try:
            name = _name(request)
        except (OperationalError, InterfaceError):
            if (stale := _stale(request)) is None:
                raise
            return stale
        etag = f'W/"{name}"'
        # Only who was given this name knows it: no need to ask whether the page is shared.
        if request.headers.get("If-None-Match"):
            unchanged = get_conditional_response(request, etag=etag)
            if unchanged is not None:
                return _labelled(request, unchanged, etag)
        kept = caches["pages"].get(name)
        if kept is None:
            with _making[int(name[:2], 16) % len(_making)]:
                kept = caches["pages"].get(name) or self._made(request, name, etag)
        if isinstance(kept, HttpResponseBase):
            return kept
        return _page(kept)

    def _made(self, request: HttpRequest, name: str, etag: str) -> HttpResponseBase:
        response = self.get_response(request)
        if response.status_code != 200 or not getattr(response, "is_shared", False):
            return response
        if response.cookies or "no-store" in response.get("Cache-Control", ""):
            return response
        _labelled(request, response, etag)
        is_kept = request.method == "GET" and getattr(response, "is_kept", True)
        if is_kept and isinstance(response, HttpResponse):
            caches["pages"].set(name, (response.content, dict(response.items())), KEPT)
        return response


def _is_somebody(request: HttpRequest) -> bool:
    return settings.SESSION_COOKIE_NAME in request.COOKIES


def _tells_no_language(request: HttpRequest) -> bool:
    return request.path_info.startswith(API)


def _page(kept: tuple[bytes, dict[str, str]]) -> HttpResponse:
    content, headers = kept
    return HttpResponse(content, headers=headers)


def _stale(request: HttpRequest) -> HttpResponse | None:
    """The page as it was when the database was last heard of, if it is kept; it says so to
    programs (RFC 9211), and nobody in between may keep it."""
    if (at := state.last()) is None or (kept := caches["pages"].get(_name(request, at))) is None:
        return None
    page = _page(kept)
    del page["ETag"]
    page["Cache-Control"] = "no-store"
    page["Cache-Status"] = "SharedPages; hit; detail=stale-if-error"
    return page


def _name(request: HttpRequest, at: State | None = None) -> str:
    """The name of the answer: a digest of all that it depends on, in the state of now or `at`."""
    parts = (
        _release(),
        at or state.now(),
        timezone.localdate(),
        request.scheme,
        request.get_host(),
        request.get_full_path(),
        preferred_language(request) if _tells_no_language(request) else "",
        "gzip" in request.headers.get("Accept-Encoding", ""),
        *(request.headers.get(header) for header in _ASKING_FOR_A_PART),
    )
    return hashlib.sha256("\n".join(map(str, parts)).encode()).hexdigest()[:40]


@cache
def _release() -> str:
    """Another one when the code, the texts or the templates are others."""
    templates: list[Path] = settings.TEMPLATES[0]["DIRS"]  # type: ignore[assignment]
    folders = [Path(__file__).parent, *templates]
    files = sorted(path for folder in folders for path in folder.rglob("*.*") if path.is_file())
    kinds = (".py", ".html", ".svg", ".mo")
    stamps = [f"{path.name} {path.stat().st_mtime_ns}" for path in files if path.suffix in kinds]
    return hashlib.sha256("\n".join(stamps).encode()).hexdigest()


def _labelled(request: HttpRequest, response: HttpResponseBase, etag: str) -> HttpResponseBase:
    """Tell browsers to ask each time whether it changed, and caches in between how long not to."""
    response["ETag"] = etag
    if seconds := settings.SHARED_SECONDS:
        patch_cache_control(
            response,
            public=True,
            max_age=0,
            s_maxage=seconds,
            stale_while_revalidate=10 * seconds,
        )
    else:
        patch_cache_control(response, public=True, no_cache=True)
    # What the name depends on, in a 304 as well: browsers take its headers for those of the page
    # they have, and Back would show a part of a page as all of it. Where the address tells the
    # language, caches need not keep a page for each preference.
    varies = ("Accept-Language",) if _tells_no_language(request) else _ASKING_FOR_A_PART
    response["Vary"] = ", ".join(("Accept-Encoding", *varies))
    return response
