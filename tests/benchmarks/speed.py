"""What each page costs the server beside a bare response: `make bench` (docs/benchmarks.md).

CPU, not time: of one gunicorn worker, and of PostgreSQL where it answers. Each round asks every
page in turn, on every database; the median of the rounds counts, as a ratio to the bare response
of the same round. SIZES, ENGINES and ROUNDS choose what is measured. Measures, and asserts nothing.
"""

import gzip
import os
import platform
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from functools import partial
from http.client import HTTPConnection
from pathlib import Path
from random import Random
from statistics import median
from time import sleep
from typing import NamedTuple

from tests.benchmarks.databases import BENCH, build

SIZES = [int(size) for size in os.environ.get("SIZES", "5000 50000 500000 2000000").split()]
ENGINES = os.environ.get("ENGINES", "sqlite postgres").split()
ROUNDS = int(os.environ.get("ROUNDS", "5"))
REPORT = Path("docs/benchmarks.md")
MARKS = ("<!-- speed: begin -->", "<!-- speed: end -->")
TICKS = os.sysconf("SC_CLK_TCK")
# A kept page would answer for one that is made: whoever is signed in gets each made anew.
ANEW = {"Cookie": "sessionid=nobody"}
say = partial(print, file=sys.stderr, flush=True)


class Page(NamedTuple):
    name: str
    path: str
    headers: dict[str, str] = ANEW
    repeat: int = 12


FILTERED = "/metiers/?region=BB&salary_min=60000&level=senior"
PAGES = [
    Page("bare response", "/bare", {}, 300),
    Page("20 rows, default middleware", "/rows", {}, 60),
    Page("list", "/metiers/"),
    Page("list, filtered, all facets", FILTERED),
    Page("the same for HTMX", FILTERED, {**ANEW, "HX-Request": "true"}),
    Page("list, words", "/metiers/?q=ing%C3%A9nieur"),
    Page("list, page 30", "/metiers/?page=30"),
    Page("list, in dollars", "/metiers/?salary_min=60000&currency=USD"),
    Page("list, by pay", "/metiers/?region=1B&sort=pay_down"),
    Page("career, 2 figures", "/metiers/metier-0/"),
    Page("career, 500 figures", "/metiers/metier-1/", repeat=6),
    Page("compare two", "/comparer/?career=metier-0&career=metier-2"),
    Page("region", "/regions/BB/"),
    Page("all regions", "/regions/", repeat=6),
    Page("sources", "/sources/", repeat=4),
    Page("list, kept", FILTERED, {}, 200),
    Page("list, 304", FILTERED, {"If-None-Match": "known"}, 200),
]


def random_questions(count: int) -> list[Page]:
    random = Random(11)
    parts = {
        "q": ["", "", "analyste", "chef", "xyz"],
        "region": ["", "001", "1A", "BB", "CC-3", "DE"],
        "salary_min": ["", "30000", "60000", "95000"],
        "level": ["", "", "mid", "senior"],
        "engagement": ["", "", "freelance"],
        "age": ["", "", "2"],
        "sort": ["", "", "pay_up", "newest"],
    }
    questions = []
    for _number in range(count):
        asked = {name: random.choice(values) for name, values in parts.items()}
        query = "&".join(f"{name}={value}" for name, value in asked.items() if value)
        questions.append(Page(query, f"/metiers/?{query}", ANEW, 4))
    return questions


class Server:
    """One gunicorn worker on one database."""

    def __init__(self, url: str, port: int) -> None:
        self.port, self.url = port, url
        environment = {
            **os.environ,
            **{"DATABASE_URL": url, "HTTPS": "0", "SECRET_KEY": "b" * 50},
            **{"ALLOWED_HOSTS": "127.0.0.1", "WEB_CONCURRENCY": "1"},
            **{"REQUEST_SECONDS": "0", "STATEMENT_SECONDS": "0"},
        }
        command = ["gunicorn", "tests.benchmarks.served", "--bind", f"127.0.0.1:{port}"]
        # One process for the whole run: its CPU is what counts.
        options = ["--workers", "1", "--worker-class", "sync", "--threads", "1"]
        options += ["--max-requests", "0"]
        self.process = subprocess.Popen(
            [sys.executable, "-m", *command, *options, "--log-level", "error", "--timeout", "300"],
            env=environment,
        )
        self.tag = ""
        self._wait()

    def _wait(self) -> None:
        for _try in range(200):
            sleep(0.2)
            try:
                self.ask(PAGES[0])
            except OSError:
                continue
            break
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
        [self.worker] = children.read_text().split()

    def ask(self, page: Page) -> tuple[int, dict[str, str], bytes]:
        headers = dict(page.headers)
        if "If-None-Match" in headers:
            headers["If-None-Match"] = self.tag
        connection = HTTPConnection("127.0.0.1", self.port, timeout=300)
        connection.request("GET", page.path, headers={"Accept-Encoding": "gzip", **headers})
        response = connection.getresponse()
        body = response.read()
        connection.close()
        if response.getheader("ETag") and response.status == 200:
            self.tag = response.getheader("ETag")
        return response.status, dict(response.getheaders()), body

    def cpu(self, page: Page) -> float:
        """Seconds of CPU for one request: of the worker, and of its sessions in PostgreSQL."""
        began = self._spent()
        for _time in range(page.repeat):
            self.ask(page)
        return (self._spent() - began) / page.repeat

    def _spent(self) -> float:
        name = self.url.rpartition("/")[2] if self.url.startswith("postgres") else ""
        spent = _of_process(self.worker)
        if name:
            for process in Path("/proc").glob("[0-9]*"):
                if f" {name} " in _command(process.name):
                    spent += _of_process(process.name)
        return spent

    def memory(self) -> float:
        status = Path(f"/proc/{self.worker}/status").read_text()
        peak = next(line for line in status.splitlines() if line.startswith("VmHWM"))
        return int(peak.split()[1]) / 1024


def _of_process(pid: str) -> float:
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / TICKS


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


def main() -> None:
    databases = {}
    for engine in ENGINES:
        for size in SIZES:
            say(f"{engine}, {size} bands: building or found")
            databases[engine, size] = build(engine, size)
    ratios, facts = measure(databases)
    write(report(ratios, facts))


def measure(databases: dict) -> tuple[dict, dict]:
    ratios: dict = defaultdict(list)
    facts: dict = {}
    questions = random_questions(int(os.environ.get("QUESTIONS", "200")))
    with ExitStack() as stack:
        servers = {
            key: stack.enter_context(served(url, 8150 + number))
            for number, (key, url) in enumerate(databases.items())
        }
        for key, server in servers.items():
            for page in PAGES:  # warm, and what there is to say of the answer
                status, headers, body = server.ask(page)
                plain = gzip.decompress(body) if headers.get("Content-Encoding") == "gzip" else body
                facts[key, page.name] = (status, len(plain), len(body))
        for number in range(ROUNDS):
            say(f"round {number + 1} of {ROUNDS}")
            for key, server in servers.items():
                unit = server.cpu(PAGES[0])
                for page in PAGES[1:]:
                    ratios[key, page.name].append(server.cpu(page) / unit)
        for key, server in servers.items():
            say(f"{len(questions)} questions of {key}")
            spent = [server.cpu(page) for page in questions if server.ask(page)[0] == 200]
            facts[key, "questions"] = (len(spent), max(spent) / median(spent))
            facts[key, "memory"] = server.memory()
    return {key: median(values) for key, values in ratios.items()}, facts


def report(ratios: dict, facts: dict) -> str:
    keys = [(engine, size) for engine in ENGINES for size in SIZES]
    head = [f"{engine} {size:,}" for engine, size in keys]
    growth = [f"{engine} growth" for engine in ENGINES]
    lines = [
        f"`make bench`, {datetime.now(UTC):%-d %B %Y}; Python {platform.python_version()}, "
        f"{os.cpu_count()} cores ({_processor()}). CPU of the server for one request, as a ratio "
        f"to a bare response of Django behind gunicorn in the same round; medians of {ROUNDS} "
        "rounds. Growth: the largest database against the smallest. 1,000 careers, 600 regions.",
        "",
        "| page | " + " | ".join([*head, *growth, "KiB, sent"]) + " |",
        "|---|" + "--:|" * (len(keys) + len(ENGINES) + 1),
    ]
    for page in PAGES[1:]:
        costs = [ratios[key, page.name] for key in keys]
        grown = [
            ratios[(engine, SIZES[-1]), page.name] / ratios[(engine, SIZES[0]), page.name]
            for engine in ENGINES
        ]
        _status, plain, sent = facts[keys[-1], page.name]
        size = f"{plain / 1024:.0f}, {sent / 1024:.0f}"
        cells = [*(f"{cost:.1f}" for cost in costs), *(f"{each:.2f}" for each in grown), size]
        lines.append(f"| {page.name} | " + " | ".join(cells) + " |")
    worst = [f"{facts[key, 'questions'][1]:.1f}" for key in keys]
    peak = [f"{facts[key, 'memory']:.0f}" for key in keys]
    blank = [""] * (len(ENGINES) + 1)
    lines.append(
        "| dearest of 200 random questions, × the median | " + " | ".join(worst + blank) + " |"
    )
    lines.append("| peak memory of the worker, MB | " + " | ".join(peak + blank) + " |")
    return "\n".join(lines)


def _processor() -> str:
    names = [
        line for line in Path("/proc/cpuinfo").read_text().splitlines() if "model name" in line
    ]
    return names[0].partition(":")[2].strip() if names else platform.machine()


def write(section: str, marks: tuple[str, str] = MARKS) -> None:
    text = REPORT.read_text()
    before, _mark, rest = text.partition(marks[0])
    _old, _mark, after = rest.partition(marks[1])
    REPORT.write_text(f"{before}{marks[0]}\n\n{section}\n\n{marks[1]}{after}")
    say(section)


if __name__ == "__main__":
    BENCH.mkdir(parents=True, exist_ok=True)
    main()
