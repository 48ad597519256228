"""JSON-LD: what pages tell other programs, and never more than the figure says."""

import json
import re

import pytest

from careers.models import Region
from careers.structured_data import FIGURES_TOLD
from tests.factories import create_band, create_career, create_field, create_source
from tests.pages import figure_path

SITE = "http://testserver"
BOTH = ["MonetaryAmount", "QuantitativeValueDistribution"]
SPREAD = "MonetaryAmountDistribution"

# From https://schema.org/<type> (release 29): the properties of the type and of those above it,
# of these only what pages use.
THING = {"@type", "name", "description", "url", "identifier"}
DISTRIBUTION = THING | {
    *("duration", "median", "percentile10", "percentile25", "percentile75", "percentile90"),
    "currency",
}
PROPERTIES = {
    "Occupation": THING | {"estimatedSalary", "occupationLocation"},
    "MonetaryAmountDistribution": DISTRIBUTION,
    "QuantitativeValueDistribution": DISTRIBUTION - {"currency"},
    "MonetaryAmount": THING | {"currency", "maxValue", "minValue", "value"},
    "QuantitativeValue": THING | {"value"},
    "AdministrativeArea": THING,
    "Country": THING,
    "BreadcrumbList": THING | {"itemListElement"},
    "ListItem": THING | {"position", "item"},
}


def unknown(data) -> list[tuple]:
    """The properties that none of their object's types has."""
    if isinstance(data, list):
        return [each for item in data for each in unknown(item)]
    if not isinstance(data, dict):
        return []
    types = data.get("@type", [])
    types = [types] if isinstance(types, str) else types
    allowed = set().union(*(PROPERTIES[each] for each in types))
    known = allowed | ({"@context", "@graph"} if "@context" in data else set())
    odd = [(each, name) for each in types for name in data.keys() - known]
    return odd + unknown(list(data.values()))


def told(client, path: str) -> list[dict]:
    html = client.get(path).content.decode()
    found = re.findall(r'<script type="application/ld\+json">(.*?)</script>', html, re.DOTALL)
    data = [json.loads(each) for each in found]
    assert {each["@context"] for each in data} == {"https://schema.org"}
    assert unknown(data) == []
    return data


def salary(client, **fields) -> dict:
    """What the page says of the one figure of a career, without names and addresses."""
    band = create_band(region=Region.objects.get(code="FR"), **fields)
    (occupation,) = told(client, f"/en/careers/{band.career.slug}/")[0]["@graph"]
    (amount,) = occupation["estimatedSalary"]
    assert amount.pop("url") == SITE + figure_path(band, "en")
    assert amount.pop("name") == "Not split by level, Status not stated"
    return amount


def place(kind: str, name: str, code: str) -> dict:
    return {"@type": kind, "name": name, "identifier": code, "url": f"{SITE}/regions/{code}/"}


def test_career_is_an_occupation_once_for_each_region(golden, regions, client):
    career = golden["ingenieur-en-ia"]
    career.summary_fr = "Réalise des systèmes."
    career.save()
    entry, senior = career.bands.order_by("pk")
    create_band(career=career, region=regions["150"], no_figure_reason="varies")
    about = {
        "@type": "Occupation",
        "name": "Ingénieur en IA",
        "description": "Réalise des systèmes.",
        "url": f"{SITE}/metiers/ingenieur-en-ia/",
    }
    origin = "Source\u202f: Cinq métiers de l’IA. Chiffre relevé en avril 2023."
    yearly = {"@type": BOTH, "currency": "EUR", "duration": "P1Y"}
    average = {
        "value": 50000,
        "name": "Début de carrière, Statut non précisé",
        "description": "50\u202f000\u202f€ en moyenne (par an, brut ou net non précisé, moyenne). "
        f"{origin}",
        "url": SITE + figure_path(entry),
    }
    over = {
        "minValue": 108000,
        "name": "Expérience confirmée, Statut non précisé",
        "description": f"plus de 108\u202f000\u202f€ (par an, brut ou net non précisé). {origin}",
        "url": SITE + figure_path(senior),
    }
    france = {
        "occupationLocation": place("Country", "France", "FR"),
        "estimatedSalary": [{**yearly, **average}, {**yearly, **over}],
    }
    europe = {"occupationLocation": place("AdministrativeArea", "Europe", "150")}
    occupation = told(client, "/metiers/ingenieur-en-ia/")[0]
    assert occupation == {
        "@context": "https://schema.org",
        "@graph": [{**about, **europe}, {**about, **france}],
    }


@pytest.mark.parametrize(
    ("fields", "amounts"),
    [
        ({"low": 1, "high": 9}, {"@type": BOTH, "minValue": 1, "maxValue": 9}),
        ({"low": 1, "median": 5, "high": 9}, {"minValue": 1, "maxValue": 9, "median": 5}),
        ({"low": 1, "high": 9, "open_ended": True}, {"@type": BOTH, "minValue": 1}),
        ({"low": 9, "high": 9, "open_ended": True}, {"@type": BOTH, "minValue": 9}),
        ({"low": "1.25"}, {"@type": BOTH, "minValue": 1.25}),
        ({"high": 9}, {"@type": BOTH, "maxValue": 9}),
        (
            {"high": 9, "open_ended": True},
            {"@type": BOTH, "value": {"@type": "QuantitativeValue", "value": "can exceed €9"}},
        ),
        ({"median": 5}, {"@type": SPREAD, "median": 5}),
        (
            {"low": 1, "median": 5, "high": 9, "range_kind": "p25_p75"},
            {"@type": SPREAD, "percentile25": 1, "median": 5, "percentile75": 9},
        ),
        (
            {"low": 1, "high": 9, "range_kind": "p10_p90"},
            {"@type": SPREAD, "percentile10": 1, "percentile90": 9},
        ),
        (
            {"low": 1, "high": 9, "range_kind": "p10_p90", "open_ended": True},
            {"@type": SPREAD, "percentile10": 1},
        ),
    ],
)
def test_salary_says_no_more_than_the_figure(regions, client, fields, amounts):
    said = salary(client, **fields)
    del said["description"]
    assert said == {"@type": BOTH, **amounts, "currency": "EUR", "duration": "P1Y"}


@pytest.mark.parametrize(
    ("fields", "description"),
    [
        (
            {"low": 1, "high": 9, "range_kind": "p10_p90", "open_ended": True, "basis": "gross"},
            "from €1 to over €9 (a year, gross, middle four fifths (10th to 90th percentile)).",
        ),
        (
            {"low": 1, "high": 9, "range_kind": "average", "period": "month"},
            "€1 to €9 a month on average (gross or net not stated, average).",
        ),
        ({"high": 9, "open_ended": True}, "can exceed €9 (a year, gross or net not stated)."),
    ],
)
def test_salary_says_its_conditions_in_words(regions, client, fields, description):
    said = salary(client, **fields)["description"]
    assert said == f"{description} Source: Cinq métiers de l’IA. Figure of April 2023."


def test_salary_is_for_the_period_that_the_source_states(regions, client):
    periods = {"year": "P1Y", "month": "P1M", "week": "P1W", "hour": "PT1H"}
    found = {period: salary(client, low=1, period=period)["duration"] for period in periods}
    assert found == periods


@pytest.mark.parametrize(
    "fields",
    [
        {"low": 1, "basis": "net"},
        {"low": 1, "period": "day"},
        {"low": 1, "period": "hour", "engagement": "freelance"},
        {"no_figure_reason": "varies"},
    ],
)
def test_what_is_no_gross_salary_is_not_told_as_one(regions, client, fields):
    band = create_band(region=regions["FR"], **fields)
    (occupation,) = told(client, f"/metiers/{band.career.slug}/")[0]["@graph"]
    assert "estimatedSalary" not in occupation
    assert occupation["occupationLocation"]["name"] == "France"


def test_career_without_figures_is_an_occupation_anywhere(db, client):
    create_career(title_fr="Data scientist")
    occupation, _ = told(client, "/en/careers/data-scientist/")
    assert occupation["@graph"] == [
        {
            "@type": "Occupation",
            "name": "Data scientist",
            "description": "Data scientist",
            "url": f"{SITE}/en/careers/data-scientist/",
            "occupationLocation": {"@type": "AdministrativeArea", "name": "World"},
        }
    ]


def test_career_tells_its_first_figures(regions, client):
    career = create_career(title_fr="Métier")
    for number in range(FIGURES_TOLD + 1):
        source = create_source(slug=f"source-{number}", title=f"Source {number}")
        create_band(career=career, region=regions["FR"], low=1, source=source)
    (occupation,) = told(client, "/metiers/metier/")[0]["@graph"]
    assert len(occupation["estimatedSalary"]) == FIGURES_TOLD


def test_texts_cannot_close_the_script(regions, client):
    name = "</script><script>alert(1)</script> & <!-- é"
    career = create_career(title_fr=name, summary_fr=name, slug="x")
    create_band(career=career, region=regions["FR"], low=1)
    occupation, trail = told(client, "/metiers/x/")
    assert occupation["@graph"][0]["name"] == occupation["@graph"][0]["description"] == name
    assert trail["itemListElement"][1]["name"] == name


def steps(data: list[dict]) -> list[tuple[int, str, str]]:
    (trail,) = data
    assert trail["@type"] == "BreadcrumbList"
    return [
        (step["position"], step["name"], step["item"].removeprefix(SITE))
        for step in trail["itemListElement"]
    ]


def test_pages_say_where_they_stand(golden, client):
    band = golden["data-scientist"].bands.get()
    assert steps(told(client, "/metiers/data-scientist/")[1:]) == [
        (1, "Tous les métiers", "/metiers/"),
        (2, "Data scientist", "/metiers/data-scientist/"),
    ]
    golden["data-scientist"].field = create_field(name_fr="Données", name_en="Data")
    golden["data-scientist"].save()
    assert steps(told(client, "/en/careers/data-scientist/")[1:]) == [
        (1, "All careers", "/en/careers/"),
        (2, "Data", "/en/fields/donnees/"),
        (3, "Data scientist", "/en/careers/data-scientist/"),
    ]
    assert steps(told(client, "/en/fields/donnees/")) == [
        (1, "All careers", "/en/careers/"),
        (2, "Fields of work", "/en/fields/"),
        (3, "Data", "/en/fields/donnees/"),
    ]
    assert steps(told(client, figure_path(band, "en"))) == [
        (1, "All careers", "/en/careers/"),
        (2, "Data scientist", "/en/careers/data-scientist/"),
        (3, "€35,000 to €70,000 on average", figure_path(band, "en")),
    ]
    assert steps(told(client, "/regions/FR/")) == [
        (1, "Régions", "/regions/"),
        (2, "Monde", "/regions/001/"),
        (3, "Europe", "/regions/150/"),
        (4, "France", "/regions/FR/"),
    ]
    assert steps(told(client, "/en/sources/article-2023/")) == [
        (1, "All careers", "/en/careers/"),
        (2, "Sources", "/en/sources/"),
        (3, "Cinq métiers de l’IA", "/en/sources/article-2023/"),
    ]
