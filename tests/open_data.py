"""Open data to be built, and read as a stranger does: with the standard library alone."""

import csv
import gzip
import json
from datetime import date
from decimal import Decimal
from itertools import product
from pathlib import Path
from random import Random
from typing import Any

from careers import open_data
from careers.models import SalaryBand, derive
from tests.factories import create_career, create_rate, create_source, new_band

SITE = "https://careers.example"

# No apostrophe of ours is taken off: a test that has such texts says so.
Rows = list[dict[str, Any]]


def csv_rows(folder: Path, name: str) -> Rows:
    with gzip.open(folder / f"{name}.csv.gz", "rt", encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, strict=True))


def json_rows(folder: Path, name: str) -> Rows:
    text = (folder / f"{name}.jsonl").read_text(encoding="utf-8")
    return [json.loads(line) for line in text.split("\n")[:-1]]


def as_csv(row: dict[str, Any]) -> dict[str, str]:
    """A row of JSON Lines as the CSV prints it, texts that a spreadsheet would run apart."""
    return {name: _printed(value) for name, value in row.items()}


def _printed(value: Any) -> str:
    return "" if value is None else str(int(value)) if isinstance(value, bool) else str(value)


def publish() -> open_data.Release:
    return open_data.publish(SITE)


def create_many(regions, careers: int) -> None:
    """A hundred bands of each of these careers, of every kind: the same ones on every machine."""
    random = Random(8)
    codes = ("001", "150", "FR", "FR-75C", "DE", "US")
    places = [regions[code] for code in codes]
    create_rate(rate="1.0981")
    create_rate(currency="CHF", rate="0.9836", fixed_on=date(2020, 1, 2))
    for number in range(careers):
        career = create_career(title_fr=f"Métier {number:02}")
        days = [date(2019 + year, 5, 1) for year in range(5)]
        statements = list(product(places, ("", "entry", "senior"), ("", "freelance"), days))
        bands = [
            new_band(
                career=career,
                region=region,
                level=level,
                engagement=engagement,
                observed_on=observed_on,
                source=create_source(slug=f"source-{number % 3}"),
                **_any_figure(random),
            )
            for region, level, engagement, observed_on in random.sample(statements, 100)
        ]
        derive(bands)
        SalaryBand.objects.bulk_create(bands)


def _any_figure(random: Random) -> dict:
    if random.random() < 0.1:
        note = random.choice(["", "Selon la ville."])
        return {
            "no_figure_reason": random.choice(["varies", "suppressed"]),
            "no_figure_note_fr": note,
        }
    amounts = sorted(Decimal(random.randrange(10**9)) / 10 ** random.choice([2, 4]) for _ in "123")
    named = dict(zip(("low", "median", "high"), amounts, strict=True))
    shown = {name: named[name] for name in random.sample(list(named), random.randint(1, 3))}
    return {
        **shown,
        "open_ended": "high" in shown and random.random() < 0.3,
        "currency": random.choice(["EUR", "USD", "CHF", "XAF"]),
        "period": random.choice(["year", "year", "month", "week", "day", "hour"]),
        "basis": random.choice(["", "gross", "net"]),
        "stated_as": random.choice(["", '« 45 »,\n"x"', "=A1", "é\u2028"]),
        "inferred_en": random.choice(["", "Yearly."]),
        "confirmed_on": random.choice([None, date(2024, 5, 2)]),
    }
