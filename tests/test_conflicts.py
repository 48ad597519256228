"""Two people open the same form; whoever saves second is told, and loses nothing."""

import pytest
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.core import signing
from django.urls import reverse

from careers.models import Career, Region, SalaryBand
from tests.factories import create_band, create_career, create_field, create_source
from tests.staff import client_of, create_staff, form_of, messages_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english")]


@pytest.fixture
def anne(db):
    return client_of(create_staff("editors"))


@pytest.fixture
def bruno(db):
    return client_of(create_staff("editors"))


@pytest.fixture
def career(db):
    return create_career(title_fr="Titre", summary_fr="Résumé", tasks_fr="Un\n\nDeux")


def form_address(instance):
    return reverse(f"admin:careers_{instance._meta.model_name}_change", args=[instance.pk])


def save(client, instance, opened, **typed):
    return client.post(form_address(instance), opened | typed | {"_continue": "1"}, follow=True)


def open_form(client, instance):
    return form_of(client.get(form_address(instance)))


def conflicts_of(response):
    return [tuple(conflict) for conflict in response.context.get("conflicts", [])]


def values(instance, *names):
    return type(instance).objects.values_list(*names).get(pk=instance.pk)


def test_second_is_told_who_saved_what_and_saves_over_it_knowingly(anne, bruno, career):
    opened = open_form(anne, career), open_form(bruno, career)
    save(anne, career, opened[0], title_fr="Titre d’Anne")
    told = save(bruno, career, opened[1], title_fr="Titre de Bruno", skills_fr="Typed")
    assert values(career, "title_fr", "skills_fr") == ("Titre d’Anne", "")
    assert conflicts_of(told) == [
        ("title_fr", "Title in French", "Titre", "Titre d’Anne", "Titre de Bruno")
    ]
    [entry] = told.context["savers"]
    assert (entry.user_id, entry.get_change_message()) == (
        int(anne.session["_auth_user_id"]),
        "Changed Title in French.",
    )
    assert "Titre d’Anne" in told.content.decode()
    shown = form_of(told)
    assert (shown["title_fr"], shown["skills_fr"]) == ("Titre de Bruno", "Typed")

    save(bruno, career, shown)
    assert values(career, "title_fr", "skills_fr") == ("Titre de Bruno", "Typed")


def test_second_takes_the_value_of_the_first_by_a_tick(anne, bruno, career):
    opened = open_form(bruno, career)
    save(anne, career, open_form(anne, career), title_fr="A", summary_fr="A")
    told = save(bruno, career, opened, title_fr="B", summary_fr="B")
    assert [conflict[0] for conflict in conflicts_of(told)] == ["title_fr", "summary_fr"]
    # The tick counts although the form has been shown again.
    again = save(anne, career, open_form(anne, career), title_fr="A again")
    assert again.redirect_chain
    told = save(bruno, career, form_of(told) | {"theirs": "title_fr"})
    assert values(career, "title_fr", "summary_fr") == ("A again", "B")


def test_fields_that_only_one_changed_are_merged(anne, bruno, career):
    opened = open_form(bruno, career)
    save(anne, career, open_form(anne, career), title_fr="D’Anne", tasks_fr="Un\r\n\r\nTrois")
    # A browser sends what it was shown with its own line ends.
    done = save(bruno, career, opened, summary_fr="De Bruno", tasks_fr="Un\r\n\r\nDeux")
    assert values(career, "title_fr", "summary_fr", "tasks_fr") == (
        "D’Anne",
        "De Bruno",
        "Un\n\nTrois",
    )
    assert messages_of(done)[0] == (
        "Kept as somebody else saved them meanwhile: Title in French, What one does, in French."
    )
    said = [entry.get_change_message() for entry in LogEntry.objects.order_by("pk")]
    assert said == [
        "Changed Title in French and What one does, in French.",
        "Changed Summary in French.",
    ]


def test_same_change_by_both_is_no_conflict(anne, bruno, career):
    opened = open_form(bruno, career)
    save(anne, career, open_form(anne, career), title_fr="Même")
    done = save(bruno, career, opened, title_fr="Même", summary_fr="B")
    assert done.redirect_chain
    assert values(career, "title_fr", "summary_fr") == ("Même", "B")


def test_save_of_an_unchanged_form_logs_no_change_of_texts(anne, career):
    opened = open_form(anne, career)
    save(anne, career, opened, tasks_fr=opened["tasks_fr"].replace("\n", "\r\n"))
    assert [entry.get_change_message() for entry in LogEntry.objects.all()] == [
        "No fields changed."
    ]


def test_field_that_an_older_form_did_not_have_stays(anne, career):
    Career.objects.filter(pk=career.pk).update(outlook_fr="Bon")
    opened = open_form(anne, career)
    at, known = signing.loads(opened["base"], salt="careers.form-base")
    del known["outlook_fr"], opened["outlook_fr"]
    older = {"base": signing.dumps([at, known], salt="careers.form-base")}
    save(anne, career, opened | older, summary_fr="Neuf")
    assert values(career, "summary_fr", "outlook_fr") == ("Neuf", "Bon")


def test_steps_made_meanwhile_stay(anne, bruno):
    draft = create_career(title_fr="Titre", status="draft", published_at=None)
    opened = open_form(bruno, draft)
    anne.post(reverse("admin:careers_career_move", args=[draft.pk, "publish"]))
    save(bruno, draft, opened, summary_fr="B")
    assert values(draft, "status", "summary_fr") == ("published", "B")


# --- Figures in the form of their career ------------------------------------------------------


@pytest.fixture
def band(career, regions):
    return create_band(career=career, region=regions["FR"], low=1, high=2)


def test_figures_conflict_field_by_field_in_the_form_of_their_career(anne, bruno, career, band):
    opened = open_form(bruno, career)
    save(anne, band, open_form(anne, band), high="3 000", level="mid")
    told = save(bruno, career, opened, **{"bands-0-high": "4 000", "bands-0-stated_as": "B"})
    assert conflicts_of(told) == [("bands-0-high", "High", "2", "3000", "4 000")]
    assert [str(entry.user_id) for entry in told.context["savers"]] == [
        anne.session["_auth_user_id"]
    ]
    save(bruno, career, form_of(told))
    assert values(band, "high", "level", "stated_as") == (4000, "mid", "B")


def test_conflict_shows_choices_and_objects_by_their_names(anne, bruno, career, band, regions):
    opened = open_form(bruno, career)
    theirs = {"region": regions["DE"].pk, "level": "mid", "open_ended": "on"}
    save(anne, band, open_form(anne, band), **theirs, confirmed_on="2024-01-02")
    typed = {"region": regions["US"].pk, "level": "lead", "confirmed_on": "2024-01-03"}
    told = save(bruno, career, opened, **{f"bands-0-{name}": v for name, v in typed.items()})
    assert conflicts_of(told) == [
        ("bands-0-region", "Region", "France (FR)", "Germany (DE)", "United States (US)"),
        ("bands-0-level", "Level", "–", "Mid level", "Lead"),
        ("bands-0-confirmed_on", "Confirmed on", "–", "2024-01-02", "2024-01-03"),
    ]
    shown = form_of(told)
    assert shown["bands-0-open_ended"] == "on"
    save(bruno, career, shown | {"theirs": "bands-0-region"})
    assert values(band, "region__code", "level", "open_ended") == ("DE", "lead", True)


def test_figure_added_meanwhile_stays(anne, bruno, career, band, regions):
    opened = open_form(bruno, career)
    other = create_band(career=career, region=regions["DE"], high=9)
    save(bruno, career, opened, title_fr="B", **{"bands-0-high": "5"})
    assert set(career.bands.values_list("region__code", "high")) == {("FR", 5), ("DE", 9)}
    assert other.pk in career.bands.values_list("pk", flat=True)


def test_figure_deleted_meanwhile_goes_unless_it_was_changed(anne, bruno, career, band, regions):
    create_band(career=career, region=regions["DE"], high=9)
    opened = [open_form(bruno, career) for _ in range(2)]
    band.delete()
    save(bruno, career, opened[0], title_fr="B")
    assert (values(career, "title_fr"), career.bands.count()) == (("B",), 1)

    number = next(n for n in (0, 1) if opened[1][f"bands-{n}-region"] == str(regions["FR"].pk))
    told = save(bruno, career, opened[1], **{f"bands-{number}-high": "7"})
    errors = [form.errors for form in told.context["inline_admin_formsets"][0].formset.forms]
    assert errors[number] == {
        "__all__": ["Somebody else deleted this meanwhile: tick “delete”, or enter it anew."]
    }
    shown = form_of(told)
    assert shown[f"bands-{number}-high"] == "7"
    save(bruno, career, shown | {f"bands-{number}-DELETE": "on"})
    assert list(career.bands.values_list("region__code", flat=True)) == ["DE"]


def test_figure_changed_meanwhile_is_not_deleted_unseen(anne, bruno, career, band):
    opened = open_form(bruno, career)
    save(anne, band, open_form(anne, band), high="3")
    told = save(bruno, career, opened, **{"bands-0-DELETE": "on"})
    assert told.context["inline_admin_formsets"][0].formset.forms[0].errors == {
        "__all__": ["Somebody else changed this meanwhile: look again, then delete it."]
    }
    assert SalaryBand.objects.count() == 1
    shown = form_of(told)
    assert (shown["bands-0-high"], shown["bands-0-DELETE"]) == ("3", "on")
    save(bruno, career, shown)
    assert SalaryBand.objects.count() == 0


# --- The other forms --------------------------------------------------------------------------

OTHERS = {
    "region": ("name_en", lambda: Region.objects.get(code="FR")),
    "source": ("publisher", create_source),
    "field": ("name_en", create_field),
    "salaryband": ("stated_as", lambda: create_band(high=1)),
}


@pytest.mark.parametrize("model", OTHERS)
def test_every_form_tells_the_second(anne, bruno, regions, model):
    name, make = OTHERS[model]
    instance = make()
    opened = open_form(bruno, instance)
    before = opened[name] or "–"
    save(anne, instance, open_form(anne, instance), **{name: "A"})
    told = save(bruno, instance, opened, **{name: "B"})
    assert [conflict[0::2] for conflict in conflicts_of(told)] == [(name, before, "B")]
    assert values(instance, name) == ("A",)
    save(bruno, instance, form_of(told))
    assert values(instance, name) == ("B",)


def test_import_made_meanwhile_is_named(anne, bruno, career):
    opened = open_form(bruno, career)
    importer = create_staff("editors")
    LogEntry.objects.create(
        user=importer,
        content_type=ContentType.objects.get_for_model(Career),
        object_repr="careers",
        action_flag=1,
        change_message="Imported careers.csv",
    )
    LogEntry.objects.create(
        user=importer,
        content_type=ContentType.objects.get_for_model(Career),
        object_repr="careers",
        action_flag=CHANGE,
        change_message="Exported 3 rows",
    )
    Career.objects.filter(pk=career.pk).update(title_fr="Importé")
    told = save(bruno, career, opened, title_fr="B")
    assert [entry.change_message for entry in told.context["savers"]] == ["Imported careers.csv"]


def test_who_may_only_look_gets_no_base(career, band):
    viewer = client_of(create_staff("", "view_career", "view_salaryband"))
    page = viewer.get(form_address(career)).content.decode()
    assert "Titre" in page
    assert not [sign for sign in ('name="base"', "field-base") if sign in page]


def test_forged_base_compares_nothing(anne, career):
    opened = open_form(anne, career)
    Career.objects.filter(pk=career.pk).update(title_fr="Autre")
    save(anne, career, opened | {"base": "forged"}, title_fr="Mien")
    assert values(career, "title_fr") == ("Mien",)
