"""The processes of a deployment on loopback, started and ended by a test: its own database,
gunicorn, Redis, and nginx with deploy/nginx.conf."""

import fcntl
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from urllib.error import HTTPError, URLError
from urllib.request import HTTPRedirectHandler, Request, build_opener

from django.db import connection

ROOT = Path(__file__).parent.parent
NAME = "careers.example"


def free_port() -> int:
    with closing(socket.socket()) as listening:
        listening.bind(("127.0.0.1", 0))
        return int(listening.getsockname()[1])


def environment(database_url: str, **more: str) -> dict[str, str]:
    """That of a deployment: what this machine has set for the tests themselves stays out."""
    own = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    site = {"DEBUG": "0", "ALLOWED_HOSTS": f"{NAME},127.0.0.1", "SECRET_KEY": "s" * 60}
    return own | site | {"DATABASE_URL": database_url, "DEMO_PASSWORD": "demo-password"} | more


def manage(env: dict[str, str], *arguments: str, check: bool = True) -> subprocess.CompletedProcess:
    done = subprocess.run(
        [sys.executable, "manage.py", *arguments],
        env=env,
        cwd=ROOT,
        check=False,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0 or not check, done.stderr
    return done


@contextmanager
def database(folder: Path, name: str) -> Iterator[str]:
    """The address of a new, empty database beside that of the tests, on the same server."""
    if connection.vendor == "sqlite":
        yield f"sqlite:///{folder / name}.sqlite3"
        return
    settings = connection.settings_dict
    full = f"{settings['TEST']['NAME'] or 'test'}_{name}_{os.getpid()}"
    # A connection of its own, outside the transaction of the test.
    with connection._nodb_cursor() as cursor:
        cursor.execute(f'CREATE DATABASE "{full}"')
    user, password = settings["USER"], settings["PASSWORD"]
    try:
        yield f"postgres://{user}:{password}@{settings['HOST']}:{settings['PORT'] or 5432}/{full}"
    finally:
        with connection._nodb_cursor() as cursor:
            cursor.execute(f'DROP DATABASE "{full}" WITH (FORCE)')


@contextmanager
def process(command: list[str], log: Path, **options: object) -> Iterator[subprocess.Popen]:
    with log.open("ab") as written:
        streams = {"stdout": written, "stderr": subprocess.STDOUT}
        # A group of its own: with its children it can be killed at once.
        running = subprocess.Popen(command, cwd=ROOT, start_new_session=True, **streams, **options)
    try:
        yield running
    finally:
        running.terminate()
        try:
            running.wait(10)
        except subprocess.TimeoutExpired:
            running.kill()
            running.wait()


class _Stay(HTTPRedirectHandler):
    def redirect_request(self, *_arguments: object) -> None:
        return None


def ask(url: str, opener=None, **headers: str):
    """The answer, whatever its status, and redirects as they are."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    try:
        return (opener or build_opener(_Stay())).open(Request(url, headers=named), timeout=20)
    except HTTPError as answer:
        return answer


def wait_for(url: str, log: Path, **headers: str) -> None:
    until = time.monotonic() + 60
    while time.monotonic() < until:
        try:
            with ask(url, **headers) as answer:
                if answer.status < 500:
                    return
        except (URLError, ConnectionError, TimeoutError):
            pass
        time.sleep(0.1)
    raise AssertionError(f"{url} does not answer:\n{log.read_text()}")


@cache
def collect() -> None:
    """What every site needs, once for all tests: the static files under the names pages give."""
    # Of tests that run side by side one collects: another's site reads the folder as it starts.
    run = os.environ.get("PYTEST_XDIST_TESTRUNUID", "")
    (ROOT / "var").mkdir(exist_ok=True)
    with (ROOT / "var" / "collected").open("a+") as mark:
        fcntl.flock(mark, fcntl.LOCK_EX)
        mark.seek(0)
        if run and mark.read() == run:
            return
        manage(environment("sqlite://:memory:"), "collectstatic", "--noinput", "--verbosity", "0")
        mark.truncate(0)
        mark.write(run)


@contextmanager
def gunicorn(env: dict[str, str], port: int, log: Path, *, workers: int = 1):
    """A site on that port, ready."""
    collect()
    address = f"127.0.0.1:{port}"
    command = ["-m", "gunicorn", "careersite.wsgi", "--config", "gunicorn.conf.py"]
    command += ["--bind", address, "--workers", str(workers)]
    with process([sys.executable, *command], log, env=env) as running:
        wait_for(f"http://{address}/health/ready", log)
        yield running


def lines(log: Path) -> list[dict]:
    """Those of a log, each as it was written in JSON."""
    return [json.loads(line) for line in log.read_text().splitlines()]


def nginx_configuration(folder: Path, sites: list[int], plain: int, secure: int) -> Path:
    """deploy/nginx.conf with the addresses and folders of this test, and nothing else changed."""
    text = (ROOT / "deploy" / "nginx.conf").read_text()
    for number, port in enumerate(sites, 1):
        text = text.replace(f"web{number}:8000", f"127.0.0.1:{port}")
    text = re.sub(r"listen 80\b", f"listen 127.0.0.1:{plain}", text)
    text = re.sub(r"listen 443\b", f"listen 127.0.0.1:{secure}", text)
    for ours in ("/etc/nginx/certificates", "/var/cache/nginx", "/var/www/acme", "/var/www/pages"):
        text = text.replace(ours, str(folder / Path(ours).name))
    text = text.replace("/etc/nginx/mime.types", str(folder / "mime.types"))
    text = text.replace("/dev/stdout", f"{folder}/nginx.log")
    text = text.replace("/dev/stderr", f"{folder}/nginx.errors")
    # Compiled in, and not everywhere a folder of whoever runs the tests.
    kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    own = "".join(f"{kind}_temp_path {folder}/{kind};" for kind in kinds)
    text = text.replace("http {", f"http {{ {own}")
    if os.geteuid() == 0:
        text = f"user root;\n{text}"
    text = re.sub(r"^pid .*", f"pid {folder}/nginx.pid;", text, flags=re.MULTILINE)
    for name in ("certificates", "nginx", "acme", "pages"):
        (folder / name).mkdir(exist_ok=True)
    (folder / "mime.types").write_text("types { text/html html; }")
    _certify(folder / "certificates")
    path = folder / "nginx.conf"
    path.write_text(text)
    return path


def _certify(folder: Path) -> None:
    names = f"subjectAltName=DNS:{NAME},DNS:localhost"
    key, certificate = str(folder / "site.key"), str(folder / "site.crt")
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"]
    command += ["-subj", f"/CN={NAME}", "-addext", names, "-keyout", key, "-out", certificate]
    subprocess.run(command, check=True, capture_output=True)


@contextmanager
def redis(folder: Path) -> Iterator[dict[str, str]]:
    """The variables that name a Redis of its own; none where the site or the machine lacks it."""
    if not (shutil.which("redis-server") and find_spec("redis")):
        yield {}
        return
    port = free_port()
    command = ["redis-server", "--bind", "127.0.0.1", "--port", str(port), "--save", ""]
    with process([*command, "--dir", str(folder)], folder / "redis.log"):
        yield {"REDIS_URL": f"redis://127.0.0.1:{port}/0"}


@contextmanager
def nginx(folder: Path, sites: list[int], plain: int, secure: int) -> Iterator[Path]:
    path = nginx_configuration(folder, sites, plain, secure)
    command = ["nginx", "-p", str(folder), "-c", str(path), "-g", "daemon off;"]
    with ExitStack() as stack:
        stack.enter_context(process(command, folder / "nginx.out"))
        wait_for(f"http://127.0.0.1:{plain}/", folder / "nginx.out", Host=NAME)
        yield folder / "nginx.log"
