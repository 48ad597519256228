"""A facet's count equals the list after the click."""

from datetime import date

import pytest
from django.http import QueryDict
from hypothesis import given, settings
from hypothesis import strategies as st

from careers.facets import Facets
from careers.filters import CareerFilter
from careers.models import Career, Region
from careers.templatetags.question import relaxations
from tests.factories import create_band, create_career, create_rate, create_region, create_source

pytestmark = pytest.mark.django_db

LEVELS = ["", "entry", "mid", "senior", "lead"]
ENGAGEMENTS = ["", "employee", "freelance"]
AMOUNTS = ["", "30000", "60000", "90000"]


def ask(**asked: str) -> CareerFilter:
    data = QueryDict(mutable=True)
    data.update({name: value for name, value in asked.items() if value})
    return CareerFilter(data, queryset=Career.objects.published())


def listed(**asked: str) -> int:
    return ask(**asked).listed.count()


@pytest.fixture
def world():
    """Careers with figures of every kind at every depth of a small tree, and one without any."""
    world = create_region(code="001", kind="world", name_fr="Monde")
    europe = create_region(code="150", parent=world, kind="continent", name_fr="Europe")
    france = create_region(code="FR", parent=europe, name_fr="France")
    paris = create_region(code="FR-75", parent=france, kind="subdivision1", name_fr="Paris")
    states = create_region(code="US", parent=world, name_fr="États-Unis")
    source = create_source()
    create_rate(currency="USD", fixed_on=date(2023, 1, 2), rate="1.1")
    places = [world, europe, france, paris, states]
    for number in range(12):
        career = create_career(title_fr=f"Métier {number}", slug=f"metier-{number}")
        for step in range(number % 4):
            create_band(
                career=career,
                region=places[(number * 3 + step) % 5],
                source=source,
                level=LEVELS[(number + step) % 5],
                engagement=ENGAGEMENTS[(number * 2 + step) % 3],
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


@pytest.mark.usefixtures("world")
@settings(max_examples=20)
@given(
    region=st.sampled_from(["", "001", "150", "FR", "FR-75", "US"]),
    level=st.sampled_from(LEVELS),
    engagement=st.sampled_from(ENGAGEMENTS),
    salary_min=st.sampled_from(AMOUNTS),
    currency=st.sampled_from(["", "USD"]),
    q=st.sampled_from(["", "metier 1", "rien"]),
)
def test_facet_count_equals_the_list_after_the_click(**asked):
    facets = Facets(ask(**asked), Region.objects.offered())
    for name, choices in (
        ("region", facets.regions),
        ("level", facets.levels),
        ("engagement", facets.engagements),
    ):
        counted = {choice.value: choice.count for choice in choices}
        assert counted == {value: listed(**{**asked, name: value}) for value in counted}
        assert [choice.value for choice in choices if choice.is_asked] == [asked[name]]


def test_facets_ask_two_queries_however_many_choices(world, django_assert_num_queries):
    offered = Region.objects.offered()
    question = ask(region="FR", salary_min="30000")
    assert question.asked["region"].code == "FR"
    with django_assert_num_queries(2):
        facets = Facets(question, offered)
        assert len(facets.regions) == len(offered) + 1
        assert (len(facets.levels), len(facets.engagements)) == (5, 3)


@pytest.mark.usefixtures("world")
def test_relaxation_counts_equal_the_list_after_the_click():
    asked = {"region": "FR-75", "level": "lead", "salary_min": "90000", "q": "metier"}
    question = ask(**asked)
    counted = {chip.name: count for chip, count in relaxations(question)}
    after = {name: listed(**{**asked, name: ""}) for name in asked}
    assert counted == {name: count for name, count in after.items() if count}
    assert counted
    assert CareerFilter(queryset=Career.objects.published()).listed.count() == listed()
