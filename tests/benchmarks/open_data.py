"""What the open data of half a million bands takes to build and read back: `make bench-data`.

The databases are those of `make bench` (SIZES, ENGINES). Each build runs in a process of its own;
then the files are read back once more by the standard library alone, and their rows compared with
the database's, number by number. Rows a second of CPU are of all tables together, with reading
back once.
"""

import csv
import gzip
import json
import os
import subprocess
import sys
import tempfile
from functools import partial
from pathlib import Path
from resource import RUSAGE_SELF, getrusage
from time import process_time

from tests.benchmarks.databases import build

SIZES = [int(size) for size in os.environ.get("SIZES", "5000 500000").split()]
ENGINES = os.environ.get("ENGINES", "sqlite").split()
say = partial(print, file=sys.stdout, flush=True)


def measure() -> None:
    """Print what one build took, as JSON."""
    from careers import open_data  # noqa: PLC0415 - Django has to be set up first

    cpu = process_time()
    release = open_data.publish("https://careers.example")
    spent = {"cpu": process_time() - cpu}
    spent["peak_mb"] = getrusage(RUSAGE_SELF).ru_maxrss / 1024
    cpu = process_time()
    release.check()
    spent["check_cpu"] = process_time() - cpu
    sizes = {name: entry.bytes for name, entry in release.entries.items()}
    rows = {name: entry.rows for name, entry in release.entries.items() if entry.rows is not None}
    say(json.dumps({**spent, "sizes": sizes, "rows": rows, "alike": _is_alike(release.folder)}))


def _is_alike(folder: Path) -> bool:
    """Whether both files of the bands have the same figures as the database, one by one."""
    from careers.models import SalaryBand  # noqa: PLC0415

    names = ("id", "career", "region", "low", "high", "open_ended", "currency", "observed_on")
    paths = ("pk", "career__slug", "region__code", *names[3:])
    stored = SalaryBand.objects.published().order_by("pk").values_list(*paths).iterator(2_000)
    with (
        gzip.open(folder / "salary_bands.csv.gz", "rt", encoding="utf-8", newline="") as table,
        (folder / "salary_bands.jsonl").open(encoding="utf-8") as lines,
    ):
        for in_csv, line, row in zip(csv.DictReader(table), lines, stored, strict=True):
            in_json = json.loads(line)
            expected = [_text(value) for value in row]
            if expected != [in_csv[name] for name in names]:
                return False
            if expected != [_text(in_json[name]) for name in names]:
                return False
    return True


def _text(value: object) -> str:
    from careers import tables  # noqa: PLC0415

    return value if isinstance(value, str) else tables.printed(value)


def main() -> None:
    if "measure" in sys.argv:
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "careersite.settings")
        import django  # noqa: PLC0415

        django.setup()
        measure()
        return
    say("| bands | engine | rows/s of CPU | CPU s | read back | peak MB | MB | gz MB | same |")
    say("|--:|---|--:|--:|--:|--:|--:|--:|---|")
    for engine in ENGINES:
        for size in SIZES:
            url = build(engine, size)
            with tempfile.TemporaryDirectory(dir="var") as folder:
                done = subprocess.run(
                    [sys.executable, "-m", __spec__.name, "measure"],
                    env={**os.environ, "DATABASE_URL": url, "OPEN_DATA_ROOT": folder},
                    capture_output=True,
                    text=True,
                    check=True,
                )
            say(_row(size, engine, json.loads(done.stdout)))


def _row(size: int, engine: str, took: dict) -> str:
    rows = sum(count for name, count in took["rows"].items() if name.endswith(".csv"))
    packed = sum(b for name, b in took["sizes"].items() if name.endswith(".gz"))
    plain = sum(took["sizes"].values()) - packed
    cells = (
        *(f"{size:,}", engine, f"{rows / took['cpu']:,.0f}", f"{took['cpu']:.1f}"),
        *(f"{took['check_cpu']:.1f}", f"{took['peak_mb']:.0f}"),
        *(f"{plain / 1e6:.0f}", f"{packed / 1e6:.0f}", "yes" if took["alike"] else "NO"),
    )
    return f"| {' | '.join(cells)} |"


if __name__ == "__main__":
    main()
