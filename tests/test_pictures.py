"""The pictures that shared links show."""

import re
import struct
from datetime import timedelta
from html import unescape

import pytest
from django.utils import timezone, translation

from careers import pictures
from careers.models import Career
from careers.pictures import COLUMN
from tests.factories import create_band, create_career

YEAR = "public, max-age=31536000, immutable"


def picture_of(career: Career) -> pictures.Picture:
    bands = career.bands.current().with_answer(None).in_reading_order()
    return pictures.of_career(career, bands)


def texts(picture: pictures.Picture) -> list[str]:
    """The lines of text, in the order of the drawing."""
    found = re.findall(r"<text[^>]*>(.*?)</text>", picture.svg, re.DOTALL)
    return [unescape(re.sub(r"<[^>]+>", "", each)).replace("\u202f", " ") for each in found]


def card(client, path: str) -> dict[str, str]:
    html = client.get(path).content.decode()
    found = re.findall(
        r'<meta (?:property|name)="((?:og:image|twitter)[^"]*)"\s+content="([^"]*)"', html
    )
    return {name: unescape(content) for name, content in found}


def size(png: bytes) -> tuple[int, int]:
    """Width and height of a PNG, by its header."""
    assert png[:16] == b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR"
    assert png[-12:] == b"\x00\x00\x00\x00IEND\xaeB`\x82"
    return struct.unpack(">II", png[16:24])


def test_picture_of_a_career_is_told_by_its_page_and_drawn(golden, client):
    told = card(client, "/en/careers/ingenieur-en-ia/")
    address = told.pop("og:image")
    assert told == {
        "og:image:type": "image/png",
        "og:image:width": "1200",
        "og:image:height": "630",
        "og:image:alt": "AI engineer – €50,000 on average (France · Entry level) – "
        "over €108,000 (France · Senior)",
        "twitter:card": "summary_large_image",
    }
    found = re.fullmatch(
        r"http://testserver(/en/careers/ingenieur-en-ia/([0-9a-f]{16})\.png)", address
    )
    response = client.get(found[1])
    headers = {name: response[name] for name in ("Content-Type", "Cache-Control", "ETag")}
    assert headers == {
        "Content-Type": "image/png",
        "Cache-Control": YEAR,
        "ETag": f'"{found[2]}"',
    }
    assert size(response.content) == (1200, 630)
    again = client.get(found[1], headers={"If-None-Match": f'"{found[2]}"'})
    assert (again.status_code, again.content, again["Cache-Control"]) == (304, b"", YEAR)


def test_picture_says_title_summary_figures_and_scale(golden):
    career = golden["ingenieur-en-ia"]
    career.summary_fr = "Réalise des systèmes."
    assert texts(picture_of(career)) == [
        *("Métiers au clair", "Ingénieur en IA", "Réalise des systèmes."),
        *("50 000 € en moyenne", "France · Début de carrière"),
        *("plus de 108 000 €", "France · Expérience confirmée"),
        *("0", "30 k€", "60 k€", "90 k€", "120 k€"),
        "Brut par an, sauf mention.",
    ]
    assert picture_of(career).svg.count('href="#pay-diamond"') == 1
    assert picture_of(career).svg.count('href="#pay-over"') == 1


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"no_figure_reason": "varies"}, "Pay varies too much for one figure"),
        ({"low": 500, "period": "day", "engagement": "freelance"}, "Over €500 a day"),
        ({"low": 20_000, "basis": "net"}, "Over €20,000 net"),
        (None, "No source gives a figure for this job yet."),
    ],
)
def test_picture_says_in_words_what_has_no_place_on_the_scale(regions, english, fields, said):
    career = create_career(title_fr="Métier", title_en="Job")
    if fields:
        create_band(career=career, region=regions["FR"], **fields)
    picture = picture_of(career)
    assert texts(picture) == ["Careers, plainly", "Job", said]
    assert picture.words == f"Job – {said}"
    assert size(picture.png()) == (1200, 630)


def test_picture_keeps_its_address_until_it_changes(golden, client):
    career = golden["data-scientist"]
    address = card(client, "/metiers/data-scientist/")["og:image"]
    drawn = client.get(address).content
    pictures._png.cache_clear()
    assert client.get(address).content == drawn
    career.save()
    assert card(client, "/metiers/data-scientist/")["og:image"] == address
    assert card(client, "/en/careers/data-scientist/")["og:image"] != address

    career.bands.update(low=36_000, annual_low=36_000, annual_low_eur=36_000)
    newer = card(client, "/metiers/data-scientist/")["og:image"]
    assert newer != address
    moved = client.get(address)
    assert (moved.status_code, moved["Location"]) == (302, newer.removeprefix("http://testserver"))
    assert client.get(newer).content != drawn


def test_picture_of_a_hidden_career_is_not_there(golden, client):
    for title, fields in (
        ("Secret", {"status": Career.Status.DRAFT}),
        ("Demain", {"published_at": timezone.now() + timedelta(days=1)}),
    ):
        career = create_career(title_fr=title, **fields)
        version = picture_of(career).version
        for path in (f"/metiers/{career.slug}/{version}.png", f"/metiers/{career.slug}/x.png"):
            assert client.get(path).status_code == 404


def test_other_pages_show_the_picture_of_the_site(golden, client):
    french, english = (card(client, path) for path in ("/methode/", "/en/careers/?region=FR"))
    assert french["og:image:alt"].startswith("Ce qu’est un métier et ce qu’il paie – ")
    assert english["og:image:alt"] == (
        "What a job is and what it pays – "
        "Where, at which level, according to whom, and how sure that is."
    )
    assert french["og:image"].startswith("http://testserver/metiers/")
    response = client.get(english["og:image"])
    assert (response["Cache-Control"], size(response.content)) == (YEAR, (1200, 630))
    assert client.get("/en/careers/old.png")["Location"] == (
        english["og:image"].removeprefix("http://testserver")
    )


def test_texts_wrap_and_end_in_an_ellipsis(db):
    word = "Responsable technique de maintenance "
    with translation.override("en"):
        long = pictures.Picture((word * 9).strip(), word * 9)
        lines = texts(long)
    assert lines[0] == "Careers, plainly"
    title, summary = lines[1:4], lines[4:]
    assert " ".join(title).removesuffix(" …") == (word * 9)[: len(" ".join(title)) - 2]
    assert (len(summary), title[-1][-1], summary[-1][-1]) == (2, "…", "…")
    assert size(long.png()) == (1200, 630)

    assert texts(pictures.Picture("M" * 99, ""))[1] == "M" * 21 + "…"
    baselines = [int(y) for y in re.findall(r'<text x="60" y="(\d+)"', long.svg)]
    assert baselines == sorted(baselines)
    assert baselines[-1] < 394
    assert COLUMN + 2 * 60 == pictures.WIDTH


def test_long_figures_leave_their_bars_room(regions):
    career = create_career(title_fr="Métier")
    fields = {"low": "2345.67", "median": "3456.78", "high": "45678.91", "period": "month"}
    band = create_band(
        career=career, region=regions["FR"], open_ended=True, range_kind="average", **fields
    )
    create_band(career=career, region=regions["FR"], low=20_000, level="senior")
    picture = picture_of(career)
    sizes = re.findall(r'font-size="(\d+)" font-weight="600">([^<]+)', picture.svg)
    assert [
        (int(size), text.replace("\u202f", " ")) for size, text in sizes if text != "Métiers"
    ] == [
        (68, "Métier"),
        (23, "de 2 345,67 à plus de 45 678,91 €, médiane"),
        (23, "3 456,78 € par mois en moyenne"),
        (32, "plus de 20 000 €"),
    ]
    assert band.sentence.startswith("de 2")
    assert size(picture.png()) == (1200, 630)


def test_texts_cannot_break_the_drawing(db):
    picture = pictures.Picture("</text><script>\x0b&", "]]> \ufffe &amp; <b>")
    assert texts(picture)[1:] == ["</text><script>&", "]]>  &amp; <b>"]
    assert "<script" not in picture.svg
    assert size(picture.png()) == (1200, 630)
