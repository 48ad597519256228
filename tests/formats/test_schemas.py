"""Sitemaps and feeds beside sitemap.rng and atom.rng, which say what their specifications do."""

from pathlib import Path

import pytest
from lxml import etree

from tests.factories import create_career, create_field
from tests.nasty import NASTY

pytestmark = pytest.mark.django_db
FEEDS = [
    "/metiers/atom.xml",
    "/en/careers/atom.xml",
    "/metiers/atom.xml?region=FR&salary_min=80000",
    "/en/careers/atom.xml?q=zzz",
]


def schema(name: str) -> etree.RelaxNG:
    return etree.RelaxNG(etree.parse(Path(__file__).with_name(f"{name}.rng")))


def mistakes(content: bytes, name: str) -> list[str]:
    checked = schema(name)
    checked.validate(etree.fromstring(content))
    return [str(error) for error in checked.error_log]


@pytest.fixture
def content(golden) -> None:
    """The golden case, and a career of which nothing but a title of odd characters is known."""
    create_career(title_fr=NASTY, field=create_field(name_fr="Données"))


@pytest.mark.usefixtures("content")
def test_sitemaps_are_valid(client):
    index = client.get("/sitemap.xml").content
    sections = [each.text for each in etree.fromstring(index).iter("{*}loc")]
    assert len(sections) == 6
    files = {address: client.get(address).content for address in sections}
    assert {
        address: wrong
        for address, content in {"index": index, **files}.items()
        if (wrong := mistakes(content, "sitemap"))
    } == {}


@pytest.mark.usefixtures("content")
@pytest.mark.parametrize("path", FEEDS)
def test_feeds_are_valid(client, path):
    assert mistakes(client.get(path).content, "atom") == []


@pytest.mark.usefixtures("content")
@pytest.mark.parametrize(
    ("path", "name", "old", "new"),
    [
        ("/sitemap-careers.xml", "sitemap", b"<loc>http://", b"<loc>/"),
        ("/sitemap-careers.xml", "sitemap", b"<lastmod>20", b"<lastmod>on 20"),
        ("/sitemap-careers.xml", "sitemap", b'hreflang="en"', b'hreflang="in English"'),
        ("/sitemap-careers.xml", "sitemap", b"urlset", b"urls"),
        ("/metiers/atom.xml", "atom", b"<author>", b"<author><name>Nobody</name>"),
        ("/metiers/atom.xml", "atom", b"+00:00</updated>", b"</updated>"),
        ("/metiers/atom.xml", "atom", b'rel="alternate"', b'rel="elsewhere"'),
        ("/metiers/atom.xml", "atom", b"<entry><title>", b"<entry><subtitle/><title>"),
    ],
)
def test_schemas_find_what_is_wrong(client, path, name, old, new):
    content = client.get(path).content
    assert old in content
    assert mistakes(content, name) == []
    assert mistakes(content.replace(old, new), name) != []
