"""What a program is told when there is no answer: problems (RFC 9457), and who may read them."""

import json
from collections.abc import Callable
from http import HTTPStatus
from typing import Annotated, Any, NotRequired, TypedDict

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop, override

from careers.addresses import API, address
from careers.api.calls import language_of
from careers.figure_data import Url

PROBLEM = "application/problem+json"
METHODS = "GET, HEAD, OPTIONS"
# Browsers ask again after this many seconds whether a page of another site may read.
ASKED_AGAIN = "86400"


class Refusal(TypedDict):
    """A parameter that was not understood."""

    parameter: str
    value: str
    why: str
    allowed: Annotated[dict[str, object], gettext_noop("JSON Schema of what may stand there")]


class Problem(TypedDict):
    """RFC 9457; `errors` names every parameter that was not understood."""

    type: str
    title: str
    status: int
    detail: str
    instance: Url
    errors: NotRequired[list[Refusal]]


class Refused(Exception):
    """Something of the question was not understood."""

    def __init__(self, *refusals: Refusal) -> None:
        super().__init__(*refusals)
        self.refusals = list(refusals)


class Moved(Exception):
    """What was asked has another address: this path."""

    def __init__(self, path: str) -> None:
        super().__init__(path)
        self.path = path


def problem(
    request: HttpRequest, status: int, detail: str = "", refusals: list[Refusal] | None = None
) -> HttpResponse:
    """The problem, in the language asked."""
    with override(language_of(request)):
        content: Problem = {
            "type": "about:blank",
            "title": HTTPStatus(status).phrase,
            "status": status,
            "detail": detail or _detail(status),
            "instance": f"{request.scheme}://{request.get_host()}{request.get_full_path()}",
        }
        if refusals:
            guide = f"{request.scheme}://{request.get_host()}{address('api_guide')}"
            content |= {
                "type": f"{guide}#errors",
                "title": _("The question was not understood"),
                "errors": refusals,
            }
    response = as_json(request, content, status=status, kind=PROBLEM)
    patch_vary_headers(response, ["Accept-Language"])
    return response


def _detail(status: int) -> str:
    details = {
        HTTPStatus.BAD_REQUEST: _("Nothing is answered until every parameter is understood."),
        HTTPStatus.NOT_FOUND: _("Nothing has this address."),
        HTTPStatus.METHOD_NOT_ALLOWED: _("This is for reading only: GET, HEAD, OPTIONS."),
        HTTPStatus.TOO_MANY_REQUESTS: _(
            "Too many requests within a minute. Retry-After says how many seconds to wait."
        ),
    }
    return details.get(HTTPStatus(status), _("That is our fault."))


def as_json(
    request: HttpRequest, content: Any, status: int = 200, kind: str = "application/json"
) -> HttpResponse:
    body = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
    response = HttpResponse(body, content_type=kind, status=status)
    response["Content-Language"] = language_of(request)
    return response


class ForPrograms:
    """Middleware, around all that answers below the API's address: pages of any site may read what
    it says, nobody may write, and what fails elsewhere is a problem there, too.

    It stands before pages that are kept, whose 304 is read by other sites as well.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if not request.path_info.startswith(API):
            return self.get_response(request)
        response = self._answer(request)
        response["Access-Control-Allow-Origin"] = "*"
        response["Access-Control-Expose-Headers"] = "ETag, Link, Retry-After"
        response["X-Robots-Tag"] = "noindex"
        return response

    def _answer(self, request: HttpRequest) -> HttpResponseBase:
        if request.method == "OPTIONS":
            headers = {
                "Allow": METHODS,
                "Access-Control-Allow-Methods": METHODS,
                "Access-Control-Allow-Headers": "Accept-Language, If-None-Match",
                "Access-Control-Max-Age": ASKED_AGAIN,
            }
            return HttpResponse(status=HTTPStatus.NO_CONTENT, headers=headers)
        if request.method not in ("GET", "HEAD"):
            response = problem(request, HTTPStatus.METHOD_NOT_ALLOWED)
            response["Allow"] = METHODS
            return response
        answer = self.get_response(request)
        # A developer reads the traceback; everybody else a problem.
        is_shown = settings.DEBUG and answer.status_code >= HTTPStatus.INTERNAL_SERVER_ERROR
        if answer.status_code < HTTPStatus.BAD_REQUEST or is_shown:
            return answer
        is_problem = answer.get("Content-Type") == PROBLEM
        return answer if is_problem else _instead_of(answer, request)


def _instead_of(page: HttpResponseBase, request: HttpRequest) -> HttpResponse:
    """The problem of which a page speaks to people; when to ask again stands in its headers."""
    response = problem(request, page.status_code)
    for name in ("Retry-After", "Cache-Control"):
        if name in page:
            response[name] = page[name]
    return response
