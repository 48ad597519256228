"""The Atom feeds: the careers of the page, and what changed of them, the newest first."""

import re
from datetime import UTC, datetime, timedelta
from xml.etree import ElementTree

import pytest
from django.utils import timezone

from careers.feeds import ENTRIES
from careers.models import Career, SalaryBand
from tests.factories import create_band, create_career
from tests.pages import figure_path

ATOM = "{http://www.w3.org/2005/Atom}"
RFC3339 = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")
FEED = ["title", "link", "link", "id", "updated", "author", "subtitle"]
ENTRY = ["title", "link", "published", "updated", "id", "summary"]


def feed(client, path: str = "/metiers/atom.xml"):
    """The feed, once it is what RFC 4287 asks for."""
    response = client.get(path)
    assert response["Content-Type"] == "application/atom+xml; charset=utf-8"
    root = ElementTree.fromstring(response.content)
    assert root.tag == f"{ATOM}feed"
    names = [child.tag.removeprefix(ATOM) for child in root]
    entries = root.findall(f"{ATOM}entry")
    assert names == FEED + ["entry"] * len(entries)
    # A career may have no summary; every figure has one.
    assert all(
        [child.tag.removeprefix(ATOM) for child in entry] in (ENTRY, ENTRY[:-1])
        for entry in entries
    )
    dates = [each.text for name in ("updated", "published") for each in root.iter(f"{ATOM}{name}")]
    assert [date for date in dates if not RFC3339.fullmatch(date)] == []
    ids = [each.text for each in root.iter(f"{ATOM}id")]
    assert len(ids) == len(set(ids))
    return root


def paths(root) -> list[str]:
    """Where the entries lead, in their order."""
    links = [entry.find(f"{ATOM}link") for entry in root.findall(f"{ATOM}entry")]
    assert {link.get("rel") for link in links} <= {"alternate"}
    return [link.get("href").removeprefix("http://testserver") for link in links]


def careers(found: list[str]) -> set[str]:
    return {path for path in found if not re.search(r"/(chiffres|figures)/", path)}


def listed(client, path: str) -> set[str]:
    page = client.get(path)
    return {
        result.career.get_absolute_url()
        for group in page.context["groups"]
        for result in group.results
    }


@pytest.fixture
def dated(golden) -> None:
    """Each career changed a day after the one before it."""
    for number, career in enumerate(golden.values()):
        day = datetime(2024, 1, 1 + number, tzinfo=UTC)
        Career.objects.filter(pk=career.pk).update(updated_at=day)
        career.bands.update(updated_at=day, created_at=day)


@pytest.fixture
def hidden(golden, regions) -> None:
    for fields in (
        {"status": Career.Status.DRAFT},
        {"published_at": timezone.now() + timedelta(days=1)},
    ):
        career = create_career(title_fr="Métier secret", **fields)
        create_band(career=career, region=regions["FR"], low=666_000)


def test_feed_has_careers_and_figures_newest_first(dated, hidden, golden, client):
    expected = []
    for career in reversed(golden.values()):
        bands = sorted(career.bands.all(), key=lambda band: -band.pk)
        expected += [f"/metiers/{career.slug}/", *map(figure_path, bands)]
    assert len(expected) == 12
    assert paths(feed(client)) == expected


def test_feed_entry_says_what_the_page_says(dated, golden, client):
    Career.objects.update(created_at=datetime(2023, 6, 1, tzinfo=UTC))
    root = feed(client, "/en/careers/atom.xml?q=ethicist")
    site = "http://testserver/en/careers"
    career, figure = root.findall(f"{ATOM}entry")
    band = golden["ethicien-en-ia"].bands.get()
    assert root.attrib == {"{http://www.w3.org/XML/1998/namespace}lang": "en"}
    assert root.findtext(f"{ATOM}title") == "“ethicist” – Careers, plainly"
    assert [(link.get("rel"), link.get("href")) for link in root.findall(f"{ATOM}link")] == [
        ("alternate", f"{site}/?q=ethicist"),
        ("self", f"{site}/atom.xml?q=ethicist"),
    ]
    assert [child.text or child.get("href") for child in career] == [
        *("AI ethicist", f"{site}/ethicien-en-ia/"),
        *("2023-05-02T08:00:00+00:00", "2024-01-02T00:00:00+00:00"),
        f"tag:testserver,2023-06-01:/en/careers/{band.career_id}/",
    ]
    assert [child.text or child.get("href") for child in figure] == [
        "AI ethicist, France: €45,000 to €100,000 on average",
        f"{site}/ethicien-en-ia/figures/{band.pk}/",
        *("2024-01-02T00:00:00+00:00", "2024-01-02T00:00:00+00:00"),
        f"tag:testserver,2024-01-02:/en/figures/{band.pk}/",
        "Not split by level\xa0· Status not stated. "
        "Source: Cinq métiers de l’IA. Figure of April 2023.",
    ]


@pytest.mark.parametrize(
    "question",
    [
        "",
        "region=FR",
        "region=FR&salary_min=80000",
        "q=ingenieur&level=senior",
        "salary_min=400000&currency=USD",
        "region=xx&page=7&sort=title&utm_source=x",
        "q=zzz",
    ],
)
def test_feed_of_a_question_has_the_careers_of_its_page(dated, hidden, client, question):
    shown = listed(client, f"/metiers/?{question.replace('page=7', 'page=1')}")
    assert careers(paths(feed(client, f"/metiers/atom.xml?{question}"))) == shown


def test_feed_of_a_question_has_only_figures_that_answer_it(dated, golden, regions, client):
    engineer = golden["ingenieur-en-ia"]
    old = engineer.bands.get(level="senior")
    newer = create_band(
        career=engineer,
        region=regions["FR"],
        low=110_000,
        level="senior",
        observed_on=old.observed_on + timedelta(days=400),
    )
    found = paths(feed(client, "/metiers/atom.xml?region=FR&salary_min=80000&q=ingenieur+ia"))
    assert found == [figure_path(newer), f"/metiers/{engineer.slug}/"]


def test_feed_ids_survive_a_new_address(dated, golden, client):
    before = [each.text for each in feed(client).iter(f"{ATOM}id")]
    career = golden["data-scientist"]
    career.slug, career.title_fr = "science-des-donnees", "Science des données"
    career.save()
    after = [each.text for each in feed(client).iter(f"{ATOM}id")]
    assert set(after) == set(before)
    assert "/metiers/science-des-donnees/" in paths(feed(client))


def test_feed_holds_the_newest_only(regions, client):
    band = create_band(career=create_career(title_fr="Ancien"), region=regions["FR"], low=1)
    Career.objects.update(updated_at=datetime(2024, 1, 1, tzinfo=UTC))
    SalaryBand.objects.update(updated_at=datetime(2024, 1, 1, tzinfo=UTC))
    for number in range(ENTRIES):
        create_career(title_fr=f"Métier {number:02}")
    found = paths(feed(client))
    assert len(found) == ENTRIES
    assert "/metiers/ancien/" not in found
    assert figure_path(band) not in found


def test_feed_is_not_sent_twice_and_costs_few_queries(golden, client, django_assert_num_queries):
    client.get("/metiers/atom.xml?region=FR")
    with django_assert_num_queries(5):  # twice the state; the region; careers; figures
        first = client.get("/metiers/atom.xml?region=FR")
    again = {"If-None-Match": first["ETag"]}
    assert client.get("/metiers/atom.xml?region=FR", headers=again).status_code == 304
    assert client.post("/metiers/atom.xml").status_code == 405


def test_feed_survives_what_xml_cannot_hold(golden, client):
    asked = feed(client, "/metiers/atom.xml?q=ing%08&currency=%00")
    assert asked.findtext(f"{ATOM}title") == "«\u202fing\u202f» – Métiers au clair"
    create_career(title_fr="Métier\x0b <b>&", summary_fr="Un\x08 & deux <i>")
    entry = feed(client).find(f"{ATOM}entry")
    assert entry.findtext(f"{ATOM}title") == "Métier <b>&"
    assert entry.findtext(f"{ATOM}summary") == "Un &amp; deux &lt;i&gt;"


def test_pages_tell_of_the_feed(golden, client):
    def told(path):
        html = client.get(path).content.decode()
        return re.findall(r'type="application/atom\+xml"\s+title="([^"]+)"\s+href="([^"]+)"', html)

    site = ("What is new – Careers, plainly", "/en/careers/atom.xml")
    assert told("/en/careers/data-scientist/") == told("/en/method/") == [site]
    assert told("/en/careers/?region=FR&sort=title") == [
        ("What is new – France – Careers, plainly", "/en/careers/atom.xml?region=FR")
    ]
