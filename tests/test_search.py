import re
import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from careers import search
from careers.models import Career
from tests.factories import create_career


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        # Case and accents.
        ("Éthicien en IA", "ethicien en ia"),
        ("ÉTHICIEN", "ethicien"),
        ("e\u0301thicien", "ethicien"),  # typed as a letter and a combining accent
        ("Îlot façade Noël où aiguë", "ilot facade noel ou aigue"),
        ("Straße", "strasse"),
        # Ligatures and letters that do not decompose.
        ("Œuvre, cœur", "oeuvre coeur"),
        ("Ægir, curriculum vitæ", "aegir curriculum vitae"),
        ("Søren Łukasz", "soren lukasz"),
        # Apostrophes, straight and curly, and punctuation.
        ("L'ingénieur", "l ingenieur"),
        ("L’ingénieur", "l ingenieur"),
        ("machine-learning (ML), IA/data", "machine learning ml ia data"),
        ("a\u202fb\u00a0c\td\ne", "a b c d e"),
        # Names of languages.
        ("C++", "c++"),
        ("C#", "c#"),
        ("Développeur C++/C#", "developpeur c++ c#"),
        # Inclusive forms.
        ("Ingénieur·e", "ingenieur"),
        ("Ingénieur·e·s", "ingenieur"),
        ("INGÉNIEUR·E", "ingenieur"),
        ("Développeur·euse web", "developpeur web"),
        ("Développeur(se) web", "developpeur web"),
        ("Consultant(e)s", "consultants"),
        ("Technicien(ne)", "technicien"),
        ("Directeur(trice)", "directeur"),
        ("Directeur(rice)", "directeur"),
        ("Banquier(ère)", "banquier"),
        ("Accastilleur(se)", "accastilleur"),
        ("Ingénieur.e", "ingenieur"),
        ("Ingénieur.e.s", "ingenieur"),
        ("Infirmier-ère", "infirmier"),
        ("Chargé/e de mission", "charge de mission"),
        ("Développeur/se", "developpeur"),
        ("Infirmier/infirmière", "infirmier infirmiere"),
        ("Consultant (senior)", "consultant senior"),
        # The same marks with another sense.
        ("e-commerce, C.E., porte-avions, R/E", "e commerce c e porte avions r e"),
        # Nothing in it.
        ("", ""),
        (" ’ – _ % \\ \0 ", ""),
    ],
)
def test_fold_gives_the_form_that_people_type(text, folded):
    assert search.fold(text) == folded


@given(st.text(max_size=40))
@example("Salesforce™")
@example("𝐃ata")
@example("ǽ")
def test_fold_leaves_nothing_to_fold(text):
    folded = search.fold(text)
    assert search.fold(folded) == folded
    assert folded == folded.lower()


@given(st.text(max_size=40), st.integers(1, 30))
@example("../../admin/", 30)
@example("C++ & <b>", 30)
def test_slug_of_any_title_is_a_plain_part_of_an_address(title, length):
    slug = search.slug(title, length)
    assert re.fullmatch(r"([a-z0-9_]([a-z0-9_-]*[a-z0-9_])?)?", slug)
    assert len(slug) <= length
    # It is its own slug: an address that is copied into a title leads back to itself.
    assert search.slug(slug, length) == slug


@given(st.text(st.characters(categories=["L", "N", "P", "Zs"]), max_size=40))
@example("Banquier(ère)")
def test_fold_does_not_depend_on_how_accents_are_coded(text):
    composed = unicodedata.normalize("NFC", text)
    assert search.fold(unicodedata.normalize("NFD", composed)) == search.fold(composed)


def test_terms_are_at_most_eight():
    assert search.terms("L’IA, c’est 1 2 3 4 5 6 7") == ["ia", "c", "1", "2", "3", "4", "5", "6"]
    assert search.terms(" !? ") == []


@pytest.mark.parametrize(
    ("question", "words"),
    [
        ("le chef de la cuisine", ["chef", "cuisin"]),
        ("the manager of an office", ["manager", "offic"]),
        ("ingénieur en IA", ["ingenieur", "ia"]),
        ("prompt Prompts", ["prompt"]),
        # Alone, a stop word may be the beginning of another.
        ("de", ["de"]),
        ("de la", ["de", "la"]),
        # Beside a job only.
        ("Combien gagne une infirmière ?", ["infirmier"]),
        ("quel est le salaire d’un comptable", ["comptabl"]),
        ("how much does a nurse earn", ["nurs"]),
        ("salary", ["salari"]),
        # Never stop words.
        ("IT", ["it"]),
        ("C", ["c"]),
        ("R&D", ["r"]),
    ],
)
def test_terms_leave_out_stop_words(question, words):
    assert search.terms(question) == words


SAME = [
    "ingénieur ingénieure ingénieurs ingénieures ingénieur·e ingénieur(e) ingénieur-e",
    "développeur développeuse développeur·se développeuses",
    "directeur directrice directeurs directrices",
    "ambassadeur ambassadrice",
    "infirmier infirmière infirmières infirmier-ère",
    "boulanger boulangère boulangers",
    "technicien technicienne techniciennes",
    "maçon maçonne maçons",
    "avocat avocate avocats",
    "chef cheffe chefs",
    "chargé chargée chargés chargées",
    "commercial commerciale commerciaux",
    "professionnel professionnelle professionnels",
    "sportif sportive sportifs",
    "religieux religieuse religieuses",
    "français française françaises",
    "drapeau drapeaux",
    "animal animaux",
    "nurse nurses",
    "coach coaches",
    "secretary secretaries",
    "attorney attorneys",
    "waitress waitresses",
    "business businesses",
]
OTHERS = [
    "avocat avocatier",
    "boulanger boulangerie",
    "menuisier menuiserie",
    "libraire librairie",
    "coiffeur coiffure",
    "conseil conseiller",
    "secrétaire secrétariat",
    "masseur massage",
    "jardin jardinier",
    "marin marinier",
    "physicien physique",
    "chimie chimiste",
    "relieur reliure",
    "assistant assistance",
    "cook cooker",
    "plant planter",
]


@pytest.mark.parametrize("words", SAME)
def test_stem_is_one_for_all_forms_of_a_job(words):
    assert {tuple(search.terms(word)) for word in words.split()} == {
        tuple(search.terms(words.split()[0]))
    }


@pytest.mark.parametrize("words", OTHERS)
def test_stem_keeps_different_jobs_apart(words):
    assert len(set(map(search.stem, search.fold(words).split()))) == 2


@pytest.mark.parametrize("code", ["ia", "ai", "rh", "it", "c++", "c#", "sas", "bus", "3d", "100"])
def test_stem_leaves_short_words_and_codes(code):
    assert search.stem(code) == code


@pytest.mark.parametrize(
    "word",
    [
        *("ingénieure", "développeur", "infirmière", "boulangère", "physicien", "secretary"),
        *("data scientist", "journaliste", "assistant", "technicienne", "cheffe", "avocate"),
    ],
)
def test_beginning_of_a_word_is_the_beginning_of_its_stem(word):
    """So that the list does not go empty while one types."""
    whole = search.fold(word)
    begun = [search.stem(whole[:length].split()[-1]) for length in range(1, len(whole) + 1)]
    stems = search.index(word)
    assert {each for each in begun if f" {each}" not in stems} == set()


def test_index_keeps_each_word_once_behind_a_space():
    assert search.index("Ingénieur·e prompt", "Prompt engineer", "") == " ingenieur prompt engineer"


@given(st.text(max_size=40))
@example("Métier")
def test_any_text_is_folded_stemmed_and_stored(text):
    words = search.terms(text)
    assert all(words)
    assert len(words) <= search.MAX_TERMS
    # « métier » alone asks nothing, and « en » may become « enseignant ».
    asks = (
        word not in search._STOP_WORDS or len(word) <= search.MAX_BEGUN
        for word in search.fold(text).split()
    )
    assert bool(words) == any(asks)
    index = search.index(text)
    assert [word for word in search.terms(index) if f" {word}" not in f"{index} "] == []


# --- CareerQuerySet.matching ------------------------------------------------------------------


@pytest.fixture
def titles(db):
    create_career(
        title_fr="Ingénieur·e prompt",
        title_en="Prompt engineer",
        alternative_titles_fr="Ingénieure de requêtes\nRédactrice d’instructions",
        alternative_titles_en="AI whisperer",
    )
    create_career(title_fr="Développeur C++", title_en="C++ developer")
    create_career(title_fr="Développeur C#", title_en="C# developer")
    create_career(title_fr="Maître d’œuvre", title_en="")
    create_career(title_fr="Analyste 100 pour cent", title_en="Analyst")


@pytest.mark.parametrize(
    ("question", "found"),
    [
        ("ingénieur", {"Ingénieur·e prompt"}),
        ("INGENIEUR", {"Ingénieur·e prompt"}),
        ("ingénieure", {"Ingénieur·e prompt"}),
        ("ingénieur·e", {"Ingénieur·e prompt"}),
        # The beginning of a word, never its middle.
        ("ing", {"Ingénieur·e prompt"}),
        ("dév", {"Développeur C++", "Développeur C#"}),
        ("eloppeur", set()),
        ("rompt", set()),
        # Either language, and other titles.
        ("engineer", {"Ingénieur·e prompt"}),
        ("whisperer", {"Ingénieur·e prompt"}),
        ("requêtes", {"Ingénieur·e prompt"}),
        ("d'instructions", {"Ingénieur·e prompt"}),
        # Every word, in any order, from any of the titles.
        ("prompt ing", {"Ingénieur·e prompt"}),
        ("whisperer requetes", {"Ingénieur·e prompt"}),
        ("ingénieur C", set()),
        ("prompt boulanger", set()),
        ("c++", {"Développeur C++"}),
        ("C#", {"Développeur C#"}),
        ("c", {"Développeur C++", "Développeur C#", "Analyste 100 pour cent"}),
        ("oeuvre", {"Maître d’œuvre"}),
        ("d'Œuvre", {"Maître d’œuvre"}),
        # Gender, number and stop words.
        ("développeuse", {"Développeur C++", "Développeur C#"}),
        ("développeur·ses", {"Développeur C++", "Développeur C#"}),
        ("prompts engineers", {"Ingénieur·e prompt"}),
        ("l’ingénieure de la requête", {"Ingénieur·e prompt"}),
        ("rédacteur", {"Ingénieur·e prompt"}),
        ("ia", set()),
        ("ai", {"Ingénieur·e prompt"}),
        # Letters that LIKE would take for anything.
        ("100%", {"Analyste 100 pour cent"}),
        ("1%0", set()),
        ("d_v", set()),
        ("an_lyst", set()),
    ],
)
def test_matching_finds_the_beginnings_of_all_words(titles, question, found):
    assert set(Career.objects.matching(question).values_list("title_fr", flat=True)) == found


@pytest.mark.parametrize("question", ["", "   ", "%", "_", "%%", "\\", "’", "?!", "\0", "·e"])
def test_matching_without_a_word_asks_nothing(titles, question):
    assert set(Career.objects.matching(question)) == set(Career.objects.all())


def test_matching_reads_only_the_first_eight_words(titles):
    question = "p pr pro prom r re req i boulanger"
    assert {c.title_fr for c in Career.objects.matching(question)} == {"Ingénieur·e prompt"}
