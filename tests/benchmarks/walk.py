"""A consumer that reads every band through the API's own links and from the files, and a filtered
page beside the list's: `make bench-api`. SIZE is the number of bands, ROUNDS how often the two
pages are asked.

CPU of one process, in one run. What the API, the JSON Lines and the CSV say of a band has to be the
same in every column, and the bands those of the database, each once.
"""

import csv
import json
import os
import sys
import tempfile
from pathlib import Path
from statistics import median
from time import perf_counter, process_time

from tests import consumer
from tests.benchmarks.databases import build

SIZE, ROUNDS = int(os.environ.get("SIZE", "500000")), int(os.environ.get("ROUNDS", "30"))
ENDS = 20  # pages at either end of the walk
FILTERED = "region=BB&salary_min=60000&level=senior"
PAIR = {
    "list, all facets": f"/metiers/?{FILTERED}",
    "API": f"/api/v1/careers/?{FILTERED}",
    "API, all facets": f"/api/v1/careers/?{FILTERED}&facets=1",
}


def main() -> None:
    os.environ |= {"DATABASE_URL": build("sqlite", SIZE), "DEBUG": "0", "HTTPS": "0"}
    os.environ |= {"SECRET_KEY": "b" * 50, "ALLOWED_HOSTS": "testserver", "RATE_LIMIT": "0"}
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "careersite.settings")
    import django  # noqa: PLC0415

    django.setup()
    from django.test import Client  # noqa: PLC0415

    # Whoever is signed in gets each page made anew.
    client = Client(headers={"cookie": "sessionid=nobody"})
    for line in (*walk(client), *compare(client)):
        sys.stdout.write(f"{line}\n")


def walk(client):
    asked, costs, octets = [], [], 0

    def ask(address):
        nonlocal octets
        start = process_time()
        response = client.get(address)
        costs.append(process_time() - start)
        asked.append(address)
        octets += len(response.content)
        return response.json()

    figures = (figure for page in consumer.pages(ask) for figure in page["results"])
    began = perf_counter()
    with tempfile.TemporaryDirectory(dir="var") as folder:
        read = sum(1 for _each in alike(figures, published(folder)))
    seconds = perf_counter() - began
    yield f"{read} bands on {len(costs)} pages and in both files, each once: those of the database"
    yield f"{read / sum(costs):.0f} rows a second of CPU; all read and compared in {seconds:.0f} s"
    yield f"{octets / read:.0f} bytes a row before compression"
    # In turn, so that what else the machine does meets both.
    ends = zip(asked[1 : 1 + ENDS], asked[-1 - ENDS : -1], strict=True)
    costs = [(cpu(client, first), cpu(client, last)) for first, last in ends]
    first, last = (median(spent) for spent in zip(*costs, strict=True))
    yield f"a page: first {first * 1e3:.1f} ms, last {last * 1e3:.1f} ms, {last / first:.2f} times"


def published(folder: str) -> Path:
    """The files of the same content, built and served from this folder."""
    from django.conf import settings  # noqa: PLC0415

    from careers import open_data  # noqa: PLC0415

    settings.OPEN_DATA_ROOT = folder
    return open_data.publish("http://testserver").folder


def alike(figures, folder: Path):
    """The numbers of the bands; ends the program at the first that is not the same everywhere."""
    from careers.models import SalaryBand  # noqa: PLC0415
    from careers.tables import unshield  # noqa: PLC0415
    from tests.open_data import as_csv  # noqa: PLC0415

    stored = SalaryBand.objects.published().order_by("pk").values_list("pk", flat=True)
    with (
        (folder / "salary_bands.jsonl").open(encoding="utf-8") as lines,
        (folder / "salary_bands.csv").open(encoding="utf-8", newline="") as table,
    ):
        rows = csv.DictReader(table, strict=True)
        for pk, figure, text, row in zip(stored.iterator(), figures, lines, rows, strict=True):
            line = json.loads(text)
            in_csv = {name: unshield(cell) for name, cell in row.items()}
            said = consumer.row(figure)
            if (pk, consumer.told(line), as_csv(line)) != (said["id"], said, in_csv):
                raise SystemExit(f"Band {pk} is not the same everywhere: {said} {line} {row}")
            yield pk


def compare(client):
    costs = {name: [] for name in PAIR}
    for _round in range(ROUNDS):
        for name, address in PAIR.items():
            costs[name].append(cpu(client, address))
    base = median(costs["list, all facets"])
    for name, spent in costs.items():
        yield f"{name}: p50 {median(spent) * 1e3:.1f} ms, {median(spent) / base:.2f} of the list"


def cpu(client, address: str) -> float:
    """Seconds of CPU for one answer."""
    start = process_time()
    response = client.get(address, headers={"accept-encoding": "gzip"})
    spent = process_time() - start
    if response.status_code != 200:
        raise SystemExit(f"{address}: {response.status_code}")
    return spent


if __name__ == "__main__":
    main()
