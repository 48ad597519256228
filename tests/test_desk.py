"""The desk: each task counts what its list shows, and the rules of each task."""

from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from careers import desk
from careers.models import Career, Report, SalaryBand, Source
from careers.models.source import CHECKED_AGAIN_AFTER
from tests.factories import (
    create_band,
    create_career,
    create_region,
    create_source,
    undone,
)
from tests.staff import client_of, create_staff, messages_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english")]
HOME = "admin:index"
TODAY = date(2026, 11, 22)


def draft(**fields):
    return create_career(status="draft", published_at=None, **fields)


def titles(careers):
    return {career.title_fr for career in careers}


def counts(client):
    sections = client.get(reverse(HOME)).context["sections"]
    return {
        waiting.task.slug: (waiting.count, waiting.url)
        for _section, tasks in sections
        for waiting in tasks
    }


def a_bit_of_everything(user, france):
    soon = timezone.now() + timedelta(days=1)
    mine = Career(title_fr="Mine", status="draft")
    mine._history_user = user
    mine.save()
    back = create_career(title_fr="Back", status="in_review", published_at=None)
    back.status = "draft"
    back.save()
    create_career(title_fr="Review", status="in_review", published_at=None)
    create_career(title_fr="Soon", published_at=soon)
    create_career(title_fr="Ends", title_en="Ends", unpublished_at=soon)
    create_career(title_fr="Sum", summary_fr="45 000 €", summary_en="€46,000")
    stale = create_career(title_fr="Old French", title_en="Old")
    stale.title_fr = "New French"
    stale.save()
    create_career(title_fr="Archived", status="archived", summary_fr="1 €")
    band = create_band(career=stale, region=france, low=45_000, observed_on="2020-01-01")
    create_band(career=mine, region=france, low=45_000, observed_on=timezone.localdate())
    Report.objects.create(band=band, message="A newer figure", language="fr")
    Report.objects.create(
        band=band, message="Done", language="fr", status="used", settled_at=timezone.now()
    )


# --- The home ---------------------------------------------------------------------------------


def test_every_count_is_the_number_of_rows_of_its_list(staff, editor, france):
    a_bit_of_everything(staff, france)
    counted = counts(editor)
    assert {slug: count for slug, (count, _url) in counted.items()} == {
        "mine": 1,
        "sent-back": 1,
        "in-review": 1,
        "to-publish": 1,
        "to-unpublish": 1,
        "waiting": 1,
        "due": 1,
        "without-figures": 5,
        "unsupported": 1,
        "missing-english": 5,
        "stale-english": 1,
        "differing": 1,
    }
    listed = {
        slug: len(editor.get(url).context["cl"].result_list) for slug, (_c, url) in counted.items()
    }
    assert listed == {slug: count for slug, (count, _url) in counted.items()}


def test_home_offers_what_one_may_see_and_django_s_list_below(editor, staff, france):
    a_bit_of_everything(staff, france)
    everybody = client_of(create_staff())
    assert counts(everybody) == {}
    regions_only = client_of(create_staff("", "view_region"))
    assert counts(regions_only) == {}
    reports_only = client_of(create_staff("", "view_report"))
    assert {slug: count for slug, (count, _url) in counts(reports_only).items()} == {"waiting": 1}
    page = editor.get(reverse(HOME)).content.decode()
    assert page.index("Waiting for review") < page.index("model-salaryband")


def test_home_asks_no_more_for_more_rows(editor, staff, france):
    def asked():
        with CaptureQueriesContext(connection) as queries:
            editor.get(reverse(HOME))
        return len(queries)

    asked()
    before = asked()
    a_bit_of_everything(staff, france)
    assert asked() == before <= 20


# --- Writing ----------------------------------------------------------------------------------


def test_my_drafts_are_those_i_began_or_changed_last(staff):
    other = create_staff("editors")

    def saved(career, by):
        career._history_user = by
        career.summary_fr += "."
        career.save()
        return career

    saved(Career(title_fr="begun"), staff)
    saved(saved(Career(title_fr="begun, changed by another"), staff), other)
    saved(saved(Career(title_fr="changed last"), other), staff)
    saved(saved(saved(Career(title_fr="between"), other), staff), other)
    saved(Career(title_fr="published", status="published"), staff)
    mine = desk.drafts_of(Career.objects.all(), staff)
    assert titles(mine) == {"begun", "begun, changed by another", "changed last"}


def test_sent_back_are_drafts_that_were_last_in_review():
    for path in (
        ("draft",),
        ("draft", "in_review"),
        ("in_review", "draft"),
        ("in_review", "draft", "in_review", "draft"),
        ("in_review", "published", "draft"),
    ):
        career = Career(title_fr=" ".join(path))
        for status in path:
            career.status = status
            career.save()
    assert titles(desk.sent_back(Career.objects.all())) == {
        "in_review draft",
        "in_review draft in_review draft",
    }


# --- Figures ----------------------------------------------------------------------------------


def test_every_kind_of_source_has_an_interval():
    assert CHECKED_AGAIN_AFTER.keys() == {"", *(kind.value for kind in Source.Kind)}


days = st.none() | st.dates(date(2023, 1, 1), TODAY)


@given(
    st.lists(
        st.tuples(
            st.sampled_from(list(CHECKED_AGAIN_AFTER)), days.filter(bool), days, st.booleans()
        ),
        min_size=1,
        max_size=6,
    )
)
def test_due_says_the_same_of_a_queryset_and_of_a_figure(stated):
    with undone():
        region = create_region()
        career, archived = create_career(), create_career(status="archived")
        expected = set()
        for number, (kind, observed_on, confirmed_on, is_kept) in enumerate(stated):
            source = create_source(slug=f"s{number}")
            Source.objects.filter(pk=source.pk).update(kind=kind)
            source.refresh_from_db()
            band = create_band(
                career=career if is_kept else archived,
                region=region,
                low=1,
                source=source,
                observed_on=observed_on,
                confirmed_on=confirmed_on,
            )
            if is_kept and desk.is_due(band, TODAY):
                expected.add(band.pk)
        due = desk.due(SalaryBand.objects.all(), TODAY)
        assert set(due.values_list("pk", flat=True)) == expected


def test_due_is_the_day_after_the_interval_and_only_the_latest_of_a_series(france):
    source = create_source()
    Source.objects.update(kind="postings")
    limit = TODAY - timedelta(days=180)
    career = create_career()
    on_time = create_band(career=career, region=france, low=1, source=source, observed_on=limit)
    late = create_band(
        career=career,
        region=france,
        low=1,
        level="senior",
        source=source,
        observed_on=limit - timedelta(days=1),
    )
    create_band(
        career=career,
        region=france,
        low=1,
        source=source,
        observed_on=limit - timedelta(days=99),
    )
    assert set(desk.due(SalaryBand.objects.all(), TODAY)) == {late}
    on_time.delete()
    assert {band.observed_on for band in desk.due(SalaryBand.objects.all(), TODAY)} == {
        limit - timedelta(days=1),
        limit - timedelta(days=99),
    }


def test_still_true_is_one_click_that_confirms_today_with_its_history(staff, editor, france):
    band = create_band(region=france, low=45_000, observed_on="2020-01-01")
    there = reverse("admin:careers_salaryband_changelist") + "?desk=due"
    page = editor.get(there).content.decode()
    button = reverse("admin:careers_salaryband_still_true", args=[band.pk])
    assert f'formaction="{button}?desk=due"' in page
    done = editor.post(f"{button}?desk=due", follow=True)
    assert done.redirect_chain == [(there, 302)]
    assert messages_of(done) == ["Confirmed today: over €45,000"]
    assert done.context["cl"].result_count == 0
    band.refresh_from_db()
    assert band.confirmed_on == timezone.localdate()
    version = SalaryBand.history.first()
    assert (version.history_user, version.history_change_reason, version.confirmed_on) == (
        staff,
        "still true",
        timezone.localdate(),
    )
    assert 'formaction="' not in editor.get(there.split("?")[0]).content.decode()


def test_still_true_takes_the_permission_to_edit_the_figure(contributor, france):
    public = create_band(region=france, low=1, observed_on="2020-01-01")
    own = create_band(career=draft(title_fr="D"), region=france, low=1, observed_on="2020-01-01")
    answers = [
        contributor.post(reverse("admin:careers_salaryband_still_true", args=[band.pk])).status_code
        for band in (public, own)
    ]
    assert answers == [403, 302]
    assert (
        contributor.get(reverse("admin:careers_salaryband_still_true", args=[own.pk])).status_code
        == 405
    )
    confirmed = SalaryBand.objects.exclude(confirmed_on=None)
    assert confirmed.get() == own


def test_ticked_figures_are_confirmed_together(contributor, france):
    public = create_band(region=france, low=1)
    own = create_band(career=draft(title_fr="D"), region=france, low=1)
    data = {"action": "still_true", "_selected_action": [public.pk, own.pk]}
    there = reverse("admin:careers_salaryband_changelist")
    done = contributor.post(there, data, follow=True)
    assert messages_of(done) == ["1 figure confirmed."]
    assert SalaryBand.objects.exclude(confirmed_on=None).get() == own


def test_amounts_are_supported_by_what_a_figure_states_or_comes_to(france):
    career = create_career(
        title_fr="A", summary_fr="42 000 € par an, soit 3 500 € par mois ; 50 000 $ aux États-Unis."
    )
    careers = Career.objects.all()
    assert titles(desk.unsupported(careers)) == {"A"}
    monthly = create_band(career=career, region=france, low=3_500, period="month")
    assert titles(desk.unsupported(careers)) == {"A"}
    create_band(career=career, region=france, high=50_000, currency="USD", open_ended=True)
    assert titles(desk.unsupported(careers)) == set()
    create_band(career=create_career(title_fr="B"), region=france, low=3_500, period="month")
    monthly.delete()
    assert titles(desk.unsupported(careers)) == {"A"}


# --- Texts ------------------------------------------------------------------------------------


def test_english_is_missing_where_a_text_has_french_alone():
    create_career(title_fr="no English title")
    create_career(title_fr="all", title_en="all", tasks_fr="un", tasks_en="one")
    create_career(title_fr="tasks", title_en="tasks", tasks_fr="un")
    create_career(title_fr="English only", title_en="a", tasks_en="one")
    create_career(title_fr="archived", status="archived")
    assert titles(desk.missing_english(Career.objects.all())) == {"no English title", "tasks"}


def test_english_is_said_to_be_up_to_date(editor, contributor):
    career = create_career(title_fr="A", title_en="a")
    career.title_fr = "A."
    career.save()
    data = {"action": "english_is_current", "_selected_action": [career.pk]}
    there = reverse("admin:careers_career_changelist")
    contributor.post(there, data)
    assert titles(desk.stale_english(Career.objects.all())) == {"A."}
    assert messages_of(editor.post(there, data, follow=True)) == ["1 career changed."]
    assert titles(desk.stale_english(Career.objects.all())) == set()
    assert Career.history.first().history_change_reason == "the English is up to date"
