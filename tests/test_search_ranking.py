"""Which careers come first, and what is offered when none does."""

import re
from unittest.mock import patch
from urllib.parse import parse_qs, urlsplit

import pytest
from django.http import QueryDict
from django.template.loader import get_template
from hypothesis import example, given
from hypothesis import strategies as st

from careers import search
from careers.filters import CareerFilter
from careers.models import Career
from tests.factories import LONG_AGO, create_band, create_career, undone
from tests.pages import text_of

pytestmark = pytest.mark.django_db


def ask(**question):
    query = QueryDict(mutable=True)
    query.update(question)
    return CareerFilter(query)


def listed(words, **question):
    return [career.title_fr for career in ask(q=words, **question).listed()]


# --- Relevance --------------------------------------------------------------------------------

# From the best to the worst, and in another order by title.
BAKERS = [
    {"title_fr": "Boulanger"},
    {"title_fr": "Chef boulanger"},
    {"title_fr": "Formateur de boulangers"},
    {"title_fr": "Artisan du pain", "alternative_titles_fr": "Fournier\nBoulangère"},
    {"title_fr": "Vendeur en boulangerie"},
    {"title_fr": "Aide", "alternative_titles_fr": "Aide de la boulangère"},
    {"title_fr": "Agent", "alternative_titles_en": "Agent", "alternative_titles_fr": "Boulangerie"},
    {"title_fr": "Biologiste du blé", "skills_fr": "- Parler avec des boulangers"},
]


def test_best_matches_come_first():
    for fields in reversed(BAKERS):
        create_career(**fields)
    create_career(title_fr="Boucher")
    create_career(title_fr="Boulanger en chef", status="draft")
    in_order = [fields["title_fr"] for fields in BAKERS]
    assert listed("boulanger") == in_order
    assert listed("La Boulangère") == in_order
    assert listed("boulanger", sort="relevance") == in_order
    assert listed("boulanger", sort="title") == sorted(in_order)


@pytest.mark.parametrize(
    ("question", "in_order"),
    [
        # The order of the words does not count, nor does the language.
        ("robotique ingénieure", ["Ingénieur en robotique", "Ingénieur"]),
        ("engineer robotics", ["Ingénieur en robotique"]),
        # Words of one title before words of two; skills last.
        ("chef projet", ["Chef de projet", "Chef de cuisine", "Cuisinier"]),
        # A whole word before the beginning of one.
        ("chef", ["Chef de cuisine", "Chef de projet", "Cuisinier", "Chefferie"]),
        # "ia" is no part of an assistant or a chef.
        ("ia", ["Ingénieur"]),
    ],
)
def test_matches_are_ranked_by_where_all_words_stand(question, in_order):
    create_career(title_fr="Chefferie")
    create_career(title_fr="Assistant commercial")
    create_career(title_fr="Ingénieur", skills_fr="La robotique et l’IA")
    create_career(title_fr="Ingénieur en robotique", title_en="Robotics engineer")
    create_career(title_fr="Chef de projet")
    create_career(title_fr="Chef de cuisine", alternative_titles_fr="Pilote de projet")
    create_career(
        title_fr="Cuisinier", alternative_titles_fr="Chef", skills_fr="Tenir un projet de carte"
    )
    assert listed(question) == in_order


def test_of_one_grade_the_shorter_title_comes_first_then_the_alphabet():
    for title in ("Chef comptable", "Comptable des stocks et des flux", "Assistant comptable"):
        create_career(title_fr=title)
    create_career(title_fr="Comptable chez", slug="second")
    assert listed("comptable") == [
        "Comptable chez",
        "Chef comptable",
        "Assistant comptable",
        "Comptable des stocks et des flux",
    ]


def test_careers_with_the_same_title_are_in_the_order_of_their_keys():
    slugs = [create_career(title_fr="Boulanger", slug=slug).slug for slug in ("z", "a", "m")]
    assert [career.slug for career in ask(q="boulanger").listed()] == slugs


def test_groups_come_before_relevance(regions):
    exact = create_career(title_fr="Boulanger")
    longer = create_career(title_fr="Chef boulanger")
    create_band(career=exact, region=regions["FR"], low=20_000, high=90_000)
    create_band(career=longer, region=regions["FR"], low=90_000)
    assert listed("boulanger", salary_min="80000") == ["Chef boulanger", "Boulanger"]
    assert listed("boulanger") == ["Boulanger", "Chef boulanger"]


def test_other_sorts_do_not_ask_how_well_words_match():
    create_career(title_fr="Boulanger", published_at=LONG_AGO)
    create_career(title_fr="Artisan boulanger", published_at=LONG_AGO.replace(day=2))
    for sort in ("title", "newest", "pay_up", "pay_down"):
        assert listed("boulanger", sort=sort) == ["Artisan boulanger", "Boulanger"]


def test_without_words_the_order_is_that_of_titles():
    for title in ("Boulanger", "Zoologue", "Avocat"):
        create_career(title_fr=title)
    for words in ("", "?!", "\0"):
        assert listed(words) == ["Avocat", "Boulanger", "Zoologue"]


# --- The grade, by plain Python ---------------------------------------------------------------

WORDS = ["Chef", "cheffe", "Chefferie", "C++", "C#", "en", "IA", "Data", "100%", "(chef)", "a|b"]
TITLES = st.lists(st.sampled_from(WORDS), min_size=1, max_size=3).map(" ".join)


def plain_grade(asked, titles, others, skills):
    """docs' words, one title after the other; None when the words do not match."""

    def stems(text):
        return set(search.index(text).split())

    def begun(text, words):
        return all(any(stem.startswith(word) for stem in stems(text)) for word in words)

    words = search.terms(asked)
    lines = [*titles, *others]
    if not begun(" ".join([*lines, skills]), words):
        return None
    tests = [
        any(stems(title) == set(words) for title in titles),
        any(set(words) <= stems(title) for title in titles),
        any(stems(title) == set(words) for title in others),
        any(begun(title, words) for title in titles),
        any(set(words) <= stems(title) for title in others),
        any(begun(title, words) for title in others),
        begun(" ".join(lines), words),
    ]
    return tests.index(True) if True in tests else len(tests)


@given(TITLES, TITLES, st.lists(TITLES, max_size=3), TITLES, TITLES)
@example("Chefferie", "IA", ["Data chef"], "C++", "chef")
@example("C++", "C#", [], "C", "c")
def test_relevance_is_what_plain_python_says(french, english, others, skills, asked):
    words = search.terms(asked)
    # Where one word is the beginning of another, one title word would have to answer for both.
    if any(a != b and b.startswith(a) for a in words for b in words):
        return
    with undone():
        create_career(
            title_fr=french,
            title_en=english,
            alternative_titles_fr="\n".join(others),
            skills_fr=skills,
        )
        found = Career.objects.matching(asked).with_relevance(asked)
        grade = plain_grade(asked, [french, english], others, skills)
        assert [career.relevance for career in found] == ([] if grade is None else [grade])


@given(st.text(max_size=60) | st.text("abc +#.*()[]{}|\\^$?'\"-·%_", max_size=60))
@example("a" * 200)
@example("c++ " * 50)
@example("(" * 200)
@example("\\" * 199 + "|")
@example("\ud7ff \U0001f600 ＩＡ ﬁ")
def test_any_words_are_answered(words):
    with undone():
        create_career(title_fr="Ingénieur prompt", alternative_titles_fr="C++\n(IA)\n||\n\\")
        question = ask(q=words)
        assert question.total <= 1
        assert {ask(q=each).total for each in question.corrections} <= {1}


# --- Did you mean -----------------------------------------------------------------------------


@pytest.fixture
def titles(db):
    create_career(title_fr="Ingénieur·e prompt", title_en="Prompt engineer")
    create_career(title_fr="Ingénieur en robotique", title_en="Robotics engineer")
    create_career(title_fr="Chef de projet", title_en="Project manager")
    create_career(title_fr="Pompier", title_en="Firefighter")
    create_career(title_fr="Bouliste", status="draft")


@pytest.mark.parametrize(
    ("words", "offered"),
    [
        ("ingenieur promt", ["ingénieur prompt"]),
        ("INGÉNIEURE PROMTS", ["ingénieur prompt"]),
        ("chef de projt", ["chef de projet", "chef de project"]),
        ("pompeir", ["pompier"]),
        ("enginer", ["engineer"]),
        ("fire figter", ["firefighter"]),
        # What is found is not corrected, even when other conditions leave nothing of it.
        ("ingenieur", []),
        ("prom", []),
        # Where nothing answers all of a sentence, words of it.
        ("pompier promt", ["pompier"]),
        (
            "je voudrais être un ou une pompière à Lyon ou bien ingénieure",
            ["ingénieure", "pompière"],
        ),
        ("salaire pompeir", ["pompier"]),
        # Nothing that looks like it, nothing public, nothing asked.
        ("zzzzzz", []),
        ("zzzzzz bouliste", []),
        ("boulliste", []),
        ("combien", []),
        ("", []),
        ("?!", []),
    ],
)
def test_typing_errors_are_corrected(titles, words, offered):
    assert ask(q=words).corrections == offered


def test_corrections_are_at_most_two_and_each_has_an_answer():
    for title in ("Soudeur", "Sondeur", "Souteneur", "Sourdeur"):
        create_career(title_fr=title)
    offered = ask(q="soubeur").corrections
    assert len(offered) == 2
    assert [ask(q=words).total for words in offered] == [1, 1]


def test_corrections_keep_the_rest_of_the_question(titles, regions):
    create_band(career=Career.objects.get(title_fr="Pompier"), region=regions["FR"], high=30_000)
    assert ask(q="pompeir", region="FR").corrections == ["pompier"]
    assert ask(q="pompeir", region="US").corrections == []
    assert ask(q="pompeir", region="FR", salary_min="90000").corrections == []


def test_corrections_that_would_be_too_long_to_ask_are_not_offered():
    words = [letter * 25 for letter in "bcdfghjk"]
    create_career(title_fr=" ".join(words))
    assert ask(q=" ".join(word[:-1] + "x" for word in words[:7])).corrections == [
        " ".join(words[:7])
    ]
    asked = " ".join(word[:-2] + "x" for word in words)
    assert len(asked) < 200 < len(" ".join(words))
    assert ask(q=asked).corrections == []


def test_corrections_cost_a_bounded_number_of_comparisons():
    known = search.vocabulary(f"abcdefgh{number:04}x" for number in range(50))
    with patch("careers.search.get_close_matches", return_value=[]) as compared:
        search.corrections(" ".join(f"abcdefgz{number}y" for number in range(500)), known)
    assert compared.call_count <= search.MAX_TERMS + 1


def links(response):
    text = response.content.decode()
    found = re.search(r'<p class="meant">(.*?)</p>', text, re.DOTALL)
    return re.findall(r'<a href="([^"]+)">([^<]+)</a>', found[1]) if found else []


@pytest.mark.parametrize("headers", [{}, {"HX-Request": "true"}])
def test_page_without_a_result_links_what_may_have_been_meant(client, titles, headers):
    response = client.get("/metiers/?q=ingenieur+promt&sort=newest", headers=headers)
    [(address, words)] = links(response)
    assert words == "ingénieur prompt"
    parts = urlsplit(address.replace("&amp;", "&"))
    assert parts.path == "/metiers/"
    assert parse_qs(parts.query) == {"q": ["ingénieur prompt"], "sort": ["newest"]}
    follow = client.get(address.replace("&amp;", "&"))
    assert [each.career.title_fr for group in follow.context["groups"] for each in group.results]
    assert links(follow) == []
    assert links(client.get("/metiers/?q=zzzzzz")) == []


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        (
            "q=zzzzzz",
            "No career meets this Try another word, in French or in English, or look through the "
            "fields of work. All careers",
        ),
        ("q=pompeir", "No career meets this Did you mean pompier? All careers"),
        (
            "region=US",
            "4 careers, none with a figure for this choice. Remove: United States Clear all "
            "No figure for this choice All careers Reading the bars",
        ),
        (
            "q=zzzzzz&region=US",
            "No career meets all of this "
            "No single condition is in the way: you can begin again. All careers",
        ),
        (
            "q=pompier&region=US",
            "1 career, without a figure for this choice. Remove: “pompier” Remove: United States "
            "Clear all No figure for this choice You can drop one condition: "
            "Remove: United States (1 career) All careers Reading the bars",
        ),
    ],
)
def test_page_without_a_result_says_what_fits_the_question(client, titles, regions, asked, said):
    assert said in text_of(client.get(f"/en/careers/?{asked}"))


def test_words_offered_are_escaped(client):
    create_career(title_fr="Ingénieur<script> prompt")
    response = client.get("/metiers/?q=ingeneur%3Cscript%3E+promt")
    assert b"<script> prompt" not in response.content
    assert [words for _address, words in links(response)] == ["ingénieur script prompt"]


def test_partial_that_offers_them_is_that_of_an_empty_list():
    assert "corrections" in get_template("careers/_nothing.html").template.source
