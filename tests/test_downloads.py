import csv
import io
import json
from urllib.parse import urlencode

import pytest
from django.db import connection
from django.http import QueryDict
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from hypothesis import given, settings
from hypothesis import strategies as st

from careers import downloads, tables
from careers.answers import LISTED, Group
from careers.downloads import Download
from careers.filters import CareerFilter
from careers.models import Career, SalaryBand
from careers.templatetags.question import group_words
from tests.factories import (
    band_fields,
    create_band,
    create_bands,
    create_career,
    create_golden_careers,
    create_rate,
    create_regions,
    create_source,
    undone,
)

pytestmark = pytest.mark.django_db
SCIENTIST, ENGINEER = "data-scientist", "ingenieur-en-ia"


def csv_of(client, question="", profile="", rows="figures"):
    asked = "&".join([question, f"profile={profile}", f"rows={rows}"])
    response = client.get(f"{reverse('careers:export_csv')}?{asked}")
    assert response.status_code == 200
    return response, response.getvalue()


def rows_of(client, question=""):
    content = csv_of(client, question)[1].decode()
    return list(csv.DictReader(io.StringIO(content, newline=""), strict=True))


def json_of(client, question=""):
    response = client.get(f"{reverse('careers:export_json')}?{question}")
    assert (response.status_code, response["Content-Type"]) == (200, "application/json")
    return json.loads(response.getvalue())


def listed_in_csv(client, question):
    """Each career once, with its group, in the order of the file."""
    rows = rows_of(client, question)
    return list(dict.fromkeys((row["group"], row["career"]) for row in rows))


def listed_in_json(client, question):
    return [(each["group"], each["career"]) for each in json_of(client, question)["careers"]]


def listed_on_pages(client, question):
    """The careers of all pages of the list, with their groups."""
    listed, number, last = [], 1, 1
    while number <= last:
        address = f"{reverse('careers:career_list')}?{question}&page={number}"
        response = client.get(address, follow=True)
        last = response.context["page"].paginator.num_pages
        for group in response.context["groups"]:
            for result in group.results:
                listed.append((group.group.name.lower(), result.career.slug))
        number += 1
    return listed


# --- The same answer as the page --------------------------------------------------------------

QUESTIONS = st.fixed_dictionaries(
    {},
    optional={
        "q": st.sampled_from(["metier", "m 1", "zzz"]),
        "region": st.sampled_from(["FR", "FR-75C", "150", "001", "US", "xx"]),
        "level": st.sampled_from(["entry", "senior", "boss"]),
        "engagement": st.sampled_from(["employee", "freelance"]),
        "salary_min": st.sampled_from(["30000", "80000", "abc"]),
        "currency": st.sampled_from(["USD", "EUR", "ZZZ"]),
        "sort": st.sampled_from(["pay_up", "pay_down", "newest", "title"]),
    },
)


@settings(max_examples=15)
@given(
    careers=st.lists(st.lists(band_fields(), max_size=4), min_size=1, max_size=5),
    question=QUESTIONS,
)
def test_files_hold_the_careers_of_the_page_in_its_order(careers, question):
    client = Client()
    with undone(), pytest.MonkeyPatch.context() as patch:
        create_rate()
        create_golden_careers(regions=create_regions())
        patch.setattr("careers.views.lists.PAGE_SIZE", 3)
        patch.setattr(downloads, "CHUNK", 3)
        for number, rows in enumerate(careers):
            create_bands(career=create_career(title_fr=f"Métier {number}"), rows=rows)
        asked = urlencode(question)
        page = listed_on_pages(client, asked)
        assert listed_in_csv(client, asked) == page
        assert listed_in_json(client, asked) == page


@pytest.mark.parametrize("language", ["fr", "en"])
@pytest.mark.parametrize("question", ["", "salary_min=80000", "region=FR&salary_min=80000"])
def test_groups_have_the_headings_of_the_page(golden, client, question, language):
    asked = CareerFilter(QueryDict(question))
    titles = Download(QueryDict(question), str).titles
    groups = [group for group in LISTED if group is not Group.WIDER or asked.asked["region"]]
    assert {group: titles[group] for group in groups} == {
        group: group_words(group, asked).title for group in groups
    }


def test_figures_begin_with_those_of_the_page(golden, client):
    question = "region=FR&salary_min=80000"
    page = client.get(f"{reverse('careers:career_list')}?{question}")
    files = {each["career"]: each["figures"] for each in json_of(client, question)["careers"]}
    for group in page.context["groups"]:
        for result in group.results:
            shown = [band.sentence for band in result.bands]
            assert [f["figure"] for f in files[result.career.slug]][: len(shown)] == shown


def test_own_figures_come_with_the_wider_ones_marked(golden, client, regions):
    create_band(career=golden[ENGINEER], region=regions["150"], low=60_000)
    assert [
        (row["career"], row["area"], row["region"], row["answer"])
        for row in rows_of(client, "region=FR&salary_min=80000")
    ] == [
        (ENGINEER, "own", "FR", "sure"),
        (ENGINEER, "own", "FR", "no"),
        (ENGINEER, "wider", "150", "possible"),
        ("ethicien-en-ia", "own", "FR", "possible"),
        ("chef-de-projet-chatbot", "wider", "001", "unknown"),
        ("ingenieur-prompt", "wider", "150", "possible"),
    ]


def test_career_without_any_figure_keeps_its_row(regions, client):
    create_career(title_fr="Essai")
    [row] = rows_of(client)
    assert (row["career"], row["group"], row["area"], row["low"]) == ("essai", "unknown", "", "")
    assert row["figure"]
    [career] = json_of(client)["careers"]
    assert (career["career"], career["figures"]) == ("essai", [])


def test_drafts_and_superseded_figures_are_in_no_file(golden, client):
    Career.objects.filter(slug=ENGINEER).update(status="draft", title_fr="Secret")
    create_band(career=golden[SCIENTIST], low=11_111, observed_on="2020-01-01")
    for question in ("", "region=FR", "q=ingenieur", "salary_min=80000"):
        for name in ("export_csv", "export_json"):
            content = client.get(f"{reverse(f'careers:{name}')}?{question}").getvalue().decode()
            assert [each for each in (ENGINEER, "Secret", "11111") if each in content] == []


# --- No bare number ---------------------------------------------------------------------------


def test_figure_carries_all_its_conditions(golden, client):
    source = create_source()
    source.publisher, source.url, source.licence = "La Revue", "https://r.example/", "CC BY 4.0"
    source.save()
    in_dollars = SalaryBand.objects.get(currency="USD")
    [row] = [row for row in rows_of(client, "q=prompt&currency=EUR") if row["currency"] == "USD"]
    assert row == {
        **dict.fromkeys(row, ""),
        "career": "ingenieur-prompt",
        "career_title": "Ingénieur prompt",
        "career_url": "http://testserver" + golden["ingenieur-prompt"].get_absolute_url(),
        "group": "sure",
        "group_title": "Avec un chiffre",
        "area": "own",
        "region": "US",
        "region_name": "États-Unis",
        "figure": "peut dépasser 300\u202f000\u202f$US",
        "figure_url": "http://testserver"
        + reverse("careers:figure_detail", args=["ingenieur-prompt", in_dollars.pk]),
        "high": "300000",
        "open_ended": "1",
        "currency": "USD",
        "period": "year",
        "range_kind": "published",
        "observed_on": "2023-04-30",
        "comparable": "converted",
        "yearly_high": "273199.16",
        "yearly_currency": "EUR",
        "euro_rate": "1.0981",
        "euro_rate_on": "2023-04-28",
        "source": source.slug,
        "source_title": source.title,
        "source_publisher": "La Revue",
        "source_url": "https://r.example/",
        "source_licence": "CC BY 4.0",
    }


def test_amounts_are_strings_and_reasons_are_words(golden, client):
    career = create_career(title_fr="Essai net")
    create_band(career=career, low="2000.5", period="month", basis="net")
    [found] = json_of(client, "q=essai")["careers"]
    [figure] = found["figures"]
    assert (figure["low"], figure["high"], figure["open_ended"]) == ("2000.5", None, False)
    assert (figure["comparable"], figure["yearly_low"]) == ("not_comparable", None)
    assert "brut" in figure["why_not_comparable"]


def test_asked_currency_says_both_rates(golden, client):
    [row] = rows_of(client, "q=scientist&currency=USD")
    assert [row[name] for name in ("euro_rate", "asked_rate", "asked_rate_on")] == [
        *("", "1.0981", "2023-04-28")
    ]
    assert (row["yearly_low"], row["yearly_currency"]) == ("38433.5", "USD")


def test_unlike_figures_are_marked(golden, client):
    marks = {(row["currency"], row["comparable"]) for row in rows_of(client)}
    assert marks == {
        ("EUR", "as_stated"),
        ("USD", "converted"),
        ("", "not_comparable"),
    }


# --- The file ---------------------------------------------------------------------------------


def test_data_is_plain_utf8_with_crlf(golden, client):
    response, content = csv_of(client)
    assert response["Content-Type"] == "text/csv; charset=utf-8"
    assert not content.startswith(b"\xef\xbb\xbf")
    assert content.count(b"\r\n") == SalaryBand.objects.count() + 1
    assert len(tables.read(content).rows) == SalaryBand.objects.count()


def test_excel_profile_is_no_part_of_the_question(golden, client):
    content = csv_of(client, "q=scientist", profile="excel-fr")[1]
    assert content.startswith(b"\xef\xbb\xbfcareer;")
    assert [row.cells["career"] for row in tables.read(content).rows] == [SCIENTIST]
    assert csv_of(client, profile="nonsense")[1] == csv_of(client)[1]


def test_cells_cannot_run(regions, client):
    create_band(career=create_career(title_fr="=HYPERLINK()"), low=1, stated_as="@SUM(1)")
    [row] = rows_of(client)
    assert (row["career_title"], row["stated_as"]) == ("'=HYPERLINK()", "'@SUM(1)")
    assert json_of(client)["careers"][0]["career_title"] == "=HYPERLINK()"


def test_ignored_parameters_are_reported(golden, client):
    answer = json_of(client, "region=xx&colour=red&salary_min=80000&page=7&utm_source=x")
    assert [(each["name"], each["value"]) for each in answer["ignored"]] == [
        ("region", "xx"),
        ("colour", "red"),
    ]
    assert all(each["why"] for each in answer["ignored"])
    assert answer["question"]["salary_min"] == 80000
    assert answer["counts"] == {
        **{"sure": 1, "possible": 2, "unknown": 1},
        **{"wider": 0, "below": 1, "absent": 0},
    }


@pytest.mark.parametrize("name", ["export_csv", "export_json"])
@pytest.mark.parametrize("question", ["q=%00", "salary_min=9" + "9" * 50, "sort=x&region=%F0%9F"])
def test_broken_question_is_answered(golden, client, name, question):
    response = client.get(f"{reverse(f'careers:{name}')}?{question}")
    assert response.status_code == 200
    assert response.getvalue()


def test_english_file_is_in_english(golden, client):
    response = client.get("/en/careers/export.json?q=ethicist")
    answer = json.loads(response.getvalue())
    assert answer["language"] == "en"
    assert [each["career_title"] for each in answer["careers"]] == ["AI ethicist"]
    assert answer["careers"][0]["figures"][0]["figure"] == "€45,000 to €100,000 on average"


def test_links_follow_the_question_after_a_swap(golden, client):
    address = f"{reverse('careers:career_list')}?region=FR&salary_min=80000"
    for headers in ({}, {"HX-Request": "true"}):
        content = client.get(address, headers=headers).content.decode()
        for name in ("export_csv", "export_json"):
            link = f'href="{reverse(f"careers:{name}")}?region=FR&amp;salary_min=80000"'
            assert link in content
        assert "salary_min=80000&amp;profile=excel-fr" in content


def test_queries_do_not_grow_with_rows(golden, client, monkeypatch):
    def queries(name):
        path = f"{reverse(f'careers:{name}')}?region=FR&salary_min=1000"
        client.get(path).getvalue()  # reads what changed, once for all answers
        with CaptureQueriesContext(connection) as asked:
            client.get(path).getvalue()
        return len(asked)

    few = {name: queries(name) for name in ("export_csv", "export_json")}
    for number in range(30):
        create_band(career=create_career(title_fr=f"Essai {number}"), low=30_000 + number)
    assert {name: queries(name) for name in few} == few
    monkeypatch.setattr(downloads, "CHUNK", 6)
    # 34 careers are listed: six chunks, each of two queries, instead of one.
    assert {name: queries(name) for name in few} == {
        name: count + 5 * 2 for name, count in few.items()
    }


@pytest.mark.parametrize("question", ["", "region=FR&salary_min=80000", "sort=pay_up"])
def test_csv_has_a_row_for_each_career_with_the_figure_that_answers(golden, client, question):
    content = csv_of(client, question, rows="")[1].decode()
    rows = list(csv.DictReader(io.StringIO(content, newline=""), strict=True))
    assert [(row["group"], row["career"]) for row in rows] == listed_on_pages(client, question)
    # Of every figure, the first of each career.
    first = {row["career"]: row for row in reversed(rows_of(client, question))}
    assert {row["career"]: row for row in rows} == first
