"""The open data: all that is public and nothing else, the same in every file, or no file at all."""

import json
from datetime import timedelta
from decimal import Decimal
from hashlib import sha256

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.utils import timezone

from careers import open_data, tables
from careers.models import Career, ExchangeRate, SalaryBand, Source
from careers.open_data import contents
from careers.open_data.licences import licence
from tests import consumer
from tests.factories import (
    create_band,
    create_career,
    create_field,
    create_rate,
    create_source,
)
from tests.open_data import SITE, as_csv, create_many, csv_rows, json_rows, publish
from tests.programs import each

pytestmark = pytest.mark.django_db
TABLES = ("careers", "salary_bands", "regions", "sources", "fields", "exchange_rates")


@pytest.fixture
def hidden(golden, regions) -> None:
    """Careers that are not public, each with a figure, field and rate of its own, and a source:
    sources are public."""
    tomorrow = timezone.now() + timedelta(days=1)
    yesterday = timezone.now() - timedelta(days=1)
    for number, fields in enumerate(
        (
            {"status": Career.Status.DRAFT},
            {"status": Career.Status.IN_REVIEW},
            {"status": Career.Status.ARCHIVED},
            {"published_at": tomorrow},
            {"unpublished_at": yesterday},
        )
    ):
        name = f"Secret {number}"
        create_rate(currency=f"SE{number}")
        career = create_career(title_fr=name, field=create_field(name_fr=name), **fields)
        source = create_source(slug=f"survey-{number}", title=f"Survey {number}")
        create_band(
            career=career, region=regions["DE"], low=6, source=source, currency=f"SE{number}"
        )


def keys(rows, name: str) -> set[str]:
    return {row[name] for row in rows}


def test_open_data_has_all_that_is_public_and_nothing_else(hidden, golden):
    folder = publish().folder
    public = SalaryBand.objects.filter(career__in=golden.values())
    for read in (csv_rows, json_rows):
        assert keys(read(folder, "careers"), "slug") == set(golden)
        assert {int(row["id"]) for row in read(folder, "salary_bands")} == set(
            public.values_list("pk", flat=True)
        )
        assert keys(read(folder, "regions"), "code") == {"001", "150", "FR", "US"}
        sources = {"article-2023", *(f"survey-{number}" for number in range(5))}
        assert keys(read(folder, "sources"), "slug") == sources
        assert read(folder, "fields") == []
        assert keys(read(folder, "exchange_rates"), "id") == {"USD-2023-04-28"}
    everything = b"".join(path.read_bytes() for path in folder.glob("*.[cj]s*"))
    assert b"ecret" not in everything
    assert b"unpublished_at" not in everything


def test_golden_careers_keep_their_meaning(golden):
    folder = publish().folder
    stated = (
        *("career", "region", "level", "low", "median", "high", "open_ended", "currency"),
        *("range_kind", "no_figure_reason", "annual_high_eur", "exchange_rate", "figure_en"),
    )
    rows = {tuple(row[name] for name in stated) for row in csv_rows(folder, "salary_bands")}
    assert rows == {
        (
            *("ingenieur-prompt", "150", "", "", "", "100000", "1", "EUR", "published", ""),
            *("100000", "", "can exceed €100,000"),
        ),
        (
            *("ingenieur-prompt", "US", "", "", "", "300000", "1", "USD", "published", ""),
            *("273199.16", "USD-2023-04-28", "can exceed $300,000"),
        ),
        (
            *("ethicien-en-ia", "FR", "", "45000", "", "100000", "0", "EUR", "average", ""),
            *("100000", "", "€45,000 to €100,000 on average"),
        ),
        (
            *("ingenieur-en-ia", "FR", "entry", "50000", "", "50000", "0", "EUR", "average", ""),
            *("50000", "", "€50,000 on average"),
        ),
        (
            *("ingenieur-en-ia", "FR", "senior", "108000", "", "", "0", "EUR", "published", ""),
            *("", "", "over €108,000"),
        ),
        (
            *("data-scientist", "FR", "", "35000", "", "70000", "0", "EUR", "average", ""),
            *("70000", "", "€35,000 to €70,000 on average"),
        ),
        (
            *("chef-de-projet-chatbot", "001", "", "", "", "", "0", "", "published", "varies"),
            *("", "", "pay varies too much for one figure"),
        ),
    }


def test_open_data_says_what_was_said_before_and_that_it_is_past(golden, regions):
    old = golden["data-scientist"].bands.get()
    new = create_band(
        career=old.career,
        region=regions["FR"],
        low=40_000,
        observed_on=old.observed_on + timedelta(days=400),
    )
    rows = json_rows(publish().folder, "salary_bands")
    found = {row["id"]: row["is_current"] for row in rows if row["career"] == "data-scientist"}
    assert found == {old.pk: False, new.pk: True}


def test_addresses_are_those_of_the_pages(golden, client):
    folder = publish().folder
    pages = [
        row[f"address_{language}"]
        for name in ("careers", "salary_bands")
        for row in json_rows(folder, name)
        for language in ("fr", "en")
    ]
    assert len(pages) == 24
    assert {client.get(page.removeprefix(SITE)).status_code for page in pages} == {200}
    assert pages[:2] == [
        f"{SITE}/metiers/ingenieur-prompt/",
        f"{SITE}/en/careers/ingenieur-prompt/",
    ]


def test_files_hold_the_rows_of_the_database(regions):
    create_many(regions, careers=30)
    folder = publish().folder
    plain = [column for column in contents._bands(SITE) if column.said is None]
    paths = [column.paths[0] for column in plain]
    rows = SalaryBand.objects.with_is_current().order_by("pk").values_list(*paths)
    expected = [
        {column.name: _in_json(value) for column, value in zip(plain, row, strict=True)}
        for row in rows
    ]
    lines = json_rows(folder, "salary_bands")
    assert len(lines) == 3_000
    assert [{name: row[name] for name in expected[0]} for row in lines] == expected
    unshielded = [
        {name: tables.unshield(cell) for name, cell in row.items()}
        for row in csv_rows(folder, "salary_bands")
    ]
    assert unshielded == [as_csv(row) for row in lines]
    said = SalaryBand.objects.select_related("career").in_bulk()
    assert [row["figure_fr"] for row in lines] == [said[row["id"]].sentence for row in lines]


def test_consumer_reads_the_same_through_the_api_and_from_the_files(regions, client):
    """`make bench-api` does so with half a million figures."""
    create_many(regions, careers=30)
    field = create_field(name_fr="Données")
    Career.objects.filter(slug="metier-07").update(field=field)
    create_source(slug="words", title="Words alone")
    folder = open_data.publish("http://testserver").folder
    figures = each(client, "bands/?statements=all&size=500")
    lines = json_rows(folder, "salary_bands")
    assert len(figures) == 3_000
    assert [*map(consumer.row, figures)] == [*map(consumer.told, lines)]
    keys = {"careers": "slug", "regions": "code", "sources": "slug", "fields": "slug"}
    for table, key in keys.items():
        read_of_api = {record[key] for record in each(client, f"{table}/")}
        assert read_of_api == {row[key] for row in json_rows(folder, table)}


def _in_json(value):
    if isinstance(value, bool | int):
        return value
    # test_tables.py says how amounts are printed.
    text = tables.printed(value) if isinstance(value, Decimal) else str(value or "")
    return text or None


def test_csv_runs_nothing_and_json_has_the_text_itself(regions):
    create_career(title_fr="=1+1", slug="x", summary_fr="-5\r\n@a \u2028 “é”\n")
    folder = publish().folder
    (in_csv,), (in_json,) = csv_rows(folder, "careers"), json_rows(folder, "careers")
    assert (in_csv["title_fr"], in_json["title_fr"]) == ("'=1+1", "=1+1")
    assert in_json["summary_fr"] == "-5\r\n@a \u2028 “é”\n"
    assert tables.unshield(in_csv["summary_fr"]) == in_json["summary_fr"]


def test_manifest_names_every_file_as_it_is(golden):
    release = publish()
    manifest = json.loads((release.folder / "manifest.json").read_bytes())
    found = {
        path.name: (len(path.read_bytes()), sha256(path.read_bytes()).hexdigest())
        for path in release.folder.iterdir()
    }
    del found["manifest.json"]
    assert {each["name"]: (each["bytes"], each["sha256"]) for each in manifest["files"]} == found
    rows = {each["name"]: each["rows"] for each in manifest["files"] if each["rows"] is not None}
    counts = {"careers": 5, "salary_bands": 7, "regions": 4, "sources": 1, "exchange_rates": 1}
    assert rows == {
        f"{name}.{ending}": counts.get(name, 0) for name in TABLES for ending in ("csv", "jsonl")
    }
    assert manifest["observed"] == ["2023-04-30", "2023-04-30"]


def test_version_is_the_state_of_the_content(golden):
    first = publish().version
    assert publish().version == first
    golden["data-scientist"].save()
    assert publish().version != first


def test_same_content_gives_the_same_files(golden):
    first, second = publish(), publish()
    assert first.folder != second.folder
    tabular = [name for name in first.entries if not name.startswith("datapackage")]
    assert len(tabular) == 24
    assert {name: first.entries[name] for name in tabular} == {
        name: second.entries[name] for name in tabular
    }


def test_rate_is_the_one_that_converted(golden):
    band = SalaryBand.objects.get(currency="USD")
    create_rate(fixed_on=band.fixed_on - timedelta(days=7))
    assert ExchangeRate.objects.count() == 2
    (rate,) = csv_rows(publish().folder, "exchange_rates")
    assert rate == {
        "id": f"USD-{band.fixed_on}",
        "currency": "USD",
        "fixed_on": "2023-04-28",
        "rate": "1.0981",
    }


def test_package_says_licence_sources_and_days(golden, settings):
    settings.OPEN_DATA_LICENCE = "etalab-2.0"
    Source.objects.update(url="https://example.org/a", licence="CC BY 4.0, Exemple")
    folder = publish().folder
    package = json.loads((folder / "datapackage.json").read_bytes())
    in_french = json.loads((folder / "datapackage.fr.json").read_bytes())
    assert [package["licenses"], in_french["licenses"]] == [
        [licence("etalab-2.0").as_data()],
        [licence("etalab-2.0").as_data()],
    ]
    assert package["sources"] == [
        {
            "title": "Cinq métiers de l’IA",
            "path": "https://example.org/a",
            "licence": "CC BY 4.0, Exemple",
        }
    ]
    assert package["temporal"] == {"start": "2023-04-30", "end": "2023-04-30"}
    assert package["homepage"] == f"{SITE}/en/data/"
    assert in_french["homepage"] == f"{SITE}/donnees/"
    assert package["title"] == "Careers, plainly: jobs and what they pay"
    assert [each["name"] for each in package["resources"]] == [
        *TABLES,
        *(f"{name}_lines" for name in TABLES if name != "fields"),  # there is none
    ]


def test_every_text_of_the_package_is_in_both_languages(golden):
    folder = publish().folder
    packages = [
        json.loads((folder / name).read_bytes())
        for name in ("datapackage.json", "datapackage.fr.json")
    ]
    english, french = (dict(_titles(package)) for package in packages)
    assert english.keys() == french.keys()
    alike = {name for name, title in english.items() if title == french[name]}
    # Words that are the same in both.
    assert alike == {"sources", "sources.licence", "salary_bands.source", "regions.code"}


def _titles(package):
    for resource in package["resources"][: len(TABLES)]:
        yield resource["name"], resource["title"]
        for field in resource["schema"]["fields"]:
            yield f"{resource['name']}.{field['name']}", field["title"]


def test_unknown_licence_is_refused_by_name():
    with pytest.raises(ImproperlyConfigured, match="OPEN_DATA_LICENCE='mine' is none of these"):
        licence("mine")
