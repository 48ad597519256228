"""No request runs for ever: one that is silent for too long ends with its process.

gunicorn's own `timeout` watches a worker of threads as a whole, and a thread of Python cannot be
stopped from outside. So the process takes no more requests, lets the others finish, and ends;
gunicorn starts another one.
"""

import faulthandler
import logging
import os
import signal
import sys
from collections.abc import Callable, Iterator
from threading import Lock, Thread, get_ident
from time import monotonic, sleep
from typing import Any

from django.conf import settings
from django.core.exceptions import MiddlewareNotUsed
from django.http import HttpRequest, StreamingHttpResponse
from django.http.response import HttpResponseBase

from careersite.logs import route_of

logger = logging.getLogger(__name__)

# Seconds that the other requests of the process have to finish: gunicorn's graceful_timeout.
GRACE = 30.0


class RequestTimeout:
    """Middleware: a request may be silent for REQUEST_SECONDS, one of the admin, where files are
    imported, for EDITOR_SECONDS. A stream begins anew with each of its blocks, and time in which
    only the reader is slow does not count."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        if not settings.REQUEST_SECONDS:
            raise MiddlewareNotUsed
        self.get_response = get_response
        self._lock = Lock()
        # By thread: when it has to have answered, and what it was asked.
        self._running: dict[int, tuple[float, str]] = {}
        self._watch: Thread | None = None

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        with self._lock:
            # Here, for a process that gunicorn forks has none of its parent's threads.
            if self._watch is None:
                self._watch = Thread(target=self._look, name="timeouts", daemon=True)
                self._watch.start()
        self._begin(settings.REQUEST_SECONDS, request.path)
        try:
            response = self.get_response(request)
        finally:
            self._end()
        if isinstance(response, StreamingHttpResponse):
            response.streaming_content = self._timed(iter(response), request.path)
        return response

    def process_view(self, request: HttpRequest, *_view: Any) -> None:
        if request.resolver_match and request.resolver_match.app_name == "admin":
            self._begin(settings.EDITOR_SECONDS, request.path)

    def _timed(self, blocks: Iterator[bytes], path: str) -> Iterator[bytes]:
        while True:
            self._begin(settings.REQUEST_SECONDS, path)
            try:
                block = next(blocks)
            except StopIteration:
                return
            finally:
                self._end()
            yield block

    def _begin(self, seconds: float, path: str) -> None:
        self._running[get_ident()] = (monotonic() + seconds, path)

    def _end(self) -> None:
        self._running.pop(get_ident(), None)

    def _look(self) -> None:
        while not (late := self._late()):
            sleep(0.25)
        said = ", ".join(map(route_of, late))
        logger.error("Silent for too long, the process ends: %s", said)
        faulthandler.dump_traceback(sys.stderr)
        os.kill(os.getpid(), signal.SIGTERM)
        until = monotonic() + GRACE
        while monotonic() < until and len(self._running) > len(self._late()):
            sleep(0.25)
        # What has been answered is still being sent.
        sleep(1)
        os._exit(1)

    def _late(self) -> list[str]:
        now = monotonic()
        return [path for deadline, path in list(self._running.values()) if deadline < now]
