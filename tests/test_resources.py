"""The contract both ways: what is written comes back as itself, and what cells may say."""

from datetime import date

import pytest
from django.utils import translation

from careers import tables
from careers.models import Career, ExchangeRate, Field, Region, SalaryBand, Source
from careers.models.salary_band import DERIVED
from careers.resources import RESOURCES, apply, resource_for
from careers.tables import PROFILES, TableError
from tests.factories import (
    create_band,
    create_career,
    create_region,
    create_source,
)
from tests.files import bands, changed, counted, exported, planned, planned_file, told
from tests.nasty import create_nasty_site

pytestmark = pytest.mark.django_db
each_resource = pytest.mark.parametrize("name", RESOURCES)
each_profile = pytest.mark.parametrize("profile", PROFILES.values(), ids=lambda p: p.slug)


def kept():
    """All that the site keeps, by resource; and what it derived."""
    derived = (
        Region.objects.values_list("code", "path"),
        Career.objects.values_list("slug", *Career.DERIVED),
        SalaryBand.objects.values_list("career__slug", "level", "stated_as", *DERIVED),
    )
    return {name: exported(name) for name in RESOURCES} | {"derived": [*map(list, derived)]}


@pytest.fixture
def site(db):
    create_nasty_site()


# --- Out and back -----------------------------------------------------------------------------


@each_resource
@each_profile
@pytest.mark.parametrize("language", ["fr", "en"])
def test_export_planned_again_changes_nothing(site, name, profile, language):
    count = RESOURCES[name].model.objects.count()
    assert count > 1
    with translation.override(language):
        again = planned_file(name, exported(name, profile))
    assert counted(again) == {"unchanged": count}
    assert (again.made, again.unread) == ([], [])
    before = kept()
    assert apply(again) == 0
    assert kept() == before


@each_profile
def test_exports_fill_an_empty_site_with_the_same(site, profile):
    before = kept()
    files = {name: exported(name, profile) for name in RESOURCES}
    SalaryBand.objects.all().delete()
    for region in Region.objects.order_by("-path"):
        region.delete()
    for model in (Career, Field, Source, ExchangeRate):
        model.objects.all().delete()
    for name, content in files.items():
        filled = planned_file(name, content)
        assert counted(filled) == {"new": len(filled.rows)}
        assert apply(filled) == len(filled.rows)
    after = kept()
    # An import turns the line ends of a browser into those of Unix; all else is the same.
    for name in RESOURCES:
        assert after[name].splitlines() == before[name].splitlines()
    assert after["derived"] == before["derived"]


def test_export_says_figures_in_both_languages_for_the_reader_alone(site):
    [row] = [
        row.cells
        for row in tables.read(exported("salaryband")).rows
        if (row.cells["region"], row.cells["low"]) == ("FR", "1")
    ]
    assert row["figure_fr"] == "de 1 à plus de 2\u202f€"
    assert row["figure_en"] == "from €1 to over €2"
    row |= {"figure_fr": "un million", "career_title": "?", "region_name": "?", "source_url": "x"}
    again = planned("salaryband", row)
    assert counted(again) == {"unchanged": 1}
    assert again.unread == []


def test_resource_for_names_the_resource_of_a_model():
    assert {model: resource_for(model).name for model in (Region, SalaryBand, ExchangeRate)} == {
        Region: "region",
        SalaryBand: "salaryband",
        ExchangeRate: "exchangerate",
    }


# --- Columns ----------------------------------------------------------------------------------

REQUIRED = [
    ("region", "name_fr,kind", "code"),
    ("region", "kind", "code, name_fr"),
    ("source", "slug,url", "title"),
    ("exchangerate", "currency,rate", "fixed_on"),
    ("salaryband", "career,region,low,observed_on", "source"),
    ("salaryband", "slug,title_fr", "career, region, source, observed_on"),
]


@pytest.mark.usefixtures("english")
@pytest.mark.parametrize(("name", "header", "lacking"), REQUIRED)
def test_plan_refuses_a_file_without_its_columns(name, header, lacking):
    with pytest.raises(TableError) as refused:
        planned_file(name, f"{header}\na\n".encode())
    assert str(refused.value) == f"The file lacks these columns: {lacking}."


def test_plan_knows_columns_by_other_names_in_any_case():
    create_region(code="001", kind="world")
    cells = {"CODE": "NA", "Parent_Code": "001", "level": "country", "Name FR": "Namibie"}
    namibia = planned("region", cells | {"iso_alpha3": "NAM"})
    assert counted(namibia) == {"new": 1}
    assert namibia.unread == ["iso_alpha3"]
    apply(namibia)
    region = Region.objects.get(code="NA")
    assert (region.path, region.kind, region.name_fr) == ("001/NA/", "country", "Namibie")


def key_of(band):
    """The cells that say which band is meant, and no more."""
    return {
        "career": band.career.slug,
        "region": band.region.code,
        "source": band.source.slug,
        "observed_on": band.observed_on,
        "currency": band.currency,
    }


def test_plan_leaves_columns_alone_that_the_file_lacks():
    band = create_band(low=1, high=9, open_ended=True, range_kind="average", stated_as="x")
    raised = planned("salaryband", key_of(band) | {"high": 10})
    assert changed(raised) == [(2, "high", 9, 10)]
    before = SalaryBand.objects.values().get()
    apply(raised)
    high = dict.fromkeys(("high", "annual_high", "annual_high_eur"), 10)
    after = SalaryBand.objects.values().get()
    assert after.pop("updated_at") > before.pop("updated_at")
    assert after == before | high


def test_plan_leaves_the_kind_of_range_alone_that_the_file_lacks():
    band = create_band(low=1, high=9, range_kind="average")
    source = f"{band.source.title} (page 3)"
    stated = planned("salaryband", key_of(band) | {"source": source})
    assert changed(stated) == [(2, "stated_as", "", source)]


# --- Cells ------------------------------------------------------------------------------------

CHOICES = [
    ("level", "mid", "mid"),
    ("level", " Mid ", "mid"),
    ("level", "MI", "mid"),
    ("level", "Mid level", "mid"),
    ("level", "SE", "senior"),
    ("level", "EN", "entry"),
    ("level", "ex", "lead"),
    ("level", "", ""),
    ("level", "Not split by level", ""),
    ("employment_type", "FT", "employee"),
    ("employment_type", "FL", "freelance"),
    ("employment_type", "CT", ""),
    ("engagement", "Freelance", "freelance"),
    ("period", "a month", "month"),
    ("basis", "Net", "net"),
    ("basis", "GROSS", "gross"),
    ("range_kind", "P25_P75", "p25_p75"),
    ("range_kind", "Average", "average"),
    ("open_ended", "oui", True),
    ("open_ended", "TRUE", True),
    ("open_ended", "", False),
    ("open_ended", "faux", False),
    ("observed_on", "30/04/2023", date(2023, 4, 30)),
]


@pytest.fixture
def engineer():
    create_source()
    create_region()
    return create_career(title_fr="Ingénieur en IA", title_en="AI engineer", slug="ingenieur-ia")


@pytest.mark.parametrize("language", ["fr", "en"])
@pytest.mark.parametrize(("column", "text", "value"), CHOICES)
def test_cell_says_a_value_a_label_or_a_code(engineer, language, column, text, value):
    with translation.override(language):
        [row] = bands({column: text}).rows
    assert row.errors == []
    field = "engagement" if column == "employment_type" else column
    assert getattr(row.instance, field) == value


def choices(fields):
    return [
        pytest.param(field, value, language, id=f"{field}-{value}-{language}")
        for field in fields
        for value, _label in SalaryBand._meta.get_field(field).choices
        for language in ("fr", "en")
    ]


@pytest.mark.parametrize(
    ("field", "value", "language"),
    choices(["level", "engagement", "period", "basis", "range_kind"]),
)
def test_cell_says_every_label_in_each_language(engineer, field, value, language):
    with translation.override(language):
        label = str(dict(SalaryBand._meta.get_field(field).flatchoices)[value])
    with translation.override("en" if language == "fr" else "fr"):
        [row] = bands({field: label}).rows
    assert row.errors == []
    assert getattr(row.instance, field) == (value or "")


FOUND = [
    ("career", "ingenieur-ia"),
    ("career", "INGENIEUR-IA"),
    ("career", "Ingénieur en IA"),
    ("career", "ingenieur en ia"),
    ("career", " AI Engineer "),
    ("region", "fr"),
    ("region", "Région FR"),
    ("region", "REGION FR"),
    ("source", "Cinq métiers de l’IA"),
    ("source", "cinq metiers de l'ia"),
]


@pytest.mark.parametrize(("column", "text"), FOUND)
def test_cell_names_another_object_by_key_or_title(engineer, column, text):
    [row] = bands({column: text}).rows
    assert row.errors == []
    assert getattr(row.instance, column).pk


STATED = [
    ("aijobs.net (P25-P75 of n=3 answers, 2022)", "aijobs.net", "p25_p75"),
    ("aijobs.net (P25–P75)", "aijobs.net", "p25_p75"),
    ("Insee (DADS, P10 - P90)", "Insee", "p10_p90"),
    ("Apec (enquête 2024)", "Apec", "published"),
    ("Apec", "Apec", "published"),
]


@pytest.mark.parametrize(("cell", "title", "kind"), STATED)
def test_source_with_a_detail_is_the_source_and_what_it_states(engineer, cell, title, kind):
    stated = bands({"source": cell}, create_missing=True)
    assert told(stated) == []
    apply(stated)
    band = SalaryBand.objects.get()
    stated_as = cell if cell != title else ""
    assert (band.source.title, band.range_kind, band.stated_as) == (title, kind, stated_as)
    own_words = {"range_kind": "average", "stated_as": "en moyenne", "source": cell}
    [row] = bands(own_words).rows
    assert (row.instance.range_kind, row.instance.stated_as) == ("average", "en moyenne")


def test_namibia_stays_namibia(engineer):
    world = create_region(code="001", kind="world")
    namibia = {"code": "NA", "parent": "001", "kind": "country", "name_fr": "Namibie"}
    apply(planned("region", namibia))
    assert Region.objects.get(code="NA").parent == world
    assert counted(planned("region", namibia)) == {"unchanged": 1}
    [row] = bands({"region": "NA"}).rows
    assert row.instance.region.name_fr == "Namibie"
    [row] = bands({"region": "NA", "low": "NA"}).rows
    assert [error.column for error in row.errors] == ["low"]
