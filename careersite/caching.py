"""Redis as Django's cache, and the memory of the process for as long as Redis is away."""

import logging
from collections.abc import Callable
from threading import Lock
from time import monotonic
from typing import Any

from django.core.cache.backends.locmem import LocMemCache
from django.core.cache.backends.redis import RedisCache
from redis.backoff import NoBackoff
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import RedisError
from redis.retry import Retry

logger = logging.getLogger(__name__)

# Seconds. Redis answers within a millisecond or is in trouble.
CONNECT, ANSWER, RETRY_AFTER = 0.3, 0.5, 5.0


class _Line:
    """Whether Redis answers, as far as this process knows: shared by its threads.

    After a failure nobody asks for a while; then one request tries, and the others go on without.
    """

    def __init__(self) -> None:
        self._lock, self._is_down, self._ask_again_at = Lock(), False, 0.0

    def is_worth_asking(self) -> bool:
        if not self._is_down:
            return True
        with self._lock:
            now = monotonic()
            if now < self._ask_again_at:
                return False
            self._ask_again_at = now + RETRY_AFTER
            return True

    def fails(self, error: Exception) -> bool:
        """Note a failure; whether it is the first of an outage."""
        with self._lock:
            first, self._is_down = not self._is_down, True
            self._ask_again_at = monotonic() + RETRY_AFTER
        if first:
            logger.warning("Redis is away, each process remembers for itself: %s", error)
        return first

    def answers(self) -> None:
        if self._is_down:
            with self._lock:
                was_down, self._is_down = self._is_down, False
            if was_down:
                logger.warning("Redis is back")


_lines: dict[str, _Line] = {}


def _either(name: str) -> Callable[..., Any]:
    """The method of that name: of Redis, or of the memory of this process when Redis fails."""

    def ask(cache: "RedisOrMemory", *args: Any, **kwargs: Any) -> Any:
        if cache.line.is_worth_asking():
            try:
                answer = getattr(RedisCache, name)(cache, *args, **kwargs)
            except (RedisError, OSError) as error:
                if cache.line.fails(error):
                    # What was remembered in an earlier outage is out of date.
                    cache.memory.clear()
            else:
                cache.line.answers()
                return answer
        return getattr(cache.memory, name)(*args, **kwargs)

    ask.__name__ = name
    return ask


class _Memory(LocMemCache):
    def incr(self, key: Any, delta: int = 1, version: int | None = None) -> int:
        # The count was begun in Redis: it begins again, rather than break what counts.
        self.add(key, 0, version=version)
        return super().incr(key, delta, version=version)


class RedisOrMemory(RedisCache):
    """Django's RedisCache, never an error: without Redis each process is as if there were none.

    Counts, such as those of reports, then hold for one process; kept pages are made once in each.
    """

    add, get, set, touch, delete = map(_either, ("add", "get", "set", "touch", "delete"))
    get_many, set_many, delete_many = map(_either, ("get_many", "set_many", "delete_many"))
    has_key, incr, clear = map(_either, ("has_key", "incr", "clear"))

    def __init__(self, server: str, params: dict[str, Any]) -> None:
        # A pooled connection that Redis has closed meanwhile is opened again at once; whoever
        # does not answer in time is not asked twice.
        retry = Retry(NoBackoff(), 1, supported_errors=(RedisConnectionError,))
        options = {"socket_connect_timeout": CONNECT, "socket_timeout": ANSWER, "retry": retry}
        memory = {**params, "OPTIONS": {"MAX_ENTRIES": 1_000}}
        super().__init__(server, {**params, "OPTIONS": {**options, **params.get("OPTIONS", {})}})
        self.memory = _Memory(f"{server} {self.key_prefix}", memory)
        self.line = _lines.setdefault(server, _Line())
