"""The data package as its consumers read it, with frictionless: Table Schema, keys and hashes."""

import json
import warnings
from datetime import date
from decimal import Decimal

import pytest

from careers import open_data
from careers.models import SalaryBand
from tests.factories import create_career
from tests.open_data import create_many, publish

with warnings.catch_warnings():
    # What it imports warns of its own future.
    warnings.simplefilter("ignore")
    from frictionless import Package, validate

pytestmark = pytest.mark.django_db


@pytest.fixture
def release(regions) -> open_data.Release:
    create_many(regions, careers=3)
    create_career(title_fr="=1+1", summary_fr='« Deux\nlignes », "et" \u2028 trois')
    return publish()


def test_french_package_differs_in_words_alone(release):
    english, french = (
        json.loads((release.folder / name).read_bytes())
        for name in ("datapackage.json", "datapackage.fr.json")
    )
    assert _without_words(english) == _without_words(french)
    assert english != french


def _without_words(data):
    if isinstance(data, list):
        return [_without_words(each) for each in data]
    if not isinstance(data, dict):
        return data
    words = ("title", "description", "homepage")
    return {name: _without_words(value) for name, value in data.items() if name not in words}


def mistakes(release: open_data.Release, name: str = "datapackage.json") -> list:
    report = validate(str(release.folder / name))
    return report.flatten(["title", "rowNumber", "fieldName", "type", "note"])


def test_package_is_valid(release):
    report = validate(str(release.folder / "datapackage.json"))
    assert report.flatten(["rowNumber", "fieldName", "type", "note"]) == []
    rows = {task.name: task.stats.get("rows", 0) for task in report.tasks}
    counts = {
        "careers": 4,
        "salary_bands": 300,
        "regions": 7,
        "sources": 3,
        "fields": 0,
        "exchange_rates": 2,
    }
    lines = {f"{table}_lines": count for table, count in counts.items() if count}
    assert rows == counts | lines


def test_package_gives_the_figures_of_the_database(release):
    stored = {
        band.pk: (band.career.slug, band.low, band.high, band.open_ended, band.observed_on)
        for band in SalaryBand.objects.select_related("career")
    }
    package = Package(str(release.folder / "datapackage.json"))
    for name in ("salary_bands", "salary_bands_lines"):
        rows = package.get_resource(name).read_rows()
        read = {
            row["id"]: (
                row["career"],
                row["low"],
                row["high"],
                row["open_ended"],
                row["observed_on"],
            )
            for row in rows
        }
        assert read == stored
        kinds = {type(value) for row in read.values() for value in row}
        assert kinds == {str, Decimal, type(None), bool, date}


@pytest.mark.parametrize(
    ("name", "old", "new", "kind"),
    [
        ("salary_bands.csv", b",FR,", b",XX,", "foreign-key"),
        ("salary_bands.csv", b",gross,", b",grosz,", "constraint-error"),
        ("regions.csv", b"\r\n150,", b"\r\n001,", "primary-key"),
        ("careers.jsonl", b'"slug":"metier-01"', b'"slug":null', "constraint-error"),
        ("exchange_rates.csv", b",2023-04-28,", b",yesterday,", "type-error"),
    ],
)
def test_schema_finds_what_is_wrong(release, name, old, new, kind):
    """The schema promises something: a file that breaks it is not valid."""
    path = release.folder / name
    content = path.read_bytes()
    assert old in content
    path.write_bytes(content.replace(old, new, 1))
    package = json.loads((release.folder / "datapackage.json").read_bytes())
    for resource in package["resources"]:
        resource.pop("bytes"), resource.pop("hash")  # they would find it first
    (release.folder / "datapackage.json").write_text(json.dumps(package))
    assert kind in {found[3] for found in mistakes(release)}


def test_hashes_find_what_is_wrong(release):
    path = release.folder / "sources.csv"
    path.write_bytes(path.read_bytes().replace(b"m", b"n", 1))
    assert {found[3] for found in mistakes(release)} == {"hash-count"}
