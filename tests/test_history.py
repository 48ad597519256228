"""What is kept of every save: who, when, why, and the values as they were."""

from io import StringIO

import pytest
from django.core.management import call_command
from django.urls import reverse

from careers.models import Career, Field, Region, SalaryBand, Source
from careers.resources import apply
from tests.factories import (
    create_band,
    create_career,
    create_field,
    create_region,
    create_source,
)
from tests.files import bands
from tests.staff import client_of, create_staff, form_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english")]
TRACKED = (Career, SalaryBand, Region, Source, Field)


def kept(model, *fields):
    return list(model.history.order_by("history_id").values_list("history_type", *fields))


def test_every_save_and_deletion_leaves_a_version():
    band = create_band(career=create_career(field=create_field()), high=1)
    assert {model: len(kept(model)) for model in TRACKED} == dict.fromkeys(TRACKED, 1)
    band.high = 2
    band.save()
    band.delete()
    assert kept(SalaryBand, "high") == [("+", 1), ("~", 2), ("-", 2)]


def test_save_that_changes_nothing_leaves_no_version_unless_it_says_why():
    career = create_career(title_fr="A", checked_on="2023-04-30")
    Career.objects.get().save()
    career.save()
    assert kept(Career) == [("+",)]
    career._change_reason = "read again"
    career.save()
    assert kept(Career, "history_change_reason") == [("+", ""), ("~", "read again")]


def test_versions_hold_no_derived_columns():
    tracked = {
        model: {f.name for f in model._meta.concrete_fields}
        - {f.name for f in model.history.model.tracked_fields}
        for model in TRACKED
    }
    texts = {"search_text", "search_titles", "search_other_titles", "sort_title_fr"}
    amounts = {f"annual_{end}{unit}" for end in ("low", "median", "high") for unit in ("", "_eur")}
    assert tracked == {
        Career: texts | {"sort_title_en", "stale_english", "created_at", "updated_at"},
        SalaryBand: amounts
        | {"yearly_hours", "euro_rate", "fixed_on", "not_comparable", "updated_at"},
        Region: {"path"},
        Source: set(),
        Field: set(),
    }


def test_rebuild_and_moved_regions_leave_no_versions():
    parent = create_region(code="FR")
    create_band(region=create_region(code="FR-IDF", parent=parent), high=1)
    before = {model: len(kept(model)) for model in TRACKED}
    call_command("rebuild", stdout=StringIO())
    assert {model: len(kept(model)) for model in TRACKED} == before


def test_form_keeps_the_user_and_one_moment_for_career_and_figures():
    editor = create_staff("editors")
    client = client_of(editor)
    career = create_career(title_fr="A")
    create_band(career=career, high=1)
    there = reverse("admin:careers_career_change", args=[career.pk])
    sent = form_of(client.get(there)) | {"title_fr": "B", "bands-0-high": "2"}
    client.post(there, sent)
    after = [
        model.history.filter(history_type="~").values_list("history_user", "history_date").get()
        for model in (Career, SalaryBand)
    ]
    assert [user for user, _at in after] == [editor.pk, editor.pk]
    assert len({at for _user, at in after}) == 1


def test_import_keeps_who_and_why_of_every_row():
    create_source()
    create_region(name_fr="France", name_en="France")
    career = create_career(title_fr="Ingénieur en IA", title_en="AI engineer", slug="ingenieur-ia")
    rows = [{"career": "ingenieur-ia", "observed_on": f"2023-04-{d:02}"} for d in range(1, 21)]
    editor = create_staff("editors")
    apply(
        bands(*rows, {"career": "New one"}, create_missing=True), by=editor, why="import of a.csv"
    )
    apply(bands({**rows[0], "stated_as": "more"}), by=editor, why="import of b.csv")
    said = SalaryBand.history.values_list(
        "history_type", "history_user", "history_change_reason", "stated_as"
    )
    assert set(said.filter(career=career)) == {
        ("+", editor.pk, "import of a.csv", ""),
        ("~", editor.pk, "import of b.csv", "more"),
    }
    assert said.count() == 22
    made = Career.history.filter(title_fr="New one")
    assert made.values_list("history_user", "history_change_reason").get() == (
        editor.pk,
        "import of a.csv",
    )
