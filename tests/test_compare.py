import re
from html import unescape

import pytest
from django.db import connection
from django.http import QueryDict
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils.html import strip_tags

from careers.comparison import FIGURES_OF_A_LEVEL, Comparison, Mark, mark, why_not
from careers.models import Career, SalaryBand
from careers.templatetags.figures import conversion, why_apart
from tests.factories import create_band, create_career, create_field, create_source

PROMPT, ETHICIST, ENGINEER = "ingenieur-prompt", "ethicien-en-ia", "ingenieur-en-ia"
SCIENTIST, CHATBOT = "data-scientist", "chef-de-projet-chatbot"


def compare(question):
    return Comparison(QueryDict(question))


def chosen(*slugs, **others):
    asked = [*(("career", slug) for slug in slugs), *others.items()]
    return "&".join(f"{name}={value}" for name, value in asked)


def slugs(comparison):
    return [career.slug for career in comparison.careers]


def ignored(comparison):
    return [(part.name, part.value) for part in comparison.ignored]


def shown(groups):
    """The careers of each level, and for each the number of its figures."""
    return {
        group.level: {row.career.slug: len(row.bands) for row in group.rows} for group in groups
    }


def page(client, question):
    response = client.get(f"{reverse('careers:compare')}?{question}")
    assert response.status_code == 200
    return response


def text_of(response):
    return re.sub(r"[ \n]+", " ", unescape(strip_tags(response.content.decode())))


# --- Which careers ----------------------------------------------------------------------------


def test_careers_stand_in_the_order_asked(golden):
    comparison = compare(chosen(SCIENTIST, ENGINEER, PROMPT, CHATBOT))
    assert slugs(comparison) == [SCIENTIST, ENGINEER, PROMPT, CHATBOT]
    assert (ignored(comparison), comparison.lacks, comparison.is_full) == ([], 0, True)


def test_what_cannot_be_compared_is_named_and_the_rest_shown(golden):
    Career.objects.filter(slug=SCIENTIST).update(status="draft")
    comparison = compare(
        chosen(ENGINEER, "zzz", SCIENTIST, ENGINEER, "", "%00", PROMPT, ETHICIST, CHATBOT)
        + "&region=xx&level=senior&utm_source=x"
    )
    assert slugs(comparison) == [ENGINEER, PROMPT, ETHICIST, CHATBOT]
    assert ignored(comparison) == [
        ("level", "senior"),
        ("career", "zzz"),
        ("career", SCIENTIST),
        ("career", ENGINEER),
        ("career", "\x00"),
        ("region", "xx"),
    ]


def test_fifth_career_is_named(golden):
    five = (ENGINEER, PROMPT, ETHICIST, CHATBOT, SCIENTIST)
    comparison = compare(chosen(*five))
    assert slugs(comparison) == list(five[:4])
    assert ignored(comparison) == [("career", SCIENTIST)]


def test_draft_and_unknown_are_told_in_the_same_words(golden):
    Career.objects.filter(slug=SCIENTIST).update(status="draft")
    comparison = compare(chosen(SCIENTIST, "zzz"))
    assert len({part.why for part in comparison.ignored}) == 1


def test_former_address_leads_to_the_career_once(golden):
    career = golden[ENGINEER]
    career.slug = "ingenieure-en-ia"
    career.save()
    comparison = compare(chosen(ENGINEER, "ingenieure-en-ia", PROMPT))
    assert slugs(comparison) == ["ingenieure-en-ia", PROMPT]
    assert ignored(comparison) == [("career", "ingenieure-en-ia")]
    career.status = Career.Status.DRAFT
    career.save()
    assert slugs(compare(chosen(ENGINEER, PROMPT))) == [PROMPT]


@pytest.mark.parametrize(
    ("question", "lacks"), [("", 2), ("career=", 2), (chosen(ENGINEER), 1), (chosen("zzz"), 2)]
)
def test_fewer_than_two_careers_offer_more(golden, client, question, lacks):
    comparison = page(client, question).context["comparison"]
    assert comparison.lacks == lacks
    offered = {career.slug for career in comparison.suggestions}
    assert offered == set(golden) - set(slugs(comparison))


def test_careers_to_add_begin_with_those_nearest_to_the_first(golden, client):
    field = create_field()
    Career.objects.filter(slug__in=[PROMPT, SCIENTIST]).update(field=field)
    comparison = page(client, chosen(SCIENTIST)).context["comparison"]
    assert comparison.suggestions[0].slug == PROMPT
    asked = page(client, f"{chosen(SCIENTIST)}&q=ia").context["comparison"]
    assert [career.slug for career in asked.suggestions] == ["ethicien-en-ia", ENGINEER]


def test_careers_to_add_begin_with_what_the_words_match_best(golden, client, monkeypatch):
    monkeypatch.setattr("careers.comparison.SUGGESTED", 3)
    for title in ("Acheteur en boulangerie", "Agent de boulangerie", "Boulanger", "Chef boulanger"):
        create_career(title_fr=title)
    comparison = page(client, f"{chosen(SCIENTIST)}&q=boulang%C3%A8re").context["comparison"]
    assert [career.title_fr for career in comparison.suggestions] == [
        "Boulanger",
        "Chef boulanger",
        "Agent de boulangerie",
    ]


def test_careers_to_add_are_found_by_words_and_never_drafts(golden, client):
    Career.objects.filter(slug=PROMPT).update(status="draft")
    response = page(client, f"{chosen(SCIENTIST)}&q=ing%C3%A9nieur")
    assert [c.slug for c in response.context["comparison"].suggestions] == [ENGINEER]
    assert PROMPT not in response.content.decode()
    added = f"{reverse('careers:compare')}?career={SCIENTIST}&amp;career={ENGINEER}"
    assert added in response.content.decode()


@pytest.mark.parametrize(
    "question",
    [
        "career=%00&q=%00",
        "currency=ZZZ&region=%F0%9F%98%80",
        "&".join(["career=a"] * 400),
        "career=" + "a" * 5000,
        "q=" + "x" * 5000,
        "region=FR&region=US&colour=red",
    ],
)
def test_broken_comparison_is_answered_calmly(golden, client, question):
    assert page(client, question).context["comparison"].careers == []


# --- Which figures ----------------------------------------------------------------------------


def test_own_figures_stand_by_level_and_wider_ones_apart(golden):
    comparison = compare(chosen(ENGINEER, ETHICIST, PROMPT, CHATBOT, region="FR"))
    assert shown(comparison.own) == {
        "": {ETHICIST: 1},
        "entry": {ENGINEER: 1},
        "senior": {ENGINEER: 1},
    }
    assert shown(comparison.wider) == {"": {PROMPT: 1, CHATBOT: 1}}
    assert {group.level: {career.slug for career in group.without} for group in comparison.own} == {
        "": {ENGINEER, PROMPT, CHATBOT},
        "entry": {ETHICIST, PROMPT, CHATBOT},
        "senior": {ETHICIST, PROMPT, CHATBOT},
    }


def test_figures_beyond_the_first_of_a_level_are_counted(golden):
    for number in range(FIGURES_OF_A_LEVEL):
        source = create_source(slug=f"source-{number}", title=f"Source {number}")
        create_band(career=golden[SCIENTIST], low=30_000, source=source)
    [group] = compare(chosen(SCIENTIST, PROMPT, region="FR")).own
    assert [(len(row.bands), row.more) for row in group.rows] == [(FIGURES_OF_A_LEVEL, 1)]


def test_regions_that_the_careers_share_come_first_and_the_widest_of_them(regions):
    # The tree has Germany before France, and both before the United States.
    one, two = create_career(title_fr="Un"), create_career(title_fr="Deux")
    for code in ("DE", "FR-IDF", "FR", "US"):
        create_band(career=one, region=regions[code], low=30_000)
    for code in ("FR-IDF", "US"):
        create_band(career=two, region=regions[code], low=30_000)
    [group] = compare(chosen("un", "deux")).own
    shown = [[band.region.code for band in row.bands] for row in group.rows]
    assert shown == [["US", "FR-IDF", "DE", "FR"], ["US", "FR-IDF"]]


UNLIKE = {
    "as stated": ({"low": 40_000}, Mark.AS_STATED, ""),
    "monthly": ({"low": 4_000, "period": "month"}, Mark.CONVERTED, ""),
    "weekly": ({"low": 1_000, "period": "week"}, Mark.CONVERTED, ""),
    "hourly": ({"low": 30, "period": "hour"}, Mark.CONVERTED, ""),
    "dollars": ({"low": 40_000, "currency": "USD"}, Mark.CONVERTED, ""),
    "net": ({"low": 40_000, "basis": "net"}, Mark.NOT_COMPARABLE, "net"),
    "day rate": ({"low": 500, "period": "day"}, Mark.NOT_COMPARABLE, "day_rate"),
    "freelance": (
        {"low": 500, "period": "day", "engagement": "freelance"},
        Mark.NOT_COMPARABLE,
        "freelance_rate",
    ),
    "no fixing": ({"low": 40_000, "currency": "CHF"}, Mark.NOT_COMPARABLE, "no_fixing"),
    "no figure": ({"no_figure_reason": "varies"}, Mark.NOT_COMPARABLE, ""),
}


@pytest.mark.parametrize("case", UNLIKE)
def test_unlike_figures_are_marked_with_their_reason(golden, client, case):
    fields, expected, reason = UNLIKE[case]
    career = create_career(title_fr="Essai")
    create_band(career=career, **fields)
    response = page(client, chosen(career.slug, SCIENTIST, region="FR"))
    groups = response.context["comparison"].own
    [band] = [
        band for group in groups for row in group.rows for band in row.bands if row.career == career
    ]
    assert (mark(band, "EUR"), why_not(band, "EUR")) == (expected, reason)
    # The page's words say the same as the mark.
    assert bool(conversion(band, "EUR")) == (expected is Mark.CONVERTED)
    assert why_apart(band, "EUR") in text_of(response)
    assert bool(why_apart(band, "EUR")) == bool(reason)
    assert str(expected.label) in text_of(response)
    assert conversion(band, "EUR") in text_of(response)


def test_every_figure_has_its_mark(golden, client):
    response = page(client, chosen(ENGINEER, ETHICIST, PROMPT, CHATBOT, region="FR"))
    figures = len(response.context["comparison"].bands)
    assert figures == SalaryBand.objects.count() - 2  # all but US, and but the data scientist's
    assert response.content.decode().count('class="mark"') == figures


def test_other_currency_converts_all_but_its_own(golden):
    bands = compare(chosen(PROMPT, ENGINEER, currency="USD")).bands
    assert {(band.currency, mark(band, "USD")) for band in bands} == {
        ("USD", Mark.AS_STATED),
        ("EUR", Mark.CONVERTED),
    }


# --- The page ---------------------------------------------------------------------------------


def test_draft_appears_on_no_comparison(golden, client):
    Career.objects.filter(slug=ENGINEER).update(status="draft", title_fr="Secret", title_en="")
    for question in ("", chosen(PROMPT), chosen(PROMPT, ETHICIST), "q=secret"):
        response = page(client, question)
        assert ENGINEER not in response.content.decode()
        assert "Secret" not in response.content.decode()


def test_ways_in_keep_region_and_currency(golden, client):
    compare_at, list_at = reverse("careers:compare"), reverse("careers:career_list")
    listed = client.get(f"{list_at}?region=FR&currency=USD").content.decode()
    assert f'href="{compare_at}?career={ENGINEER}&amp;region=FR&amp;currency=USD"' in listed
    career = client.get(golden[ENGINEER].get_absolute_url()).content.decode()
    assert f'href="{compare_at}?career={ENGINEER}"' in career


def test_headings_name_region_and_level_and_figures_do_not_repeat_the_level(golden, client):
    question = chosen(ENGINEER, ETHICIST, region="FR")
    content = page(client, question).content.decode()
    assert "Ce qu’ils paient · France</h2>" in content
    assert content.count("Début de carrière") == 1
    assert "Ce qu’ils paient · Partout</h2>" in page(client, chosen(ENGINEER)).content.decode()


def test_remove_leaves_the_others(golden, client):
    response = page(client, chosen(ENGINEER, PROMPT, region="FR"))
    content, compare_at = response.content.decode(), reverse("careers:compare")
    for slug in (ENGINEER, PROMPT):
        assert f'href="{compare_at}?career={slug}&amp;region=FR"' in content
    assert response.cookies == {}


def test_queries_do_not_grow_with_figures(golden, client):
    question = chosen(ENGINEER, PROMPT, region="FR", currency="USD")

    def queries():
        with CaptureQueriesContext(
            connection,
        ) as asked:
            page(client, question)
        return len(asked)

    few = queries()
    for number in range(20):
        source = create_source(slug=f"source-{number}", title=f"Source {number}")
        for slug in (ENGINEER, PROMPT):
            create_band(career=golden[slug], low=30_000, level="mid", source=source)
    assert queries() <= few
