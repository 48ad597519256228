from datetime import date

import pytest
from django.db import OperationalError, connection
from django.http import QueryDict

from careers.answers import LISTED, Group
from careers.filters import MAX_AMOUNT, CareerFilter
from careers.models import Career
from careers.results import Results
from tests.factories import (
    LONG_AGO,
    create_band,
    create_career,
    create_source,
)

pytestmark = pytest.mark.django_db

PROMPT, ETHICIST, ENGINEER = "ingenieur-prompt", "ethicien-en-ia", "ingenieur-en-ia"
SCIENTIST, CHATBOT = "data-scientist", "chef-de-projet-chatbot"


def ask(question):
    return CareerFilter(QueryDict(question))


def groups(question):
    """The group of every career that the words match, listed or not; by slug."""
    slugs = dict(Career.objects.values_list("pk", "slug"))
    standing = ask(question).numbers(Group)
    return {slugs[pk]: group.name.lower() for pk, group in standing.items()}


def listed(question):
    return [career.slug for career in ask(question).listed()]


def ignored(question):
    return [(part.name, part.value) for part in ask(question).ignored]


# --- The golden five --------------------------------------------------------------------------

FIVE = (PROMPT, ETHICIST, ENGINEER, SCIENTIST, CHATBOT)
ANSWERS = {
    "": "sure sure sure sure unknown",
    "salary_min=0": "possible sure sure sure unknown",
    "salary_min=80000": "possible possible sure below unknown",
    "salary_min=1000000": "possible below possible below unknown",
    "region=FR": "wider sure sure sure wider",
    "region=FR&salary_min=80000": "wider possible sure below wider",
    "region=FR-IDF&salary_min=80000": "wider wider wider below wider",
    "region=150&salary_min=80000": "possible possible sure below wider",
    "region=001&salary_min=80000": "possible possible sure below unknown",
    "region=US": "sure absent absent absent wider",
    "region=DE": "wider absent absent absent wider",
    "level=entry": "absent absent sure absent absent",
    "level=entry&salary_min=80000": "absent absent below absent absent",
    "level=senior&salary_min=80000": "absent absent sure absent absent",
    "level=senior&region=US": "absent absent absent absent absent",
    "engagement=employee": "absent absent absent absent absent",
    # 108,000 EUR are 118,594.80 USD and 100,000 EUR are 109,810.00 USD.
    "salary_min=118594&currency=USD": "possible below sure below unknown",
    "salary_min=118595&currency=USD": "possible below possible below unknown",
    "salary_min=109810&currency=usd&region=fr": "wider possible sure below wider",
    "salary_min=109811&currency=USD&region=FR": "wider below sure below wider",
    "q=ingenieur": "sure - sure - -",
    "q=engineer&salary_min=80000": "possible - sure - -",
    "q=boulanger": "- - - - -",
}


def answers(question):
    named = zip(FIVE, ANSWERS[question].split(), strict=True)
    return {slug: group for slug, group in named if group != "-"}


@pytest.mark.parametrize("question", ANSWERS)
def test_golden_careers_are_grouped_and_counted(golden, question):
    create_career(title_fr="Ingénieur brouillon", status="draft")
    assert groups(question) == answers(question)
    asked = ask(question)
    names = list(answers(question).values())
    assert asked.ignored == []
    assert asked.counts == {group: names.count(group.name.lower()) for group in Group}
    assert asked.listed_counts == {group: asked.counts[group] for group in LISTED}
    assert set(listed(question)) == {
        slug for slug, name in answers(question).items() if name not in ("below", "absent")
    }


@pytest.mark.parametrize(
    ("question", "in_order"),
    [
        ("", [SCIENTIST, ETHICIST, ENGINEER, PROMPT, CHATBOT]),
        ("sort=title", [SCIENTIST, ETHICIST, ENGINEER, PROMPT, CHATBOT]),
        ("sort=newest", [SCIENTIST, ENGINEER, ETHICIST, PROMPT, CHATBOT]),
        ("sort=pay_up", [SCIENTIST, ETHICIST, ENGINEER, PROMPT, CHATBOT]),
        ("sort=pay_down", [PROMPT, ENGINEER, ETHICIST, SCIENTIST, CHATBOT]),
        # The groups come first.
        ("sort=pay_down&salary_min=80000", [ENGINEER, PROMPT, ETHICIST, CHATBOT]),
        # In Europe the dollars do not count, and at 100,000 twice the title decides.
        ("sort=pay_down&region=150", [ENGINEER, ETHICIST, PROMPT, SCIENTIST, CHATBOT]),
        # What wider areas pay is what there is to sort by.
        ("sort=pay_down&region=FR-IDF", [ENGINEER, ETHICIST, PROMPT, SCIENTIST, CHATBOT]),
        ("sort=pay_up&region=FR-IDF", [SCIENTIST, ETHICIST, ENGINEER, PROMPT, CHATBOT]),
    ],
)
def test_golden_careers_are_listed_in_the_order_asked(golden, question, in_order):
    assert listed(question) == in_order


@pytest.mark.usefixtures("english")
def test_golden_careers_are_listed_by_the_title_in_the_language(golden):
    assert listed("") == [ENGINEER, ETHICIST, SCIENTIST, PROMPT, CHATBOT]


def test_figures_are_the_best_three_of_the_region_or_else_of_wider_areas(golden, regions):
    for level in ("mid", "lead"):
        create_band(career=golden[ENGINEER], region=regions["FR"], low=60_000, level=level)

    def shown(question):
        asked = ask(question)
        figures = Results.answering(asked, asked.numbers(LISTED)).bands
        return {
            career.slug: [(band.region.code, band.level) for band in figures[career.pk]]
            for career in golden.values()
            if career.pk in figures
        }

    assert shown("region=FR&salary_min=80000") == {
        ENGINEER: [("FR", "senior"), ("FR", "mid"), ("FR", "lead")],
        ETHICIST: [("FR", "")],
        PROMPT: [("150", "")],
        CHATBOT: [("001", "")],
    }
    assert shown("q=prompt") == {PROMPT: [("US", ""), ("150", "")]}
    assert shown("level=entry") == {ENGINEER: [("FR", "entry")]}


def test_figures_of_the_region_itself_stand_before_those_of_its_parts(regions):
    career = create_career(title_fr="Soudeur")
    for code, low, level in (
        ("FR-IDF", 90_000, ""),
        ("FR-75C", 70_000, ""),
        ("FR", 50_000, ""),
        ("FR", 40_000, "entry"),
    ):
        create_band(career=career, region=regions[code], low=low, level=level)

    def shown(question):
        asked = ask(question)
        figures = Results.answering(asked, asked.numbers(LISTED)).bands[career.pk]
        return [(band.region.code, band.low) for band in figures]

    assert shown("") == [("FR-IDF", 90_000), ("FR-75C", 70_000), ("FR", 50_000)]
    assert shown("region=FR") == [("FR", 50_000), ("FR", 40_000), ("FR-IDF", 90_000)]
    assert shown("region=FR&salary_min=45000") == shown("region=FR")
    # What answers best comes first, wherever in the region it is said.
    assert shown("region=FR&salary_min=80000") == [
        ("FR-IDF", 90_000),
        ("FR", 50_000),
        ("FR", 40_000),
    ]
    assert shown("region=FR&region=FR-75C") == [("FR-75C", 70_000), ("FR", 50_000), ("FR", 40_000)]


# --- One band must meet every condition -------------------------------------------------------


def test_conditions_meet_on_one_band(regions):
    career = create_career(title_fr="Piège")
    create_band(career=career, region=regions["FR"], high=30_000)
    create_band(career=career, region=regions["US"], low=90_000)
    assert groups("region=FR&salary_min=60000") == {"piege": "below"}
    assert groups("region=US&salary_min=60000") == {"piege": "sure"}
    assert groups("salary_min=60000") == {"piege": "sure"}


def test_level_and_engagement_meet_on_one_band(regions):
    career = create_career(title_fr="Piège")
    france = regions["FR"]
    create_band(career=career, region=france, low=90_000, level="senior", engagement="freelance")
    create_band(career=career, region=france, high=30_000, level="entry", engagement="employee")
    create_band(career=career, region=france, low=85_000)
    assert groups("level=senior&engagement=employee") == {"piege": "absent"}
    assert groups("level=entry&salary_min=80000") == {"piege": "below"}
    assert groups("engagement=employee&salary_min=80000") == {"piege": "below"}
    assert groups("engagement=freelance&salary_min=80000") == {"piege": "sure"}
    assert groups("level=senior&engagement=freelance&region=FR") == {"piege": "sure"}


def test_drafts_and_careers_of_the_future_never_answer(regions):
    draft = create_career(title_fr="Brouillon", status="draft")
    future = create_career(title_fr="Futur", published_at=LONG_AGO.replace(year=2999))
    for career in (draft, future):
        create_band(career=career, region=regions["FR"], low=90_000)
    for question in ("", "region=FR", "salary_min=80000", "q=brouillon", "q=futur"):
        assert groups(question) == {}
        assert set(ask(question).counts.values()) == {0}


def test_only_the_current_band_of_a_series_answers(regions):
    career = create_career(title_fr="Autrefois")
    create_band(career=career, low=90_000, observed_on=date(2022, 4, 30))
    create_band(career=career, high=70_000)
    assert groups("salary_min=80000") == {"autrefois": "below"}
    # Another level and another source are another series: they stay.
    survey = create_source(slug="survey", title="Survey")
    create_band(career=career, low=95_000, observed_on=date(2021, 1, 1), source=survey)
    assert groups("salary_min=80000") == {"autrefois": "sure"}


def test_career_without_any_figure_is_unknown_until_a_place_or_level_is_asked(regions):
    create_career(title_fr="Sans")
    assert groups("salary_min=80000") == {"sans": "unknown"}
    for question in ("region=FR", "level=mid", "engagement=employee&salary_min=1"):
        assert groups(question) == {"sans": "absent"}


# --- What is not understood -------------------------------------------------------------------

NOT_UNDERSTOOD = [
    *("region=XX", "region=FR%25", "region=%00", "region=" + "F" * 11),
    *("level=boss", "level=null", "engagement=volunteer", "sort=random"),
    *("currency=XXX", "currency=EURO", "colour=red", "bands__low=1", "status=draft", "%00=1"),
    *("q=%00", "q=%3F%21", "q=" + "a" * 201),
    *(
        "salary_min=-5",
        "salary_min=80kk",
        "salary_min=80.5k",
        "salary_min=80000.50",
        "salary_min=8,00,000",
    ),
    *("salary_min=nan", "salary_min=1e5", "salary_min=%C2%B2.000", "salary_min=" + "9" * 5000),
    f"salary_min={MAX_AMOUNT + 1}",
]


@pytest.mark.parametrize("bad", NOT_UNDERSTOOD)
def test_what_is_not_understood_is_named_and_the_rest_answered(golden, bad):
    create_career(title_fr="Brouillon", status="draft")
    rest = "level=senior" if not bad.startswith("level") else "q=chatbot"
    assert ignored(f"{bad}&{rest}") == list(QueryDict(bad).items())
    assert groups(f"{bad}&{rest}") == groups(rest)
    assert groups(bad) == groups("")


@pytest.mark.usefixtures("english")
def test_what_is_not_understood_is_explained(golden):
    question = (
        "region=XX&region=FR&currency=XXX&colour=red&q=%3F&level=mid&level=boss&age=1&age=2"
        "&field=x&salary_min=a"
    )
    assert [(part.name, part.why) for part in ask(question).ignored] == [
        ("region", "no region has this code"),
        ("currency", "no exchange rate is known for this currency"),
        ("colour", "this is not a part of the question"),
        ("q", "there is no word in it to look for"),
        ("level", "this is not one of the choices"),
        ("age", "asked twice; only the last one counts"),
        ("field", "no field of work has this address"),
        ("salary_min", "Enter a whole number."),
    ]


@pytest.mark.parametrize(
    "question",
    [
        *("", "utm_source=x&utm_medium=y", "fbclid=1", "gclid=1", "mc_cid=1", "page=2"),
        *("q=", "q=+++", "region=", "level=&engagement=&salary_min=&currency=&sort="),
    ],
)
def test_what_asks_nothing_passes_in_silence(golden, question):
    assert ignored(question) == []
    assert groups(question) == groups("")


def test_what_is_asked_twice_counts_once_and_is_said(golden):
    assert ignored("age=1&age=2") == [("age", "1")]
    assert groups("age=1&age=2") == groups("age=2")
    assert ignored("age=1&age=1") == []


@pytest.mark.parametrize(
    "typed",
    [
        *("80 000", "80\u202f000", "80\u00a0000 €", "80.000 €", "80,000", "$80,000", " 80000.00 "),
        *("80k", "80 K€", "$80k"),
    ],
)
def test_amount_is_read_as_people_type_it(golden, typed):
    query = QueryDict(mutable=True)
    query["salary_min"] = typed
    assert ask(query.urlencode()).asked["salary_min"] == 80_000
    assert groups(query.urlencode()) == answers("salary_min=80000")


# --- Queries ----------------------------------------------------------------------------------


def test_database_that_goes_away_is_not_mistaken_for_anything_else(golden):
    """numpy, given a queryset, takes what its reading raises for a sign that it is no sequence."""
    question = ask("q=ia")
    question.answers.public()

    def away(*_asked):
        raise OperationalError("away")

    with connection.execute_wrapper(away), pytest.raises(OperationalError):
        question.listed()


@pytest.mark.parametrize(
    ("question", "queries"),
    [
        # The state of the content, the careers and their figures;
        ("", 3),
        # the region, the currencies that can be asked. What words match is kept.
        ("q=ia&sort=pay_down", 3),
        ("region=FR&salary_min=80000", 4),
        ("region=FR&salary_min=80000&currency=USD&sort=pay_up", 5),
    ],
)
def test_queries_do_not_grow_with_the_careers(
    golden, regions, django_assert_num_queries, question, queries
):
    def answer():
        asked = ask(question)
        figures = Results.answering(asked, asked.numbers(LISTED)).bands
        assert asked.ignored == []
        for bands in figures.values():
            for band in bands:
                assert (band.region.name, band.source.title) != ("", "")
        return sum(asked.counts.values())

    answer()  # reads what changed, once for all questions
    with django_assert_num_queries(queries):
        few = answer()
    for number in range(20):
        career = create_career(title_fr=f"IA {number}")
        create_band(career=career, region=regions["150"], low=90_000)
        create_band(career=career, region=regions["FR"], low=number * 10_000)
    answer()
    with django_assert_num_queries(queries):
        assert answer() == few + 20
