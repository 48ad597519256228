"""The highest rate with a bounded p99, held while parts fail: `make load-test`.

Two processes of the site behind nginx, with PostgreSQL and Redis, all started here. The rate is
found by steps, then held at half for DURATION seconds (300); after a third of them a worker
is killed, after two thirds PostgreSQL is restarted. Each error is laid beside the seconds of the
faults, and each save that was acknowledged is looked for afterwards. RATE is a rate to hold, in
place of the search; P99 the bound, in seconds (1).
"""

import asyncio
import csv
import gzip
import os
import platform
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Awaitable, Callable
from contextlib import ExitStack
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from random import Random
from time import monotonic
from types import SimpleNamespace
from typing import NamedTuple
from urllib.parse import urlencode

from tests.benchmarks.asking import Answer, Asked, ask, at_rate, one_after_another, percentile
from tests.benchmarks.speed import say, write
from tests.failures.browsing import Editor
from tests.failures.content import halves
from tests.failures.parts import Nginx, Postgres, Redis, Site, deployed, manage, stopping, until
from tests.forms import form_of

DURATION = int(os.environ.get("DURATION", "300"))
RATE = float(os.environ.get("RATE", "0"))
BOUND = float(os.environ.get("P99", "1"))  # seconds that the slowest of a hundred requests may take
# Steps of ten seconds see few saves, after each of which all pages are made anew: four fifths of
# the rate that they find were too much for five minutes, half was not.
STEP, GROWTH, HELD = 10, 1.25, 0.5
SEARCH = 120  # seconds after which no other step is tried: the whole takes less than ten minutes
SETTLED = 2.0  # seconds after a fault is over in which who waited is answered
BANDS = 5_000
MARKS = ("<!-- load: begin -->", "<!-- load: end -->")
SECONDS = Path("var/bench/load.csv")
DATABASE = "load"
# Of a hundred requests. A save also asks for its form first, and makes all kept pages anew.
MIX = {"list": 34, "list, filtered": 30, "career": 28, "CSV": 6, "save": 2}
EDITED = 40  # careers that are saved, each by one editor at a time


class Fault(NamedTuple):
    name: str
    began: float
    ended: float

    def explains(self, asked: Asked) -> bool:
        return asked.due < self.ended + SETTLED and asked.done > self.began


class Visitors:
    """Draws who asks next, and what; remembers which saves were acknowledged."""

    def __init__(self, port: int, numbers: list[int]) -> None:
        self.port, self.random = port, Random(5)
        self.cookies = Editor(port).cookies
        self.free, self.saved, self.turn = list(numbers), [], 0
        self.forms: list[float] = []

    def draw(self) -> tuple[str, Callable[[], Awaitable[Answer]]]:
        [kind] = self.random.choices(list(MIX), list(MIX.values()))
        if kind == "save" and self.free:
            return kind, partial(self._save, self.free.pop(0))
        return kind, partial(ask, self.port, self._address(kind))

    def _address(self, kind: str) -> str:
        random = self.random
        if kind == "career":
            # Some careers are asked for much more often than others.
            return f"/metiers/metier-{int(1_000 * random.random() ** 3)}/"
        region = random.choice("ABCDEF") + random.choice("ABCDEFGHI")
        if kind == "CSV":
            return f"/metiers/export.csv?region={region}"
        if kind == "list, filtered":
            level = random.choice(("mid", "senior"))
            return f"/metiers/?region={region}&salary_min=60000&level={level}"
        return random.choice(
            ("/metiers/", "/en/careers/", f"/metiers/?page={random.randint(2, 50)}")
        )

    async def _save(self, number: int) -> Answer:
        """Open the form of a career, change its summary, and save."""
        path = f"/admin/careers/career/{number}/change/"
        headers = {"Cookie": "; ".join(map("=".join, self.cookies.items()))}
        try:
            opened = await ask(self.port, path, headers)
            if opened.status != 200:
                return opened
            page = (
                gzip.decompress(opened.body)
                if "content-encoding" in opened.headers
                else opened.body
            )
            self.turn += 1
            said = f"Charge {self.turn}."
            form = form_of(SimpleNamespace(content=page)) | {"summary_fr": said}
            answer = await ask(self.port, path, headers, urlencode(form))
            if answer.status == 302:
                self.saved.append((number, said))
            return answer if answer.status != 200 else answer._replace(status=422)
        finally:
            self.free.append(number)


class Setup:
    """Everything that runs, in a folder of its own."""

    def __init__(self, stack: ExitStack) -> None:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="load-")))
        folder.chmod(0o711)
        self.postgres = self._start(stack, Postgres(folder / "postgres"))
        url = self.postgres.url(DATABASE)
        command = [sys.executable, "-m", "tests.benchmarks.databases", str(BANDS)]
        subprocess.run(command, env=deployed(url), check=True)
        manage(url, "load_demo")
        redis = self._start(stack, Redis(folder / "redis"))
        options = {"WEB_CONCURRENCY": "1", "REDIS_URL": redis.url, "WEB_MAX_REQUESTS": "0"}
        make = partial(Site, folder / "site", url, "tests.benchmarks.served", **options)
        self.sites = [self._start(stack, make()) for _number in range(2)]
        self.nginx = self._start(stack, Nginx(folder / "nginx", *self.sites))
        numbers = "SELECT id FROM careers_career ORDER BY id LIMIT 40"
        rows = self.postgres.ask(DATABASE, numbers)
        self.visitors = Visitors(self.nginx.port, [number for (number,) in rows])

    @staticmethod
    def _start(stack: ExitStack, part):
        stack.enter_context(stopping(part))
        return part

    def kill_worker(self) -> Fault:
        """-9, of one of the two; its gunicorn starts another one."""
        site, began = self.sites[0], monotonic()
        before = site.kill_worker()
        until(lambda: site.process.children() not in ([], [before]), "another worker")
        site.wait()
        return Fault("worker killed", began, monotonic())

    def restart_postgres(self) -> Fault:
        began = monotonic()
        self.postgres.stop("fast")
        self.postgres.start()
        return Fault("PostgreSQL restarted", began, monotonic())


def is_bounded(asked: list[Asked]) -> bool:
    errors = [each for each in asked if each.is_error]
    return not errors and percentile([each.latency for each in asked], 0.99) <= BOUND


async def highest(setup: Setup) -> float:
    """The highest rate of the steps whose p99 stays within BOUND, without an error."""
    await at_rate(5, STEP, setup.visitors.draw)  # what is made once is made
    found, rate, end = 0.0, 8.0, monotonic() + SEARCH
    while rate > 1 and monotonic() < end:
        asked = await at_rate(rate, STEP, setup.visitors.draw)
        p99 = percentile([each.latency for each in asked], 0.99)
        say(f"{rate:.1f} a second: p99 {p99:.2f} s, {sum(a.is_error for a in asked)} errors")
        if is_bounded(asked):
            found, rate = rate, rate * GROWTH
        elif found:
            break
        else:
            rate /= 2
    return found or rate


async def hold(setup: Setup, rate: float) -> tuple[list[Asked], list[Fault]]:
    async def fault(after: float, make: Callable[[], Fault]) -> Fault:
        await asyncio.sleep(after)
        return await asyncio.to_thread(make)

    asked, *faults = await asyncio.gather(
        at_rate(rate, DURATION, setup.visitors.draw),
        fault(DURATION / 3, setup.kill_worker),
        fault(DURATION * 2 / 3, setup.restart_postgres),
    )
    return asked, faults


def keep_seconds(asked: list[Asked], faults: list[Fault]) -> None:
    """Of each second how many were answered, how fast, and what failed, as CSV."""
    begin = min(each.due for each in asked)
    seconds: dict[int, list[Asked]] = {}
    for each in asked:
        seconds.setdefault(int(each.due - begin), []).append(each)
    SECONDS.parent.mkdir(parents=True, exist_ok=True)
    with SECONDS.open("w", newline="") as file:
        lines = csv.writer(file)
        lines.writerow(["second", "asked", "p50_ms", "p99_ms", "errors", "stale", "fault"])
        for second, those in sorted(seconds.items()):
            latencies = [each.latency * 1_000 for each in those]
            now = begin + second
            lines.writerow(
                [
                    second,
                    len(those),
                    *(round(percentile(latencies, share)) for share in (0.5, 0.99)),
                    " ".join(str(each.status) for each in those if each.is_error),
                    sum(each.is_stale for each in those),
                    *(f.name for f in faults if f.began - 1 < now < f.ended),
                ]
            )


class Run(NamedTuple):
    """What was measured: rates a second, `alone` the seconds of a bare response."""

    bare: float
    alone: float
    found: float
    held: float
    asked: list[Asked]
    faults: list[Fault]

    def explained(self, asked: Asked) -> bool:
        return any(fault.explains(asked) for fault in self.faults)

    def ratio(self, asked: list[Asked], share: float) -> str:
        return f"{percentile([each.latency for each in asked], share) / self.alone:.0f}"


def report(run: Run, setup: Setup) -> str:
    quiet = [each for each in run.asked if not run.explained(each)]
    mix = ", ".join(f"{share} % {kind}" for kind, share in MIX.items())
    return "\n".join(
        [
            f"`make load-test`, {datetime.now(UTC):%-d %B %Y}; Python {platform.python_version()}, "
            f"{os.cpu_count()} cores, which the visitors, nginx, PostgreSQL and Redis share; the "
            f"load was {os.getloadavg()[1]:.1f} over the last five minutes. {DURATION} s, "
            f"{len(run.asked):,} requests on {BANDS:,} bands: {mix}. Rates against that of a bare "
            "response of Django on the same processes, latencies against its median.",
            "",
            "| | × a bare response |",
            "|---|--:|",
            f"| highest rate with p99 ≤ {BOUND:g} s | {_found(run)} |",
            f"| rate held | {run.held / run.bare:.3f} |",
            f"| p50, without the seconds of the faults | {run.ratio(quiet, 0.5)} |",
            f"| p99, without them | {run.ratio(quiet, 0.99)} |",
            f"| p99, all seconds | {run.ratio(run.asked, 0.99)} |",
            "",
            *(_of_fault(run, fault) for fault in run.faults),
            f"- Errors outside these seconds: {_counted(quiet)}.",
            _of_saves(setup),
        ]
    )


def _found(run: Run) -> str:
    return "not looked for" if RATE else f"{run.found / run.bare:.3f}"


def _of_fault(run: Run, fault: Fault) -> str:
    those = [each for each in run.asked if fault.explains(each)]
    second = fault.began - min(each.due for each in run.asked)
    return (
        f"- {fault.name} in second {second:.0f}, for {fault.ended - fault.began:.1f} s: "
        f"{_counted(those)}; {sum(each.is_stale for each in those)} kept pages shown as they were; "
        f"the slowest answer {max((each.latency for each in those), default=0):.1f} s."
    )


def _of_saves(setup: Setup) -> str:
    query = "SELECT id, summary_fr FROM careers_historicalcareer WHERE summary_fr LIKE 'Charge%'"
    lost = set(setup.visitors.saved) - set(setup.postgres.ask(DATABASE, query))
    half = halves(setup.postgres, DATABASE, setup.sites[0].manage)
    return (
        f"- Saves acknowledged: {len(setup.visitors.saved)}; missing afterwards: {len(lost)}; "
        f"written by half: {len(half)}."
    )


def _counted(asked: list[Asked]) -> str:
    errors = [each for each in asked if each.is_error]
    counts = Counter((each.kind, each.status or "broken off") for each in errors)
    said = [
        f"{count} × {kind} {status}" for (kind, status), count in sorted(counts.items(), key=str)
    ]
    return ", ".join(said) or "no error"


async def measure(setup: Setup) -> None:
    bare, _median = await one_after_another(setup.nginx.port, "/bare", 5, 8)
    _rate, alone = await one_after_another(setup.nginx.port, "/bare", 3, 1)
    say(f"bare: {bare:.0f} a second; {alone * 1_000:.1f} ms")
    found = RATE / HELD or await highest(setup)
    setup.visitors.saved.clear()
    say(f"{found * HELD:.1f} a second for {DURATION} s")
    run = Run(bare, alone, found, found * HELD, *await hold(setup, found * HELD))
    keep_seconds(run.asked, run.faults)
    write(report(run, setup), MARKS)


def main() -> None:
    with ExitStack() as stack:
        asyncio.run(measure(Setup(stack)))


if __name__ == "__main__":
    main()
