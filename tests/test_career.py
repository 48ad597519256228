from datetime import UTC, datetime, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from careers.models import Career, FormerSlug
from tests.factories import (
    LONG_AGO,
    create_career,
    create_field,
    new_career,
    refused_by_database,
)

pytestmark = pytest.mark.django_db

# What an UPDATE must not be able to do to a published career.
REFUSED = {
    "careers_career_published_needs_date_and_title": [{"published_at": None}, {"title_fr": ""}],
    "careers_career_unpublished_after_published": [{"unpublished_at": LONG_AGO}],
}
ROWS = [(constraint, change) for constraint, changes in REFUSED.items() for change in changes]


@pytest.mark.parametrize(("constraint", "change"), ROWS)
def test_career_constraint_is_kept_by_the_database(constraint, change):
    career = create_career()
    with refused_by_database(constraint):
        Career.objects.filter(pk=career.pk).update(**change)


@pytest.mark.parametrize("change", REFUSED["careers_career_published_needs_date_and_title"])
def test_draft_may_be_half_written(change):
    career = create_career()
    Career.objects.update(status="draft", **change)
    career.refresh_from_db()
    assert [getattr(career, name) for name in change] == list(change.values())


@pytest.mark.usefixtures("english")
def test_career_messages_are_an_editors():
    with pytest.raises(ValidationError) as untitled:
        new_career(title_fr="", title_en="Data scientist", slug="a").full_clean()
    assert untitled.value.message_dict == {"title_fr": ["A published career needs a French title."]}

    with pytest.raises(ValidationError) as undated:
        new_career(published_at=None).validate_constraints()
    assert undated.value.message_dict == {
        "__all__": ["A published career needs a publication date and a French title."]
    }

    with pytest.raises(ValidationError) as nameless:
        new_career(title_fr="", status="draft", slug="a").full_clean()
    assert nameless.value.message_dict == {"title_fr": ["Give a title in at least one language."]}

    create_career(slug="new").former_slugs.create(slug="old")
    with pytest.raises(ValidationError) as taken:
        new_career(slug="old").full_clean()
    assert taken.value.message_dict == {"slug": ["This address once led to another career."]}


# --- Published --------------------------------------------------------------------------------

NOON = datetime(2026, 7, 1, 12, tzinfo=UTC)


def test_career_published_excludes_drafts_and_future_dates():
    create_career(title_fr="Hier", published_at=NOON - timedelta(days=1))
    create_career(title_fr="Maintenant", published_at=NOON)
    create_career(title_fr="Bientôt", published_at=NOON + timedelta(seconds=1))
    create_career(title_fr="Brouillon", status="draft", published_at=NOON - timedelta(days=1))
    create_career(title_fr="Brouillon sans date", status="draft", published_at=None)

    def titles(now):
        return set(Career.objects.published(now).values_list("title_fr", flat=True))

    assert titles(NOON) == {"Hier", "Maintenant"}
    assert titles(NOON + timedelta(seconds=1)) == {"Hier", "Maintenant", "Bientôt"}
    assert titles(NOON - timedelta(days=2)) == set()


def test_career_published_without_a_moment_means_now():
    create_career(title_fr="Hier", published_at=timezone.now() - timedelta(days=1))
    create_career(title_fr="Demain", published_at=timezone.now() + timedelta(days=1))
    assert [career.title_fr for career in Career.objects.published()] == ["Hier"]


def test_career_published_without_a_date_is_published_now():
    before = timezone.now()
    career = create_career(published_at=None)
    assert before <= career.published_at <= timezone.now()
    draft = create_career(status="draft", published_at=None)
    assert draft.published_at is None


# --- Its address ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("titles", "slug"),
    [
        ({"title_fr": "Éthicien en IA"}, "ethicien-en-ia"),
        ({"title_fr": "Ingénieur prompt", "title_en": "Prompt engineer"}, "ingenieur-prompt"),
        ({"title_fr": "", "title_en": "Prompt engineer", "status": "draft"}, "prompt-engineer"),
        ({"title_fr": "数据科学家"}, "career"),
        ({"title_fr": "Œnologue"}, "oenologue"),
        ({"title_fr": "Data scientist", "slug": "data"}, "data"),
    ],
)
def test_career_slug_is_made_from_the_title(titles, slug):
    assert create_career(**titles).slug == slug


def test_career_slug_stays_when_the_title_changes():
    career = create_career(title_fr="Éthicien en IA")
    career.title_fr = "Responsable éthique"
    career.save()
    career.refresh_from_db()
    assert career.slug == "ethicien-en-ia"
    assert not FormerSlug.objects.exists()


def test_career_slug_that_is_taken_gets_a_number():
    slugs = [create_career(title_fr="Éthicien").slug for _ in range(3)]
    assert slugs == ["ethicien", "ethicien-2", "ethicien-3"]
    # Longer slugs that begin alike take nothing away.
    create_career(title_fr="Éthicien 4 étoiles")
    assert create_career(title_fr="Éthicien").slug == "ethicien-4"


def test_career_slug_that_another_career_once_had_gets_a_number():
    moved = create_career(title_fr="Éthicien")
    moved.slug = "ethicien-en-ia"
    moved.save()
    assert create_career(title_fr="Éthicien").slug == "ethicien-2"
    assert FormerSlug.objects.get(slug="ethicien").career == moved


def test_career_title_and_slug_may_be_long():
    long = create_career(title_fr="Directeur " + "x" * 192)
    assert (len(long.title_fr), len(long.slug)) == (202, 195)
    assert create_career(title_fr=long.title_fr).slug == f"{long.slug}-2"

    own = new_career(title_fr="Court", slug="y" * 198)
    own.full_clean()
    own.save()
    assert Career.objects.get(slug="y" * 198) == own


def former():
    return {(old.slug, old.career.slug) for old in FormerSlug.objects.select_related("career")}


def test_career_former_address_is_kept_and_given_back():
    career = create_career(slug="a")
    for slug in ("b", "c"):
        career.slug = slug
        career.save()
    assert former() == {("a", "c"), ("b", "c")}

    career.slug = "a"
    career.full_clean()
    career.save()
    assert former() == {("b", "a"), ("c", "a")}


def test_career_former_address_goes_with_the_career():
    career, other = create_career(slug="a"), create_career(slug="x")
    career.slug, other.slug = "b", "y"
    career.save()
    other.save()
    career.delete()
    assert former() == {("x", "y")}


# --- Texts to find and to sort ----------------------------------------------------------------


def test_career_search_text_holds_the_stems_of_all_titles():
    career = create_career(
        title_fr="Éthicien·ne en IA",
        title_en="AI ethicist",
        alternative_titles_fr="Responsable éthique\nÉthicienne",
        alternative_titles_en="AI ethics officer",
        summary_fr="Veille aux conséquences.",
    )
    career.refresh_from_db()
    assert career.search_text == " ethicien ia ai ethicist responsabl ethiqu ethic officer"
    career.title_en = ""
    career.alternative_titles_fr = career.alternative_titles_en = ""
    career.save()
    career.refresh_from_db()
    assert career.search_text == " ethicien ia"


def test_career_update_or_create_keeps_what_follows_from_the_title():
    """update_or_create saves only the fields it was given: the derived ones must still follow."""
    create_career(slug="data", title_fr="Data scientist")
    Career.objects.update_or_create(slug="data", defaults={"title_fr": "Éthicien"})
    career = Career.objects.get(slug="data")
    assert (career.search_text, career.sort_title_fr) == (" ethicien", "ethicien")


def test_career_titles_sort_without_accents_or_case():
    titles = ["Fiscaliste", "Éthicien", "data scientist", "Économiste", "Œnologue", "Zoologue"]
    for title in titles:
        create_career(title_fr=title)
    assert list(Career.objects.values_list("title_fr", flat=True)) == [
        "data scientist",
        "Économiste",
        "Éthicien",
        "Fiscaliste",
        "Œnologue",
        "Zoologue",
    ]


def test_career_sorts_in_a_language_by_the_title_it_shows_there():
    career = create_career(title_fr="Éthicien", title_en="")
    assert (career.sort_title_fr, career.sort_title_en) == ("ethicien", "ethicien")
    career = create_career(title_fr="", title_en="Éclair maker", status="draft")
    assert (career.sort_title_fr, career.sort_title_en) == ("eclair maker", "eclair maker")


# --- Its words in a language ------------------------------------------------------------------


def test_career_reads_french_where_english_is_missing():
    career = create_career(title_fr="Éthicien", title_en="", summary_fr="fr", summary_en="en")
    assert (career.title, career.summary) == ("Éthicien", "fr")


@pytest.mark.usefixtures("english")
def test_career_reads_english_on_an_english_page():
    career = create_career(title_fr="Éthicien", title_en="", summary_fr="fr", summary_en="en")
    assert (career.title, career.summary) == ("Éthicien", "en")
    assert career.published_at == LONG_AGO


# --- Careers near to one ----------------------------------------------------------------------


def related(career: Career) -> list[str]:
    return [each.title_fr for each in Career.objects.published().related_to(career)]


def test_related_careers_share_a_field_then_words():
    data, health = create_field(name_fr="Données"), create_field(name_fr="Santé")
    career = create_career(
        title_fr="Analyste de données", skills_fr="- Statistiques\n- Visualisation", field=data
    )
    create_career(title_fr="Statisticien", field=data)
    create_career(title_fr="Analyste de données senior", field=health)
    create_career(title_fr="Ingénieure données", field=data)
    create_career(title_fr="Analyste financier")
    create_career(title_fr="Biologiste", skills_fr="Statistiques, visualisation")  # too far
    create_career(title_fr="Boulanger", field=health)
    create_career(title_fr="Analyste secrète", field=data, status="draft")
    assert related(career) == [
        "Ingénieure données",
        "Statisticien",
        "Analyste de données senior",
        "Analyste financier",
    ]


@pytest.mark.parametrize(
    ("code", "near", "far"),
    [
        ("rome_code", "M1805", "M1402"),
        ("isco_code", "2512", "2522"),
        ("soc_code", "15-2099", "15-1251.00"),
    ],
)
def test_related_careers_are_found_by_their_codes_without_a_field(code, near, far):
    own = {"rome_code": "M1811", "isco_code": "2514", "soc_code": "15-2051.00"}[code]
    career = create_career(title_fr="Traitement", **{code: own})
    create_career(title_fr="Voisin", **{code: near})
    create_career(title_fr="Lointain", **{code: far})
    create_career(title_fr="Sans code")
    assert related(career) == ["Voisin"]


def test_related_careers_are_found_in_one_query(django_assert_num_queries):
    career = create_career(title_fr="Analyste % _ données", skills_fr="mot " * 500)
    create_career(title_fr="Analyste")
    with django_assert_num_queries(1):
        assert related(career) == ["Analyste"]
    assert related(create_career(title_fr="…")) == []
