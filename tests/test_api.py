"""The API answers what the pages answer: the golden case, any question, and all bands."""

from datetime import date
from urllib.parse import urlencode

import pytest
from django.test import Client
from hypothesis import given, settings

from careers.models import Career, SalaryBand, derive
from tests.factories import (
    create_band,
    create_bands,
    create_career,
    create_field,
    create_rate,
    create_regions,
    create_source,
    new_band,
    undone,
)
from tests.openapi import wrong
from tests.pages import figure_path, figures_on
from tests.test_any_question import CAREERS, QUESTIONS
from tests.test_downloads import listed_on_pages
from tests.test_figure_page import numbers_in
from tests.test_journeys import spaced
from tests.test_load_demo import load_demo

pytestmark = pytest.mark.django_db
API = "/api/v1/"


def read(client, path, **headers):
    """The answer at `path`, which has to be what the document says."""
    response = client.get(API + path, headers=headers)
    assert (response.status_code, wrong(response)) == (200, []), path
    return response.json()


def each(client, path, **headers):
    """All rows of a list, by its own links."""
    rows, address = [], API + path
    while address:
        page = read(client, address.removeprefix("http://testserver").removeprefix(API), **headers)
        rows += page["results"]
        address = page["links"]["next"]
    return rows


# --- The golden case --------------------------------------------------------------------------


def stated(**said):
    """The amounts of a figure with their conditions, in codes; a test names what is special."""
    usual = {"low": None, "median": None, "high": None, "open_ended": False, "currency": "EUR"}
    return usual | {"period": "year", "basis": None, "range_kind": "published"} | said


def meaning(figure):
    """All that a figure says, without the words of its codes and where it stands."""
    amounts, none = figure["stated"], figure["no_figure"]
    coded = ("period", "basis", "range_kind")
    return {
        "where": (figure["region"]["code"], figure["level"]["code"], figure["engagement"]["code"]),
        "words": (figure["sentence"]["fr"], figure["sentence"]["en"]),
        "stated": amounts and {k: v["code"] if k in coded else v for k, v in amounts.items()},
        "no_figure": none and (none["code"], none["note"]["fr"], none["note"]["en"]),
        "inferred": (figure["inferred"]["fr"], figure["inferred"]["en"]),
        "euros": [(y["low"], y["high"]) for y in figure["yearly"] if y["currency"] == "EUR"],
        "rates": [(r["units_for_one_euro"], r["fixed_on"]) for r in figure["yearly"][-1]["rates"]]
        if figure["yearly"]
        else [],
        "not_comparable": figure["not_comparable"],
        "said": (figure["stated_as"], figure["source"]["slug"], figure["observed_on"]),
    }


def golden_figure(where, words, said_as, euros=(), rates=(), inferred=(None, None), **said):
    amounts = stated(**said) if euros else None
    return {
        "where": where,
        "words": (spaced(words[0]), words[1]),
        "stated": amounts,
        "no_figure": None if amounts else (said["reason"], *words),
        "inferred": inferred,
        "euros": list(euros),
        "rates": list(rates),
        "not_comparable": None,
        "said": (said_as, "article-metiers-ia-2023-04", "2023-04-30"),
    }


N = "\u202f"
PROMPT_EUROPE = golden_figure(
    ("150", None, None),
    ("peut dépasser 100 000 €", "can exceed €100,000"),
    f"peut dépasser 100{N}000{N}€ par an en Europe",
    [(None, "100000")],
    high="100000",
    open_ended=True,
)
PROMPT_STATES = golden_figure(
    ("US", None, None),
    ("peut dépasser 300 000 $US", "can exceed $300,000"),
    f"peut dépasser 300{N}000{N}$US par an outre-Atlantique",
    [(None, "273199.16")],
    [("1.0981", "2023-04-28")],
    (
        f"«{N}Outre-Atlantique{N}» est lu comme les États-Unis.",
        "“Across the Atlantic” is read as the United States.",
    ),
    high="300000",
    open_ended=True,
    currency="USD",
)
ETHICIST = golden_figure(
    ("FR", None, None),
    ("45 000 à 100 000 € en moyenne", "€45,000 to €100,000 on average"),
    f"en France, fourchette moyenne de 45{N}000 à 100{N}000{N}€ par an",
    [("45000", "100000")],
    low="45000",
    high="100000",
    range_kind="average",
)
ETHICIST_FREELANCE = golden_figure(
    ("FR", None, "freelance"),
    (
        "L’exercice en indépendant est possible, aucun tarif n’est donné",
        "Freelance work is possible, no rate is given",
    ),
    "exerce aussi en indépendant",
    reason="not_published",
)
ENGINEER_ENTRY = golden_figure(
    ("FR", "entry", None),
    ("50 000 € en moyenne", "€50,000 on average"),
    f"en France, en moyenne 50{N}000{N}€ par an en début de carrière",
    [("50000", "50000")],
    low="50000",
    high="50000",
    range_kind="average",
)
ENGINEER_SENIOR = golden_figure(
    ("FR", "senior", None),
    ("plus de 108 000 €", "over €108,000"),
    f"plus de 108{N}000{N}€ par an pour les profils expérimentés",
    [("108000", None)],
    inferred=(
        f"«{N}Profils expérimentés{N}» est lu comme le niveau expérimenté.",
        "“Experienced people” is read as the senior level.",
    ),
    low="108000",
)
SCIENTIST = golden_figure(
    ("FR", None, None),
    ("35 000 à 70 000 € en moyenne", "€35,000 to €70,000 on average"),
    f"en moyenne de 35{N}000 à 70{N}000{N}€ par an",
    [("35000", "70000")],
    inferred=(
        f"L’article ne nomme pas le pays{N}: nous lisons la France.",
        "The article names no country: we read France.",
    ),
    low="35000",
    high="70000",
    range_kind="average",
)
CHATBOT = golden_figure(
    ("001", None, None),
    (
        "Rémunération variable selon le profil, le lieu, le secteur et la taille de l’employeur",
        "Pay varies by profile, location, sector and size of employer",
    ),
    "rémunération variable selon le profil, le lieu, le secteur et la taille de l’employeur",
    reason="varies",
)
GOLDEN = {
    "ingenieur-prompt": [PROMPT_EUROPE, PROMPT_STATES],
    "ethicien-ia": [ETHICIST, ETHICIST_FREELANCE],
    "ingenieur-ia": [ENGINEER_ENTRY, ENGINEER_SENIOR],
    "data-scientist-data-analyst": [SCIENTIST],
    "chef-de-projet-chatbot": [CHATBOT],
}


def test_golden_case_is_read_without_a_change_of_meaning(db, client):
    load_demo()
    bands = each(client, "bands/?size=3")
    found = {slug: [] for slug in GOLDEN}
    for band in bands:
        found[band["career"]["slug"]].append(meaning(band))
    assert found == GOLDEN
    for band in bands:
        alone = read(client, f"bands/{band['id']}/")
        assert alone == band | {"series": alone["series"]}


def test_golden_case_answers_as_its_page_does(db, client):
    load_demo()
    found = read(client, "careers/?region=FR&salary_min=80000")
    assert [
        (
            career["group"],
            career["slug"],
            [(f["area"], f["answer"], meaning(f["figure"])) for f in career["figures"]],
        )
        for career in found["results"]
    ] == [
        (
            "sure",
            "ingenieur-ia",
            [("own", "sure", ENGINEER_SENIOR), ("own", "no", ENGINEER_ENTRY)],
        ),
        (
            "possible",
            "ethicien-ia",
            [("own", "possible", ETHICIST), ("own", "unknown", ETHICIST_FREELANCE)],
        ),
        ("wider", "chef-de-projet-chatbot", [("wider", "unknown", CHATBOT)]),
        ("wider", "ingenieur-prompt", [("wider", "possible", PROMPT_EUROPE)]),
    ]
    counts = {"sure": 1, "possible": 1, "unknown": 0, "wider": 2, "below": 1, "absent": 0}
    assert (found["counts"], found["count"]) == (counts, 4)
    assert found["address"] == {
        "fr": "http://testserver/metiers/?region=FR&salary_min=80000",
        "en": "http://testserver/en/careers/?region=FR&salary_min=80000",
    }
    page = client.get("/metiers/?region=FR&salary_min=80000")
    shown = {int(f["figure"]["id"]) for career in found["results"] for f in career["figures"]}
    assert figures_on(page) == shown


# --- The same answers as elsewhere ------------------------------------------------------------


@settings(max_examples=20)
@given(CAREERS, QUESTIONS)
def test_any_question_is_answered_as_its_page_is(rows, question):
    client = Client()
    with undone():
        create_regions()
        create_rate()
        for title, status, bands in rows:
            create_bands(career=create_career(title_fr=title, status=status), rows=bands)
        asked = urlencode({name: value for name, value in question.items() if value}, doseq=True)
        answers = each(client, f"careers/?{asked}&size=2")
        listed = [(career["group"], career["slug"]) for career in answers]
        assert listed == listed_on_pages(client, asked)


def test_figure_is_the_same_data_wherever_it_stands(golden, client):
    band = SalaryBand.objects.get(currency="USD")
    alone = read(client, f"bands/{band.pk}/")
    assert client.get(figure_path(band, "en", ".json")).json() == alone
    figure = {key: value for key, value in alone.items() if key != "series"}
    assert [each for each in each_figure(client, "careers/") if each["id"] == figure["id"]] == [
        figure
    ]
    assert [each for each in read(client, "bands/")["results"] if each["id"] == figure["id"]] == [
        figure
    ]


def each_figure(client, path):
    return [answer["figure"] for career in each(client, path) for answer in career["figures"]]


def test_no_amount_is_a_bare_number(golden, client):
    for path in ("bands/", f"bands/{SalaryBand.objects.first().pk}/"):
        assert numbers_in(read(client, path)) == []
    assert [numbers_in(career) for career in read(client, "careers/")["results"]] == [[]] * 5


def test_amounts_in_the_currency_asked_come_with_the_rates_of_both(golden, client, regions):
    create_rate(currency="CHF", fixed_on=date(2023, 4, 28), rate="0.9838")
    create_band(career=golden["data-scientist"], region=regions["DE"], low=90_000, currency="CHF")
    found = read(client, "careers/?region=DE&salary_min=90000&currency=USD")
    [career] = [each for each in found["results"] if each["group"] == "sure"]
    [answer] = career["figures"]
    assert [
        (
            yearly["currency"],
            yearly["low"],
            [(rate["currency"], rate["units_for_one_euro"]) for rate in yearly["rates"]],
        )
        for yearly in answer["figure"]["yearly"]
    ] == [
        ("CHF", "90000", []),
        ("EUR", "91482.01", [("CHF", "0.9838")]),
        ("USD", "100456.4", [("CHF", "0.9838"), ("USD", "1.0981")]),
    ]


def test_figure_without_a_rate_in_the_currency_asked_says_so(golden, client, regions):
    create_band(
        career=golden["data-scientist"],
        region=regions["DE"],
        low=90_000,
        observed_on=date(2020, 1, 1),
    )
    found = read(client, "careers/?region=DE&salary_min=1&currency=USD")
    [career] = [each for each in found["results"] if each["slug"] == "data-scientist"]
    assert (career["group"], career["figures"][0]["answer"]) == ("unknown", "unknown")
    assert career["figures"][0]["why_not_comparable"]["code"] == "no_fixing"


def test_facets_count_as_the_page_does(golden, client):
    question = "region=FR&level=senior"
    assert read(client, f"careers/?{question}")["facets"] is None
    facets = read(client, f"careers/?{question}&facets=1", accept_language="en")["facets"]
    shown = client.get(f"/en/careers/?{question}").context["facets"]
    for name, choices in (
        ("region", shown.regions),
        ("level", shown.levels),
        ("engagement", shown.engagements),
        ("field", shown.fields),
        ("age", shown.ages),
        ("language", shown.languages),
    ):
        assert [(f["value"], f["label"], f["count"], f["is_asked"]) for f in facets[name]] == [
            (choice.value, choice.label, choice.count, choice.is_asked)
            for choice in choices
            if choice.value
        ]
    assert {f["value"]: f["count"] for f in facets["level"]}["entry"] > 0


# --- Bands ------------------------------------------------------------------------------------


def ids(client, path):
    return [int(band["id"]) for band in each(client, path)]


def test_bands_are_all_read_once_by_following_links(regions, client):
    source = create_source()
    careers = [create_career(title_fr=f"Métier {n}") for n in range(20)]
    for number, career in enumerate(careers):
        bands = [
            new_band(
                **{"career": career, "source": source, "region": regions["FR"]},
                **{"low": 20_000 + number, "observed_on": date(2000, 1, day)},
                level=level,
                period=period,
            )
            for level in ("", "entry", "mid", "senior", "lead")
            for period in ("year", "month", "week", "day", "hour")
            for day in range(1, 7)
        ]
        derive(bands)
        SalaryBand.objects.bulk_create(bands)
    hidden = create_career(title_fr="Brouillon", status="draft")
    create_band(career=hidden, region=regions["FR"], low=1)
    stored = SalaryBand.objects.published().order_by("pk")
    assert ids(client, "bands/?statements=all&size=500") == list(
        stored.values_list("pk", flat=True)
    )
    assert stored.count() == 3_000
    latest = stored.filter(observed_on__day=6).values_list("pk", flat=True)
    assert ids(client, "bands/?size=100") == list(latest)
    by_row = {int(b["id"]): b["is_latest"] for b in each(client, "bands/?statements=all&size=500")}
    assert {pk for pk, is_latest in by_row.items() if is_latest} == set(latest)


def test_band_added_while_they_are_read_comes_last(golden, client, regions):
    first = read(client, "bands/?size=4")
    added = create_band(career=golden["data-scientist"], region=regions["DE"], low=1)
    rest = each(client, first["links"]["next"].removeprefix("http://testserver/api/v1/"))
    read_ids = [int(band["id"]) for band in [*first["results"], *rest]]
    assert read_ids == list(SalaryBand.objects.order_by("pk").values_list("pk", flat=True))
    assert read_ids[-1] == added.pk


@pytest.mark.parametrize(
    ("question", "words"),
    [
        ({"career": ["ingenieur-en-ia"]}, {"career__slug": "ingenieur-en-ia"}),
        ({"region": ["FR"]}, {"region__path__startswith": "001/150/FR/"}),
        ({"region": ["us", "FR"]}, {"region__code__in": ["US", "FR"]}),
        ({"level": ["entry", "senior"]}, {"level__in": ["entry", "senior"]}),
        ({"engagement": ["freelance"]}, {"engagement": "freelance"}),
        ({"source": ["other"]}, {"source__slug": "other"}),
        ({"observed_since": ["2024-01-01"]}, {"observed_on__gte": date(2024, 1, 1)}),
    ],
)
def test_bands_are_those_asked(golden, client, regions, question, words):
    create_band(
        career=golden["data-scientist"],
        region=regions["FR"],
        median=400,
        engagement="freelance",
        period="day",
        source=create_source(slug="other", title="Autre"),
        observed_on=date(2024, 5, 1),
    )
    expected = SalaryBand.objects.filter(**words).order_by("pk").values_list("pk", flat=True)
    assert 0 < len(expected) < SalaryBand.objects.count()
    assert ids(client, f"bands/?{urlencode(question, doseq=True)}") == list(expected)


def test_band_tells_its_series(regions, client):
    career = create_career()
    early, late = (
        create_band(career=career, region=regions["FR"], low=40_000, observed_on=date(year, 1, 1))
        for year in (2022, 2023)
    )
    found = read(client, f"bands/{early.pk}/")
    assert ([s["observed_on"] for s in found["series"]], found["is_latest"]) == (
        ["2023-01-01", "2022-01-01"],
        False,
    )
    assert read(client, f"bands/{late.pk}/")["is_latest"] is True


# --- What is around ---------------------------------------------------------------------------


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


# --- Queries ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "queries"),
    [
        ("careers/?region=FR&salary_min=80000", 5),
        ("careers/?region=FR&salary_min=80000&facets=1", 6),
        ("bands/?region=FR", 8),
        ("bands/{band}/", 3),
        ("careers/data-scientist/", 2),
        ("regions/", 2),
        ("sources/", 4),
    ],
)
def test_queries_do_not_grow_with_rows(
    golden, regions, client, path, queries, django_assert_num_queries
):
    path = API + path.format(band=golden["data-scientist"].bands.get().pk)
    client.get(path)
    with django_assert_num_queries(queries):
        client.get(path)
    for number in range(5):
        career = create_career(title_fr=f"Autre {number}")
        other = create_source(slug=f"s{number}", title=f"Source {number}")
        create_band(career=career, region=regions["FR"], low=90_000, source=other)
    client.get(path)
    with django_assert_num_queries(queries):
        client.get(path)


def test_drafts_never_leak(golden, regions, client):
    draft = create_career(title_fr="Métier secret", status="draft")
    band = create_band(
        career=draft,
        region=regions["DE"],
        low=666_000,
        source=create_source(slug="hidden", title="Autre"),
    )
    for path in ("careers/metier-secret/", f"bands/{band.pk}/", "regions/DE/"):
        assert client.get(API + path).status_code == 404
    for path in ("careers/?q=secret", "careers/?facets=1", "bands/?statements=all", "regions/"):
        body = client.get(API + path).content.decode()
        assert [
            word for word in ("tier secret", "metier-secret", "666000", '"DE"') if word in body
        ] == []
    assert client.get(f"{API}bands/?career=metier-secret").status_code == 400
    assert read(client, "sources/hidden/")["figures"] == 0
