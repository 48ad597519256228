"""How the API is asked: what it refuses, in which language, for whom, and what its document has."""

import json
import re

import pytest
from django.core.cache import caches
from django.db import connection
from django.http import QueryDict
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from jsonschema import Draft202012Validator

from careers.addresses import API
from careers.api import ALL
from careers.api.document import document
from careers.api.questions import MOST_ROWS
from careers.filters import CareerFilter
from careers.models import SalaryBand
from careers.parameters import MAX_VALUES
from tests.factories import create_career, create_field
from tests.openapi import wrong
from tests.pages import text_of
from tests.staff import create_staff

pytestmark = pytest.mark.django_db


def refused(client, path, language="en"):
    """What is refused of a question: parameter and value, why and what is allowed."""
    response = client.get(API + path, headers={"Accept-Language": language})
    assert (response.status_code, wrong(response)) == (400, [])
    return {
        (each["parameter"], each["value"]): (each["why"], each["allowed"])
        for each in response.json()["errors"]
    }


# --- What is refused --------------------------------------------------------------------------


def test_everything_that_is_not_understood_is_named_at_once(golden, client):
    asked = "level=boss&level=entry&salary_min=lots&region=XX&currency=ZZZ&sort=best&page=0"
    found = refused(client, f"careers/?{asked}&utm_source=x&color=red&facets=yes&q=%3F")
    several = {"type": "array", "minItems": 1, "maxItems": 40}
    unavailable = "Select a valid choice. {} is not one of the available choices."
    nothing = ("this is not a part of the question", names(client))
    sorts = ["relevance", "title", "pay_up", "pay_down", "newest"]
    levels = {"type": "string", "enum": ["entry", "mid", "senior", "lead"]}
    codes = {"type": "string", "pattern": "^[A-Za-z0-9-]{1,10}$"}
    number = {"type": "integer", "minimum": 0, "maximum": 1_000_000_000}
    pages = {"type": "integer", "minimum": 1, "maximum": 1_000_000, "default": 1}
    words = {"type": "string", "minLength": 1, "maxLength": 200}
    no_rate = "no exchange rate is known for this currency"
    assert found == {
        ("level", "boss"): ("this is not one of the choices", {**several, "items": levels}),
        ("salary_min", "lots"): ("Enter a whole number.", number),
        ("region", "XX"): ("no region has this code", {**several, "items": codes}),
        ("currency", "ZZZ"): (no_rate, {"type": "string", "enum": ["EUR", "USD"]}),
        ("sort", "best"): (unavailable.format("best"), {"type": "string", "enum": sorts}),
        ("page", "0"): ("Ensure this value is greater than or equal to 1.", pages),
        ("utm_source", "x"): nothing,
        ("color", "red"): nothing,
        ("facets", "yes"): (unavailable.format("yes"), {"type": "string", "enum": ["1"]}),
        ("q", "?"): ("there is no word in it to look for", words),
    }


def names(client):
    return {"enum": [*CareerFilter.base_filters, "lang", "page", "size", "facets"]}


@pytest.mark.parametrize(
    ("path", "parameter", "value", "why"),
    [
        ("careers/?level=", "level", "", "an empty value asks nothing: leave the parameter out"),
        ("careers/?sort=title&sort=newest", "sort", "title", "only one value may be given"),
        ("careers/?page=2", "page", "2", "the last page is 1"),
        ("bands/?career=nobody", "career", "nobody", "no published career has this address"),
        ("bands/?source=nobody", "source", "nobody", "no source has this identifier"),
        ("bands/?observed_since=yesterday", "observed_since", "yesterday", "Enter a valid date."),
        ("regions/?within=nowhere", "within", "nowhere", "no region has this code"),
        ("sources/?lang=de", "lang", "de", None),
        ("bands/1/?q=x", "q", "x", "this is not a part of the question"),
        (
            "bands/?size=501",
            "size",
            "501",
            f"Ensure this value is less than or equal to {MOST_ROWS}.",
        ),
    ],
)
def test_wrong_value_is_named_with_the_reason(golden, client, path, parameter, value, why):
    found = refused(client, path)
    assert list(found) == [(parameter, value)]
    assert why in (None, found[parameter, value][0])


def test_more_values_than_are_read_are_refused(golden, client):
    codes = "&".join(f"region=FR-{number}" for number in range(MAX_VALUES + 1))
    assert ("region", f"FR-{MAX_VALUES}") in refused(client, f"careers/?{codes}")


def test_draft_is_no_career_to_ask_for(golden, client):
    create_career(title_fr="Secret", status="draft")
    assert list(refused(client, "bands/?career=secret")) == [("career", "secret")]


def test_page_and_api_understand_the_same(golden, client):
    """What the page ignores, the API refuses; and the other way round."""
    for query in (
        "region=FR&level=boss&salary_min=x",
        "region=FR&region=XX&currency=usd",
        "salary_min=80 000 €",
        "q=%3F&field=nothing&age=7&language=de",
    ):
        question = CareerFilter(QueryDict(query))
        ignored = {(part.name, part.value) for part in question.ignored}
        response = client.get(f"{API}careers/?{query}")
        named = {(each["parameter"], each["value"]) for each in response.json().get("errors", [])}
        assert named == ignored


@pytest.mark.parametrize("path", ["nothing/", "careers/nobody/", "bands/999999/", "regions/ZZ/"])
def test_what_is_not_there_is_a_problem(golden, client, path):
    response = client.get(API + path)
    assert (response.status_code, response["Content-Type"]) == (404, "application/problem+json")
    found = response.json()
    assert (found["type"], found["title"], found["status"]) == ("about:blank", "Not Found", 404)
    assert found["instance"] == f"http://testserver{API}{path}"


def test_what_fails_is_a_problem_too(golden, monkeypatch):
    def fail(call):
        raise RuntimeError("secret")

    [operation] = [each for each in ALL if each.name == "home"]
    monkeypatch.setitem(operation.__dict__, "answer", fail)
    response = Client(raise_request_exception=False).get(API)
    assert (response.status_code, response["Content-Type"]) == (500, "application/problem+json")
    assert response["Access-Control-Allow-Origin"] == "*"
    assert b"secret" not in response.content


def test_former_address_leads_to_the_new_one(golden, client):
    career = golden["data-scientist"]
    career.slug = "data"
    career.save()
    moved = client.get(f"{API}careers/data-scientist/?lang=en")
    assert (moved.status_code, moved["Location"]) == (301, f"{API}careers/data/?lang=en")
    lower = client.get(f"{API}regions/fr/")
    assert (lower.status_code, lower["Location"]) == (301, f"{API}regions/FR/")
    without = client.get(f"{API}careers")
    assert (without.status_code, without["Location"]) == (301, f"{API}careers/")


# --- Languages and caches ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("query", "accepted", "language"),
    [
        ("", None, "fr"),
        ("", "en", "en"),
        ("", "en-GB,fr;q=0.5", "en"),
        ("", "de, *;q=0.1", "fr"),
        ("", "fr;q=0.2, en;q=0.9", "en"),
        ("lang=fr", "en", "fr"),
        ("lang=en", None, "en"),
    ],
)
def test_language_is_the_one_asked_or_else_preferred(golden, client, query, accepted, language):
    headers = {"Accept-Language": accepted} if accepted else {}
    response = client.get(f"{API}careers/?facets=1&{query}", headers=headers)
    labels = {choice["label"] for choice in response.json()["facets"]["level"]}
    assert ("Entry level" in labels, "Début de carrière" in labels) == (
        language == "en",
        language == "fr",
    )
    assert response["Content-Language"] == language
    problem = client.get(f"{API}careers/?level=boss&{query}", headers=headers).json()
    title = {"fr": "La question n’a pas été comprise", "en": "The question was not understood"}
    assert problem["title"] == title[language]


def test_titles_are_ordered_in_the_language_asked(golden, client):
    def slugs(language):
        asked = client.get(f"{API}careers/?sort=title", headers={"Accept-Language": language})
        return [career["slug"] for career in asked.json()["results"] if career["group"] == "sure"]

    assert slugs("fr") != slugs("en")
    assert sorted(slugs("fr")) == sorted(slugs("en"))


@pytest.mark.shared_pages
def test_answers_are_kept_for_each_language_apart(golden, client):
    caches["pages"].clear()
    asked = [("fr", ""), ("en", ""), ("en-US,fr;q=0.1", ""), ("fr", "&lang=en")]
    path = f"{API}careers/?facets=1"
    for _time in range(2):
        answers = [
            client.get(path + query, headers={"Accept-Language": accepted})
            for accepted, query in asked
        ]
        assert [answer["Content-Language"] for answer in answers] == ["fr", "en", "en", "en"]
        tags = [answer["ETag"] for answer in answers]
        assert (tags[1] == tags[2], len(set(tags))) == (True, 3)
        assert {answer["Vary"] for answer in answers} == {"Accept-Encoding, Accept-Language"}
        assert answers[0].content != answers[1].content == answers[2].content
    with CaptureQueriesContext(connection) as queries:
        client.get(path, headers={"Accept-Language": "en"})
    assert len(queries) == 1  # the state: what is kept answers


@pytest.mark.shared_pages
@pytest.mark.parametrize("path", ["careers/?region=FR", "bands/", "regions/", "openapi.json"])
def test_who_has_the_answer_is_told_that_it_is_unchanged(golden, client, path):
    caches["pages"].clear()
    first = client.get(API + path)
    again = client.get(API + path, headers={"If-None-Match": first["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    for name in ("ETag", "Vary", "Cache-Control", "Access-Control-Allow-Origin"):
        assert again[name] == first[name]
    other = {"If-None-Match": first["ETag"], "Accept-Language": "en"}
    assert client.get(API + path, headers=other).status_code == 200
    SalaryBand.objects.filter(career__slug="ethicien-en-ia").update(high=123_456)
    assert client.get(API + path, headers={"If-None-Match": first["ETag"]}).status_code == 200


@pytest.mark.shared_pages
def test_bands_are_named_and_not_kept(golden, client):
    """Whoever walks them all would push everything else out."""
    caches["pages"].clear()
    assert "ETag" in client.get(f"{API}bands/")
    with CaptureQueriesContext(connection) as queries:
        client.get(f"{API}bands/")
    assert len(queries) > 1
    client.get(f"{API}regions/")
    with CaptureQueriesContext(connection) as queries:
        client.get(f"{API}regions/")
    assert len(queries) == 1


# --- Who may read -----------------------------------------------------------------------------


def test_any_site_may_read_and_nobody_may_write(golden, client):
    headers = {"Origin": "https://magazine.example"}
    for path, status in (("careers/", 200), ("careers/?level=x", 400), ("nothing/", 404)):
        response = client.get(API + path, headers=headers)
        assert (response.status_code, response["Access-Control-Allow-Origin"]) == (status, "*")
        assert "Access-Control-Allow-Credentials" not in response
        assert response["Access-Control-Expose-Headers"] == "ETag, Link, Retry-After"
    asked = client.options(
        f"{API}careers/", headers={**headers, "Access-Control-Request-Method": "GET"}
    )
    assert (asked.status_code, asked.content) == (204, b"")
    assert asked["Access-Control-Allow-Methods"] == asked["Allow"] == "GET, HEAD, OPTIONS"
    for method in ("post", "put", "patch", "delete"):
        response = getattr(client, method)(f"{API}careers/")
        assert (response.status_code, response["Allow"]) == (405, "GET, HEAD, OPTIONS")
        assert response["Content-Type"] == "application/problem+json"
    assert client.head(f"{API}careers/").content == b""
    assert "Access-Control-Allow-Origin" not in client.get("/metiers/", headers=headers)


def test_who_asks_too_much_is_told_when_to_ask_again(golden, client, settings):
    settings.RATE_LIMIT = 1
    client.get(f"{API}careers/?size=1")
    response = client.get(f"{API}careers/?size=2&lang=en")
    assert (response.status_code, wrong(response)) == (429, [])
    assert (response["Retry-After"], response["Cache-Control"]) == ("60", "no-store")
    assert response.json()["detail"] == (
        "Too many requests within a minute. Retry-After says how many seconds to wait."
    )


def test_answers_are_the_same_for_who_is_signed_in(golden, client):
    before = client.get(f"{API}careers/").content
    client.force_login(create_staff())
    assert client.get(f"{API}careers/").content == before


def test_links_stand_in_the_header_too(golden, client):
    response = client.get(f"{API}careers/?size=2&page=2")
    links = response.json()["links"]
    assert response["Link"] == ", ".join(
        f'<{links[name]}>; rel="{name}"' for name in ("first", "prev", "next", "last")
    )
    assert links["next"] == f"http://testserver{API}careers/?size=2&page=3"


# --- The document -----------------------------------------------------------------------------


def test_document_names_every_address_and_parameter(golden):
    described = document("http://testserver")
    assert {each["get"]["operationId"] for each in described["paths"].values()} == {
        each.name for each in ALL
    }
    for operation, path in zip(ALL, described["paths"], strict=True):
        named = {each["name"] for each in described["paths"][path]["get"]["parameters"]} - {
            "slug",
            "pk",
            "code",
        }
        assert named == set(operation.parameters)
    careers = described["paths"][f"{API}careers/"]["get"]["parameters"]
    assert {each["name"] for each in careers} >= set(CareerFilter.base_filters)
    assert "size" not in CareerFilter.base_filters
    assert reverse("api:home") == API


@pytest.mark.parametrize("operation", ALL, ids=lambda operation: operation.name)
def test_every_operation_answers_what_its_document_says(golden, client, operation):
    band = SalaryBand.objects.select_related("career", "source", "region").first()
    career = band.career
    career.field = create_field(name_fr="Données")
    career.save()
    places = {
        "career_detail": [career.slug],
        "band_detail": [band.pk],
        "region_detail": [band.region.code],
        "source_detail": [band.source.slug],
        "field_detail": [career.field.slug],
    }
    path = reverse(f"api:{operation.name}", args=places.get(operation.name, []))
    response = client.get(path)
    assert (response.status_code, wrong(response)) == (200, [])
    strange = client.get(path, {"strange": "1"})
    assert (strange.status_code, wrong(strange)) == (400, [])


def test_check_of_answers_can_fail(golden, client):
    """What `wrong` finds where an answer has a key more, one less, or another type."""
    response = client.get(f"{API}careers/")
    assert wrong(response) == []
    whole = response.json()
    for change in (
        lambda data: data.update(more=1),
        lambda data: data.pop("counts"),
        lambda data: data["results"][0]["figures"][0]["figure"].update(observed_on="yesterday"),
        lambda data: data["results"][0]["figures"][0]["figure"]["level"].update(code="boss"),
    ):
        data = json.loads(json.dumps(whole))
        change(data)
        response.json = lambda data=data: data
        assert len(wrong(response)) == 1


def test_schemas_are_json_schema(golden):
    for schema in document("http://testserver")["components"]["schemas"].values():
        Draft202012Validator.check_schema(schema)


# --- The readable page ------------------------------------------------------------------------


@pytest.mark.parametrize("language", ["fr", "en"])
def test_guide_names_every_address_parameter_and_key(golden, client, language):
    page = client.get("/api/" if language == "fr" else "/en/api/")
    said = text_of(page)
    described = document("http://testserver")
    for path, answers in described["paths"].items():
        assert path in said
        for parameter in answers["get"]["parameters"]:
            assert parameter["in"] == "path" or parameter["name"] in said
    for key, schema in described["components"]["schemas"]["Figure"]["properties"].items():
        assert key in said or "description" not in schema
    assert f"curl 'http://testserver{API}careers/?region=FR&salary_min=80000" in said
    assert '"group": "sure"' in said
    assert ("L’API, pour vos programmes" in said) == (language == "fr")


def test_guide_shows_code_as_code(golden, client):
    page = client.get("/en/api/").text
    assert "Rows after that identifier: <code>next</code> holds it" in page
    assert "`" not in re.sub(r"<pre>.*?</pre>", "", page, flags=re.DOTALL)


def test_guide_of_an_empty_site_has_no_examples_and_answers(db, client):
    said = text_of(client.get("/en/api/"))
    assert "bands/?statements=all" in said
    assert '"group"' not in said


def test_foot_and_method_lead_to_the_guide(golden, client):
    assert 'href="/en/api/"' in client.get("/en/careers/").content.decode().split("<footer")[1]
    assert 'href="/api/"' in client.get("/methode/").content.decode().split("<footer")[0]
