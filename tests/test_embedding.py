"""The chart that pages of others show, the snippet that brings it there, and oEmbed."""

import json
import re
from html import unescape
from urllib.parse import quote
from xml.etree import ElementTree

import pytest

from careers.embedding import SHOWN
from careers.headers import policy
from tests.factories import create_band, create_career, create_source
from tests.pages import figures_on, text_of

SITE = "http://testserver"
FRENCH = "/metiers/data-scientist/integrer/"
ENGLISH = "/en/careers/data-scientist/embed/"


def shown(client, address: str) -> set[int]:
    return figures_on(client.get(address))


def test_chart_says_all_that_has_to_be_known_of_a_figure(golden, client):
    band = golden["data-scientist"].bands.get()
    text = text_of(client.get(ENGLISH))
    assert text.startswith("Data scientist What it pays €35,000 to €70,000 on average")
    assert "Source: Cinq métiers de l’IA. Figure of April 2023" in text
    assert shown(client, ENGLISH) == {band.pk}
    text = text_of(client.get(FRENCH))
    assert text.startswith("Data scientist Ce qu’il paie 35 000 à 70 000 € en moyenne")
    assert "Source : Cinq métiers de l’IA. Chiffre relevé en avril 2023" in text


def test_golden_charts_keep_their_meaning(golden, client):
    said = {}
    for slug in golden:
        page = client.get(f"/en/careers/{slug}/embed/").content.decode()
        figures = re.findall(r'<p class="words">\s*<b><a[^>]*>(.*?)<span', page)
        reasons = re.findall(r'<p class="bar hatched"><span>(.*?)</span>', page)
        said[slug] = ({unescape(each) for each in figures}, {unescape(each) for each in reasons})
    assert said == {
        "ingenieur-prompt": ({"can exceed €100,000", "can exceed $300,000"}, set()),
        "ethicien-en-ia": ({"€45,000 to €100,000 on average"}, set()),
        "ingenieur-en-ia": ({"€50,000 on average", "over €108,000"}, set()),
        "data-scientist": ({"€35,000 to €70,000 on average"}, set()),
        "chef-de-projet-chatbot": ({"No figure"}, {"pay varies too much for one figure"}),
    }


def test_chart_can_do_nothing_where_it_stands(golden, client):
    response = client.get(FRENCH)
    assert response["Content-Security-Policy"] == policy(
        **{key: ["'none'"] for key in ("script_src", "connect_src", "form_action")},
        frame_ancestors=["*"],
    )
    assert "X-Frame-Options" not in response
    assert response["X-Robots-Tag"] == "noindex"
    assert response.cookies == {}
    html = response.content.decode()
    assert re.findall(r"<script|<style|style=|<img|<form|\son\w+=", html) == []
    assert re.findall(r'<link rel="(\w+)"', html) == ["canonical", "icon", "stylesheet"]
    assert f'<link rel="canonical" href="{SITE}/metiers/data-scientist/">' in html
    # Other pages cannot be framed as before.
    assert client.get("/metiers/data-scientist/")["X-Frame-Options"] == "DENY"


@pytest.mark.shared_pages
def test_chart_that_is_kept_has_its_headers(golden, client, django_assert_num_queries):
    first = client.get(FRENCH)
    with django_assert_num_queries(1):  # the state of the content
        again = client.get(FRENCH)
    assert again["Content-Security-Policy"] == first["Content-Security-Policy"]
    assert "X-Frame-Options" not in again
    assert client.get(FRENCH, headers={"If-None-Match": first["ETag"]}).status_code == 304


def test_theme_is_the_readers_or_the_one_asked(golden, client):
    def theme(query: str) -> tuple[list[str], list[str]]:
        html = client.get(FRENCH + query).content.decode()
        return (
            re.findall(r'data-theme="(\w+)"', html),
            re.findall(r'name="color-scheme" content="([^"]+)"', html),
        )

    assert theme("") == ([], ["light dark"])
    assert theme("?theme=dark") == (["dark"], ["dark"])
    assert theme("?theme=light") == (["light"], ["light"])
    assert theme("?theme=pink") == ([], ["light dark"])


def test_region_and_level_are_chosen_by_the_address(regions, client):
    career = create_career(title_fr="Métier")
    bands = {
        (code, level): create_band(career=career, region=regions[code], low=1, level=level).pk
        for code, level in (("FR", "entry"), ("FR-75C", "senior"), ("US", ""), ("150", "entry"))
    }
    path = "/metiers/metier/integrer/"
    assert shown(client, f"{path}?region=FR") == {bands["FR", "entry"], bands["FR-75C", "senior"]}
    assert shown(client, f"{path}?region=FR&level=senior") == {bands["FR-75C", "senior"]}
    assert shown(client, f"{path}?level=entry") == {bands["150", "entry"], bands["FR", "entry"]}
    assert shown(client, f"{path}?region=FR&level=lead") == set()
    assert "Aucune source ne donne de chiffre pour ce qui est demandé ici." in text_of(
        client.get(f"{path}?region=FR&level=lead")
    )


def test_wider_area_is_named_and_outlined(golden, client):
    path = "/en/careers/ingenieur-prompt/embed/?region=FR"
    text = text_of(client.get(path))
    assert "These figures are for a wider area than France." in text
    assert 'class="bar wider"' in client.get(path).content.decode()
    (europe,) = golden["ingenieur-prompt"].bands.filter(region__code="150")
    assert shown(client, path) == {europe.pk}


def test_what_is_not_understood_is_said_on_the_chart(golden, client):
    text = text_of(client.get(f"{ENGLISH}?region=XX&theme=pink&size=9&utm_source=a"))
    named = re.findall(r"(\w+)=(\w+)", text)
    assert sorted(named) == [("region", "XX"), ("size", "9"), ("theme", "pink")]
    assert "Not taken into account" not in text_of(client.get(f"{ENGLISH}?utm_source=a"))


def test_chart_shows_few_figures_and_counts_the_rest(regions, client, django_assert_num_queries):
    career = create_career(title_fr="Métier")
    for number in range(SHOWN + 2):
        source = create_source(slug=f"source-{number}", title=f"Source {number}")
        create_band(career=career, region=regions["FR"], low=number + 1, source=source)
    client.get("/en/careers/metier/embed/")
    with django_assert_num_queries(3):  # the state; the career; its figures
        response = client.get("/en/careers/metier/embed/")
    assert len(figures_on(response)) == SHOWN
    assert "2 more figures" in response.content.decode().replace("\n", " ")


def test_chart_begins_with_the_country_that_has_parts(regions, client):
    career = create_career(slug="partout")
    bands = {
        code: create_band(career=career, region=regions[code], low=1)
        for code in ("DE", "FR", "FR-IDF")
    }
    html = client.get("/metiers/partout/integrer/").content.decode()
    found = [int(number) for number in re.findall(r'href="[^"]*/chiffres/(\d+)/"', html)]
    assert found == [bands[code].pk for code in ("FR", "DE", "FR-IDF")]


@pytest.mark.parametrize("status", ["draft", "in_review", "archived"])
def test_only_public_careers_have_a_chart(regions, client, status):
    career = create_career(title_fr="Secret", status=status)
    create_band(career=career, region=regions["FR"], low=1)
    assert client.get("/metiers/secret/integrer/").status_code == 404
    assert client.get(f"/oembed/?url={SITE}/metiers/secret/").status_code == 404


def test_former_address_leads_to_the_chart(golden, client):
    career = golden["data-scientist"]
    career.slug = "science-des-donnees"
    career.save()
    response = client.get(f"{ENGLISH}?region=FR")
    assert response.status_code == 301
    assert response["Location"] == "/en/careers/science-des-donnees/embed/?region=FR"


def test_career_page_gives_the_snippet_of_its_chart(golden, client):
    page = client.get("/en/careers/data-scientist/?region=FR&salary_min=40000").content.decode()
    area = re.search(r"<textarea[^>]*readonly[^>]*>(.*?)</textarea>", page, re.DOTALL)[1]
    address = f"{SITE}{ENGLISH}?region=FR&amp;salary_min=40000"
    assert unescape(area) == (
        f'<iframe src="{address}" title="Data scientist: what it pays – Careers, plainly"'
        ' width="100%" height="416" loading="lazy"'
        ' style="border:0;max-width:100%;height:clamp(344px,(560px - 100vw)*9999,416px)"></iframe>'
    )
    assert shown(client, unescape(address).removeprefix(SITE))


def test_snippet_is_as_high_as_what_its_figures_say(golden, regions, client):
    def heights(path: str) -> tuple[int, int]:
        wide, narrow = re.search(r"clamp\((\d+)px,.*?,(\d+)px\)", client.get(path).text).groups()
        return int(wide), int(narrow)

    path = "/en/careers/data-scientist/"
    short = heights(path)
    golden["data-scientist"].bands.update(stated_as="four more words here " * 10)
    wide, narrow = heights(path)
    # "The source says: " and these take five lines of 52 characters, nine of 30.
    assert (wide - short[0], narrow - short[1]) == (5 * 24, 9 * 24)
    parts = heights(f"{path}?region=FR-75C")
    assert [a - b for a, b in zip(parts, (wide, narrow), strict=True)] == [2 * 24, 4 * 24]


def test_snippet_survives_any_title(regions, client):
    career = create_career(title_fr='"><script>alert(1)</script>', slug="x")
    create_band(career=career, region=regions["FR"], low=1)
    page = client.get("/metiers/x/").content.decode()
    area = re.search(r"<textarea[^>]*>(.*?)</textarea>", page, re.DOTALL)[1]
    assert "<script>alert" not in page
    assert "<script" not in unescape(area)


def test_career_without_figures_offers_no_chart(db, client):
    create_career(title_fr="Nouveau")
    assert "<textarea" not in client.get("/metiers/nouveau/").content.decode()


# --- oEmbed -----------------------------------------------------------------------------------


def asked(client, url: str, **parameters) -> dict:
    response = client.get("/oembed/", {"url": SITE + url, **parameters})
    assert response.status_code == 200
    assert response["Access-Control-Allow-Origin"] == "*"
    return json.loads(response.content)


def test_oembed_answers_as_the_specification_says(golden, client):
    assert asked(client, "/en/careers/data-scientist/?region=FR") == {
        "version": "1.0",
        "type": "rich",
        "title": "Data scientist: what it pays – Careers, plainly",
        "provider_name": "Careers, plainly",
        "provider_url": f"{SITE}/en/careers/",
        "cache_age": 86400,
        "html": (
            f'<iframe src="{SITE}{ENGLISH}?region=FR"'
            ' title="Data scientist: what it pays – Careers, plainly"'
            ' width="720" height="344" loading="lazy"'
            ' style="border:0;max-width:100%;height:clamp(344px,(560px - 100vw)*9999,416px)">'
            "</iframe>"
        ),
        "width": 720,
        "height": 344,
    }


def test_oembed_speaks_the_language_of_the_page(golden, client):
    french = asked(client, "/metiers/data-scientist/")
    assert french["provider_name"] == "Métiers au clair"
    assert f'src="{SITE}{FRENCH}"' in french["html"]
    assert asked(client, FRENCH) == french


@pytest.mark.parametrize(
    ("limits", "size"),
    [
        ({"maxwidth": "400"}, (400, 416)),
        ({"maxwidth": "4000", "maxheight": "4000"}, (720, 344)),
        ({"maxheight": "300"}, (720, 300)),
        ({"maxwidth": "0", "maxheight": "-5"}, (720, 344)),
        ({"maxwidth": "wide", "maxheight": "9" * 5000}, (720, 344)),
    ],
    ids=["narrow", "large", "low", "none", "no-number"],
)
def test_oembed_keeps_within_the_room_there_is(golden, client, limits, size):
    about = asked(client, "/metiers/data-scientist/", **limits)
    assert (about["width"], about["height"]) == size
    assert f'width="{size[0]}" height="{size[1]}"' in about["html"]
    # No window makes the frame lower than what it holds at that width.
    assert f"clamp({size[1]}px," in about["html"]


def test_oembed_in_xml_says_the_same(golden, client):
    about = asked(client, "/metiers/data-scientist/")
    response = client.get("/oembed/", {"url": f"{SITE}/metiers/data-scientist/", "format": "xml"})
    assert response["Content-Type"] == "text/xml; charset=utf-8"
    root = ElementTree.fromstring(response.content)
    assert root.tag == "oembed"
    assert {each.tag: each.text for each in root} == {n: str(v) for n, v in about.items()}


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("", 400),
        (f"url={SITE}/metiers/data-scientist/&format=yaml", 501),
        (f"url={SITE}/metiers/nothing/", 404),
        (f"url={SITE}/metiers/", 404),
        (f"url={SITE}/admin/", 404),
        (f"url={SITE}/nowhere", 404),
        ("url=http://elsewhere.example/metiers/data-scientist/", 404),
        ("url=http://[/metiers/data-scientist/", 404),
        ("url=%00", 404),
    ],
    ids=lambda value: str(value)[-40:],
)
def test_oembed_refuses_what_is_no_page_of_a_career(golden, client, query, status):
    assert client.get(f"/oembed/?{query}").status_code == status


def test_page_tells_where_oembed_answers(golden, client):
    page = client.get("/en/careers/data-scientist/?region=FR&all=1").content.decode()
    links = dict(re.findall(r'type="(\w+/\w+\+oembed)"\s+title="[^"]*"\s+href="([^"]+)"', page))
    named = quote(f"{SITE}/en/careers/data-scientist/?region=FR", safe="")
    assert {kind: unescape(link) for kind, link in links.items()} == {
        "application/json+oembed": f"{SITE}/oembed/?url={named}",
        "text/xml+oembed": f"{SITE}/oembed/?url={named}&format=xml",
    }
    about = json.loads(client.get(unescape(links["application/json+oembed"])).content)
    assert f'src="{SITE}{ENGLISH}?region=FR"' in about["html"]
