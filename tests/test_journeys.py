"""Walks from end to end. The golden case: five careers, with no change of meaning."""

import re
from html import unescape
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils.html import strip_tags

from careers import salaries, tables
from careers.models import Career, Field, Region, SalaryBand, Source
from careers.resources import RESOURCES, apply, plan
from tests.files import columns_of

CONTENT = Path(salaries.__file__).parent / "content"
# In the order in which one refers to the other.
FILES = {
    "region": "regions.csv",
    "source": "sources.csv",
    "field": "fields.csv",
    "career": "careers.csv",
    "salaryband": "salary_bands.csv",
}
NARROW = "\u202f"

# (career, region, level, engagement, French words, English words), as product.md states them.
FIGURES = {
    ("ingenieur-prompt", "150", "", "", "peut dépasser 100 000 €", "can exceed €100,000"),
    ("ingenieur-prompt", "US", "", "", "peut dépasser 300 000 $US", "can exceed $300,000"),
    (
        *("ethicien-ia", "FR", "", ""),
        *("45 000 à 100 000 € en moyenne", "€45,000 to €100,000 on average"),
    ),
    (
        *("ethicien-ia", "FR", "", "freelance"),
        "L’exercice en indépendant est possible, aucun tarif n’est donné",
        "Freelance work is possible, no rate is given",
    ),
    ("ingenieur-ia", "FR", "entry", "", "50 000 € en moyenne", "€50,000 on average"),
    ("ingenieur-ia", "FR", "senior", "", "plus de 108 000 €", "over €108,000"),
    (
        *("data-scientist-data-analyst", "FR", "", ""),
        *("35 000 à 70 000 € en moyenne", "€35,000 to €70,000 on average"),
    ),
    (
        *("chef-de-projet-chatbot", "001", "", ""),
        "Rémunération variable selon le profil, le lieu, le secteur et la taille de l’employeur",
        "Pay varies by profile, location, sector and size of employer",
    ),
}


def spaced(words: str) -> str:
    """The words with the narrow spaces that French puts between digits and before the sign."""
    words = re.sub(r"(?<=\d) (?=\d{3})", NARROW, words)
    return re.sub(r"(?<=\d) (?=[€$])", NARROW, words)


def imported(editor, name: str, content: bytes) -> dict[str, int]:
    """Import a file through the admin; return the counts of its preview."""
    upload = {"file": SimpleUploadedFile(f"{name}.csv", content)}
    preview = editor.post(f"/en/admin/careers/{name}/import/", upload, follow=True)
    planned = preview.context["plan"]
    counts = {verdict.value: count for verdict, count in planned.counts.items()}
    address = preview.redirect_chain[-1][0]
    done = editor.post(address, {"shown": planned.fingerprint}, follow=True)
    assert "Imported" in done.content.decode()
    return counts


def exported(editor, name: str, profile: str) -> bytes:
    asked = {"export-profile": profile, "export-columns": columns_of(name)}
    return b"".join(editor.get(f"/admin/careers/{name}/export/", asked).streaming_content)


def text_of(response) -> str:
    """What people read: the data for programs names figures by their number in the database."""
    shown = re.sub(r"<script.*?</script>", "", response.content.decode(), flags=re.DOTALL)
    return " ".join(unescape(strip_tags(shown)).replace("\n", " ").split(" "))


def figures() -> set[tuple[str, ...]]:
    bands = SalaryBand.objects.select_related("career", "region")
    return {
        (
            *(band.career.slug, band.region.code, band.level, band.engagement),
            *(salaries.sentence(band, "fr"), salaries.sentence(band, "en")),
        )
        for band in bands
    }


def pages(client) -> dict[str, str]:
    """What each career page says; the address of a figure is the database's to give."""
    slugs = [career[0] for career in sorted(FIGURES)]
    return {
        path: text_of(client.get(path))
        for slug in slugs
        for path in (f"/metiers/{slug}/", f"/en/careers/{slug}/")
    }


def test_golden_case_goes_round_without_a_change_of_meaning(editor):
    rates = tables.read((CONTENT / "exchange_rates.csv").read_bytes())
    apply(plan(RESOURCES["exchangerate"], rates))
    expected = {(*key, spaced(french), english) for *key, french, english in FIGURES}

    for name, file in FILES.items():
        counts = imported(editor, name, (CONTENT / file).read_bytes())
        assert counts["new"] > 0
        assert counts["changed"] == counts["refused"] == 0
    assert figures() == expected

    shown = pages(editor)
    for career, _region, _level, _engagement, french, english in expected:
        for path, words in ((f"/metiers/{career}/", french), (f"/en/careers/{career}/", english)):
            assert words in shown[path], (path, words)

    for profile in tables.PROFILES:
        files = {name: exported(editor, name, profile) for name in FILES}
        for name, content in files.items():
            counts = imported(editor, name, content)
            assert (counts["new"], counts["changed"], counts["refused"]) == (0, 0, 0)
        SalaryBand.objects.all().delete()
        Career.objects.all().delete()
        Field.objects.all().delete()
        Source.objects.all().delete()
        for region in Region.objects.order_by("-path"):
            region.delete()
        for name, content in files.items():
            assert imported(editor, name, content)["unchanged"] == 0
        assert figures() == expected
        again = {name: exported(editor, name, profile) for name in FILES}
        # The list shows the latest first, and what came first from a file is the latest no more.
        assert {name: sorted(again[name].splitlines()) for name in FILES} == {
            name: sorted(content.splitlines()) for name, content in files.items()
        }
        assert pages(editor) == shown


@pytest.fixture
def golden(db, monkeypatch):
    for name in RESOURCES:
        file = "exchange_rates.csv" if name == "exchangerate" else FILES[name]
        apply(plan(RESOURCES[name], tables.read((CONTENT / file).read_bytes())))


def groups(client, address: str) -> dict[str, list[str]]:
    """The careers of each group that the page lists, by the group's name in the code."""
    response = client.get(address)
    assert response.status_code == 200
    content = unescape(response.content.decode())
    listed = {
        each.group.name: [result.career.slug for result in each.results]
        for each in response.context["groups"]
    }
    for slugs in listed.values():
        for slug in slugs:
            assert f"/{slug}/" in content
    return listed


def test_golden_question_for_everywhere(golden, client):
    assert groups(client, "/metiers/?salary_min=80000") == {
        "SURE": ["ingenieur-ia"],
        "POSSIBLE": ["ethicien-ia", "ingenieur-prompt"],
        "UNKNOWN": ["chef-de-projet-chatbot"],
    }
    assert "1 métier en dessous" in text_of(client.get("/metiers/?salary_min=80000"))


def test_golden_question_for_france_keeps_europe_apart(golden, client):
    assert groups(client, "/metiers/?region=FR&salary_min=80000") == {
        "SURE": ["ingenieur-ia"],
        "POSSIBLE": ["ethicien-ia"],
        "WIDER": ["chef-de-projet-chatbot", "ingenieur-prompt"],
    }


def test_golden_question_is_the_same_by_htmx_and_in_english(golden, client):
    whole = groups(client, "/metiers/?region=FR&salary_min=80000")
    assert groups(client, "/en/careers/?region=FR&salary_min=80000") == whole
    partial = client.get("/metiers/?region=FR&salary_min=80000", headers={"HX-Request": "true"})
    assert "<html" not in partial.content.decode()
    assert {
        each.group.name: [result.career.slug for result in each.results]
        for each in partial.context["groups"]
    } == whole
    restored = client.get(
        "/metiers/", headers={"HX-Request": "true", "HX-History-Restore-Request": "true"}
    )
    assert "<html" in restored.content.decode()


def test_draft_appears_on_no_public_page(golden, client):
    Career.objects.filter(slug="ingenieur-ia").update(status="draft")
    for address in ("/metiers/", "/en/careers/?q=ingenieur", "/metiers/?salary_min=80000"):
        assert "ingenieur-ia" not in client.get(address).content.decode()
    assert client.get("/metiers/ingenieur-ia/").status_code == 404
    assert client.get("/en/careers/ingenieur-ia/").status_code == 404


def test_former_address_redirects_in_both_languages(golden, client):
    career = Career.objects.get(slug="ingenieur-ia")
    career.slug = "ingenieure-ia"
    career.save()
    for before, after in (
        ("/metiers/ingenieur-ia/", "/metiers/ingenieure-ia/"),
        ("/en/careers/ingenieur-ia/", "/en/careers/ingenieure-ia/"),
    ):
        response = client.get(before)
        assert (response.status_code, response["Location"]) == (301, after)
    career.status = Career.Status.DRAFT
    career.save()
    assert client.get("/metiers/ingenieur-ia/").status_code == 404


@pytest.mark.parametrize(
    ("accepted", "address"),
    [("fr-FR,fr;q=0.9", "/metiers/"), ("en-GB,en;q=0.9", "/en/careers/"), ("de", "/metiers/")],
)
def test_home_leads_to_the_list_in_the_visitors_language(db, client, accepted, address):
    response = client.get("/", headers={"Accept-Language": accepted})
    assert (response.status_code, response["Location"]) == (302, address)
    assert "Accept-Language" in response["Vary"]


@pytest.mark.parametrize(
    ("query", "named"),
    [
        ("region=xx", "region=xx"),
        ("salary_min=abc", "salary_min=abc"),
        ("level=boss", "level=boss"),
        ("page=999999", "page=999999"),
        ("page=abc", "page=abc"),
        ("colour=red", "colour=red"),
        ("q=%00", "q="),
        ("currency=ZZZ", "currency=ZZZ"),
        ("sort=random", "sort=random"),
    ],
)
@pytest.mark.parametrize("address", ["/metiers/", "/en/careers/"])
def test_broken_question_is_named_and_the_rest_answered(golden, client, address, query, named):
    response = client.get(f"{address}?{query}")
    assert response.status_code == 200
    assert named in text_of(response)
    assert sum(len(each.results) for each in response.context["groups"]) == 5


def test_public_pages_set_no_cookie(golden, client):
    for address in ("/metiers/", "/metiers/?q=ia", "/metiers/ingenieur-ia/", "/metiers/x/"):
        assert client.get(address).cookies == {}


@pytest.mark.parametrize("address", ["/metiers/?salary_min=1000&region=FR", "/metiers/{slug}/"])
def test_queries_do_not_grow_with_rows(golden, client, address, django_assert_max_num_queries):
    ethicist = Career.objects.get(slug="ethicien-ia")
    source, france = Source.objects.get(), Region.objects.get(code="FR")
    address = address.format(slug=ethicist.slug)

    def queries() -> int:
        with django_assert_max_num_queries(20) as asked:  # those of the index among them
            client.get(address)
        return len(asked)

    few = queries()
    for number in range(40):
        career = Career.objects.create(title_fr=f"Métier {number}", status="published")
        for each in (career, ethicist):
            SalaryBand.objects.create(
                **{"career": each, "region": france, "source": source, "currency": "EUR"},
                low=30_000 + number,
                observed_on=f"2020-01-{number % 28 + 1:02}",
                level=("entry", "mid")[number // 28],
            )
    assert queries() <= few
