"""Careers, regions, sources and fields of work as the API tells them."""

from datetime import date

import pytest

from careers.models import Career
from tests.factories import (
    create_career,
    create_field,
    create_source,
)
from tests.programs import each, read

pytestmark = pytest.mark.django_db


def test_career_is_told_with_its_texts_and_codes(regions, client):
    field = create_field(name_fr="Données", name_en="Data")
    create_career(
        title_fr="Boulangère",
        summary_fr="Elle fait le pain.",
        tasks_fr="- pétrir",
        alternative_titles_fr="Boulanger\nArtisane",
        rome_code="D1102",
        field=field,
        checked_on=date(2026, 1, 2),
    )
    found = read(client, "careers/boulangere/")
    site = "http://testserver"
    assert found == {
        "slug": "boulangere",
        "title": {"fr": "Boulangère", "en": None},
        "self": f"{site}/api/v1/careers/boulangere/",
        "address": {
            "fr": f"{site}/metiers/boulangere/",
            "en": f"{site}/en/careers/boulangere/",
        },
        "alternative_titles": {"fr": ["Boulanger", "Artisane"], "en": []},
        "summary": {"fr": "Elle fait le pain.", "en": None},
        "field": {
            "slug": "donnees",
            "name": {"fr": "Données", "en": "Data"},
            "self": f"{site}/api/v1/fields/donnees/",
            "address": {"fr": f"{site}/domaines/donnees/", "en": f"{site}/en/fields/donnees/"},
        },
        "bands": f"{site}/api/v1/bands/?career=boulangere",
        "texts": {
            name: {"fr": "- pétrir" if name == "tasks" else None, "en": None}
            for name in Career.SECTIONS
        },
        "codes": {"rome_code": "D1102", "isco_code": None, "esco_uri": None, "soc_code": None},
        "published_at": "2023-05-01T08:00:00+00:00",
        "checked_on": "2026-01-02",
    }


def test_regions_are_a_tree_with_the_counts_of_their_page(golden, client):
    found = each(client, "regions/?size=2")
    assert [(r["code"], r["parent"], r["path"], r["careers"]) for r in found] == [
        ("001", None, ["001"], 5),
        ("US", "001", ["001", "US"], 1),
        ("150", "001", ["001", "150"], 4),
        ("FR", "150", ["001", "150", "FR"], 3),
    ]
    shown = client.get("/regions/").context["regions"]
    assert [(r["code"], r["careers"]) for r in found] == [(o.region.code, o.careers) for o in shown]
    assert [r["code"] for r in each(client, "regions/?within=150")] == ["150", "FR"]
    assert read(client, "regions/FR/") == found[-1]


def test_sources_and_fields_are_counted_as_their_pages_do(golden, client):
    create_source(slug="unused", title="Autre")
    career = golden["data-scientist"]
    career.field = create_field(name_fr="Données")
    career.save()
    create_field(name_fr="Vide")
    sources = each(client, "sources/?size=1")
    assert [(s["slug"], s["figures"]) for s in sources] == [("unused", 0), ("article-2023", 7)]
    assert [read(client, f"sources/{s['slug']}/") for s in sources] == sources
    fields = each(client, "fields/")
    assert [(f["slug"], f["careers"]) for f in fields] == [("donnees", 1)]
    assert read(client, "fields/donnees/") == fields[0]


def test_home_leads_everywhere(golden, client):
    home = read(client, "")
    for name in ("careers", "bands", "regions", "sources", "fields", "openapi"):
        assert client.get(home[name]).status_code == 200
    assert [client.get(home["address"][each]).status_code for each in ("fr", "en")] == [200, 200]


def addresses_in(data):
    if isinstance(data, dict):
        return {each for value in data.values() for each in addresses_in(value)}
    if isinstance(data, list):
        return {each for value in data for each in addresses_in(value)}
    return {data} if isinstance(data, str) and data.startswith("http://testserver/") else set()


def test_every_address_of_an_answer_is_there(golden, client):
    paths = ("careers/?region=FR&salary_min=80000", "bands/", "regions/", "sources/")
    found = {address for path in paths for address in addresses_in(read(client, path))}
    assert len(found) > 50
    assert {a: s for a in found if (s := client.get(a).status_code) != 200} == {}
