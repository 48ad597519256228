"""The pages of fields of work: their careers, and what these pay."""

import re

import pytest

from careers.models import Career, Field
from tests.factories import create_band, create_career, create_field
from tests.pages import figures_on, head_of, text_of


@pytest.fixture
def data(golden) -> Field:
    """A field with three public careers and a draft."""
    field = create_field(
        name_fr="Données", name_en="Data", note_fr="Tirer parti des données.", note_en="Using data."
    )
    create_career(title_fr="Métier secret", status=Career.Status.DRAFT, field=field)
    slugs = ["data-scientist", "ethicien-en-ia", "chef-de-projet-chatbot"]
    Career.objects.filter(slug__in=slugs).update(field=field)
    return field


def test_fields_are_listed_by_name_with_their_public_careers(data, client):
    education = create_field(name_fr="Éducation", name_en="Teaching")
    create_career(title_fr="Professeur", field=education)
    create_field(name_fr="Vide")
    secret = create_field(name_fr="Domaine secret")
    create_career(title_fr="Autre secret", status=Career.Status.DRAFT, field=secret)
    french, english = (client.get(path) for path in ("/domaines/", "/en/fields/"))
    for page, names in ((french, ["Données", "Éducation"]), (english, ["Data", "Teaching"])):
        listed = page.context["fields"]
        assert [(field.slug, field.careers_count) for field in listed] == [
            *[("donnees", 3), ("education", 1)]
        ]
        links = r'<a href="[^"]*/(?:domaines|fields)/[^"]+">(.*?)</a>'
        assert re.findall(links, page.content.decode()) == names
    assert "Données 3 métiers Tirer parti des données." in text_of(french)
    assert "Data 3 careers Using data." in text_of(english)
    assert "secret" not in french.content.decode()


def test_fields_may_be_none(db, client):
    assert "Aucun métier n’appartient encore à un domaine." in text_of(client.get("/domaines/"))


def test_field_shows_its_careers_and_what_they_pay(data, regions, golden, client):
    page = client.get("/domaines/donnees/")
    results = page.context["results"]
    assert [result.career.slug for result in results] == [
        *["chef-de-projet-chatbot", "data-scientist", "ethicien-en-ia"]
    ]
    bands = {
        band.pk
        for slug in golden
        for band in golden[slug].bands.all()
        if golden[slug].pk in {result.career.pk for result in results}
    }
    assert figures_on(page) == {band.pk for result in results for band in result.bands} == bands
    said = text_of(page)
    assert "Tirer parti des données." in said
    assert "secret" not in said
    assert 'href="/metiers/?field=donnees"' in page.content.decode()
    assert head_of(page) == (
        "Données : métiers et rémunérations – Métiers au clair".replace(" :", "\u202f:"),
        "Données : ce qu’on y fait et ce que cela paie, d’après des sources publiées ; chaque "
        "chiffre avec ses conditions et sa date.".replace(" :", "\u202f:").replace(" ;", "\u202f;"),
    )
    html = client.get("/en/fields/donnees/").content.decode()
    for language, path in (("fr", "/domaines/donnees/"), ("en", "/en/fields/donnees/")):
        link = f'<link rel="alternate" hreflang="{language}" href="http://testserver{path}">'
        assert link in html


def test_field_shows_three_figures_of_a_career_at_most(data, regions, golden, client):
    scientist = golden["data-scientist"]
    for number, level in enumerate(("entry", "mid", "senior", "lead")):
        create_band(career=scientist, region=regions["FR"], low=90_000 + number, level=level)
    results = client.get("/domaines/donnees/").context["results"]
    shown = {r.career.slug: [int(b.low) for b in r.bands if b.low] for r in results}
    assert shown["data-scientist"] == [90_003, 90_002, 90_001]


def test_field_has_pages_of_twenty_careers(regions, client):
    field = create_field()
    for number in range(21):
        create_career(title_fr=f"Métier {number:02}", field=field)
    first, second = (client.get(f"/domaines/donnees/?page={n}") for n in (1, 2))
    titles = [[r.career.title_fr for r in page.context["results"]] for page in (first, second)]
    assert titles == [[f"Métier {number:02}" for number in range(20)], ["Métier 20"]]
    assert len({head_of(page) for page in (first, second)}) == 2
    for wrong in ("0", "3", "x", ""):
        assert client.get(f"/domaines/donnees/?page={wrong}").status_code == 404


def test_field_has_one_address(data, client):
    moved = client.get("/domaines/Donnees/")
    assert (moved.status_code, moved["Location"]) == (301, "/domaines/donnees/")
    moved = client.get("/en/fields/donnees")
    assert (moved.status_code, moved["Location"]) == (301, "/en/fields/donnees/")


def test_field_without_public_careers_has_no_page(data, client):
    create_field(name_fr="Vide")
    Career.objects.filter(field=data).update(status="archived")
    for slug in ("vide", "donnees", "x"):
        assert client.get(f"/domaines/{slug}/").status_code == 404


@pytest.mark.parametrize("path", ["/domaines/", "/domaines/donnees/"])
def test_queries_do_not_grow_with_rows(data, regions, client, path, django_assert_num_queries):
    asked = 2 if path == "/domaines/" else 3
    for _time in range(2):
        client.get(path)  # reads what changed, once for all pages
        with django_assert_num_queries(asked):
            assert client.get(path).cookies == {}
        for number in range(12):
            field = create_field(name_fr=f"Domaine {number}")
            for each in (data, field):
                career = create_career(title_fr=f"Métier {number}", field=each)
                create_band(career=career, region=regions["DE"], low=number)
