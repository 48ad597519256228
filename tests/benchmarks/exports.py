"""How fast and how large exports are: `make bench-export` (docs/benchmarks.md).

Fills a database of its own with 500,000 salary bands, and 5,000 in another. Each way to write them
runs in a process of its own, several times by turns, and all write the same rows in the same
order. The yardstick is Python's csv.writer on the very query of the export, over the same cursor.
Measures, and asserts nothing. DATABASE_URL names a PostgreSQL server whose role may create
databases; without it, SQLite.
"""

import csv
import io
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from decimal import Decimal
from functools import partial
from itertools import islice, product
from random import Random
from resource import RUSAGE_SELF, getrusage
from statistics import median
from time import process_time, time

SIZES = (5_000, 500_000)
TURNS = 3
say = partial(print, file=sys.stdout, flush=True)
SENTENCES = ("figure_fr", "figure_en")
WORDLESS = "data, without sentences"
# As the admin answers: all middleware, the log and its hash; what a browser accepts.
SENT, SENT_SMALL = "data, sent", "data, sent in gzip"
WAYS = ("csv.writer", WORDLESS, "data", "excel-fr", SENT, SENT_SMALL, "xlsx")
# Of the admin's list.
ORDER = ("career__sort_title_fr", "region__path", "level", "-observed_on", "pk")


def fill(count: int) -> None:
    """Bands of many careers and regions, a few sources, as offices and surveys state them."""
    from careers.models import Career, Region, SalaryBand, Source, derive  # noqa: PLC0415

    careers = Career.objects.bulk_create(
        Career(slug=f"metier-{n}", title_fr=f"Métier d’essai n° {n}", title_en=f"Trial job {n}")
        for n in range(max(count // 500, 1))
    )
    regions = [
        Region.objects.create(code=f"R{n}", kind="country", name_fr=f"Région {n}", name_en=f"R {n}")
        for n in range(50)
    ]
    sources = Source.objects.bulk_create(
        Source(
            slug=f"enquete-{n}",
            title=f"Enquête sur les salaires {n}",
            licence="CC BY 4.0",
            url=f"https://example.org/enquete/{n}",
            published_on=date(2024, 1, 1 + n),
        )
        for n in range(5)
    )
    series = product(careers, regions, ("", "entry", "mid", "senior", "lead"), ("", "employee"))
    random = Random(5)
    while batch := [
        SalaryBand(
            **dict(zip(("career", "region", "level", "engagement"), each, strict=True)),
            **figure(random),
            source=random.choice(sources),
            observed_on=date(2023, 5, random.randint(1, 28)),
            stated_as=f"Tableau {random.randint(1, 997)}, ligne {number}",
        )
        for number, each in enumerate(islice(series, 5_000))
    ]:
        derive(batch)
        SalaryBand.objects.bulk_create(batch)


def figure(random: Random) -> dict[str, object]:
    """What a band states: three percentiles of a year in seven of ten, to the ten; else an hour's
    with cents, a range, a mean, a median, a month's net, a capped top, or why there is none."""
    currency = random.choice(("EUR", "EUR", "USD", "GBP", "CHF", "CAD"))
    [kind] = random.choices(range(8), (70, 10, 6, 4, 4, 2, 2, 2))
    if kind == 7:
        reason = random.choice(("suppressed", "not_published", "varies"))
        note = random.choice(("", "Trop peu de réponses pour un chiffre."))
        return {"no_figure_reason": reason, "no_figure_note_fr": note}
    # Amounts of a year lie close where many earn: no two of 7,200 are as frequent.
    step = Decimal("0.01") if kind == 1 else Decimal(10)
    low = step * int(random.lognormvariate(8.2, 0.5))
    middle, top = (step * random.randint(*ends) for ends in ((100, 1_500), (1_500, 9_000)))
    stated = {"low": low, "median": low + middle, "high": low + top}
    ends = {2: ("low", "high"), 3: ("low",), 4: ("median",), 6: ("high",)}.get(kind, stated)
    said: dict[str, object] = {end: stated[end] for end in ends}
    said |= {"currency": currency, "basis": "gross", "range_kind": "p10_p90"}
    return said | {
        1: {"period": "hour"},
        2: {"range_kind": "published"},
        3: {"high": low, "range_kind": "average"},
        5: {"period": "month", "basis": "net", "range_kind": "p25_p75"},
        6: {"open_ended": True},
    }.get(kind, {})


def written(way: str) -> Iterator[bytes]:
    from django.db import connection  # noqa: PLC0415

    from careers import tables  # noqa: PLC0415
    from careers.models import SalaryBand  # noqa: PLC0415
    from careers.resources import resource_for  # noqa: PLC0415

    bands = SalaryBand.objects.order_by(*ORDER)
    resource = resource_for(SalaryBand)
    if way in tables.PROFILES or way == WORDLESS:
        names = [column.name for column in resource.shown() if column.name not in SENTENCES]
        chosen = names if way == WORDLESS else None
        profile = tables.PROFILES.get(way, tables.DATA)
        yield from tables.write_columns(
            resource.header(chosen), resource.chunks(bands, chosen), profile
        )
    elif way in (SENT, SENT_SMALL):
        yield from sent("gzip" if way == SENT_SMALL else "")
    elif way == "xlsx":
        from careers import workbooks  # noqa: PLC0415

        yield from workbooks.write_columns(resource.header(), resource.chunks(bands))
    else:
        columns = (*resource.columns, *resource.labels)
        paths = dict.fromkeys(path for column in columns for path in column.paths)
        sql, params = bands.values_list(*paths).query.sql_with_params()
        with connection.chunked_cursor() as cursor:
            cursor.execute(sql, params)
            buffer = io.StringIO()
            writer = csv.writer(buffer)
            while rows := cursor.fetchmany(500):
                buffer.seek(0)
                buffer.truncate()
                writer.writerows(rows)
                yield buffer.getvalue().encode()


def sent(encoding: str) -> Iterator[bytes]:
    """What a browser gets that accepts this encoding."""
    from django.contrib.auth.models import User  # noqa: PLC0415
    from django.test import Client  # noqa: PLC0415

    from careers.models import SalaryBand  # noqa: PLC0415
    from careers.resources import resource_for  # noqa: PLC0415

    somebody = {"username": "bench", "is_staff": True, "is_superuser": True}
    client = Client(headers={"accept-encoding": encoding}, SERVER_NAME="localhost")
    client.force_login(User.objects.get_or_create(**somebody)[0])
    names = [column.name for column in resource_for(SalaryBand).shown()]
    chosen = {"export-profile": "data", "export-columns": names}
    answer = client.get("/admin/careers/salaryband/export/", chosen)
    assert answer.status_code == 200
    assert answer.get("Content-Encoding", "") == encoding
    yield from answer.streaming_content


def measure(way: str) -> None:
    """Print the seconds of CPU and of the clock, the bytes, and the peak of memory in MB."""
    cpu, clock = process_time(), time()
    size = sum(map(len, written(way)))
    spent = process_time() - cpu, time() - clock
    say(*spent, size, getrusage(RUSAGE_SELF).ru_maxrss / 1024)


def child(url: str, *words: str) -> list[float]:
    """Run this file again on another database; the numbers that it prints."""
    command = [sys.executable, "-m", "tests.benchmarks.exports", *words]
    environ = {**os.environ, "DATABASE_URL": url}
    done = subprocess.run(command, env=environ, capture_output=True, text=True, check=True)
    return [float(number) for number in done.stdout.split()]


@contextmanager
def database(name: str) -> Iterator[str]:
    """The address of a new, empty database, gone afterwards."""
    server = os.environ.get("DATABASE_URL", "")
    if not server.startswith("postgres"):
        with tempfile.TemporaryDirectory() as folder:
            yield f"sqlite:///{folder}/{name}.sqlite3"
        return
    import psycopg  # noqa: PLC0415 - only where there is a PostgreSQL

    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"DROP DATABASE IF EXISTS {name}")
        connection.execute(f"CREATE DATABASE {name}")
        try:
            yield server.rpartition("/")[0] + f"/{name}"
        finally:
            connection.execute(f"DROP DATABASE {name}")


def compare() -> Iterator[str]:
    """The table: each way by the median of its turns, its memory by the largest."""
    yield "| way | rows | rows/s of CPU | of csv.writer | rows/s | peak MB | MB |"
    yield "|---|--:|--:|--:|--:|--:|--:|"
    for size in SIZES:
        with database(f"bench_export_{size}") as url:
            child(url, "fill", str(size))
            turns = [
                (way, child(url, "measure", way))
                for turn in range(TURNS)
                for way in WAYS
                if turn == 0 or way != "xlsx"  # it takes minutes, and varies less than it takes
            ]
        yardstick = 0.0
        for way in WAYS:
            runs = [numbers for name, numbers in turns if name == way]
            cpu, clock = (size / median(run[part] for run in runs) for part in (0, 1))
            yardstick = yardstick or cpu
            peak = max(run[3] for run in runs)
            yield (
                f"| {way} | {size:,} | {cpu:,.0f} | {cpu / yardstick:.0%}"
                f" | {clock:,.0f} | {peak:.0f} | {runs[0][2] / 1e6:.0f} |"
            )


def main(job: str = "", *words: str) -> None:
    if not job:
        for line in compare():
            say(line)
        return
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "careersite.settings")
    import django  # noqa: PLC0415

    django.setup()
    if job == "fill":
        from django.core.management import call_command  # noqa: PLC0415

        call_command("migrate", verbosity=0)
        fill(int(words[0]))
    else:
        measure(words[0])


if __name__ == "__main__":
    main(*sys.argv[1:])
