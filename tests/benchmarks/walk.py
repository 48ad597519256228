"""A consumer that reads every band through the API's own links, and a filtered page beside the
list's: `make bench-api`. SIZE is the number of bands, ROUNDS how often the two pages are asked.

CPU of one process, in one run. The rows read have to be those of the database, each once.
"""

import os
import sys
from statistics import median
from time import perf_counter, process_time

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
    os.environ |= {"SECRET_KEY": "b" * 50, "ALLOWED_HOSTS": "testserver"}
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "careersite.settings")
    import django  # noqa: PLC0415

    django.setup()
    from django.test import Client  # noqa: PLC0415

    # Whoever is signed in gets each page made anew.
    client = Client(headers={"cookie": "sessionid=nobody"})
    for line in (*walk(client), *compare(client)):
        sys.stdout.write(f"{line}\n")


def walk(client):
    from careers.models import SalaryBand  # noqa: PLC0415

    address, costs, read, octets = "/api/v1/bands/?statements=all&size=500", [], [], 0
    asked, began = [], perf_counter()
    while address:
        asked.append(address)
        start = process_time()
        response = client.get(address)
        costs.append(process_time() - start)
        page = response.json()
        read += [int(band["id"]) for band in page["results"]]
        octets += len(response.content)
        address = page["links"]["next"]
    seconds = perf_counter() - began
    stored = list(SalaryBand.objects.published().order_by("pk").values_list("pk", flat=True))
    if read != stored:
        raise SystemExit(f"Read {len(read)} rows, {len(stored)} are stored, or in another order.")
    yield f"{len(read)} bands on {len(costs)} pages, each once and in order: those of the database"
    yield f"{len(read) / sum(costs):.0f} rows a second of CPU, {len(read) / seconds:.0f} of time"
    yield f"{octets / len(read):.0f} bytes a row before compression"
    # In turn, so that what else the machine does meets both.
    ends = zip(asked[1 : 1 + ENDS], asked[-1 - ENDS : -1], strict=True)
    costs = [(cpu(client, first), cpu(client, last)) for first, last in ends]
    first, last = (median(spent) for spent in zip(*costs, strict=True))
    yield f"a page: first {first * 1e3:.1f} ms, last {last * 1e3:.1f} ms, {last / first:.2f} times"


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
