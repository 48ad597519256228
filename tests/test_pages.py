"""Pages of sources, regions and the method; and what all these pages have in common."""

import re
from datetime import date, timedelta

import pytest
from django.utils import timezone
from django.utils.html import strip_tags

from careers import areas, index
from careers.models import Career, Region, SalaryBand, Source
from careers.views.pages import PAGE_SIZE
from tests.factories import create_band, create_career, create_rate, create_source
from tests.pages import NARROW, figure_path, figures_on, head_of, text_of


@pytest.fixture
def draft(golden, regions) -> SalaryBand:
    """A figure that nobody may see: of a draft, with its own region, beside public ones."""
    career = create_career(title_fr="Métier secret", status=Career.Status.DRAFT)
    create_band(career=career, region=regions["FR"], low=666_000)
    return create_band(career=career, region=regions["DE"], low=667_000)


# --- Sources ----------------------------------------------------------------------------------


def test_source_shows_its_current_figures_by_career(golden, regions, client):
    other = create_source(slug="other", title="Autre source")
    create_band(career=golden["data-scientist"], region=regions["FR"], low=1, source=other)
    old = golden["data-scientist"].bands.get(source__slug="article-2023")
    new = create_band(
        career=golden["data-scientist"], region=regions["FR"], low=2, observed_on=date(2024, 1, 1)
    )
    page = client.get("/sources/article-2023/")
    shown = {band.pk for result in page.context["results"] for band in result.bands}
    expected = set(SalaryBand.objects.filter(source__slug="article-2023").exclude(pk=old.pk))
    assert shown == figures_on(page) == {band.pk for band in expected}
    assert new.pk in shown
    assert [result.career.slug for result in page.context["results"]] == [
        "chef-de-projet-chatbot",
        "data-scientist",
        "ethicien-en-ia",
        "ingenieur-en-ia",
        "ingenieur-prompt",
    ]
    listed = client.get("/en/sources/").context["sources"]
    assert {source.slug: figures for source, figures in listed} == {"article-2023": 7, "other": 1}


def test_source_says_who_when_and_under_which_licence(regions, client):
    Source.objects.create(
        slug="insee",
        title="Base Tous salariés",
        publisher="Insee",
        kind="statistics",
        url="https://www.insee.fr/x",
        licence="Licence ouverte 2.0",
        published_on=date(2024, 7, 1),
        note_fr="Équivalent temps plein.",
        note_en="Full-time equivalent.",
    )
    said = text_of(client.get("/sources/insee/"))
    for words in (
        *("Insee", "Statistique publique", "https://www.insee.fr/x", "Licence ouverte 2.0"),
        *("1er juillet 2024", "Équivalent temps plein."),
        "Aucun chiffre de ce site ne vient de cette source.",
    ):
        assert words in said, words
    assert "Full-time equivalent." in text_of(client.get("/en/sources/insee/"))
    Source.objects.create(slug="new", title="Nouvelle")
    for path, note, nothing in (
        (
            "/sources/",
            "Équivalent temps plein.",
            "Aucun chiffre de ce site ne vient de cette source.",
        ),
        ("/en/sources/", "Full-time equivalent.", "No figure on this site comes from this source."),
    ):
        said = text_of(client.get(path))
        assert (said.count(note), said.count(nothing)) == (1, 1)
        assert not re.search(r"\b0 (figure|chiffre)", said)


def test_source_is_not_named_again_beside_its_figures(golden, client):
    origins = {
        path: re.findall(r'<p class="origin">(.*?)</p>', client.get(path).content.decode())
        for path in ("/sources/article-2023/", "/metiers/")
    }
    assert {strip_tags(each).split(",")[0] for each in origins["/sources/article-2023/"]} == {
        "Chiffre relevé en avril 2023"
    }
    assert all("Cinq métiers de l’IA" in each for each in origins["/metiers/"])


def test_source_has_pages_of_fifty_figures(regions, client):
    careers = [create_career(title_fr=f"Métier {number:02}") for number in range(51)]
    bands = [create_band(career=each, region=regions["FR"], low=1) for each in careers]
    first, second = (client.get(f"/sources/article-2023/?page={n}") for n in (1, 2))
    assert (figures_on(first), figures_on(second)) == ({b.pk for b in bands[:50]}, {bands[50].pk})
    assert "51 chiffres" in text_of(second)
    assert '<link rel="canonical" href="http://testserver/sources/article-2023/?page=2">' in (
        second.content.decode()
    )
    for wrong in ("0", "3", "x", ""):
        assert client.get(f"/sources/article-2023/?page={wrong}").status_code == 404


def test_source_names_lead_to_their_page(golden, client):
    for path in ("/metiers/", "/metiers/data-scientist/", "/regions/FR/"):
        assert 'href="/sources/article-2023/"' in client.get(path).content.decode()


# --- Regions ----------------------------------------------------------------------------------


def counts(offered) -> dict[str, int]:
    return {each.region.code: each.careers for each in offered}


def test_regions_are_a_tree_with_numbers_of_careers(golden, regions, draft, client):
    create_band(career=golden["data-scientist"], region=regions["FR-75C"], low=50_000)
    create_band(career=golden["ingenieur-prompt"], region=regions["FR-75C"], low=50_000)
    page = client.get("/regions/")
    assert counts(page.context["regions"]) == {
        **{"001": 5, "150": 4, "FR": 4, "FR-IDF": 2, "FR-75C": 2, "US": 1}
    }
    depths = re.findall(r"<ul|</ul|/regions/([A-Z0-9-]+)/", page.content.decode().split("<main")[1])
    assert [code for code in depths if code] == ["001", "US", "150", "FR", "FR-IDF", "FR-75C"]


def test_region_shows_its_own_figures_and_wider_ones_apart(golden, regions, draft, client):
    part = create_band(career=golden["data-scientist"], region=regions["FR-75C"], low=50_000)
    both = create_band(career=golden["data-scientist"], region=regions["150"], low=20_000)
    page = client.get("/regions/FR/")
    shown = {
        name: {band.pk for result in page.context[name] for band in result.bands}
        for name in ("own", "wider")
    }
    careers = Career.objects.published()
    own = SalaryBand.objects.filter(region=regions["FR"], career__in=careers)
    wider = SalaryBand.objects.filter(region__code__in=["150", "001"]).exclude(pk=both.pk)
    assert shown == {"own": {b.pk for b in own}, "wider": {b.pk for b in wider}}
    assert part.pk not in figures_on(page)
    said = text_of(page)
    assert said.index("Ses propres chiffres") < said.index("35 000 à 70 000 €")
    assert said.index("Ils ne disent pas ce qui s’y paie.") < said.index("peut dépasser 100 000 €")
    html = page.content.decode()
    assert [each.code for each in page.context["around"]] == ["001", "150"]
    for address in ("/regions/001/", "/regions/150/", "/regions/FR-IDF/", "/metiers/?region=FR"):
        assert f'href="{address}"' in html, address
    assert "1 607 heures par an" in said


def test_region_is_not_named_again_beside_its_own_figures(golden, regions, client):
    create_band(career=golden["ingenieur-prompt"], region=regions["FR"], low=1, level="senior")
    html = client.get("/regions/FR/").content.decode()
    own, _wider, wider = html.partition('id="wider"')
    beside = [re.findall(r"</b>\s*<span>(.*?)</span>", part) for part in (own, wider)]
    assert beside == [
        ["Début de carrière", "Expérience confirmée", "Expérience confirmée"],
        ["Monde"],
    ]


def test_region_takes_hours_from_the_nearest_area_that_states_them(golden, regions, client):
    create_band(career=golden["data-scientist"], region=regions["FR-75C"], low=50_000)
    said = text_of(client.get("/en/regions/FR-75C/"))
    assert "1,607 hours a year, as kept for: France." in said
    assert "No yearly hours are known" in text_of(client.get("/en/regions/150/"))


def test_region_has_pages_of_twenty_careers(regions, client):
    careers = [create_career(title_fr=f"Métier {number:02}") for number in range(21)]
    wide = create_band(career=careers[0], region=regions["150"], low=1)
    own = [create_band(career=each, region=regions["FR"], low=1) for each in careers[1:]]
    first, second = (client.get(f"/regions/FR/?page={n}") for n in (1, 2))
    assert (figures_on(first), figures_on(second)) == ({b.pk for b in own}, {wide.pk})
    assert client.get("/regions/FR/?page=3").status_code == 404


def test_region_without_public_figures_has_no_page(golden, draft, client):
    for code in ("DE", "FR-75C", "XX", "FR "):
        for path in (f"/regions/{code}/", f"/en/regions/{code}/"):
            response = client.get(path)
            assert (response.status_code, "<h1>" in response.content.decode()) == (404, True)
    moved = client.get("/regions/fr/")
    assert (moved.status_code, moved["Location"]) == (301, "/regions/FR/")


# --- All of them ------------------------------------------------------------------------------


def public_pages(golden) -> list[str]:
    bands = SalaryBand.objects.filter(career__in=Career.objects.published())
    codes = [each.region.code for each in areas.counted(*index.current())]
    pages = [
        *("sources/", "sources/article-2023/", "regions/"),
        *(f"regions/{code}/" for code in codes),
    ]
    return [
        *(f"{start}{page}" for page in pages for start in ("/", "/en/")),
        *("/methode/", "/en/method/"),
        *(figure_path(band, each) for band in bands for each in ("fr", "en")),
    ]


def test_drafts_never_leak(golden, regions, draft, client):
    scheduled = create_career(
        title_fr="Métier futur", published_at=timezone.now() + timedelta(days=1)
    )
    create_band(career=scheduled, region=regions["FR"], low=668_000)
    hidden = SalaryBand.objects.exclude(career__in=Career.objects.published())
    assert len(hidden) == 3
    for band in hidden:
        for language in ("fr", "en"):
            for ending in ("/", ".json"):
                assert client.get(figure_path(band, language, ending)).status_code == 404
    endings = [
        figure_path(band, "fr", ".json")
        for band in SalaryBand.objects.filter(career__in=Career.objects.published())
    ]
    leaks = re.compile(r"secret|futur|66[678](\W|&nbsp;)?000|/DE/", re.IGNORECASE)
    for path in [*public_pages(golden), *endings]:
        response = client.get(path)
        assert response.status_code == 200, path
        assert leaks.findall(response.content.decode()) == [], path
    listed = client.get("/sources/").context["sources"]
    assert {source.slug: figures for source, figures in listed} == {"article-2023": 7}


def test_titles_and_descriptions_are_unique(golden, client):
    heads = [head_of(client.get(path)) for path in public_pages(golden)]
    titles, descriptions = zip(*heads, strict=True)
    assert len(set(titles)) == len(titles)
    assert len(set(descriptions)) == len(descriptions)
    assert [text for head in heads for text in head if "\n" in text or "  " in text] == []


def test_every_page_tells_networks_what_it_is(golden, client):
    site = {"fr": "Métiers au clair", "en": "Careers, plainly"}
    wanted = {"title", "type", "image", "url", "description", "site_name"}
    others = ["/metiers/", "/en/careers/data-scientist/", "/domaines/", "/donnees/", "/en/api/"]
    for path in [*public_pages(golden), *others, "/comparer/"]:
        page = client.get(path)
        told = re.findall(r'<meta property="og:(\w+)"\s+content="([^"]*)"', page.text)
        assert sorted(name for name, _said in told) == sorted(wanted), path
        said, (title, description) = dict(told), head_of(page)
        language = "en" if path.startswith("/en/") else "fr"
        assert said["title"] == title.removesuffix(f" – {site[language]}"), path
        assert said["description"] == description, path
        assert said["site_name"] == site[language]
        assert said["type"] == (
            "article" if re.search(r"/(metiers|careers)/\w", path) else "website"
        )


def test_career_without_a_summary_is_described_by_what_its_page_tells(golden, client):
    Career.objects.filter(slug="ethicien-en-ia").update(summary_fr="", summary_en="")
    page = client.get("/en/careers/ethicien-en-ia/")
    words = "what the job pays, where, according to whom, and how sure that is."
    title, description = head_of(page)
    assert title.startswith("AI ethicist – ")
    assert description == f"AI ethicist: {words}"
    assert f'<meta property="og:description" content="{description}">' in page.content.decode()


def test_pages_name_themselves_in_each_language(golden, client):
    band = SalaryBand.objects.get(currency="USD")
    for french, english in (
        (figure_path(band), figure_path(band, "en")),
        ("/sources/article-2023/", "/en/sources/article-2023/"),
        ("/regions/FR/", "/en/regions/FR/"),
        ("/methode/", "/en/method/"),
    ):
        for path in (french, english):
            html = client.get(path).content.decode()
            assert f'<link rel="canonical" href="http://testserver{path}">' in html
            for language, address in (("fr", french), ("en", english)):
                link = f'<link rel="alternate" hreflang="{language}" href="http://testserver'
                assert f'{link}{address}">' in html


def test_figures_link_to_their_page_with_a_name(golden, client):
    band = golden["ethicien-en-ia"].bands.get()
    for path in ("/metiers/", "/metiers/ethicien-en-ia/"):
        html = client.get(path).content.decode()
        link = re.search(rf'<a href="{figure_path(band)}">(.*?)</a>', html, re.DOTALL)
        assert strip_tags(link[1]).split(f"{NARROW}:")[1].strip() == "d’où vient ce chiffre"


def test_career_without_any_figure_says_so_in_the_list(regions, client):
    create_band(career=create_career(title_fr="Connu"), region=regions["FR"], low=40_000)
    create_career(title_fr="Inconnu")
    html = client.get("/metiers/").content.decode()
    _head, *entries = html.split('<li class="entry">')
    said = {
        re.search(r"<h3><a.*?>(.*?)</a>", entry)[1]: "Aucune source ne donne encore" in entry
        for entry in entries
    }
    assert said == {"Connu": False, "Inconnu": True}
    assert '<p class="explanation">' not in html
    asked = client.get("/metiers/?salary_min=30000").content.decode()
    explained = re.findall(r'<p class="explanation">(.*?)</p>', asked)
    assert [each.replace(NARROW, " ") for each in explained] == [
        "Le bas du chiffre atteint 30 000 € par an.",
        "Rien ne dit s’ils atteignent 30 000 € par an.",
    ]


def test_next_page_of_the_list_begins_with_its_answer(client, db):
    for number in range(PAGE_SIZE + 1):
        create_career(title_fr=f"Métier {number}")
    html = client.get("/metiers/").content.decode()
    assert re.findall('<a rel="next" href="([^"]+)"', html) == ["/metiers/?page=2#status"]
    html = client.get("/metiers/?page=2").content.decode()
    assert re.findall('<a rel="prev" href="([^"]+)"', html) == ["/metiers/#status"]
    assert '<p id="status"' in html


@pytest.mark.parametrize(
    ("page", "shown", "why"),
    [
        ("99", 2, "page=99 : la dernière page est la 2."),
        ("0", 1, "page=0 : la première page est la 1."),
        ("-3", 1, "page=-3 : la première page est la 1."),
    ],
)
def test_page_that_does_not_exist_gives_the_nearest(client, db, page, shown, why):
    for number in range(PAGE_SIZE + 1):
        create_career(title_fr=f"Métier {number}")
    response = client.get(f"/metiers/?page={page}")
    assert response.context["page"].number == shown
    assert why in text_of(response)


def test_footer_leads_to_method_fields_regions_and_sources(golden, client):
    footer = client.get("/en/careers/").content.decode().split("<footer")[1]
    assert set(re.findall(r'href="(/en/[a-z]+/)"', footer)) >= {
        *("/en/method/", "/en/fields/", "/en/regions/", "/en/sources/")
    }


def test_public_pages_set_no_cookie(golden, client):
    assert [path for path in public_pages(golden) if client.get(path).cookies] == []


@pytest.mark.parametrize(
    "path",
    [
        *("/sources/", "/sources/article-2023/", "/regions/", "/regions/FR/", "/methode/"),
        *("{figure}", "{json}", "/metiers/", "/metiers/ethicien-en-ia/"),
    ],
)
def test_queries_do_not_grow_with_rows(
    golden, regions, client, path, django_assert_max_num_queries
):
    ethicist = golden["ethicien-en-ia"]
    band = ethicist.bands.get()
    path = path.format(figure=figure_path(band), json=figure_path(band, "fr", ".json"))

    def queries() -> int:
        client.get(path)  # reads what changed, once for all pages
        with django_assert_max_num_queries(15) as asked:
            assert client.get(path).status_code == 200
        return len(asked)

    few = queries()
    create_rate(currency="CHF", rate="0.9")
    for number in range(12):
        region = Region.objects.create(
            code=f"FR-{number}", parent=regions["FR"], kind="subdivision1", name_fr=f"R{number}"
        )
        source = create_source(slug=f"s-{number}", title=f"Source {number}")
        career = create_career(title_fr=f"Métier {number}")
        for each in (career, ethicist):
            create_band(career=each, region=regions["FR"], low=1, source=source)
            create_band(career=each, region=regions["150"], low=1, currency="CHF", source=source)
            create_band(career=each, region=region, low=1)
            create_band(
                career=each, region=regions["FR"], low=1, observed_on=date(2020, 1, number + 1)
            )
    assert queries() <= few
