"""What the site writes down: a line of JSON for each request and event, and nothing about anybody.

No address of a reader, no account, no question: a request is told by the name of its route. What
went wrong stands with where, in one line, too (docs/adr/0023).
"""

import json
import logging
import re
import secrets
import time
import traceback
from collections.abc import Callable, Iterator
from contextvars import ContextVar
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import Resolver404, resolve
from django.utils import translation

logger = logging.getLogger("careersite.requests")

HEADER = "X-Request-ID"
# Of the request that this thread answers, or answered last.
request_id: ContextVar[str] = ContextVar("request_id", default="")
# No point and no colon: it holds no address of anybody.
_WELL_FORMED = re.compile(r"[0-9A-Za-z_-]{8,64}")
# gunicorn goes on with the address of the reader, or with what was asked.
_REFUSED = re.compile(r"(Invalid request|Error handling request)\b.*", re.DOTALL)
_EMAIL = re.compile(r"[^\s@\"'<>()=]+@[^\s@\"'<>()=]+")
_encode = json.JSONEncoder(ensure_ascii=False, default=str).encode
_METHODS = {"GET", "HEAD", "POST", "OPTIONS", "PUT", "PATCH", "DELETE"}


class Requests:
    """Middleware: one line a request, and its number in the answer and in all lines about it.

    It stands outside what is kept: each reader has another number. The time is that until the first
    byte: a file that is streamed takes longer.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        began = time.perf_counter()
        number = _number(request)
        request_id.set(number)
        response = self.get_response(request)
        response[HEADER] = number
        told = {
            "method": request.method if request.method in _METHODS else "other",
            "route": route(request),
            "status": response.status_code,
            "ms": round((time.perf_counter() - began) * 1000, 1),
        }
        if page := _shared(request, response, told["route"]):
            told["page"] = page
        if logger.isEnabledFor(logging.INFO):
            # What logger.info() does, without looking up which line of the program says so: half
            # of its time, and a kept page has no time to give.
            name, level = logger.name, logging.INFO
            record = logger.makeRecord(
                name, level, "", 0, "request", (), None, extra={"told": told}
            )
            logger.handle(record)
        return response


def _number(request: HttpRequest) -> str:
    """That of the proxy, where there is one; visitors choose none."""
    given = request.headers.get(HEADER, "") if settings.PROXIES else ""
    return given if _WELL_FORMED.fullmatch(given) else secrets.token_hex(8)


def route(request: HttpRequest) -> str:
    """The name of the address asked for, such as `careers:career_list`; "none" where none is."""
    match = request.resolver_match
    return match.view_name if match else route_of(request.path_info)


@lru_cache(maxsize=1024)
def route_of(path: str) -> str:
    """Of what was answered before any view was looked for: a page that was kept, a redirect."""
    if path.startswith(settings.STATIC_URL):
        return "static"
    with translation.override(translation.get_language_from_path(path) or settings.LANGUAGE_CODE):
        try:
            return resolve(path).view_name
        except Resolver404:
            return "none"


def _shared(request: HttpRequest, response: HttpResponseBase, route: object) -> str:
    """Whether a page for everybody was "made", "kept" or "unchanged"; "" for any other answer."""
    if request.resolver_match:
        made = response.status_code == 200 and getattr(response, "is_shared", False)
        return "made" if made else ""
    if route == "static" or not response.has_header("ETag"):
        return ""
    return "unchanged" if response.status_code == 304 else "kept"


class Json(logging.Formatter):
    """One line for each record: what happened, and what it told (`extra={"told": {…}}`)."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "time": f"{_second(int(record.created))}.{int(record.msecs):03d}Z",
            "level": record.levelname,
            "logger": record.name,
            "event": _said(record),
        }
        if number := request_id.get():
            line["request_id"] = number
        line |= getattr(record, "told", {})
        if record.exc_info and record.exc_info[1]:
            line["error"] = _EMAIL.sub("…@…", "".join(_traced(record.exc_info[1])))
        return _encode(line)


@lru_cache(maxsize=2)
def _second(moment: int) -> str:
    return datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%dT%H:%M:%S")


def _said(record: logging.LogRecord) -> str:
    """The message; Django's end with the path, which may hold the secret of a shared preview."""
    request, args = getattr(record, "request", None), record.args
    if isinstance(request, HttpRequest) and isinstance(args, tuple) and args:
        return str(record.msg) % (*args[:-1], route(request))
    said = record.getMessage()
    if record.name == "gunicorn.error":
        said = _REFUSED.sub(r"\1", said)
    return _EMAIL.sub("…@…", said) if "@" in said else said


def _traced(error: BaseException) -> Iterator[str]:
    """The error and those that led to it. Of each message the first line: below it, databases
    repeat the row."""
    seen: set[int] = set()
    each: BaseException | None = error
    while each is not None and id(each) not in seen:
        seen.add(id(each))
        yield from traceback.format_tb(each.__traceback__)
        yield f"{type(each).__qualname__}: {str(each).partition(chr(10))[0]}\n"
        each = each.__cause__ or (None if each.__suppress_context__ else each.__context__)


def configuration(*, debug: bool, handlers: tuple[str, ...] = ()) -> dict[str, Any]:
    """Django's LOGGING: lines for people while one develops, else for programs; `handlers` are
    classes that are told of requests and events, too."""
    more = {name: {"class": name} for name in handlers}
    loggers: dict[str, Any] = {
        name: {"handlers": [*more], "level": "INFO"} for name in ("careers", "careersite")
    }
    if debug:
        # Django has a console of its own there, and the development server a line for each request.
        for each in loggers.values():
            each["handlers"].append("console")
        loggers["careersite.requests"] = {"level": "WARNING"}
    else:
        loggers[""] = {"handlers": ["console"], "level": "WARNING"}
        loggers["django"] = {"handlers": [], "level": "INFO"}
        # What is refused is a request with its status; a name that is not ours is no event.
        loggers["django.request"] = {"level": "ERROR"}
        loggers["django.security.DisallowedHost"] = {"level": "CRITICAL"}
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"json": {"()": Json}, "plain": {"format": "%(levelname)s %(message)s"}},
        "handlers": {
            "console": {
                "class": "logging.StreamHandler",
                "formatter": "plain" if debug else "json",
            },
            **more,
        },
        "loggers": loggers,
    }
