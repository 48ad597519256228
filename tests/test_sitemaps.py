"""robots.txt and the sitemaps: what crawlers may read, and nothing that the public may not."""

import re
from datetime import UTC, datetime, timedelta
from xml.etree import ElementTree

import pytest
from django.utils import timezone
from django.utils.http import http_date

from careers.models import Career, SalaryBand
from careers.sitemaps import SITEMAPS, FigureSitemap
from tests.factories import create_band, create_career, create_field, create_source
from tests.pages import figure_path

SITEMAP = "{http://www.sitemaps.org/schemas/sitemap/0.9}"
LINK = "{http://www.w3.org/1999/xhtml}link"
CHANGED_AT = datetime(2024, 2, 3, 12, tzinfo=UTC)


@pytest.fixture
def hidden(golden, regions) -> None:
    """A draft and a career to come, each with a figure, a region and a source of its own."""
    for number, fields in enumerate(
        (
            {"status": Career.Status.DRAFT},
            {"published_at": timezone.now() + timedelta(days=1)},
        )
    ):
        career = create_career(title_fr=f"Métier secret {number}", **fields)
        source = create_source(slug=f"secret-{number}", title=f"Secret {number}")
        create_band(career=career, region=regions["DE"], low=1, source=source)


@pytest.fixture
def dated(golden) -> None:
    Career.objects.update(updated_at=CHANGED_AT)
    SalaryBand.objects.update(updated_at=CHANGED_AT)


def addresses(client, path: str) -> dict[str, tuple[str | None, dict[str, str]]]:
    """Each address of a sitemap with its day and its alternates, in the order of the schema."""
    response = client.get(path)
    assert response["Content-Type"] == "application/xml"
    root = ElementTree.fromstring(response.content)
    assert root.tag == f"{SITEMAP}urlset"
    found = {}
    for url in root:
        tags = [child.tag for child in url]
        assert tags in (
            [f"{SITEMAP}loc", LINK, LINK, LINK],
            [f"{SITEMAP}loc", f"{SITEMAP}lastmod", LINK, LINK, LINK],
        )
        alternates = {link.get("hreflang"): link.get("href") for link in url.iter(LINK)}
        assert {link.get("rel") for link in url.iter(LINK)} == {"alternate"}
        found[url.findtext(f"{SITEMAP}loc")] = (url.findtext(f"{SITEMAP}lastmod"), alternates)
    return found


def in_both(french: str, english: str, day: str | None = "2024-02-03") -> dict:
    site = "http://testserver"
    alternates = {
        "fr": f"{site}{french}",
        "en": f"{site}{english}",
        "x-default": f"{site}{french}",
    }
    return {f"{site}{path}": (day, alternates) for path in (french, english)}


def test_sitemap_index_names_every_section_with_pages(dated, client):
    root = ElementTree.fromstring(client.get("/sitemap.xml").content)
    assert root.tag == f"{SITEMAP}sitemapindex"
    found = {each.findtext(f"{SITEMAP}loc"): each.findtext(f"{SITEMAP}lastmod") for each in root}
    day = "2024-02-03T13:00:00+01:00"
    assert found == {
        "http://testserver/sitemap-pages.xml": None,
        "http://testserver/sitemap-careers.xml": day,
        "http://testserver/sitemap-figures.xml": day,
        "http://testserver/sitemap-regions.xml": day,
        "http://testserver/sitemap-sources.xml": day,
    }
    assert client.get("/sitemap-fields.xml").status_code == 404


def test_sitemap_lists_pages_that_are_always_there(golden, client):
    assert addresses(client, "/sitemap-pages.xml") == {
        **in_both("/metiers/", "/en/careers/", None),
        **in_both("/domaines/", "/en/fields/", None),
        **in_both("/regions/", "/en/regions/", None),
        **in_both("/sources/", "/en/sources/", None),
        **in_both("/comparer/", "/en/compare/", None),
        **in_both("/methode/", "/en/method/", None),
        **in_both("/api/", "/en/api/", None),
        **in_both("/donnees/", "/en/data/", None),
    }


def test_sitemap_lists_public_careers_and_figures(hidden, dated, client):
    careers = {}
    for slug in (
        *("ingenieur-prompt", "ethicien-en-ia", "ingenieur-en-ia", "data-scientist"),
        "chef-de-projet-chatbot",
    ):
        careers |= in_both(f"/metiers/{slug}/", f"/en/careers/{slug}/")
    assert addresses(client, "/sitemap-careers.xml") == careers
    figures = {}
    for band in SalaryBand.objects.exclude(career__title_fr__startswith="Métier secret"):
        figures |= in_both(figure_path(band), figure_path(band, "en"))
    assert len(figures) == 14
    assert addresses(client, "/sitemap-figures.xml") == figures


def test_sitemap_lists_fields_of_public_careers(hidden, dated, client):
    public, secret = create_field(name_fr="Données"), create_field(name_fr="Secret")
    Career.objects.filter(slug="data-scientist").update(field=public)
    Career.objects.filter(title_fr__startswith="Métier secret").update(field=secret)
    found = addresses(client, "/sitemap-fields.xml")
    assert found == in_both("/domaines/donnees/", "/en/fields/donnees/")


def test_sitemap_lists_regions_and_sources_of_public_figures(hidden, dated, client):
    regions = {}
    for code in ("001", "150", "FR", "US"):
        regions |= in_both(f"/regions/{code}/", f"/en/regions/{code}/")
    assert addresses(client, "/sitemap-regions.xml") == regions
    source = in_both("/sources/article-2023/", "/en/sources/article-2023/")
    assert addresses(client, "/sitemap-sources.xml") == source


def test_every_address_of_the_sitemaps_is_a_page_that_says_so(hidden, client):
    for section in SITEMAPS.keys() - {"fields"}:
        for address in addresses(client, f"/sitemap-{section}.xml"):
            page = client.get(address.removeprefix("http://testserver"))
            canonical = re.findall(r'rel="canonical" href="([^"]+)"', page.content.decode())
            assert canonical == [address]


def test_region_is_as_new_as_the_newest_figure_of_its_parts(dated, regions, client):
    newer = create_band(
        career=create_career(title_fr="Nouveau"), region=regions["FR-75C"], low=50_000
    )
    SalaryBand.objects.filter(pk=newer.pk).update(updated_at=datetime(2025, 6, 7, tzinfo=UTC))
    days = {path: day for path, (day, _) in addresses(client, "/sitemap-regions.xml").items()}
    site = "http://testserver/regions"
    assert {path: day for path, day in days.items() if "/en/" not in path} == {
        f"{site}/001/": "2025-06-07",
        f"{site}/150/": "2025-06-07",
        f"{site}/FR/": "2025-06-07",
        f"{site}/FR-75C/": "2025-06-07",
        f"{site}/FR-IDF/": "2025-06-07",
        f"{site}/US/": "2024-02-03",
    }


def test_scheduled_career_is_as_new_as_the_day_it_appeared(golden, client):
    career = golden["data-scientist"]
    appeared = timezone.now() + timedelta(hours=-1)
    Career.objects.filter(pk=career.pk).update(updated_at=CHANGED_AT, published_at=appeared)
    day = timezone.localdate(appeared).isoformat()
    found = addresses(client, "/sitemap-careers.xml")
    assert found["http://testserver/metiers/data-scientist/"][0] == day


def test_sitemap_reads_a_page_of_rows_at_a_time(
    hidden, dated, client, monkeypatch, django_assert_num_queries
):
    whole = addresses(client, "/sitemap-figures.xml")
    monkeypatch.setattr(FigureSitemap, "limit", 3)
    index = client.get("/sitemap.xml").content.decode()
    paths = re.findall(r"http://testserver(/sitemap-figures[^<]*)", index)
    assert paths == [
        "/sitemap-figures.xml",
        "/sitemap-figures.xml?p=2",
        "/sitemap-figures.xml?p=3",
    ]
    pages = []
    for path in paths:
        with django_assert_num_queries(3):
            pages.append(addresses(client, path))
    assert [len(page) for page in pages] == [6, 6, 2]
    assert {**pages[0], **pages[1], **pages[2]} == whole
    assert client.get("/sitemap-figures.xml?p=4").status_code == 404
    response = client.get("/sitemap-figures.xml")
    assert response["Last-Modified"] == http_date(CHANGED_AT.timestamp())


def test_robots_are_kept_out_of_endless_addresses_and_told_the_sitemap(db, client):
    response = client.get("/robots.txt")
    assert response["Content-Type"] == "text/plain; charset=utf-8"
    assert response.content.decode() == (
        "User-agent: *\n"
        "Disallow: /metiers/?*&*&\n"
        "Disallow: /en/careers/?*&*&\n"
        "Disallow: /comparer/?*&*&\n"
        "Disallow: /en/compare/?*&*&\n"
        "Disallow: /metiers/export.csv\n"
        "Disallow: /en/careers/export.csv\n"
        "Disallow: /metiers/export.json\n"
        "Disallow: /en/careers/export.json\n"
        "Disallow: /metiers/atom.xml?\n"
        "Disallow: /en/careers/atom.xml?\n"
        "Disallow: /data/\n"
        "\n"
        "Sitemap: http://testserver/sitemap.xml\n"
    )
