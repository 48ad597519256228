"""The history in the admin: what changed in words, two moments compared, one restored."""

from html.parser import HTMLParser

import pytest
from django.contrib.admin.models import LogEntry
from django.db import connection
from django.test.utils import CaptureQueriesContext

from careers import versions
from careers.models import Career, Region, SalaryBand
from tests.factories import create_band, create_career, create_field, create_region
from tests.staff import address, form_of, messages_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english")]


def save(client, career, **cells):
    there = address("change", career.pk)
    return client.post(there, form_of(client.get(there)) | cells)


def told(client, obj):
    """The history as the page gives it: who, why, and what happened to what."""
    page = client.get(address("history", obj.pk, model=obj._meta.model_name))
    return [
        (
            entry.user and entry.user.get_username(),
            entry.why,
            [
                (each.kind, each.is_part, [(c.label, c.old, c.new) for c in each.changes])
                for each in entry.altered
            ],
        )
        for entry in page.context["entries"]
    ]


def keys(client, obj):
    """The moments of the history, the latest first, as addresses name them."""
    page = client.get(address("history", obj.pk, model=obj._meta.model_name))
    return [entry.key for entry in page.context["entries"]]


# --- Words ------------------------------------------------------------------------------------


class Reader(HTMLParser):
    def __init__(self):
        super().__init__()
        self.text = ""

    def handle_data(self, data):
        self.text += data


def words(response):
    reader = Reader()
    reader.feed(response.content.decode())
    return " ".join(reader.text.split())


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("", "", []),
        ("one two", "one two", [("same", "one two")]),
        ("one two", "one", [("del", "one two"), ("ins", "one")]),
        (
            "write the model",
            "write and test the model",
            [("same", "write "), ("ins", "and test "), ("same", "the model")],
        ),
        ("a b\n\nc", "a b\n\nd", [("same", "a b\n\n"), ("del", "c"), ("ins", "d")]),
    ],
)
def test_pieces_spell_both_texts(old, new, expected):
    pieces = versions.pieces(old, new)
    assert pieces == expected
    assert "".join(p.text for p in pieces if p.kind != "ins") == old
    assert "".join(p.text for p in pieces if p.kind != "del") == new


def test_long_unchanged_stretches_are_shortened():
    text = " ".join(map(str, range(40)))
    change = versions.Change("Text", f"{text} old {text}", f"{text} new {text}")
    assert [piece.kind for piece in change.pieces] == ["same", "del", "ins", "same"]
    assert change.shortened[0].text == "0 1 2 3 4 5 … 35 36 37 38 39 "
    assert [piece.text for piece in change.before][1] == "old "
    assert [piece.text for piece in change.after][1] == "new "


# --- Reading ----------------------------------------------------------------------------------


def test_history_says_who_changed_what_from_what_to_what_and_why(staff, editor, france):
    career = create_career(title_fr="Avant", field=create_field(name_fr="Données"))
    health = create_field(name_fr="Santé", name_en="Health")
    create_band(career=career, region=france, low=45_000, level="entry")
    sent = {
        "title_fr": "Après",
        "field": str(health.pk),
        "bands-0-low": "46 000,50",
        "bands-0-level": "senior",
        "change_reason": "the source was corrected",
    }
    save(editor, career, **sent)
    name = staff.get_username()
    own = [("Title in French", "Avant", "Après"), ("Field of work", "Données", "Health")]
    band = [("Level", "Entry level", "Senior"), ("Low", "45,000", "46,000.5")]
    (user, why, altered), *before = told(editor, career)
    assert (user, why) == (name, "the source was corrected")
    assert [(kind, part, sorted(changes)) for kind, part, changes in altered] == [
        ("~", False, sorted(own)),
        ("~", True, sorted(band)),
    ]
    assert before == [(None, "", [("+", True, [])]), (None, "", [("+", False, [])])]
    said = words(editor.get(address("history", career.pk)))
    assert f"{name} the source was corrected" in said
    assert "removed: Avant added: Après" in said
    assert "Changed France (FR) · Senior · Cinq métiers de l’IA · over €46,000.50" in said


def test_history_speaks_the_language_of_the_page(editor, france):
    band = create_band(region=france, low=1, level="entry")
    SalaryBand.objects.get().delete()
    there = address("history", band.pk, model="salaryband")
    assert "Entry level" in words(editor.get(there))
    assert "Début de carrière" in words(editor.get(there.replace("/en/", "/")))


def test_deleted_things_keep_a_number_where_they_had_a_name(editor, france):
    gone = create_region(code="XX")
    band, number = create_band(region=gone, low=1), gone.pk
    band.region = france
    band.save()
    gone.delete()
    (_who, _why, [(_kind, _part, changes)]), _made = told(editor, band)
    assert changes == [("Region", f"deleted: region no. {number}", "France (FR)")]


def test_what_was_there_before_the_history_is_no_change_from_nothing(editor):
    career = create_career(title_fr="A")
    Career.history.all().delete()
    career.title_fr = "B"
    career.save()
    assert told(editor, career) == [(None, "", [("=", False, [])])]
    assert "First version kept B" in words(editor.get(address("history", career.pk)))


def test_history_asks_no_more_for_more_versions(editor, france):
    def asked(times):
        career = create_career()
        for n in range(times):
            create_band(career=career, region=france, low=n, observed_on=f"2023-04-{n + 1:02}")
        with CaptureQueriesContext(connection) as queries:
            page = editor.get(address("history", career.pk))
        assert len(page.context["entries"]) == min(times + 1, 25)
        return len(queries)

    asked(1)
    assert asked(3) == asked(28) <= 16


# --- Comparing --------------------------------------------------------------------------------


def test_comparison_takes_the_earlier_version_first(editor):
    career = create_career(title_fr="A", tasks_fr="écrire un modèle")
    save(editor, career, title_fr="B")
    save(editor, career, tasks_fr="écrire et tester un modèle")
    last, _middle, first = keys(editor, career)
    there = address("compare", career.pk)
    for then, now in ((first, last), (last, first)):
        page = editor.get(there, {"then": then, "now": now})
        (altered,) = page.context["altered"]
        assert [(change.label, change.old, change.new) for change in altered.changes] == [
            ("Title in French", "A", "B"),
            ("What one does, in French", "écrire un modèle", "écrire et tester un modèle"),
        ]
    said = words(page)
    assert "removed: A added: B" in said
    assert "écrire added: et tester un modèle" in said
    same = editor.get(there, {"then": first, "now": first})
    assert same.context["altered"] == []
    assert editor.get(there).url == address("history", career.pk)
    assert [
        editor.get(there, {"then": odd, "now": last}).status_code for odd in ("x", "9" * 40)
    ] == [
        404,
        404,
    ]


def test_comparison_of_a_career_includes_its_figures(editor, france):
    career = create_career()
    one = create_band(career=career, region=france, low=1)
    two = create_band(career=career, region=france, low=2, level="senior")
    Career.objects.filter(pk=career.pk).update(title_fr="Unseen by the history")
    two.low = 3
    two.save()
    one.delete()
    create_band(career=career, region=france, low=4, level="lead")
    latest, *_between, first = keys(editor, career)
    page = editor.get(address("compare", career.pk), {"then": first, "now": latest})
    assert [(each.kind, each.name.split(" · ")[1]) for each in page.context["altered"]] == [
        ("+", "Senior"),
        ("+", "Lead"),
    ]


# --- Restoring --------------------------------------------------------------------------------


def test_restoring_saves_the_old_texts_as_a_new_version(staff, editor):
    career = create_career(title_fr="A", summary_fr="Premier")
    save(editor, career, title_fr="B", summary_fr="Second")
    _last, first = keys(editor, career)
    there = address("simple_history", career.pk, first)
    page = editor.get(there)
    assert [(c.old, c.new) for c in page.context["own"][0].changes] == [
        ("B", "A"),
        ("Second", "Premier"),
    ]
    done = editor.post(there, {"why": "the new title was wrong"}, follow=True)
    career.refresh_from_db()
    assert (career.title_fr, career.summary_fr, career.sort_title_fr) == ("A", "Premier", "a")
    user, why, _altered = told(editor, career)[0]
    assert user == staff.get_username()
    assert why.startswith("restored as of ")
    assert why.endswith(" – the new title was wrong")
    assert messages_of(done) == ["“A” is restored."]
    assert LogEntry.objects.first().change_message == why


def test_restoring_never_publishes_or_withdraws(editor):
    career = create_career(title_fr="A", status="draft", published_at=None)
    career.status, career.title_fr = "published", "B"
    career.save()
    _last, first = keys(editor, career)
    editor.post(address("simple_history", career.pk, first))
    career.refresh_from_db()
    assert (career.title_fr, career.status) == ("A", "published")
    assert career.published_at is not None


def test_restoring_brings_the_figures_of_that_moment_when_asked(editor, france):
    career = create_career(title_fr="A")
    changed = create_band(career=career, region=france, low=1)
    gone = create_band(career=career, region=france, low=2, level="senior")
    then = keys(editor, career)[0]
    changed.low = 10
    changed.save()
    number = gone.pk
    gone.delete()
    create_band(career=career, region=france, low=3, level="lead")
    elsewhere = create_career(title_fr="Autre")
    there = address("simple_history", career.pk, then)
    editor.post(there)
    assert set(career.bands.values_list("low", "level")) == {(10, ""), (3, "lead")}
    editor.post(there, {"figures": "on"})
    assert set(career.bands.values_list("pk", "low", "level", "annual_low_eur")) == {
        (changed.pk, 1, "", 1),
        (number, 2, "senior", 2),
    }
    assert elsewhere.bands.count() == 0


def test_restoring_keeps_the_rules_and_then_changes_nothing(editor, france):
    career = create_career(title_fr="A", slug="a")
    create_band(career=career, region=france, low=1)
    then = keys(editor, career)[0]
    career.slug, career.title_fr = "b", "B"
    career.save()
    career.former_slugs.all().delete()
    create_career(title_fr="C", slug="a")
    page = editor.post(address("simple_history", career.pk, then))
    assert messages_of(page) == ["Career with this Address already exists."]
    career.refresh_from_db()
    assert (career.title_fr, career.slug) == ("B", "b")


def test_whoever_may_not_change_restores_nothing(contributor):
    published = create_career(title_fr="A")
    draft = create_career(title_fr="A", status="draft", published_at=None)
    for career in (published, draft):
        career.title_fr = "B"
        career.save()
    answers = {
        career.status: contributor.post(
            address("simple_history", career.pk, keys(contributor, career)[-1])
        ).status_code
        for career in (published, draft)
    }
    assert answers == {"published": 403, "draft": 302}
    assert set(Career.objects.values_list("status", "title_fr")) == {
        ("published", "B"),
        ("draft", "A"),
    }


# --- Bringing back ----------------------------------------------------------------------------


def test_deleted_band_comes_back_with_its_number(editor, france):
    band = create_band(career=create_career(title_fr="A"), region=france, low=45_000)
    number, figure = band.pk, band.sentence
    editor.post(address("delete", number, model="salaryband"), {"post": "yes"})
    listed = editor.get(address("deleted", model="salaryband")).context["rows"]
    assert [name for name, *_rest in listed] == [
        f"France (FR) · Not split by level · Cinq métiers de l’IA · {figure}"
    ]
    (_name, _version, key) = listed[0]
    editor.post(address("simple_history", number, key, model="salaryband"))
    assert SalaryBand.objects.values_list("pk", "low", "annual_low_eur").get() == (
        number,
        45_000,
        45_000,
    )
    assert editor.get(address("deleted", model="salaryband")).context["rows"] == []


def test_figure_goes_back_to_a_public_career_by_an_editor_only(editor, contributor, france):
    public = create_career(title_fr="Boulanger")
    draft = create_career(title_fr="Brouillon", status="draft", published_at=None)
    band = create_band(career=public, region=france, high=30_000)
    band.career = draft
    band.save()
    there = address("simple_history", band.pk, keys(editor, band)[-1], model="salaryband")
    assert contributor.post(there).status_code == 403
    band.refresh_from_db()
    assert band.career == draft
    editor.post(there)
    band.refresh_from_db()
    assert band.career == public


def test_deleted_career_comes_back_as_a_draft_with_its_figures(editor, contributor, france):
    career = create_career(title_fr="A", slug="a")
    create_band(career=career, region=france, low=1)
    create_band(career=career, region=france, low=2, level="senior")
    number = career.pk
    editor.post(address("delete", number), {"post": "yes"})
    ((name, _version, key),) = editor.get(address("deleted")).context["rows"]
    assert name == "A"
    there = address("simple_history", number, key)
    page = editor.get(there)
    assert [each.kind for each in page.context["figures"]] == ["+", "+"]
    contributor.post(there, {"figures": "on"})
    back = Career.objects.get()
    assert (back.pk, back.slug, back.status, back.published_at) == (number, "a", "draft", None)
    assert set(back.bands.values_list("low", "level")) == {(1, ""), (2, "senior")}


def test_band_of_a_deleted_career_waits_for_its_career(editor, france):
    band = create_band(region=france, low=1)
    number = band.pk
    band.career.delete()
    ((_name, _version, key),) = editor.get(address("deleted", model="salaryband")).context["rows"]
    there = address("simple_history", number, key, model="salaryband")
    assert editor.post(there).status_code == 403
    assert SalaryBand.objects.count() == 0


def test_regions_sources_and_fields_have_their_history_too(editor, france):
    france.name_fr = "La France"
    france.save()
    assert told(editor, france)[0][2] == [
        ("~", False, [("French name", "France", "La France")]),
    ]
    editor.post(address("simple_history", france.pk, keys(editor, france)[-1], model="region"))
    assert Region.objects.get().name_fr == "France"
