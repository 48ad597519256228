"""PostgreSQL, Redis, nginx and the site itself as processes on loopback that may be broken.

Each in a folder of its own and on a free port; what is missing on the machine is named, and the
tests that need it are skipped.
"""

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from http.client import HTTPConnection
from pathlib import Path
from time import monotonic, sleep

import psycopg

from tests.layout import nginx_configuration

ROOT = Path(__file__).resolve().parents[2]
# Where Debian puts what is not on the path.
PLACES = ["/usr/sbin", "/usr/local/bin", *map(str, Path("/usr/lib/postgresql").glob("*/bin"))]
PORTS = os.environ.get("PORTS", "")  # such as 8240-8279; else whichever are free
PASSWORD = "a long walk by the sea"
_given: set[int] = set()


class Missing(Exception):
    """A program that the machine does not have."""


def program(name: str) -> str:
    found = shutil.which(name, path=os.pathsep.join([os.environ.get("PATH", ""), *PLACES]))
    if found is None:
        raise Missing(f"{name} is not installed")
    return found


def free_port() -> int:
    first, _dash, last = PORTS.partition("-")
    for port in range(int(first), int(last) + 1) if PORTS else [0] * 100:
        with socket.socket() as tried:
            tried.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            with suppress(OSError):
                tried.bind(("127.0.0.1", port))
                number = tried.getsockname()[1]
                if number not in _given:
                    _given.add(number)
                    return number
    raise Missing("no free port")


def until(condition, what: str, seconds: float = 120) -> None:
    """Wait for it; how long a machine takes is no matter, that it comes is."""
    end = monotonic() + seconds
    while not condition():
        if monotonic() > end:
            raise AssertionError(f"{what} did not happen within {seconds} s")
        sleep(0.05)


def answers(port: int) -> bool:
    with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
        return True
    return False


class Process:
    """A program in a process group of its own, with its words in a file."""

    def __init__(self, command: list[str], log: Path, **options) -> None:
        self.log, self.command, self.options = log, command, options
        self.start()

    def start(self) -> None:
        with self.log.open("ab") as log:
            self.running = subprocess.Popen(
                self.command, stdout=log, stderr=log, start_new_session=True, **self.options
            )

    @property
    def said(self) -> str:
        return self.log.read_text(errors="replace")

    def kill(self, number: int = signal.SIGKILL) -> None:
        """All of the group, at once."""
        with suppress(ProcessLookupError):
            os.killpg(self.running.pid, number)
        if number == signal.SIGKILL:
            self.running.wait()

    def children(self) -> list[int]:
        path = Path(f"/proc/{self.running.pid}/task/{self.running.pid}/children")
        return [int(pid) for pid in path.read_text().split()]


class Postgres:
    """A cluster of its own: PostgreSQL refuses to run as root, so root lends it to `postgres`."""

    def __init__(self, folder: Path, wal: str = "") -> None:
        self.folder, self.port = folder / "data", free_port()
        folder.mkdir(parents=True)
        self._as = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
        if self._as:
            program("runuser")
            shutil.chown(folder, "postgres")
        options = ["-A", "trust", "-U", "postgres", "-E", "UTF8", "--locale", "C.UTF-8"]
        self._run("initdb", "-D", str(self.folder), *options, "--no-sync")
        settings = f"port={self.port}\nlisten_addresses='127.0.0.1'\nunix_socket_directories=''\n"
        with (self.folder / "postgresql.conf").open("a") as config:
            config.write(f"{settings}{wal}max_connections=60\nlogging_collector=on\n")
        self.start()

    def _run(self, name: str, *words: str) -> None:
        command = [*self._as, program(name), *words]
        subprocess.run(
            command, check=True, cwd="/", stdout=subprocess.DEVNULL, stdin=subprocess.DEVNULL
        )

    def _control(self, what: str, *words: str) -> None:
        self._run("pg_ctl", what, "-D", str(self.folder), "-w", "-s", *words)

    def start(self) -> None:
        self._control("start")

    def stop(self, how: str = "fast") -> None:
        self._control("stop", "-m", how)

    def start_again(self) -> None:
        """It may have ended by itself, or be at its recovery."""
        with suppress(subprocess.CalledProcessError):
            self.start()
        until(lambda: answers(self.port) and self._accepts(), "PostgreSQL")

    def _accepts(self) -> bool:
        with suppress(psycopg.OperationalError):
            self.ask("postgres", "SELECT 1")
            return True
        return False

    def url(self, database: str) -> str:
        return f"postgres://postgres@127.0.0.1:{self.port}/{database}"

    def connect(self, database: str = "postgres") -> psycopg.Connection:
        return psycopg.connect(self.url(database), autocommit=True)

    def create(self, database: str, template: str = "template0") -> str:
        with self.connect() as connection:
            connection.execute(f'CREATE DATABASE "{database}" TEMPLATE "{template}"')
            # PostgreSQL 15 to 17 copy a sequence without the values that it has logged ahead: a
            # crash before the next checkpoint would give some numbers twice.
            connection.execute("CHECKPOINT")
        return self.url(database)

    def copy(self, database: str, url: str) -> None:
        """Into an empty database of another cluster."""
        dumped = subprocess.run(
            [program("pg_dump"), self.url(database)], check=True, capture_output=True
        )
        words = [program("psql"), "--quiet", "--single-transaction", "-v", "ON_ERROR_STOP=1", url]
        subprocess.run(words, check=True, input=dumped.stdout, stdout=subprocess.DEVNULL)

    @property
    def said(self) -> str:
        return "".join(path.read_text() for path in (self.folder / "log").glob("*.log"))

    def ask(self, database: str, query: str) -> list[tuple]:
        with self.connect(database) as connection:
            return connection.execute(query).fetchall()


class Redis:
    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True)
        self.port = free_port()
        options = [
            "--port",
            str(self.port),
            "--bind",
            "127.0.0.1",
            "--save",
            "",
            "--dir",
            str(folder),
        ]
        self.process = Process([program("redis-server"), *options], folder / "log")
        self.wait()

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    def wait(self) -> None:
        until(lambda: answers(self.port), "Redis")

    def keys(self) -> int:
        with socket.create_connection(("127.0.0.1", self.port), timeout=5) as asked:
            asked.sendall(b"DBSIZE\r\n")
            return int(asked.recv(100)[1:])


class Site:
    """gunicorn as `make run` starts it, with its own gunicorn.conf.py."""

    def __init__(
        self, folder: Path, url: str, app: str = "", *, wait: bool = True, **environment: str
    ) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.port = free_port()
        self.environment = deployed(url) | {"BIND": f"127.0.0.1:{self.port}"} | environment
        command = [sys.executable, "-m", "gunicorn", *([app] if app else [])]
        log = folder / f"site-{self.port}.log"
        self.process = Process(command, log, cwd=ROOT, env=self.environment)
        if wait:
            self.wait()

    def wait(self) -> None:
        until(lambda: answers_http(self.port), f"the site ({self.process.log})")

    def restart(self) -> None:
        self.process.start()
        self.wait()

    def kill_worker(self) -> int:
        worker = self.process.children()[0]
        os.kill(worker, signal.SIGKILL)
        return worker

    def manage(self, *words: str) -> str:
        return manage(self.environment["DATABASE_URL"], *words)


def deployed(url: str) -> dict[str, str]:
    return os.environ | {
        **{"DATABASE_URL": url, "HTTPS": "0", "SECRET_KEY": "s" * 60, "DEBUG": "0"},
        **{"ALLOWED_HOSTS": "127.0.0.1", "DEMO_PASSWORD": PASSWORD},
        # All visitors come from one address here.
        "RATE_LIMIT": "0",
        **{"DJANGO_SETTINGS_MODULE": "tests.failures.settings"},
    }


FILL = """
import django
from django.core.management import call_command
django.setup()
call_command("migrate", verbosity=0)
call_command("load_demo")
"""


def fill(url: str) -> None:
    """The starter content, in one process: half the time of a command is its start."""
    _run(url, "-c", FILL)


def manage(url: str, *words: str) -> str:
    return _run(url, "manage.py", *words)


def _run(url: str, *words: str) -> str:
    command = [sys.executable, *words]
    done = subprocess.run(command, cwd=ROOT, env=deployed(url), capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def answers_http(port: int) -> bool:
    connection = HTTPConnection("127.0.0.1", port, timeout=60)
    with suppress(OSError), closing(connection):
        connection.request("GET", "/robots.txt")
        return connection.getresponse().status < 500
    return False


class Nginx:
    """deploy/nginx.conf before one or two sites, for browsers that speak no TLS."""

    def __init__(self, folder: Path, *sites: Site) -> None:
        folder.mkdir(parents=True)
        self.port = free_port()
        program("openssl")
        ports = [site.port for site in (sites * 2)[:2]]
        path = nginx_configuration(folder, ports, free_port(), self.port)
        config, count = re.subn(f"(:{self.port}) ssl http2", r"\1", path.read_text())
        assert count == 1
        path.write_text(config)
        manage("sqlite://:memory:", "write_error_pages", str(folder / "pages"))
        command = [program("nginx"), "-p", str(folder), "-e", str(folder / "error.log")]
        words = ["-c", str(path), "-g", "daemon off;"]
        self.process = Process([*command, *words], folder / "log")
        until(lambda: answers(self.port), "nginx")


@contextmanager
def stopping(*parts) -> Iterator[None]:
    try:
        yield
    finally:
        for part in parts:
            process = getattr(part, "process", None)
            process.kill() if process else part.stop("immediate")
