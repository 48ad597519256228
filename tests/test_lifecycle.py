"""The life of a career: who may make which step, what it changes, and from when the public sees."""

from datetime import UTC, datetime, timedelta

import pytest
from django.contrib.admin.models import LogEntry
from django.core.exceptions import PermissionDenied, ValidationError
from django.urls import reverse
from django.utils import timezone

from careers import lifecycle
from careers.models import Career
from tests.factories import LONG_AGO, create_band, create_career, create_field
from tests.staff import client_of, create_staff, form_of, messages_of
from tests.surfaces import SURFACES

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english")]
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
LIST = "/en/admin/careers/career/"


@pytest.fixture
def clock(monkeypatch):
    """Set the time of the whole site: clock(moment)."""

    def set_to(moment):
        monkeypatch.setattr(timezone, "now", lambda: moment)

    set_to(NOON)
    return set_to


def life_of(career):
    return Career.objects.values_list("status", "published_at", "unpublished_at").get(pk=career.pk)


def logged():
    return list(LogEntry.objects.order_by("pk").values_list("object_repr", "change_message"))


def at(career, name):
    return reverse("admin:careers_career_move", args=[career.pk, name])


def in_state(status, **fields):
    begun = {"published": LONG_AGO}.get(status)
    return create_career(title_fr="Métier", status=status, **{"published_at": begun, **fields})


# --- What each step needs, and who may make it ------------------------------------------------

# From each state, the steps of a contributor, and those that an editor has besides.
STEPS = {
    "draft": ({"submit"}, {"publish", "schedule", "archive"}),
    "in_review": ({"take_back"}, {"publish", "schedule", "send_back", "archive"}),
    "published": (set(), {"expire", "withdraw", "archive"}),
    "archived": (set(), {"reopen"}),
}
TOMORROW = NOON + timedelta(days=1)
# And when a moment lies ahead or behind.
DATED = {
    "scheduled": ({"published_at": TOMORROW}, {"publish", "schedule", "expire"}),
    "to be unpublished": ({"unpublished_at": TOMORROW}, {"expire", "stay"}),
    "ended": ({"unpublished_at": NOON}, {"publish", "schedule"}),
}


@pytest.mark.parametrize("status", STEPS)
def test_steps_offered_follow_from_the_status_and_the_person(clock, status):
    career = in_state(status)
    own, editors = STEPS[status]
    for group, steps in (("contributors", own), ("editors", own | editors)):
        user = create_staff(group)
        assert {step.name for step in lifecycle.offered(career, user)} == steps
        page = client_of(user).get(reverse("admin:careers_career_change", args=[career.pk]))
        html = page.content.decode()
        assert {name for name in lifecycle.TRANSITIONS if at(career, name) in html} == steps
    assert lifecycle.offered(career, create_staff("", "view_career")) == []


@pytest.mark.parametrize("when", DATED)
def test_steps_offered_follow_from_the_dates(clock, when):
    dates, steps = DATED[when]
    career = in_state("published", **dates)
    offered = {step.name for step in lifecycle.offered(career, create_staff("editors"))}
    assert offered == steps | {"withdraw", "archive"}


@pytest.mark.parametrize("name", lifecycle.TRANSITIONS)
def test_step_without_its_permission_is_refused_whatever_is_sent(clock, name):
    step = lifecycle.TRANSITIONS[name]
    career = in_state(step.starts[0])
    before = life_of(career)
    data = {"reason": "So", "moment": "2026-03-02T12:00"}
    needed = step.permission.removeprefix("careers.")
    other = {"publish_career": "change_career", "change_career": "publish_career"}[needed]
    user = create_staff("", "view_career", other)
    assert client_of(user).post(at(career, name), data).status_code == 403
    with pytest.raises(PermissionDenied):
        lifecycle.move(career, name, user=user, reason="So", moment=TOMORROW)
    assert (life_of(career), logged()) == (before, [])


def test_steps_change_the_career_and_are_logged_with_their_reason(clock):
    editor, contributor = (
        client_of(create_staff("editors")),
        client_of(create_staff("contributors")),
    )
    career = in_state("draft")

    def step(client, name, **data):
        done = client.post(at(career, name), data)
        assert done.status_code == 302, done.context["form"].errors
        return life_of(career)

    assert step(contributor, "submit") == ("in_review", None, None)
    assert step(editor, "send_back", reason="No source.") == ("draft", None, None)
    step(contributor, "submit")
    assert step(contributor, "take_back") == ("draft", None, None)
    # The form speaks the time of Paris.
    assert step(editor, "schedule", moment="2026-03-02T13:00") == ("published", TOMORROW, None)
    assert step(editor, "publish") == ("published", NOON, None)
    assert step(editor, "expire", moment="2026-03-02T13:00") == ("published", NOON, TOMORROW)
    assert step(editor, "stay") == ("published", NOON, None)
    assert step(editor, "withdraw", reason="Wrong.") == ("draft", NOON, None)
    assert step(editor, "archive", reason="Gone.") == ("archived", NOON, None)
    assert step(editor, "reopen") == ("draft", NOON, None)
    assert [said for _name, said in logged()] == [
        "Submitted for review",
        "Sent back: No source.",
        "Submitted for review",
        "Taken back to draft",
        "Set to be published (2026-03-02 13:00)",
        "Published",
        "Set to be unpublished (2026-03-02 13:00)",
        "Kept public without an end",
        "Withdrawn: Wrong.",
        "Archived: Gone.",
        "Brought back to draft",
    ]


def test_what_was_planned_ends_when_a_career_leaves_the_public(clock):
    user = create_staff("editors")
    planned = in_state("published", published_at=TOMORROW, unpublished_at=TOMORROW + MINUTE)
    lifecycle.move(planned, "withdraw", user=user, reason="Too early.")
    assert life_of(planned) == ("draft", None, None)
    ended = in_state("published", unpublished_at=NOON - MINUTE)
    lifecycle.move(ended, "publish", user=user)
    assert life_of(ended) == ("published", NOON, None)


REFUSED = [
    ("draft", "withdraw", {"reason": "So"}, "“Métier” cannot take this step: it is draft."),
    ("published", "publish", {}, "“Métier” is public already."),
    ("published", "schedule", {"moment": TOMORROW}, "“Métier” is public already."),
    ("published", "stay", {}, "“Métier” is not to be unpublished."),
    ("published", "withdraw", {"reason": " "}, "Say why."),
    ("in_review", "send_back", {}, "Say why."),
    ("draft", "schedule", {"moment": NOON}, "Give a moment that lies ahead."),
    ("draft", "schedule", {}, "Give a moment that lies ahead."),
    ("published", "expire", {"moment": NOON}, "Give a moment that lies ahead."),
]


@pytest.mark.parametrize(("status", "name", "given", "message"), REFUSED)
def test_step_that_cannot_be_made_says_why_and_changes_nothing(clock, status, name, given, message):
    career = in_state(status)
    before = life_of(career)
    with pytest.raises(ValidationError) as refused:
        lifecycle.move(career, name, user=create_staff("editors"), **given)
    assert refused.value.messages == [message]
    assert (life_of(career), logged()) == (before, [])


def test_an_end_lies_after_the_beginning(clock):
    user = create_staff("editors")
    planned = in_state("published", published_at=TOMORROW)
    message = ["A career is unpublished after it was published."]
    with pytest.raises(ValidationError) as refused:
        lifecycle.move(planned, "expire", user=user, moment=TOMORROW)
    assert refused.value.messages == message
    lifecycle.move(planned, "expire", user=user, moment=TOMORROW + MINUTE)
    with pytest.raises(ValidationError) as refused:
        lifecycle.move(planned, "schedule", user=user, moment=TOMORROW + MINUTE)
    assert refused.value.messages == message
    assert life_of(planned) == ("published", TOMORROW, TOMORROW + MINUTE)


def test_reason_is_asked_before_and_kept_in_the_page_when_it_is_missing(clock):
    editor = client_of(create_staff("editors"))
    career = in_state("published")
    asked = editor.get(at(career, "withdraw"))
    assert list(asked.context["form"].fields) == ["reason"]
    missing = editor.post(at(career, "withdraw"), {"reason": ""})
    assert missing.context["form"].errors == {"reason": ["This field is required."]}
    assert life_of(career)[0] == "published"
    unknown = editor.post(at(career, "vanish"))
    assert unknown.status_code == 404


def test_second_of_two_buttons_finds_the_career_as_it_is(clock):
    user = create_staff("editors")
    career = in_state("draft")
    stale = Career.objects.get(pk=career.pk)
    lifecycle.move(career, "archive", user=user, reason="Gone.")
    with pytest.raises(ValidationError, match="it is archived"):
        lifecycle.move(stale, "publish", user=user)
    assert life_of(career)[0] == "archived"


# --- Saving and stepping at once --------------------------------------------------------------


def test_save_and_publish_saves_what_was_typed_first(clock):
    editor = client_of(create_staff("editors"))
    cells = form_of(editor.get(f"{LIST}add/")) | {"title_fr": "Neuf", "_publish": "1"}
    done = editor.post(f"{LIST}add/", cells, follow=True)
    career = Career.objects.get()
    assert (career.title_fr, *life_of(career)) == ("Neuf", "published", NOON, None)
    assert messages_of(done)[0] == "Neuf: Published"

    nameless = create_career(title_fr="", title_en="Nameless", status="draft", published_at=None)
    there = reverse("admin:careers_career_change", args=[nameless.pk])
    cells = form_of(editor.get(there)) | {"summary_en": "Typed", "_publish": "1"}
    assert messages_of(editor.post(there, cells, follow=True))[0] == (
        "“Nameless” needs a French title first."
    )
    nameless.refresh_from_db()
    assert (nameless.summary_en, nameless.status) == ("Typed", "draft")


def test_contributor_saves_and_submits_but_never_publishes(clock):
    contributor = client_of(create_staff("contributors"))
    there = f"{LIST}add/"
    cells = form_of(contributor.get(there)) | {"title_fr": "Neuf"}
    assert contributor.post(there, cells | {"_publish": "1"}).status_code == 403
    assert not Career.objects.exists()
    contributor.post(there, cells | {"_submit": "1"})
    assert life_of(Career.objects.get()) == ("in_review", None, None)


# --- Many at once -----------------------------------------------------------------------------


def run(client, action, *careers, **data):
    ticked = {"action": action, "_selected_action": [career.pk for career in careers]}
    return client.post(LIST, ticked | data, follow=True)


def test_ticked_careers_are_published_one_by_one_and_the_others_named(clock):
    editor = client_of(create_staff("editors"))
    public = create_career(title_fr="Publié")
    draft = create_career(title_fr="Brouillon", status="draft", published_at=None)
    review = create_career(title_fr="Relu", status="in_review", published_at=None)
    english = create_career(title_fr="", title_en="Only English", status="draft")
    other = create_career(title_fr="Autre", status="draft", published_at=None)
    done = run(editor, "publish", public, draft, review, english)
    assert set(messages_of(done)) == {
        "“Publié” is public already.",
        "“Only English” needs a French title first.",
        "2 careers changed.",
    }
    assert set(Career.objects.filter(status="draft")) == {english, other}
    assert [life_of(each) for each in (draft, review)] == [("published", NOON, None)] * 2
    assert sorted(logged()) == [("Brouillon", "Published"), ("Relu", "Published")]


@pytest.mark.parametrize(
    ("action", "status", "said"),
    [("unpublish", "draft", "Withdrawn: Stale."), ("archive", "archived", "Archived: Stale.")],
)
def test_ticked_careers_leave_the_public_with_one_reason(clock, action, status, said):
    editor = client_of(create_staff("editors"))
    one, two = create_career(title_fr="Un"), create_career(title_fr="Deux")
    asked = run(editor, action, one, two)
    assert set(asked.context["careers"]) == {one, two}
    missing = run(editor, action, one, two, _asked="1", reason="")
    assert missing.context["form"].errors == {"reason": ["This field is required."]}
    assert Career.objects.filter(status="published").count() == 2
    done = run(editor, action, one, two, _asked="1", reason="Stale.")
    assert messages_of(done) == ["2 careers changed."]
    assert set(Career.objects.values_list("status", flat=True)) == {status}
    assert sorted(logged()) == [("Deux", said), ("Un", said)]


def test_contributor_submits_many_and_publishes_none(clock):
    contributor = client_of(create_staff("contributors"))
    draft = create_career(title_fr="Brouillon", status="draft", published_at=None)
    public = create_career(title_fr="Publié")
    done = run(contributor, "submit", draft, public)
    assert set(messages_of(done)) == {
        "“Publié” cannot take this step: it is published.",
        "1 career changed.",
    }
    for action in ("publish", "unpublish", "archive"):
        run(contributor, action, draft, public, _asked="1", reason="So")
    assert [life_of(draft)[0], life_of(public)[0]] == ["in_review", "published"]


def test_ticked_careers_get_a_field_where_their_reader_may_edit(clock):
    data = create_field(name_fr="Données")
    draft = create_career(title_fr="Brouillon", status="draft", published_at=None)
    public = create_career(title_fr="Publié")
    contributor = client_of(create_staff("contributors"))
    assert list(run(contributor, "assign_field", draft, public).context["form"].fields) == ["field"]
    assert not Career.objects.exclude(field=None).exists()
    done = run(contributor, "assign_field", draft, public, _asked="1", field=data.pk)
    assert set(messages_of(done)) == {
        "“Publié” is no draft: only an editor changes it.",
        "1 career changed.",
    }
    assert set(data.careers.all()) == {draft}
    run(client_of(create_staff("editors")), "assign_field", public, _asked="1", field=data.pk)
    assert set(data.careers.all()) == {draft, public}
    assert [name for name, _said in logged()] == ["Brouillon", "Publié"]


# --- From that minute, to that minute, without anybody there ----------------------------------


@pytest.mark.parametrize("surface", SURFACES)
def test_public_sees_a_career_from_its_minute_to_its_minute(client, regions, clock, surface):
    band = create_band(
        career=create_career(title_fr="Éclusier", published_at=NOON, unpublished_at=NOON + MINUTE),
        region=regions["FR"],
        high=40_000,
    )
    shown = {}
    tick = timedelta(microseconds=1)
    for moment in (NOON - tick, NOON, NOON + MINUTE - tick, NOON + MINUTE):
        clock(moment)
        career = Career.objects.get(pk=band.career_id)
        shown[moment] = SURFACES[surface](client, career)
        assert career.is_public_at(moment) is shown[moment]
    assert list(shown.values()) == [False, True, True, False]


@pytest.mark.parametrize("status", ["draft", "in_review", "archived"])
def test_public_sees_no_career_that_is_not_published(client, regions, clock, status):
    career = create_career(title_fr="Éclusier", status=status)
    create_band(career=career, region=regions["FR"], high=40_000)
    assert {name for name, shows in SURFACES.items() if shows(client, career)} == set()
    assert career.is_public_at(NOON) is False
