"""What a file of a resource holds: the columns chosen, those always there, the versions."""

import re
from copy import copy

import pytest
from django.utils import translation
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from careers import salaries, tables
from careers.models import Career, SalaryBand
from careers.resources import RESOURCES, apply
from careers.tables import PROFILES
from tests.factories import (
    band_fields,
    create_band,
    create_bands,
    create_career,
    create_field,
    create_regions,
    undone,
)
from tests.files import counted, exported, planned, planned_file
from tests.nasty import create_nasty_career, create_nasty_site

pytestmark = pytest.mark.django_db
several = settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
each_profile = pytest.mark.parametrize("profile", PROFILES.values(), ids=lambda p: p.slug)


@pytest.fixture
def site(db):
    create_nasty_site()


ALWAYS = {
    "region": ["code", "name_fr"],
    "source": ["slug", "title"],
    "field": ["slug", "name_fr"],
    "career": ["slug"],
    "salaryband": [
        *("career", "region", "level", "engagement", "currency", "period", "source"),
        *("observed_on", "source_title", "source_licence", "source_published_on", "source_url"),
    ],
}


@pytest.mark.parametrize("name", RESOURCES)
def test_cells_are_those_of_the_objects_in_their_order(site, name):
    resource = RESOURCES[name]
    objects = list(resource.model.objects.order_by("-pk"))
    rows = list(resource.rows(resource.model.objects.order_by("-pk")))[1:]
    own = len(resource.columns)
    assert [list(map(tables.printed, row[:own])) for row in rows] == [
        [tables.printed(column.written(each)) for column in resource.columns] for each in objects
    ]
    assert [row[-1] for row in rows] == [resource.version(each) for each in objects]


@several
@given(rows=st.lists(band_fields(), min_size=1, max_size=8), note=st.text("a,;=1", max_size=4))
def test_figures_in_words_are_the_sentences_of_their_bands(rows, note):
    with undone():
        create_regions()
        create_bands(career=create_career(), rows=rows)
        SalaryBand.objects.exclude(no_figure_reason="").update(no_figure_note_fr=note)
        words = ["figure_fr", "figure_en"]
        exported = [
            dict(zip(RESOURCES["salaryband"].header(words), row, strict=True))
            for row in RESOURCES["salaryband"].rows(SalaryBand.objects.order_by("pk"), words)
        ][1:]
        assert [[row[name] for name in words] for row in exported] == [
            [salaries.sentence(band, language) for language in ("fr", "en")]
            for band in SalaryBand.objects.order_by("pk")
        ]


@pytest.mark.parametrize("name", ALWAYS)
def test_file_without_any_chosen_column_has_its_keys_and_origins(site, name):
    header = RESOURCES[name].header([])
    assert sorted(header) == sorted([*ALWAYS[name], "version"])
    rows = tables.read(exported(name, chosen=[])).rows
    assert [list(row.cells) for row in rows] == [header] * RESOURCES[name].model.objects.count()


@each_profile
@pytest.mark.parametrize("name", ALWAYS)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=20)
@given(data=st.data())
def test_export_of_any_columns_planned_again_changes_nothing(site, profile, name, data):
    resource = RESOURCES[name]
    names = [column.name for column in (*resource.columns, *resource.labels)]
    chosen = data.draw(st.sets(st.sampled_from(names)))
    content = exported(name, profile, chosen)
    again = planned_file(name, content)
    assert counted(again) == {"unchanged": resource.model.objects.count()}
    assert again.unread == []
    header = tables.read(content).header
    assert header == [n for n in [*names, "version"] if n in {*chosen, *ALWAYS[name], "version"}]


def test_import_of_a_few_columns_leaves_the_others_alone(site):
    before = list(SalaryBand.objects.order_by("pk").values())
    for row in tables.read(exported("salaryband", chosen=["high"])).rows:
        if row.cells["high"]:
            raised = planned("salaryband", row.cells | {"high": "99999999"})
            assert counted(raised) == {"changed": 1}
            apply(raised)
    after = list(SalaryBand.objects.order_by("pk").values())
    assert sum(band["high"] == 99_999_999 for band in after) == 3
    others = {"high", "annual_high", "annual_high_eur", "not_comparable", "updated_at"}
    for old, new in zip(before, after, strict=True):
        assert {**old, **{name: new[name] for name in others}} == new


@pytest.mark.parametrize("name", RESOURCES)
def test_version_of_the_file_is_that_of_the_object(site, name):
    resource = RESOURCES[name]
    of_objects = [resource.version(each) for each in resource.model.objects.all()]
    for profile in PROFILES.values():
        for chosen in (None, []):
            rows = tables.read(exported(name, profile, chosen)).rows
            assert [row.cells["version"] for row in rows] == of_objects
    assert len(set(of_objects)) == len(of_objects)
    # Never a number to a spreadsheet: 12e456789012 would come back as another.
    assert all(re.fullmatch("v[0-9a-f]{12}", version) for version in of_objects)


def test_version_changes_with_any_data_and_with_nothing_else(db):
    nasty_career = create_nasty_career()
    version = RESOURCES["career"].version
    first = version(nasty_career)
    nasty_career.summary_fr = nasty_career.summary_fr.replace("\r\n", "\n")
    nasty_career.tasks_fr = nasty_career.tasks_fr.replace("\r\n", "\n")
    assert version(nasty_career) == first
    another = create_field(slug="another")
    for column in RESOURCES["career"].columns:
        changed = copy(nasty_career)
        setattr(changed, column.name, another if column.name == "field" else "another")
        assert version(changed) != first, column.name


@pytest.mark.parametrize("language", ["fr", "en"])
def test_labels_are_in_the_language_of_the_screen(golden, language):
    with translation.override(language):
        chunks = RESOURCES["salaryband"].chunks(SalaryBand.objects.order_by("pk"))
        pages = RESOURCES["career"].chunks(Career.objects.order_by("pk"))
        band, career = SalaryBand.objects.earliest("pk"), Career.objects.earliest("pk")
        expected = [band.career.title, band.region.name, "€", career.get_absolute_url()]
    # The request's language is gone when the server sends the rest.
    header = RESOURCES["salaryband"].header()
    first = dict(zip(header, (column[0] for column in next(chunks)), strict=True))
    address = dict(zip(RESOURCES["career"].header(), next(pages), strict=True))["address"][0]
    said = [first["career_title"], first["region_name"], first["figure_fr"][-1], address]
    assert said == expected


@pytest.mark.parametrize("language", ["fr", "en"])
def test_label_of_a_career_without_a_french_title_is_its_english_one(language):
    draft = {"title_fr": "", "status": "draft", "published_at": None}
    create_band(career=create_career(title_en="Roofers", **draft), high=1)
    with translation.override(language):
        header, row = RESOURCES["salaryband"].rows(SalaryBand.objects.all())
    assert dict(zip(header, row, strict=True))["career_title"] == "Roofers"
