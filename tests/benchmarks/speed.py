"""What each page costs the server beside a bare response: `make bench` (docs/benchmarks.md).

CPU, not time: of one gunicorn worker, and of PostgreSQL where it answers. Each round asks every
page in turn, on every database; the median of the rounds counts, as a ratio to the bare response
of the same round: a view of Django's without middleware. SIZES, ENGINES and ROUNDS choose what is
measured. Measures, and asserts nothing.
"""

import gzip
import os
import platform
import sys
from collections import defaultdict
from contextlib import ExitStack
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from random import Random
from statistics import median

from tests.benchmarks.databases import BENCH, build
from tests.benchmarks.measured import ANEW, Page, Server, served

SIZES = [int(size) for size in os.environ.get("SIZES", "5000 50000 500000 2000000").split()]
ENGINES = os.environ.get("ENGINES", "sqlite postgres").split()
ROUNDS = int(os.environ.get("ROUNDS", "5"))
QUESTIONS = int(os.environ.get("QUESTIONS", "200"))
REPORT = Path("docs/benchmarks.md")
MARKS = ("<!-- speed: begin -->", "<!-- speed: end -->")
say = partial(print, file=sys.stderr, flush=True)

STAFF = {"Cookie": "sessionid={staff}"}
FILTERED = "/metiers/?region=BB&salary_min=60000&level=senior"
BARE = Page("bare response", "/bare", {}, 300)
PAGES = [
    Page("20 rows, default middleware", "/rows", {}, 60),
    Page("list", "/metiers/"),
    Page("list, filtered, all facets", FILTERED),
    Page("the same, another amount each time", FILTERED.replace("60000", "{amount}")),
    Page("the same for HTMX", FILTERED, {**ANEW, "HX-Request": "true"}),
    Page("list, words", "/metiers/?q=ing%C3%A9nieur"),
    Page("list, page 30", "/metiers/?page=30"),
    Page("list, in dollars", "/metiers/?salary_min=60000&currency=USD"),
    Page("list, by pay", "/metiers/?region=1B&sort=pay_down"),
    Page("career, 2 figures", "/metiers/metier-0/"),
    Page("career, 500 figures", "/metiers/metier-1/"),
    Page("compare two", "/comparer/?career=metier-0&career=metier-2"),
    Page("region", "/regions/BB/"),
    Page("all regions", "/regions/", repeat=6),
    Page("sources", "/sources/"),
    Page("answer as CSV", "/metiers/export.csv?region=BB&salary_min=90000", repeat=2),
    Page("list, kept", FILTERED, {}, 200),
    Page("list, 304", FILTERED, {"If-None-Match": "{tag}"}, 200),
    Page("admin: figures", "/admin/careers/salaryband/", STAFF, 4),
    Page(
        "admin: figures, filtered, searched",
        "/admin/careers/salaryband/?level__exact=senior&q=chef",
        STAFF,
        4,
    ),
    Page("admin: careers", "/admin/careers/career/", STAFF, 4),
    Page("admin: form of a career", "/admin/careers/career/3/change/", STAFF, 4),
    Page("admin: form of a figure", "/admin/careers/salaryband/3/change/", STAFF, 4),
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
    with ExitStack() as stack:
        servers = {
            key: stack.enter_context(served(url, 8150 + number))
            for number, (key, url) in enumerate(databases.items())
        }
        for key, server in servers.items():
            facts |= {(key, page.name): _seen(server, page) for page in PAGES}
        for number in range(ROUNDS):
            say(f"round {number + 1} of {ROUNDS}")
            for key, server in servers.items():
                unit = server.cpu(BARE)
                for page in PAGES:
                    ratios[key, page.name].append(server.cpu(page) / unit)
        for key, server in servers.items():
            facts[key, "questions"] = _dearest(server, random_questions(QUESTIONS))
            facts[key, "memory"] = server.peak()
    return {key: median(values) for key, values in ratios.items()}, facts


def _seen(server: Server, page: Page) -> tuple[int, int, int]:
    """Queries, bytes and bytes as sent of a page that has been asked for before."""
    first = server.ask(page)
    answer = server.ask(page, **{"X-Count": "1"})
    if first.status != 200 or answer.status not in (200, 304):
        say(f"{server.url} {page.path}: {first.status}, {answer.status}")
    is_packed = answer.headers.get("Content-Encoding") == "gzip"
    plain = gzip.decompress(answer.body) if is_packed else answer.body
    return answer.queries, len(plain), len(answer.body)


def _dearest(server: Server, questions: list[Page]) -> float:
    """What the dearest question costs, as a multiple of the median one; redirects left out."""
    say(f"{len(questions)} questions of {server.url.rpartition('/')[2]}")
    spent = [server.cpu(page) for page in questions if server.ask(page).status == 200]
    return max(spent) / median(spent)


def report(ratios: dict, facts: dict) -> str:
    keys = [(engine, size) for engine in ENGINES for size in SIZES]
    columns = [f"{engine} {size:,}" for engine, size in keys]
    columns += [f"{engine} growth" for engine in ENGINES]
    lines = [
        f"`make bench`, {datetime.now(UTC):%-d %B %Y}; Python {platform.python_version()}, "
        f"{os.cpu_count()} cores ({_processor()}). CPU of the server for one request, PostgreSQL's "
        "included, as a ratio to a bare response of Django behind gunicorn in the same round; "
        f"medians of {ROUNDS} rounds. Growth: the largest database against the smallest. "
        "1,000 careers, 600 regions. Pages are made anew, out of what the worker keeps of careers "
        "that have not changed; “kept” is a whole page that is kept.",
        "",
        "| page | " + " | ".join([*columns, "queries", "KiB, sent"]) + " |",
        "|---|" + "--:|" * (len(columns) + 2),
    ]
    for page in PAGES:
        costs = [f"{ratios[key, page.name]:.1f}" for key in keys]
        grown = [
            ratios[(engine, SIZES[-1]), page.name] / ratios[(engine, SIZES[0]), page.name]
            for engine in ENGINES
        ]
        queries, plain, sent = facts[keys[-1], page.name]
        size = f"{plain / 1024:.0f}, {sent / 1024:.0f}"
        cells = [page.name, *costs, *(f"{each:.2f}" for each in grown), f"{queries}", size]
        lines.append("| " + " | ".join(cells) + " |")
    blank = [""] * (len(ENGINES) + 2)
    for name, fact, form in (
        (f"dearest of {QUESTIONS} random questions, × the median", "questions", ".1f"),
        ("peak memory of the worker, MB", "memory", ".0f"),
    ):
        values = [format(facts[key, fact], form) for key in keys]
        lines.append("| " + " | ".join([name, *values, *blank]) + " |")
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
