"""Working drafts: what the public reads stays until an editor publishes the change."""

import pytest
from django.contrib.admin.models import LogEntry
from django.urls import reverse

from careers.models import Career, Draft, SalaryBand
from tests.factories import create_band, create_career
from tests.pages import text_of
from tests.staff import client_of, create_staff, form_of, messages_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english")]


@pytest.fixture
def career(regions):
    career = create_career(title_fr="Publié", summary_fr="Avant")
    create_band(career=career, region=regions["FR"], low=1, high=2)
    return career


def at(career, view):
    return reverse(f"admin:careers_career_{view}", args=[career.pk])


def write(client, career, button="_draft", view="draft", **typed):
    """Open the form of a working draft, or of the career; type; press a button."""
    sent = form_of(client.get(at(career, view))) | typed | {button: "1"}
    return client.post(at(career, "draft"), sent, follow=True)


def stored(career):
    return {
        "career": Career.objects.values_list("title_fr", "summary_fr", "skills_fr").get(
            pk=career.pk
        ),
        "bands": set(SalaryBand.objects.values_list("low", "high", "stated_as")),
    }


def changes_of(response):
    return [
        (where, [tuple(change)[1:] for change in changes])
        for where, changes in response.context["changes"]
    ]


def steps_logged():
    entries = LogEntry.objects.exclude(change_message__startswith="[").order_by("pk")
    return [entry.change_message for entry in entries]


def new_band(region, **cells):
    preset = {"period": "year", "range_kind": "published", "observed_on": "2024-04-30"}
    typed = {"region": region.pk, "source": SalaryBand.objects.first().source.pk} | preset | cells
    return {"bands-TOTAL_FORMS": "2"} | {f"bands-1-{name}": str(v) for name, v in typed.items()}


def test_draft_of_a_contributor_shows_an_editor_what_it_changes(
    client, contributor, editor, career, regions
):
    before = stored(career)
    cells = {"summary_fr": "Après", "bands-0-high": "3", "bands-0-stated_as": "said"}
    new = new_band(regions["DE"], low="5", currency="EUR")
    done = write(contributor, career, "_submit_draft", **cells, **new)
    assert done.redirect_chain == [(at(career, "draft"), 302)]
    assert stored(career) == before
    assert "Avant" in text_of(client.get(f"/en/careers/{career.slug}/"))
    draft = Draft.objects.get()
    assert (draft.career, draft.submitted_at is not None) == (career, True)
    assert set(Draft.objects.waiting()) == {draft}

    opened = editor.get(at(career, "draft"))
    assert changes_of(opened) == [
        ("", [("Summary in French", "Avant", "Après")]),
        ("Figure 1", [("High", "2", "3"), ("Stated as", "–", "said")]),
        (
            "Figure 2: new",
            [
                ("Region", "–", "Germany (DE)"),
                ("Low", "–", "5"),
                ("Currency", "–", "EUR"),
                ("Period", "–", "a year"),
                ("Kind of range", "–", "published range"),
                ("Source", "–", "Cinq métiers de l’IA"),
                ("Observed on", "–", "2024-04-30"),
            ],
        ),
    ]
    assert 'name="summary_fr" value="Après"' in opened.content.decode()


def test_published_draft_goes_through_the_form_and_the_log_like_any_change(
    editor, contributor, career, regions
):
    cells = {"summary_fr": "Après", "bands-0-high": "3", "bands-0-stated_as": "said"}
    new = new_band(regions["DE"], low="5", currency="EUR")
    write(contributor, career, "_submit_draft", **cells, **new)
    published = write(editor, career, "_publish_draft")
    assert messages_of(published) == ["The change of “Publié” is published."]
    assert stored(career) == {
        "career": ("Publié", "Après", ""),
        "bands": {(1, 3, "said"), (5, None, "")},
    }
    assert not Draft.objects.exists()
    assert steps_logged() == [
        "Working draft submitted for review",
        "Working draft published",
    ]
    [changed] = LogEntry.objects.filter(change_message__startswith="[")
    # Django keeps names in the language of the site.
    assert changed.get_change_message() == (
        "Changed Summary in French. Added salary band “plus de 5\u202f€”. "
        "Changed High and Stated as for salary band “1 à 3\u202f€”."
    )


def test_contributor_publishes_no_draft_and_saves_nothing_of_a_public_career(contributor, career):
    before = stored(career)
    sent = form_of(contributor.get(at(career, "draft"))) | {"summary_fr": "Après"}
    assert contributor.post(at(career, "draft"), sent | {"_publish_draft": "1"}).status_code == 403
    assert contributor.post(at(career, "change"), sent).status_code == 403
    write(contributor, career, summary_fr="Après")
    sent = form_of(contributor.get(at(career, "draft"))) | {"_publish_draft": "1"}
    assert contributor.post(at(career, "draft"), sent).status_code == 403
    assert "_publish_draft" not in contributor.get(at(career, "draft")).content.decode()
    assert (stored(career), Draft.objects.count()) == (before, 1)


@pytest.mark.parametrize("view", ["draft", "draft_send_back", "draft_discard"])
def test_who_may_not_change_careers_has_no_working_drafts(editor, career, view):
    write(editor, career, summary_fr="Après")
    viewer = client_of(create_staff("", "view_career", "publish_career"))
    for send in (viewer.get, viewer.post):
        assert send(at(career, view)).status_code == 403
    assert Draft.objects.count() == 1


def test_draft_keeps_what_is_wrong_with_it_and_says_so(editor, career):
    before = stored(career)
    typed = {"title_fr": "", "summary_fr": "Après", "bands-0-high": "beaucoup"}
    write(editor, career, **typed)
    shown = editor.get(at(career, "draft"))
    assert {name: form_of(shown)[name] for name in typed} == typed
    form, formset = (
        shown.context["adminform"].form,
        shown.context["inline_admin_formsets"][0].formset,
    )
    assert form.errors == {"title_fr": ["A published career needs a French title."]}
    assert formset.errors == [{"high": ["“beaucoup” is not an amount. Write 45000 or 45 000,50."]}]
    refused = write(editor, career, "_publish_draft")
    assert refused.context["adminform"].form.errors == form.errors
    assert {name: form_of(refused)[name] for name in typed} == typed
    assert (stored(career), Draft.objects.count()) == (before, 1)


def test_draft_written_in_one_language_opens_in_the_other(editor, career):
    english = at(career, "draft")
    french = english.removeprefix("/en")
    opened = form_of(editor.get(french))
    assert opened["bands-0-observed_on"] == "30/04/2023"
    days = {"bands-0-observed_on": "01/05/2023", "checked_on": "demain"}
    editor.post(french, opened | days | {"_draft": "1"})
    shown = editor.get(english)
    assert changes_of(shown) == [
        ("", [("Checked on", "–", "demain")]),
        ("Figure 1", [("Observed on", "2023-04-30", "2023-05-01")]),
    ]
    assert shown.context["adminform"].form.errors == {"checked_on": ["Enter a valid date."]}
    assert shown.context["inline_admin_formsets"][0].formset.errors == [{}]


def test_editor_keeps_a_public_change_back_from_the_form_of_the_career(editor, career):
    before = stored(career)
    done = write(editor, career, view="change", skills_fr="Python")
    assert stored(career) == before
    assert done.redirect_chain == [(at(career, "draft"), 302)]
    page = editor.get(at(career, "change")).content.decode()
    assert "Open the working draft" in page
    assert form_of(editor.get(at(career, "change")))["skills_fr"] == ""


def test_figure_deleted_in_a_draft_stays_public_until_then(editor, career):
    write(editor, career, **{"bands-0-DELETE": "on"})
    assert career.bands.count() == 1
    assert changes_of(editor.get(at(career, "draft"))) == [("Figure 1: deleted", [])]
    write(editor, career, "_publish_draft")
    assert career.bands.count() == 0


def test_change_saved_meanwhile_is_merged_or_shown_as_a_conflict(editor, career):
    write(editor, career, summary_fr="Brouillon", skills_fr="Python")
    sent = form_of(editor.get(at(career, "change"))) | {"title_fr": "Corrigé", "summary_fr": "Vif"}
    editor.post(at(career, "change"), sent)
    opened = editor.get(at(career, "draft"))
    assert [tuple(conflict) for conflict in opened.context["conflicts"]] == [
        ("summary_fr", "Summary in French", "Avant", "Vif", "Brouillon")
    ]
    assert form_of(opened)["title_fr"] == "Corrigé"
    # Told once, the editor publishes knowingly.
    write(editor, career, "_publish_draft")
    assert stored(career)["career"] == ("Corrigé", "Brouillon", "Python")


def test_second_to_save_one_draft_is_told_and_loses_nothing(editor, contributor, career):
    write(editor, career, summary_fr="Un")
    opened = [form_of(client.get(at(career, "draft"))) for client in (editor, contributor)]
    editor.post(at(career, "draft"), opened[0] | {"summary_fr": "Deux", "_draft": "1"})
    typed = opened[1] | {"summary_fr": "Trois", "_draft": "1"}
    told = contributor.post(at(career, "draft"), typed)
    [message] = messages_of(told)
    assert message.startswith(f"{Draft.objects.get().user} saved a working draft after")
    assert Draft.objects.get().posted["summary_fr"] == "Deux"
    shown = form_of(told)
    assert shown["summary_fr"] == "Trois"
    contributor.post(at(career, "draft"), shown | {"_draft": "1"})
    assert Draft.objects.get().posted["summary_fr"] == "Trois"


def test_stale_draft_is_not_published_over_a_newer_one(editor, contributor, career):
    write(contributor, career, "_submit_draft", summary_fr="Un")
    opened = form_of(editor.get(at(career, "draft")))
    write(contributor, career, "_submit_draft", summary_fr="Deux")
    told = editor.post(at(career, "draft"), opened | {"_publish_draft": "1"})
    assert len(messages_of(told)) == 1
    assert (stored(career)["career"][1], Draft.objects.count()) == ("Avant", 1)


def test_draft_is_sent_back_with_a_reason_that_its_writer_reads(editor, contributor, career):
    write(contributor, career, "_submit_draft", summary_fr="Après")
    there = at(career, "draft_send_back")
    assert contributor.post(there, {"reason": "So"}).status_code == 403
    assert editor.post(there, {"reason": ""}).context["form"].errors.keys() == {"reason"}
    assert Draft.objects.waiting().count() == 1
    editor.post(there, {"reason": "No source."})
    assert Draft.objects.waiting().count() == 0
    page = contributor.get(at(career, "draft")).content.decode()
    assert "Working draft sent back: No source." in page
    assert form_of(contributor.get(at(career, "draft")))["summary_fr"] == "Après"


def test_submitted_draft_waits_on_while_an_editor_mends_it(editor, contributor, career):
    write(contributor, career, "_submit_draft", summary_fr="Après")
    write(editor, career, summary_fr="Mieux")
    assert Draft.objects.waiting().count() == 1
    write(contributor, career, summary_fr="Encore")
    assert Draft.objects.waiting().count() == 0


def test_draft_is_discarded_by_its_writer_or_an_editor(editor, contributor, career):
    write(editor, career, summary_fr="Après")
    there = at(career, "draft_discard")
    assert contributor.post(there).status_code == 403
    assert editor.get(there).status_code == 200
    assert Draft.objects.count() == 1
    editor.post(there)
    assert not Draft.objects.exists()
    write(contributor, career, summary_fr="Après")
    contributor.post(there)
    assert not Draft.objects.exists()
    assert steps_logged() == ["Working draft begun", "Working draft discarded"] * 2
    assert editor.post(there).status_code == 404


def test_career_that_is_no_longer_public_has_its_own_form_as_a_draft(editor, career):
    draft = create_career(title_fr="Brouillon", status="draft", published_at=None)
    there = editor.get(at(draft, "draft"))
    assert (there.status_code, there["Location"]) == (302, at(draft, "change"))
    page = editor.get(at(draft, "change")).content.decode()
    assert at(draft, "draft") not in page


def test_opening_a_draft_changes_nothing(editor, career):
    write(editor, career, summary_fr="Après", **{"bands-0-high": "9"})
    before, kept = stored(career), Draft.objects.values().get()
    entries = LogEntry.objects.count()
    editor.get(at(career, "draft"))
    assert (stored(career), Draft.objects.values().get()) == (before, kept)
    assert LogEntry.objects.count() == entries
