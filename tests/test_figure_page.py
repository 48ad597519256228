"""The page of a figure, and the same as data: all its conditions, and never a bare number."""

from datetime import date

import pytest

from careers.models import Career, SalaryBand
from tests.factories import create_band, create_career, create_source
from tests.pages import NARROW, figure_path, figures_on, text_of


def test_figure_says_all_its_conditions_in_both_languages(golden, regions, client):
    band = SalaryBand.objects.get(currency="USD")
    band.stated_as, band.inferred_fr = "300,000 across the Atlantic", "Lu : États-Unis."
    band.inferred_en = "Read: United States."
    band.save()
    french, english = (client.get(figure_path(band, language)) for language in ("fr", "en"))
    said = text_of(french)
    for words in (
        "Peut dépasser 300 000 $US",
        "Ingénieur prompt",
        "États-Unis",
        "300,000 across the Atlantic",
        "Lu : États-Unis.",
        "Brut ou net non précisé",
        "273 199 € (cours BCE du 28 avril 2023",
        "Cinq métiers de l’IA",
        f"http://testserver{figure_path(band)}",
    ):
        assert words in said, words
    said = text_of(english)
    for words in ("Can exceed $300,000", "Prompt engineer", "Read: United States.", "€273,199"):
        assert words in said, words
    assert f"http://testserver{figure_path(band, 'en')}" in said


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        (
            {"low": 400, "period": "day"},
            "Hors de l’échelle : un tarif journalier n’est pas un salaire annuel.",
        ),
        (
            {"low": 2_000, "period": "month", "basis": "net"},
            "un montant net ne se compare pas à un montant brut",
        ),
        ({"no_figure_reason": "suppressed"}, "il n'y a rien à convertir ni à comparer"),
        ({"low": 12, "period": "hour"}, "1 607 heures par an"),
        ({"low": 40_000, "basis": "gross"}, "comparé tel quel, rien n'est converti"),
        ({"low": 40_000}, "La source ne dit ni brut ni net"),
    ],
)
def test_figure_says_how_it_converts_or_why_not(regions, client, fields, words):
    band = create_band(region=regions["FR"], **fields)
    assert words.replace("'", "’") in text_of(client.get(figure_path(band)))


def test_figure_shows_its_series_the_latest_first(regions, client):
    career = create_career()
    series = [
        create_band(career=career, region=regions["FR"], low=low, observed_on=date(year, 4, 30))
        for low, year in ((41_000, 2022), (42_000, 2023), (40_000, 2021))
    ]
    for other in (
        {"level": "senior"},
        {"engagement": "freelance"},
        {"region": regions["DE"]},
        {"currency": "USD"},
        {"period": "month"},
        {"source": create_source(slug="other", title="Autre")},
        {"career": create_career(title_fr="Voisin")},
    ):
        create_band(
            **{"career": career, "region": regions["FR"], "low": 1, "observed_on": date(2024, 1, 1)}
            | other
        )
    first, latest, oldest = series
    page = client.get(figure_path(first))
    assert page.context["series"] == [latest, first, oldest]
    assert figures_on(page) >= {latest.pk, oldest.pk}
    no_longer = "Ce n’est plus le chiffre le plus récent de cette source."
    assert no_longer in text_of(page)
    assert "Voir celui du 30 avril 2023" in text_of(page)
    assert no_longer not in text_of(client.get(figure_path(latest)))


@pytest.mark.parametrize("language", ["fr", "en"])
@pytest.mark.parametrize("ending", ["/", ".json"])
def test_figure_is_found_below_its_own_career_alone(golden, client, language, ending):
    band = SalaryBand.objects.get(currency="USD")
    other = golden["data-scientist"].bands.get()
    assert client.get(figure_path(band, language, ending)).status_code == 200
    for slug, pk in ((band.career.slug, other.pk), (other.career.slug, band.pk), ("x", band.pk)):
        path = figure_path(band, language, ending)
        wrong = path.replace(band.career.slug, slug).replace(f"/{band.pk}", f"/{pk}")
        assert client.get(wrong).status_code == 404, wrong
    for number in (0, 10**30, "9" * 5000):
        path = figure_path(band, language, ending).replace(f"/{band.pk}", f"/{number}")
        assert client.get(path).status_code == 404


@pytest.mark.parametrize("language", ["fr", "en"])
@pytest.mark.parametrize("ending", ["/", ".json"])
def test_figure_moves_with_its_career(golden, client, language, ending):
    band = SalaryBand.objects.select_related("career").get(currency="USD")
    before = figure_path(band, language, ending)
    band.career.slug = "ingenieure-prompt"
    band.career.save()
    moved = client.get(before)
    assert (moved.status_code, moved["Location"]) == (301, figure_path(band, language, ending))
    band.career.status = Career.Status.DRAFT
    band.career.save()
    assert client.get(before).status_code == 404


# --- The figure as data -----------------------------------------------------------------------


def numbers_in(data) -> list:
    if isinstance(data, dict):
        return [number for value in data.values() for number in numbers_in(value)]
    if isinstance(data, list):
        return [number for value in data for number in numbers_in(value)]
    return [data] if isinstance(data, int | float) and not isinstance(data, bool) else []


def test_json_carries_amounts_with_all_their_conditions(golden, client):
    band = SalaryBand.objects.get(currency="USD")
    french, english = (client.get(figure_path(band, each, ".json")) for each in ("fr", "en"))
    data = french.json()
    assert data == english.json()
    assert french["Content-Type"] == "application/json"
    assert data["sentence"] == {
        "fr": f"peut dépasser 300{NARROW}000{NARROW}$US",
        "en": "can exceed $300,000",
    }
    stated = data["stated"]
    assert {name: stated[name] for name in ("low", "median", "high", "open_ended", "currency")} == {
        "low": None,
        "median": None,
        "high": "300000",
        "open_ended": True,
        "currency": "USD",
    }
    codes = {name: stated[name]["code"] for name in ("period", "basis", "range_kind")}
    assert codes == {"period": "year", "basis": None, "range_kind": "published"}
    assert [(each["currency"], each["high"], each["rates"]) for each in data["yearly"]] == [
        ("USD", "300000", []),
        (
            "EUR",
            "273199.16",
            [
                {
                    "publisher": "ECB",
                    "currency": "USD",
                    "units_for_one_euro": "1.0981",
                    "fixed_on": "2023-04-28",
                },
            ],
        ),
    ]
    assert (data["observed_on"], data["source"]["slug"]) == ("2023-04-30", "article-2023")
    assert data["address"] == {
        language: f"http://testserver{figure_path(band, language)}" for language in ("fr", "en")
    }


@pytest.mark.parametrize(
    ("fields", "stated", "yearly", "why"),
    [
        ({"low": "12.5", "period": "hour"}, "12.5", ["20087.5"], None),
        ({"low": 400, "period": "day"}, "400", [], "day_rate"),
        ({"low": 30_000, "basis": "net"}, "30000", [], "net"),
        ({"low": 30_000, "currency": "CHF"}, "30000", ["30000"], "no_fixing"),
        ({"no_figure_reason": "varies"}, None, [], None),
    ],
)
def test_json_never_holds_a_bare_number(regions, client, fields, stated, yearly, why):
    band = create_band(region=regions["FR"], **fields)
    data = client.get(figure_path(band, "en", ".json")).json()
    assert numbers_in(data) == []
    assert (data["stated"] and data["stated"]["low"]) == stated
    assert [each["low"] for each in data["yearly"]] == yearly
    for amounts in filter(None, [data["stated"], *data["yearly"]]):
        assert amounts.keys() >= {"currency", "period", "basis", "open_ended", "range_kind"}
    assert (data["not_comparable"] and data["not_comparable"]["code"]) == why


def test_json_tells_its_series(regions, client):
    career = create_career()
    early, late = (
        create_band(career=career, region=regions["FR"], low=40_000, observed_on=date(year, 1, 1))
        for year in (2022, 2023)
    )
    data = client.get(figure_path(early, "fr", ".json")).json()
    assert [each["observed_on"] for each in data["series"]] == ["2023-01-01", "2022-01-01"]
    assert data["is_latest"] is False
    assert client.get(figure_path(late, "fr", ".json")).json()["is_latest"] is True
