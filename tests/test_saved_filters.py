"""Questions that somebody keeps for a list, and nobody else sees."""

import pytest

from careers.models import SavedFilter
from tests.factories import create_career, refused_by_database
from tests.staff import address, client_of, create_staff, messages_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english")]

ONE_NAME = "careers_savedfilter_one_name"
COLUMNS = ", ".join(f"careers_savedfilter.{name}" for name in ("user_id", "model", "name"))
REFUSED = {ONE_NAME}


def keep(client, name, query, model="career"):
    return client.post(
        address("keep_filter", model=model), {"name": name, "query": query}, follow=True
    )


def kept():
    return list(SavedFilter.objects.values_list("model", "name", "query"))


def test_filter_is_kept_with_words_order_and_without_the_page(editor, staff):
    create_career(title_fr="Potier", status="draft", published_at=None)
    query = "q=p%C3%B4tier&status__exact=draft&o=-1"
    done = keep(editor, "Mes brouillons", f"{query}&p=3&e=1")
    assert done.redirect_chain == [(f"{address('changelist')}?{query}", 302)]
    assert messages_of(done) == ["The filter is kept as “Mes brouillons”."]
    assert kept() == [("career", "Mes brouillons", query)]
    assert SavedFilter.objects.get().user == staff
    page = editor.get(address("changelist"))
    assert [each.name for each in page.context["saved_filters"]] == ["Mes brouillons"]
    assert f'href="?{query.replace("&", "&amp;")}"' in page.content.decode()
    assert page.context["saved_filter_form"] is None
    listed = editor.get(f"{address('changelist')}?{query}").context["cl"].result_list
    assert [career.title_fr for career in listed] == ["Potier"]


def test_same_name_keeps_the_new_question(editor):
    keep(editor, "A", "q=one")
    keep(editor, " A ", "q=two")
    keep(editor, "A", "level__exact=mid", model="salaryband")
    assert kept() == [("career", "A", "q=two"), ("salaryband", "A", "level__exact=mid")]


def test_filter_needs_a_name(editor):
    done = keep(editor, " ", "q=one")
    assert done.redirect_chain == [(f"{address('changelist')}?q=one", 302)]
    assert messages_of(done) == ["This field is required."]
    assert kept() == []


def test_filters_are_one_s_own(editor):
    keep(editor, "A", "q=one")
    number = SavedFilter.objects.get().pk
    other = client_of(create_staff("editors"))
    assert list(other.get(address("changelist")).context["saved_filters"]) == []
    assert other.post(address("drop_filter", number)).status_code == 404
    assert editor.post(address("drop_filter", number, model="region")).status_code == 404
    assert editor.get(address("drop_filter", number)).status_code == 405
    keep(other, "A", "q=two")
    assert len(kept()) == 2
    done = editor.post(address("drop_filter", number), {"query": "q=one"}, follow=True)
    assert done.redirect_chain == [(f"{address('changelist')}?q=one", 302)]
    assert kept() == [("career", "A", "q=two")]


def test_whoever_may_not_see_a_list_keeps_none_of_its_filters():
    nobody = client_of(create_staff())
    assert keep(nobody, "A", "q=one").status_code == 403
    assert kept() == []


def test_name_of_a_filter_is_one_s_own_once(staff):
    own = {"user": staff, "model": "career", "name": "A"}
    SavedFilter.objects.create(**own, query="q=one")
    with refused_by_database(ONE_NAME, COLUMNS):
        SavedFilter.objects.create(**own, query="q=two")
    assert kept() == [("career", "A", "q=one")]
