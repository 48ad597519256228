"""A facet's count equals the list after the click."""

from datetime import date, timedelta

import pytest
from django.http import QueryDict
from django.utils import timezone
from hypothesis import given, settings
from hypothesis import strategies as st

from careers.facets import Facets
from careers.filters import CareerFilter
from careers.templatetags.question import chips, relaxations
from tests.factories import (
    create_band,
    create_career,
    create_field,
    create_rate,
    create_region,
    create_source,
)

pytestmark = pytest.mark.django_db

LEVELS = ["", "entry", "mid", "senior", "lead"]
ENGAGEMENTS = ["", "employee", "freelance"]
DAYS = [timezone.localdate() - timedelta(days) for days in (30, 500, 1_000, 5_000)]
AMOUNTS = ["", "30000", "60000", "90000"]


def ask(asked):
    data = QueryDict(mutable=True)
    for name, values in asked.items():
        data.setlist(name, [value for value in values if value])
    return CareerFilter(data)


def listed(asked):
    return ask(asked).total


@pytest.fixture
def world():
    """Careers with figures of every kind at every depth of a small tree, and one without any."""
    world = create_region(code="001", kind="world", name_fr="Monde")
    europe = create_region(code="150", parent=world, kind="continent", name_fr="Europe")
    france = create_region(code="FR", parent=europe, name_fr="France")
    paris = create_region(code="FR-75", parent=france, kind="subdivision1", name_fr="Paris")
    states = create_region(code="US", parent=world, name_fr="États-Unis")
    source = create_source()
    create_rate(currency="USD", fixed_on=date(2003, 1, 2), rate="1.1")
    fields = [create_field(name_fr="Données"), create_field(name_fr="Élevage")]
    places = [world, europe, france, paris, states]
    for number in range(12):
        career = create_career(
            title_fr=f"Métier {number}",
            slug=f"metier-{number}",
            title_en=["", "Job"][number % 2],
            summary_fr=["", "Un métier."][number % 3 == 0],
            field=[None, *fields][number % 3],
        )
        for step in range(number % 4):
            create_band(
                career=career,
                region=places[(number * 3 + step) % 5],
                source=source,
                level=LEVELS[(number + step) % 5],
                engagement=ENGAGEMENTS[(number * 2 + step) % 3],
                observed_on=DAYS[(number + step) % 4],
                currency=["EUR", "USD"][number % 2],
                basis=["", "gross", "net"][(number + 2 * step) % 3],
                **[
                    {"low": 30_000 + 9_000 * number},
                    {"high": 20_000 + 8_000 * number},
                    {"high": 10_000 * number, "open_ended": True},
                    {"no_figure_reason": "varies"},
                ][(number + step) % 4],
            )
    draft = create_career(title_fr="Brouillon", slug="brouillon", status="draft")
    create_band(career=draft, region=france, source=source, level="lead", low=99_000)
    return places


def some(*values, most=2):
    return st.lists(st.sampled_from(values), max_size=most, unique=True)


QUESTIONS = st.fixed_dictionaries(
    {
        "region": some("001", "150", "FR", "FR-75", "US", most=3),
        "level": some("entry", "mid", "senior", "lead"),
        "engagement": some("employee", "freelance"),
        "field": some("donnees", "elevage"),
        "age": some("1", "2", "5", most=1),
        "language": some("fr", "en"),
        "salary_min": some(*AMOUNTS, most=1),
        "currency": some("USD", most=1),
        "q": some("metier 1", "rien", most=1),
    }
)


@pytest.mark.usefixtures("world")
@settings(max_examples=12)
@given(asked=QUESTIONS)
def test_facet_count_equals_the_list_after_the_click(asked):
    facets = Facets(ask(asked))
    for name, choices in (
        ("region", facets.regions),
        ("level", facets.levels),
        ("engagement", facets.engagements),
        ("field", facets.fields),
        ("language", facets.languages),
    ):
        counted = {choice.value: choice.count for choice in choices}
        after = {value: sorted({*asked[name]} ^ {value}) for value in counted}
        assert counted == {value: listed({**asked, name: after[value]}) for value in counted}
        assert {choice.value for choice in choices if choice.is_asked} == {*asked[name]}
    ages = {choice.value: choice.count for choice in facets.ages}
    assert ages == {value: listed({**asked, "age": [value]}) for value in ["", "1", "2", "5"]}


def test_facets_ask_the_same_few_queries_however_many_choices(world, django_assert_num_queries):
    before = Facets(ask({}))  # reads what changed, and the fields of work, once for all questions
    assert before.regions
    assert before.fields
    question = ask({"region": ["FR"], "salary_min": ["30000"]})
    assert [region.code for region in question.asked["region"]] == ["FR"]
    with django_assert_num_queries(1):  # the state of the content
        facets = Facets(question)
        assert len(facets.regions) == 5
        assert (len(facets.levels), len(facets.engagements), len(facets.ages)) == (4, 2, 4)
        assert [choice.label for choice in facets.fields] == ["Données", "Élevage"]
        assert [choice.value for choice in facets.languages] == ["fr", "en"]


@pytest.mark.usefixtures("world")
def test_relaxation_counts_equal_the_list_after_the_click():
    asked = {
        "region": ["FR-75", "US"],
        "level": ["lead"],
        "salary_min": ["90000"],
        "q": ["metier"],
        "age": ["5"],
    }
    question = ask(asked)
    relaxed = relaxations(question, chips(question))
    counted = {(chip.name, chip.value): count for chip, count in relaxed}
    after = {
        (name, value): listed({**asked, name: [each for each in values if each != value]})
        for name, values in asked.items()
        for value in values
    }
    assert counted == {chip: count for chip, count in after.items() if count}
    assert counted
    everything = CareerFilter()
    assert everything.total == listed({})
    # Without its only condition, a question is the whole list, which has a link of its own.
    alone = ask({"q": ["zzz"]})
    assert relaxations(alone, chips(alone)) == []


def test_large_tree_opens_where_it_is_ticked(client, monkeypatch):
    """World > 2 continents > 2 countries each > 2 provinces each; nine regions at once at most."""
    monkeypatch.setattr("careers.facets.MOST_REGIONS", 9)
    world = create_region(code="001", kind="world")
    for a in "AB":
        continent = create_region(code=f"C{a}", parent=world, kind="continent")
        for b in "AB":
            country = create_region(code=f"{a}{b}", parent=continent)
            for c in "12":
                province = create_region(code=f"{a}{b}-{c}", parent=country, kind="subdivision1")
                create_band(career=create_career(title_fr=province.code), region=province, low=1)

    def offered(*codes):
        return {choice.value for choice in Facets(ask({"region": codes})).regions}

    upper = {"001", "CA", "CB", "AA", "AB", "BA", "BB"}
    assert offered() == upper
    assert offered("AA") == upper | {"AA-1", "AA-2"}
    assert offered("AA-1", "BB") == upper | {"AA-1", "AA-2", "BB-1", "BB-2"}
    # HTMX gets the parts along with their numbers.
    part = client.get("/metiers/?region=AA", headers={"HX-Request": "true"}).content.decode()
    assert part.count('type="checkbox"') == 9
    assert "Cochez une zone" in part
    monkeypatch.undo()
    assert len(offered()) == 15
    assert "Cochez une zone" not in client.get("/metiers/").content.decode()
