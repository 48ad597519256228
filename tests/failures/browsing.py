"""Visitors and editors as browsers are: they ask, keep cookies, fill in forms and send them."""

import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.client import HTTPConnection, HTTPException
from time import monotonic, sleep
from types import SimpleNamespace
from typing import NamedTuple
from urllib.parse import urlencode

from tests.failures.parts import PASSWORD
from tests.forms import form_of

LOST = 0  # in place of a status: the connection broke


class Answer(NamedTuple):
    status: int
    headers: dict[str, str]
    text: str
    at: float = 0.0

    @property
    def content(self) -> bytes:
        return self.text.encode()

    @property
    def title(self) -> str:
        found = re.search("<h1>(.*?)</h1>", self.text, re.DOTALL)
        return found[1].strip() if found else ""

    @property
    def is_stale(self) -> bool:
        return "stale-if-error" in self.headers.get("cache-status", "")


class Browser:
    def __init__(self, port: int) -> None:
        self.port, self.cookies = port, {}

    def get(self, path: str) -> Answer:
        return self._ask("GET", path)

    def post(self, path: str, fields: dict[str, str]) -> Answer:
        fields = {"csrfmiddlewaretoken": self.cookies.get("csrftoken", ""), **fields}
        return self._ask("POST", path, urlencode(fields), "application/x-www-form-urlencoded")

    def send_file(self, path: str, content: bytes, name: str = "file.csv", **fields: str) -> Answer:
        fields = {"csrfmiddlewaretoken": self.cookies["csrftoken"], **fields}
        parts = [
            f'--limit\r\nContent-Disposition: form-data; name="{field}"\r\n\r\n{value}\r\n'.encode()
            for field, value in fields.items()
        ]
        head = f'--limit\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n\r\n'
        body = b"".join([*parts, head.encode(), content, b"\r\n--limit--\r\n"])
        return self._ask("POST", path, body, "multipart/form-data; boundary=limit")

    def _ask(self, method: str, path: str, body: str | bytes = "", kind: str = "") -> Answer:
        headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())}
        if kind:
            headers["Content-Type"] = kind
        if not self.cookies:
            del headers["Cookie"]
        connection = HTTPConnection("127.0.0.1", self.port, timeout=120)
        try:
            connection.request(method, path, body or None, headers)
            response = connection.getresponse()
            text = response.read().decode(errors="replace")
        except (OSError, HTTPException) as error:
            return Answer(LOST, {}, repr(error), monotonic())
        finally:
            connection.close()
        for cookie in response.headers.get_all("Set-Cookie") or []:
            name, _equals, value = cookie.partition(";")[0].partition("=")
            self.cookies[name] = value
        given = {name.lower(): value for name, value in response.getheaders()}
        return Answer(response.status, given, text, monotonic())


class Editor(Browser):
    """Somebody of the group `editors` who is signed in."""

    def __init__(self, port: int, username: str = "editor") -> None:
        super().__init__(port)
        self.get("/admin/login/")
        answer = self.post("/admin/login/", {"username": username, "password": PASSWORD})
        assert answer.status == 302, answer.text

    def form(self, path: str) -> dict[str, str]:
        page = self.get(path)
        assert page.status == 200, (page.status, page.title)
        return form_of(page)

    def save(self, path: str, **changes: str) -> Answer:
        """Open the form, change some fields, and save."""
        page = self.get(path)
        if page.status != 200:
            return page
        return self.post(path, form_of(page) | changes)


def carried(page: Answer) -> dict[str, str]:
    """The fields that a page of 503 holds to be sent again."""
    return form_of(
        SimpleNamespace(content=page.content.replace(b"<main", b'<div id="content-main">'))
    )


class Busy:
    """What was answered to those who went on asking in threads, each by name."""

    def __init__(self) -> None:
        self.answers: dict[str, list[Answer]] = {}
        self.over = threading.Event()

    def statuses(self, name: str) -> set[int]:
        return {answer.status for answer in self.answers[name]}

    def having(self, name: str, status: int) -> list[Answer]:
        return [answer for answer in self.answers[name] if answer.status == status]


@contextmanager
def busy(pause: float = 0.02, **asking: Callable[[int], Answer]) -> Iterator[Busy]:
    """Each goes on asking, with the number of its turn, until the block ends."""
    seen = Busy()

    def go_on(name: str, ask: Callable[[int], Answer]) -> None:
        number = 0
        while not seen.over.is_set():
            seen.answers[name].append(ask(number))
            number += 1
            sleep(pause)

    threads = []
    for name, ask in asking.items():
        seen.answers[name] = []
        threads.append(threading.Thread(target=go_on, args=(name, ask), daemon=True))
    for thread in threads:
        thread.start()
    try:
        yield seen
    finally:
        seen.over.set()
        for thread in threads:
            thread.join(150)
