"""What every answer forbids the browser: pages and kept ones, 304s, files and errors alike.

The policy names no nonce, because pages are kept and shared (docs/adr/0020): scripts and styles are
files of this site, or they do not run.
"""

from collections.abc import Callable, Sequence
from functools import wraps
from typing import Any, TypeVar

from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.views.decorators.clickjacking import xframe_options_exempt

POLICY = "Content-Security-Policy"
PERMISSIONS = "Permissions-Policy"
# What a page loads has the permissions of that page, and these headers outweigh a small script.
PARTS_OF_PAGES = ("text/css", "text/javascript")
_View = TypeVar("_View", bound=Callable[..., HttpResponseBase])


class SecurityHeaders:
    """Middleware, around whatever answers: adds what an answer does not already say for itself."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response
        self.headers = {POLICY: policy(), **settings.SECURITY_HEADERS}

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        # Django's pages for developers carry their own style.
        if settings.DEBUG and response.status_code >= 400:
            return response
        kind = response.headers.get("Content-Type", "")
        for name, value in self.headers.items():
            if name != PERMISSIONS or not kind.startswith(PARTS_OF_PAGES):
                response.headers.setdefault(name, value)
        return response


def policy(**changes: Sequence[str]) -> str:
    """The site's policy, as the header says it, with some directives changed:
    `policy(frame_ancestors=["*"])`. True stands for a directive that takes no sources."""
    changed = {name.replace("_", "-"): sources for name, sources in changes.items()}
    directives: dict[str, Any] = {**settings.SECURE_CSP, **changed}
    return "; ".join(
        name if sources is True else " ".join((name, *sources))
        for name, sources in directives.items()
    )


def embeddable(view: _View) -> _View:
    """For a view whose page other sites may show in a frame, where it can do nothing: no script, no
    form. It stands above or below `@shared`."""

    @wraps(view)
    @xframe_options_exempt
    def marked(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        response = view(request, *args, **kwargs)
        nothing = ["'none'"]
        response.headers[POLICY] = policy(
            frame_ancestors=["*"], script_src=nothing, connect_src=nothing, form_action=nothing
        )
        return open_to_others(response)

    return marked  # type: ignore[return-value]


def open_to_others(response: HttpResponseBase) -> HttpResponseBase:
    """Let pages of other sites load this: it is made to be shown there."""
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    return response
