"""Requests at a fixed rate, whatever becomes of those before: what a second of visitors is.

Open loop: a request is due at its moment, and its latency counts from there, so that a server that
stands still is charged for all who wait.
"""

import asyncio
from collections.abc import Awaitable, Callable
from statistics import median
from time import monotonic
from typing import NamedTuple

PATIENCE = 60  # seconds that somebody waits


class Answer(NamedTuple):
    status: int  # 0: broken off, or none within PATIENCE
    headers: dict[str, str]
    body: bytes

    @property
    def is_stale(self) -> bool:
        return "stale-if-error" in self.headers.get("cache-status", "")


class Asked(NamedTuple):
    """One request: its kind, when it was due and when it was answered, and how."""

    kind: str
    due: float
    done: float
    status: int
    is_stale: bool

    @property
    def latency(self) -> float:
        return self.done - self.due

    @property
    def is_error(self) -> bool:
        return self.status == 0 or self.status >= 400


async def ask(
    port: int, path: str, headers: dict[str, str] | None = None, body: str = ""
) -> Answer:
    """One request on a connection of its own; never raises for what the server does."""
    given = {
        "Host": "127.0.0.1",
        "Connection": "close",
        "Accept-Encoding": "gzip",
        **(headers or {}),
    }
    if body:
        given["Content-Type"] = "application/x-www-form-urlencoded"
        given["Content-Length"] = str(len(body))
    lines = [
        f"{'POST' if body else 'GET'} {path} HTTP/1.1",
        *map(": ".join, given.items()),
        "",
        body,
    ]
    try:
        async with asyncio.timeout(PATIENCE):
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            try:
                writer.write("\r\n".join(lines).encode())
                return _parsed(await reader.read())
            finally:
                writer.close()
    except (OSError, TimeoutError, ValueError):
        return Answer(0, {}, b"")


def _parsed(answer: bytes) -> Answer:
    """Raises ValueError where the answer is not whole."""
    head, _blank, body = answer.partition(b"\r\n\r\n")
    first, *rest = head.decode("latin-1").split("\r\n")
    headers = {}
    for line in rest:
        name, _colon, value = line.partition(":")
        # Cookies come several at a time.
        headers[name.lower()] = headers.get(name.lower(), "") + value.strip() + "\n"
    headers = {name: value.rstrip("\n") for name, value in headers.items()}
    length = headers.get("content-length")
    if length is not None and int(length) != len(body):
        raise ValueError("broken off")
    if headers.get("transfer-encoding") == "chunked":
        if not body.endswith(b"0\r\n\r\n"):
            raise ValueError("broken off")
        body = _joined(body)
    return Answer(int(first.split()[1]), headers, body)


def _joined(chunks: bytes) -> bytes:
    whole = b""
    while chunks:
        size, _end, chunks = chunks.partition(b"\r\n")
        whole += chunks[: int(size, 16)]
        chunks = chunks[int(size, 16) + 2 :]
    return whole


async def at_rate(
    rate: float, seconds: float, draw: Callable[[], tuple[str, Callable[[], Awaitable[Answer]]]]
) -> list[Asked]:
    """What became of `rate` requests a second; `draw` says of each what kind it is, and asks it."""
    asked: list[Asked] = []

    async def one(due: float) -> None:
        kind, asking = draw()
        answer = await asking()
        asked.append(Asked(kind, due, monotonic(), answer.status, answer.is_stale))

    begin = monotonic()
    async with asyncio.TaskGroup() as tasks:
        for number in range(int(rate * seconds)):
            due = begin + number / rate
            await asyncio.sleep(max(0.0, due - monotonic()))
            tasks.create_task(one(due))
    return asked


async def one_after_another(
    port: int, path: str, seconds: float, at_once: int
) -> tuple[float, float]:
    """How many answers a second so many get who ask without pause, and the median latency."""
    end, latencies = monotonic() + seconds, []

    async def go_on() -> None:
        while (begun := monotonic()) < end:
            answer = await ask(port, path)
            if answer.status == 200:
                latencies.append(monotonic() - begun)

    await asyncio.gather(*(go_on() for _number in range(at_once)))
    return len(latencies) / seconds, median(latencies)


def percentile(values: list[float], share: float) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else 0.0
