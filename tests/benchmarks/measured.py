"""A gunicorn worker on one database, and what it spends."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path
from random import Random
from time import sleep
from typing import NamedTuple

NANOSECOND = 1e-9
# A kept page would answer for one that is made: whoever is signed in gets each made anew.
ANEW = {"Cookie": "sessionid=nobody"}


class Page(NamedTuple):
    """What is asked, with which headers, and how often in a round.

    "{amount}" in a path stands for another one each time; "{staff}" in a header for the session of
    a member of the staff, "{tag}" for the ETag that the same address gave before.
    """

    name: str
    path: str
    headers: dict[str, str] = ANEW
    repeat: int = 12


class Answer(NamedTuple):
    """`queries` are counted only where the page is asked for them."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def queries(self) -> int:
        return int(self.headers["X-Queries"])


class Server:
    """One gunicorn worker on one database."""

    def __init__(self, url: str, port: int) -> None:
        self.port, self.url = port, url
        self.tags: dict[str, str] = {}
        self.random = Random(5)
        self.staff = _printed(url, "staff").strip()
        self.process = subprocess.Popen(
            [
                *(sys.executable, "-m", "gunicorn", "tests.benchmarks.served"),
                # One process for the whole run: its CPU is what counts.
                *("--bind", f"127.0.0.1:{port}", "--workers", "1", "--worker-class", "sync"),
                *("--threads", "1", "--max-requests", "0", "--log-level", "error"),
                *("--timeout", "900"),
            ],
            env=environment(url),
        )
        self.worker = self._wait()

    def _wait(self) -> str:
        for _try in range(600):
            sleep(0.2)
            try:
                self.ask(Page("bare response", "/bare", {}))
            except OSError:
                continue
            break
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
        [worker] = children.read_text().split()
        return worker

    def ask(self, page: Page, **more: str) -> Answer:
        headers = {"Accept-Encoding": "gzip", **page.headers, **more}
        known = {"{staff}": self.staff, "{tag}": self.tags.get(page.path, "")}
        for mark, value in known.items():
            headers = {name: text.replace(mark, value) for name, text in headers.items()}
        connection = HTTPConnection("127.0.0.1", self.port, timeout=900)
        path = page.path.replace("{amount}", str(self.random.randrange(30_000, 90_000)))
        connection.request("GET", path, headers=headers)
        response = connection.getresponse()
        answer = Answer(response.status, dict(response.getheaders()), response.read())
        connection.close()
        if answer.status == 200 and "ETag" in answer.headers:
            self.tags[page.path] = answer.headers["ETag"]
        return answer

    def cpu(self, page: Page) -> float:
        """Seconds of CPU for one request: of the worker, and of its sessions in PostgreSQL."""
        before = self._spent()
        for _time in range(page.repeat):
            self.ask(page)
        after = self._spent()
        # A session that has ended took its time with it; one that has begun had none.
        return sum(spent - before.get(pid, 0.0) for pid, spent in after.items()) / page.repeat

    def _spent(self) -> dict[str, float]:
        name = self.url.rpartition("/")[2] if self.url.startswith("postgres") else ""
        pids = [self.worker]
        if name:
            processes = (path.name for path in Path("/proc").glob("[0-9]*"))
            pids += [pid for pid in processes if f" {name} " in _command(pid)]
        return {pid: _of_process(pid) for pid in pids}

    def peak(self) -> float:
        """The most memory that the worker has held, in MB."""
        status = Path(f"/proc/{self.worker}/status").read_text()
        peak = next(line for line in status.splitlines() if line.startswith("VmHWM"))
        return int(peak.split()[1]) / 1024


def environment(url: str) -> dict[str, str]:
    return {
        **os.environ,
        **{"DATABASE_URL": url, "HTTPS": "0", "SECRET_KEY": "b" * 50, "DEBUG": "0"},
        **{"ALLOWED_HOSTS": "127.0.0.1", "RATE_LIMIT": "0"},
        **{"REQUEST_SECONDS": "0", "STATEMENT_SECONDS": "0"},
    }


def _printed(url: str, *words: str) -> str:
    """What `tests.benchmarks.databases` prints for these words on that database."""
    command = [sys.executable, "-m", "tests.benchmarks.databases", *words]
    return subprocess.run(
        command, env=environment(url), check=True, capture_output=True, text=True
    ).stdout


def _of_process(pid: str) -> float:
    """The CPU of all its threads so far, in seconds."""
    spent = 0
    for thread in Path(f"/proc/{pid}/task").glob("*/schedstat"):
        try:
            spent += int(thread.read_text().split()[0])
        except OSError:
            continue
    return spent * NANOSECOND


def _command(pid: str) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()
    except OSError:
        return ""


@contextmanager
def served(url: str, port: int) -> Iterator[Server]:
    server = Server(url, port)
    try:
        yield server
    finally:
        server.process.terminate()
        server.process.wait()
