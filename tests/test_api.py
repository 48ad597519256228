"""The API answers what the pages answer: any question, and all bands."""

from datetime import date
from urllib.parse import urlencode

import pytest
from django.test import Client
from hypothesis import given, settings

from careers.models import SalaryBand, derive
from tests.factories import (
    create_band,
    create_bands,
    create_career,
    create_rate,
    create_regions,
    create_source,
    new_band,
    undone,
)
from tests.pages import figure_path
from tests.programs import API, each, read
from tests.test_any_question import CAREERS, QUESTIONS
from tests.test_downloads import listed_on_pages
from tests.test_figure_page import numbers_in

pytestmark = pytest.mark.django_db


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


# --- Queries ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "queries"),
    [
        ("careers/?region=FR&salary_min=80000", 3),
        ("careers/?region=FR&salary_min=80000&facets=1", 3),
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
