"""/health/live and /health/ready, for whoever watches over the process (docs/operations.md)."""

import logging
from collections.abc import Callable
from functools import cache

from django.db import DatabaseError, connection
from django.db.migrations.loader import MigrationLoader
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase

from careersite.logs import request_id

logger = logging.getLogger(__name__)


class Health:
    """Middleware, outside all others: load balancers ask by number, over HTTP and without a name.

    The answer depends on nothing that was sent and tells nothing secret, so it needs neither an
    allowed host nor HTTPS, makes no session, and is not among the requests that are logged.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if request.path_info == "/health/live":
            answer: HttpResponse = JsonResponse({"live": True})
        elif request.path_info == "/health/ready":
            request_id.set("")
            missing = _missing()
            answer = JsonResponse({"ready": not missing, **missing}, status=503 if missing else 200)
        else:
            return self.get_response(request)
        answer["Cache-Control"] = "no-store"
        # It has been said below, once, and about no request of anybody.
        answer._has_been_logged = True  # type: ignore[attr-defined]
        return answer


def _missing() -> dict[str, str]:
    """What keeps this process from answering pages, by part. Redis is none: without it pages are
    slower, and all processes would be taken out at once."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT app, name FROM django_migrations")
            applied = {(app, name) for app, name in cursor.fetchall()}
    except DatabaseError as error:
        if not _answers():
            logger.warning("Not ready: the database does not answer (%s)", type(error).__name__)
            return {"database": "does not answer"}
        applied = set()  # it is new
    if unapplied := sorted(known_migrations() - applied):
        names = ", ".join(".".join(migration) for migration in unapplied[:3])
        logger.warning("Not ready: %s migrations are not applied", len(unapplied))
        return {"migrations": f"{len(unapplied)} not applied: {names}"}
    return {}


def _answers() -> bool:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return False
    return True


@cache
def known_migrations() -> frozenset[tuple[str, str]]:
    """Those of this release, by app and name."""
    return frozenset(MigrationLoader(None).disk_migrations)
