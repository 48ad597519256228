"""What is made of single careers is kept until they change, and says nothing of other questions."""

from datetime import timedelta
from urllib.parse import urlencode

import numpy as np
import pytest
from django.test import Client
from django.utils import timezone
from hypothesis import given, settings
from hypothesis import strategies as st

from careers import index
from careers.kept import Kept
from careers.models import Career, Region, SalaryBand, Source
from tests.staff import client_of, create_staff
from tests.test_any_question import QUESTIONS
from tests.test_drafting import at, write

pytestmark = pytest.mark.django_db


def test_kept_is_made_once_for_each_key():
    store, made = Kept(10_000), []

    def make():
        made.append(1)
        return len(made)

    assert [store.of((1, "a"), make) for _ in range(3)] == [1, 1, 1]
    assert [store.of((1, "b"), make), store.of((2, "a"), make)] == [2, 3]
    assert [store.of(key, make) for key in ((1, "a"), (1, "b"), (2, "a"))] == [1, 2, 3]


def test_kept_forgets_careers_that_changed_and_no_others():
    store = Kept(10_000)
    for career in (1, 2):
        store.of((career, "a"), lambda career=career: f"old {career}")
    renewed = store.without({1})
    assert [renewed.of((career, "a"), lambda: "new") for career in (1, 2)] == ["new", "old 2"]
    assert store.of((1, "a"), lambda: "new") == "old 1"


@pytest.mark.parametrize("thing", ["’" * 50_000, np.zeros(100_000, np.uint8)])
def test_kept_makes_room_by_dropping_the_oldest(thing):
    store = Kept(450_000)  # of things of 100,000 octets each
    for number in range(5):
        store.of(number, lambda: thing)
    new = [store.of(number, lambda: "new") is not thing for number in range(5)]
    assert new == [True, False, False, False, False]


@pytest.mark.usefixtures("golden")
@given(st.lists(QUESTIONS, min_size=2, max_size=4))
@settings(max_examples=10)
def test_list_made_of_what_is_kept_is_the_list_made_anew(questions):
    client = Client()
    paths = [f"/metiers/?{urlencode(asked, doseq=True)}" for asked in questions]
    paths += [f"/en/careers/?{urlencode(asked, doseq=True)}" for asked in questions]
    paths += [f"/api/v1/careers/?{urlencode(asked, doseq=True)}" for asked in questions]
    before = [client.get(path, follow=True).content for path in paths]
    after = [client.get(path, follow=True).content for path in paths]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Kept, "of", lambda store, key, make: make())
        anew = [client.get(path, follow=True).content for path in paths]
    assert before == after == anew


@pytest.mark.parametrize(
    "asked", ["", "?region=FR&salary_min=80000", "?region=US&currency=USD", "?all=1", "?zzz=1"]
)
def test_career_made_of_what_is_kept_is_the_career_made_anew(golden, client, monkeypatch, asked):
    paths = [
        f"{prefix}{slug}/{asked}" for prefix in ("/metiers/", "/en/careers/") for slug in golden
    ]
    before = [client.get(path).content for path in paths]
    after = [client.get(path).content for path in paths]
    monkeypatch.setattr(Kept, "of", lambda store, key, make: make())
    assert before == after == [client.get(path).content for path in paths]


CHANGES = {
    "title": lambda: Career.objects.filter(slug="ethicien-en-ia").update(title_fr="Autrement dit"),
    "region": lambda: Region.objects.filter(code="FR").update(name_fr="Autrement dit"),
    "source": lambda: Source.objects.update(title="Autrement dit"),
    "figure": lambda: SalaryBand.objects.filter(career__slug="ethicien-en-ia").update(
        inferred_fr="Autrement dit"
    ),
}


@pytest.mark.parametrize("change", CHANGES)
def test_what_changed_is_on_the_next_list_and_page(golden, client, change):
    pages = ["/metiers/", "/metiers/ethicien-en-ia/", "/api/v1/careers/"]
    assert not any("Autrement dit" in client.get(path).text for path in pages)
    CHANGES[change]()
    assert all("Autrement dit" in client.get(path).text for path in pages)


def test_ages_are_those_of_the_day(golden, client, monkeypatch):
    today = client.get("/metiers/").content
    later = timezone.localdate() + timedelta(days=400)
    monkeypatch.setattr(timezone, "localdate", lambda *_args: later)
    assert client.get("/metiers/").content != today


@pytest.mark.parametrize("path", ["/metiers/", "/api/v1/careers/?salary_min=80000"])
def test_kept_list_reads_neither_careers_nor_figures(
    golden, client, django_assert_num_queries, path
):
    client.get(path)
    with django_assert_num_queries(2) as asked:
        client.get(path)
    tables = {"careers_career", "careers_salaryband"}
    assert not [
        query for query in asked if any(f'FROM "{name}"' in query["sql"] for name in tables)
    ]


def test_previews_are_neither_kept_nor_made_of_what_is_kept(golden, client, english):
    career = golden["ethicien-en-ia"]
    public = client.get(career.get_absolute_url()).content
    held = index.current()[0]
    editor = client_of(create_staff("editors"))
    write(editor, career, summary_en="Said otherwise")
    frames = [each.address for each in editor.get(at(career, "preview_page")).context["frames"]]
    assert [address for address in frames if "Said otherwise" in editor.get(address).text]
    assert client.get(career.get_absolute_url()).content == public
    assert index.current()[0] is held
