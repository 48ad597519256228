"""What the page of one career shows of its pay: two figures or five hundred."""

import gzip
import html
import re
from datetime import date
from decimal import Decimal
from itertools import product

import pytest
from django.http import QueryDict
from django.utils import timezone

from careers import career_pay, index
from careers.career_pay import CareerPay
from careers.models import Career, Region, SalaryBand, derive
from tests.factories import (
    create_band,
    create_career,
    create_field,
    create_region,
    create_source,
    new_band,
)
from tests.pages import NARROW, figure_path, figures_on, text_of

KIB = 1024


def places(area) -> dict[str, list[list[str]]]:
    """The regions of an area's groups, those for freelances marked."""

    def names(groups):
        return [f"{g.region.code}{' freelance' if g.freelance else ''}" for g in groups]

    return {"opened": names(area.opened), "closed": names(area.closed)}


def pay_of(career: Career, question: str = "") -> CareerPay:
    return CareerPay(career, QueryDict(question))


@pytest.fixture
def widespread(regions) -> Career:
    """A career with a figure in each region, and one for freelances in France."""
    career = create_career(title_fr="Partout")
    for region in regions.values():
        create_band(career=career, region=region, low=30_000, high=60_000)
    create_band(career=career, region=regions["FR"], low=70_000, engagement="freelance")
    return career


def create_many(career: Career, count: int) -> None:
    """`count` figures in one insert: 20 regions of France, four levels, sources as needed."""
    france = Region.objects.get(code="FR")
    parts = [
        Region.objects.create(
            code=f"FR-{number:02}", parent=france, kind="subdivision1", name_fr=f"Région {number}"
        )
        for number in range(20)
    ]
    levels = ("entry", "mid", "senior", "lead")
    bands = [
        new_band(
            career=career,
            region=parts[number % 20],
            level=levels[number // 20 % 4],
            source=create_source(slug=f"s-{number // 80}", title=f"Enquête {number // 80}"),
            low=20_000 + number * 100,
            high=40_000 + number * 100,
            observed_on=date(2024, 1, 1 + number % 28),
        )
        for number in range(count)
    ]
    derive(bands)
    SalaryBand.objects.bulk_create(bands)


# --- Where it was asked -----------------------------------------------------------------------


def test_pay_without_a_region_is_all_its_own(widespread):
    pay = pay_of(widespread)
    assert places(pay.own) == {
        "opened": ["001", "150", "DE", "FR", "FR-IDF", "FR-75C", "US", "FR freelance"],
        "closed": [],
    }
    assert (bool(pay.wider), bool(pay.elsewhere), pay.is_cut) == (False, False, False)
    # The wide before the narrow, and by name.
    assert [region.name for region in pay.places] == [
        *("Monde", "États-Unis", "Europe", "Allemagne", "France", "Île-de-France", "Paris"),
    ]


def test_pay_begins_with_the_region_asked_and_its_parts(widespread):
    pay = pay_of(widespread, "region=FR")
    assert places(pay.own)["opened"] == ["FR", "FR-IDF", "FR-75C", "FR freelance"]
    assert places(pay.wider)["opened"] == ["001", "150"]
    assert places(pay.elsewhere)["opened"] == ["DE", "US"]


def test_page_outlines_wider_areas_and_says_what_they_are_not(widespread, client):
    page = client.get("/metiers/partout/?region=FR&salary_min=50000")
    html, said = page.content.decode(), text_of(page)
    assert "Ce qu’il paie · France · au moins 50 000 €" in said
    heads = ["Pour une zone plus large", "Ils ne disent pas ce qui s’y paie.", "Ailleurs"]
    assert [said.index(words) for words in heads] == sorted(said.index(words) for words in heads)
    assert html.count('class="bar wider"') == 2
    # The line of the amount asked crosses each of the three areas; the scale names it.
    assert html.count('href="#pay-asked"') == 3
    assert f"≥ 50{NARROW}k€" in html


def test_page_says_where_nothing_is_known(golden, client):
    said = text_of(client.get("/metiers/ingenieur-prompt/?region=FR"))
    assert "Aucune source ne donne de chiffre de ce métier pour : France." in said
    assert said.index("Pour une zone plus large") < said.index("peut dépasser 100 000 €")
    assert said.index("Ailleurs") < said.index("peut dépasser 300 000 $US")


def test_page_keeps_the_currency_asked(golden, client):
    said = text_of(client.get("/en/careers/ingenieur-en-ia/?currency=USD&region=FR"))
    assert "Converted: $54,905 on average" in said


@pytest.mark.parametrize(
    ("question", "named"),
    [
        ("region=xx", "region=xx"),
        ("salary_min=abc", "salary_min=abc"),
        ("currency=ZZZ", "currency=ZZZ"),
        ("level=senior", "level=senior"),
        ("utm_source=x", ""),
        ("all=1", ""),
    ],
)
def test_page_names_what_it_did_not_understand_and_shows_the_rest(golden, client, question, named):
    page = client.get(f"/metiers/ingenieur-en-ia/?{question}")
    ignored = [f"{each.name}={each.value}" for each in page.context["pay"].ignored]
    assert ignored == [named] * bool(named)
    assert figures_on(page) == set(golden["ingenieur-en-ia"].bands.values_list("pk", flat=True))
    assert named in text_of(page)


def test_results_lead_to_the_page_with_the_question_asked(golden, client):
    for asked, path in (
        ("", "/metiers/ingenieur-en-ia/"),
        ("?region=FR", "/metiers/ingenieur-en-ia/?region=FR"),
        (
            "?region=FR&salary_min=80000&currency=USD&level=senior",
            "/metiers/ingenieur-en-ia/?region=FR&amp;salary_min=80000&amp;currency=USD",
        ),
    ):
        html = client.get(f"/metiers/{asked}").content.decode()
        assert f'<h3><a href="{path}">Ingénieur en IA</a></h3>' in html


def test_page_has_one_address_whatever_was_asked(golden, client):
    html = client.get("/metiers/ingenieur-en-ia/?region=FR&salary_min=80000").content.decode()
    canonical = re.findall(r'<link rel="canonical" href="([^"]+)"', html)
    assert canonical == ["http://testserver/metiers/ingenieur-en-ia/"]
    assert 'href="/en/careers/ingenieur-en-ia/?region=FR&amp;salary_min=80000"' in html


# --- History ----------------------------------------------------------------------------------


def test_figure_shows_what_its_source_said_before(golden, regions, client):
    scientist = golden["data-scientist"]
    now = scientist.bands.get()
    first, second = (
        create_band(career=scientist, region=regions["FR"], low=low, observed_on=date(year, 4, 1))
        for low, year in ((31_000, 2020), (33_000, 2021))
    )
    other = create_band(
        career=scientist, region=regions["FR"], low=1, level="senior", observed_on=date(2019, 1, 1)
    )
    page = client.get("/metiers/data-scientist/")
    shown = {band.pk: [each.pk for each in band.earlier] for band in page.context["pay"].bands}
    assert shown == {now.pk: [second.pk, first.pk], other.pk: []}
    html = page.content.decode()
    (details,) = re.findall(r'<details class="earlier">.*?</details>', html, re.DOTALL)
    assert "2 chiffres antérieurs de cette source" in details
    assert re.findall(r'href="([^"]+)"', details) == [figure_path(second), figure_path(first)]
    assert [each.sentence for each in (second, first)] == re.findall(r">([^<>]+)</a>", details)


def test_figure_says_its_age_and_when_it_was_confirmed(golden, client):
    golden["data-scientist"].bands.update(
        observed_on=date(timezone.localdate().year - 4, 1, 1),
        confirmed_on=timezone.localdate(),
    )
    said = text_of(client.get("/en/careers/data-scientist/"))
    assert re.search(r"Figure of January \d{4}, (over )?4 years ago\. Confirmed on \d", said)
    assert "less than a month ago." in said


# --- Many figures -----------------------------------------------------------------------------


def test_few_figures_are_all_open(regions):
    career = create_career()
    create_many(career, 24)
    pay = pay_of(career)
    assert (pay.is_cut, len(pay.own.opened), pay.own.closed) == (False, 20, [])


def test_many_figures_open_the_best_documented_regions_and_sum_up_the_others(regions, client):
    career = create_career(title_fr="Beaucoup")
    create_many(career, 200)
    germany = create_band(career=career, region=regions["DE"], low=1_000)
    page = client.get("/metiers/beaucoup/")
    pay = page.context["pay"]
    assert [len(group.bands) for group in pay.own.opened] == [10, 10, 10, 10]
    assert [len(group.shown) for group in pay.own.opened] == [6, 6, 6, 6]
    assert len(pay.own.closed) == 17
    names = [group.region.name for group in pay.own.opened + pay.own.closed[:2]]
    assert names == ["Région 0", "Région 1", "Région 10", "Région 11", "Allemagne", "Région 12"]
    shown = {band.pk for group in pay.own.opened for band in group.shown}
    assert figures_on(page) == shown
    assert len(shown) == 24
    assert germany.pk not in shown
    said = text_of(page)
    assert "Les 201 chiffres sur une seule page" in said
    assert "4 autres chiffres ici" in said
    assert "Région 12 10 chiffres, 21 200 à 59 200 €, le plus récent : janvier 2024" in said
    everything = client.get("/metiers/beaucoup/?all=1")
    assert figures_on(everything) == set(career.bands.values_list("pk", flat=True))


def test_too_many_regions_to_name_are_summed_up_by_what_they_are_parts_of(
    regions, client, monkeypatch
):
    career = create_career(title_fr="Partout")
    create_many(career, 200)
    for region, low in (("DE", 1_000), ("US", 2_000)):
        create_band(career=career, region=regions[region], low=low)
    create_band(career=career, region=regions["US"], low=3_000, engagement="freelance")
    monkeypatch.setattr(career_pay, "LINES", 10)
    pay = pay_of(career)
    assert [
        (group.region.code, group.freelance, group.is_sum, len(group.bands))
        for group in pay.own.closed
    ] == [
        ("DE", False, False, 1),
        ("US", False, False, 1),
        ("FR", False, True, 160),
        ("US", True, False, 1),
    ]
    page = client.get("/metiers/partout/")
    said = text_of(page)
    assert "France, autres lieux 160 chiffres" in said
    assert "En indépendant, États-Unis 1 chiffre" in said
    anchors = re.findall(r' id="([^"]+)"', page.content.decode())
    assert len(anchors) == len(set(anchors))
    # Its name opens it: the region asked, and its parts.
    [path] = re.findall(
        r'href="([^"]*region=FR[^"]*)#pay">\s*France, autres', page.content.decode()
    )
    assert len(client.get(html.unescape(path)).context["pay"].own.closed) <= 10


def test_no_anchor_of_a_region_is_the_name_of_a_symbol(regions, client):
    india = create_region(code="IN", parent=regions["001"], name_fr="Inde")
    create_band(career=create_career(title_fr="Partout"), region=india, low=1, high=2)
    html = client.get("/metiers/partout/").content.decode()
    ids = re.findall(r' id="([^"]+)"', html)
    assert "pay-in" in ids
    assert len(set(ids)) == len(ids)


def test_country_comes_before_its_parts_and_countries_without_parts(regions):
    career = create_career()
    create_many(career, 40)
    for region, level in product(("DE", "FR"), ("entry", "mid")):
        create_band(career=career, region=regions[region], level=level, low=1)
    opened = places(pay_of(career).own)["opened"]
    assert opened == ["FR", "DE", "FR-00", "FR-01"]


def test_region_asked_comes_first_however_few_its_figures(regions):
    career = create_career()
    create_many(career, 200)
    create_band(career=career, region=regions["FR"], low=1)
    create_band(career=career, region=regions["150"], low=1)
    pay = pay_of(career, "region=FR")
    assert places(pay.own)["opened"][0] == "FR"
    assert places(pay.wider) == {"opened": ["150"], "closed": []}
    part = pay_of(career, "region=FR-05")
    assert places(part.own) == {"opened": ["FR-05"], "closed": []}
    assert places(part.wider)["opened"] == ["150", "FR"]
    assert places(part.elsewhere)["opened"] == []
    assert len(part.elsewhere.closed) == 19


@pytest.mark.parametrize(
    ("bands", "span"),
    [
        ([{"low": 30_000, "high": 60_000}, {"median": 70_000}], (30_000, 70_000, False)),
        ([{"low": 30_000, "high": 60_000}, {"low": 50_000}], (30_000, 60_000, False)),
        ([{"low": 30_000}], (30_000, 30_000, True)),
        ([{"high": 90_000, "open_ended": True}, {"low": 10_000}], (10_000, 90_000, True)),
        (
            [{"low": 400, "period": "day"}, {"low": 2_000, "high": 2_500, "period": "month"}],
            (24_000, 30_000, False),
        ),
        ([{"no_figure_reason": "varies"}], None),
    ],
)
def test_span_names_the_smallest_and_the_largest_amount(regions, bands, span):
    career = create_career()
    for number, fields in enumerate(bands):
        source = create_source(slug=f"s-{number}")
        create_band(career=career, region=regions["FR"], source=source, **fields)
    (group,) = pay_of(career).own.opened
    found = group.span("EUR")
    ends = found and (found.low, found.high, found.open_ended)
    assert ends == (span and (Decimal(span[0]), Decimal(span[1]), span[2]))


@pytest.mark.parametrize("count", [2, 200, 500])
def test_page_stays_light_and_asks_as_many_queries(
    regions, client, count, django_assert_num_queries
):
    career = create_career(title_fr="Riche", field=create_field())
    create_many(career, count)
    index.current()  # is read once for all pages
    # What is related is read once; a region that is asked is one query more.
    for question, queries in (("", 7), ("?region=FR&salary_min=30000", 7), ("?all=1", 6)):
        with django_assert_num_queries(queries):
            page = client.get(f"/metiers/riche/{question}")
        assert len(gzip.compress(page.content)) < 60 * KIB


# --- The rest of the page ---------------------------------------------------------------------


def test_page_links_the_classifications_that_know_the_career(golden, client):
    Career.objects.filter(slug="ingenieur-en-ia").update(
        rome_code="M1805",
        isco_code="2512",
        esco_uri="http://data.europa.eu/esco/occupation/b10870c6",
        soc_code="15-2051",
    )
    html = client.get("/en/careers/ingenieur-en-ia/").content.decode()
    assert re.findall(r'href="([^"]+)" rel="external">([^<]+)</a>', html) == [
        ("https://candidat.francetravail.fr/metierscope/fiche-metier/M1805", "M1805"),
        ("https://isco.ilo.org/en/isco-08/", "2512"),
        ("http://data.europa.eu/esco/occupation/b10870c6", "b10870c6"),
        ("https://www.onetonline.org/link/summary/15-2051.00", "15-2051"),
    ]
    assert 'id="codes"' not in client.get("/en/careers/data-scientist/").content.decode()


def test_page_says_when_it_was_read_against_its_sources(golden, client):
    Career.objects.filter(slug="ingenieur-en-ia").update(checked_on=date(2020, 3, 1))
    said = text_of(client.get("/metiers/ingenieur-en-ia/"))
    assert re.search(
        r"Page relue avec ses sources le 1er mars 2020 \(il y a plus de \d ans\)", said
    )
    assert "relue" not in text_of(client.get("/metiers/data-scientist/"))


def test_page_leads_to_its_field_and_to_related_careers(golden, client):
    field = create_field(name_fr="Données", name_en="Data")
    Career.objects.filter(slug__in=["data-scientist", "ethicien-en-ia"]).update(field=field)
    page = client.get("/en/careers/data-scientist/")
    assert [career.slug for career in page.context["related"]] == ["ethicien-en-ia"]
    html = page.content.decode()
    assert html.count('href="/en/fields/donnees/"') == 2
    assert '<a href="/en/careers/ethicien-en-ia/">AI ethicist</a>' in html


def test_contents_lead_to_parts_that_are_there(golden, regions, client):
    Career.objects.filter(slug="ingenieur-prompt").update(rome_code="M1805", tasks_fr="Écrire.")
    html = client.get("/metiers/ingenieur-prompt/?region=FR").content.decode()
    contents = html.partition('class="side contents"')[2].partition("</nav>")[0]
    anchors = re.findall(r'href="#([^"]+)"', contents)
    assert anchors == ["pay", "wider", "elsewhere", "tasks", "related", "codes"]
    assert [anchor for anchor in anchors if html.count(f'id="{anchor}"') != 1] == []
