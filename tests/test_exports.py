"""The admin's exports: the rows of the list, the screen that chooses, the file, the log."""

import io
import re
from datetime import date
from html import unescape
from unittest.mock import patch
from urllib.parse import parse_qsl

import openpyxl
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from careers import tables
from careers.admin.exports import KINDS
from careers.groups import TRANSFERRED as MODELS
from careers.models import Export, Region
from tests.exporting import address, asked, content_of, download
from tests.factories import create_band, create_career, create_field, create_region, create_source
from tests.files import columns_of
from tests.staff import client_of, create_staff

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english")]
KEYS = {
    "career": ("slug",),
    "salaryband": ("career", "region", "level", "observed_on"),
    "region": ("code",),
    "source": ("slug",),
    "field": ("slug",),
}
QUESTIONS = [
    ("career", "", 8),
    ("career", "?q=INGENIEUR", 2),
    ("career", "?status__exact=draft&o=-1", 3),
    ("career", "?status__exact=published&q=ia", 2),
    ("career", "?o=5.-1", 8),
    ("career", "?o=-3.2&p=2", 8),
    ("career", "?published_at__isnull=True", 3),
    ("career", "?q=nobody", 0),
    ("salaryband", "", 8),
    ("salaryband", "?q=ethicien&o=-7", 2),
    ("salaryband", "?q=FR&o=-2.1", 5),
    ("salaryband", "?level__exact=senior", 1),
    ("salaryband", "?currency=USD", 1),
    ("salaryband", "?range_kind__exact=average&o=1", 3),
    ("salaryband", "?observed_on__gte=2023-05-01&observed_on__lt=2024-01-01", 1),
    ("region", "?kind__exact=country", 3),
    ("region", "?q=fr&o=-1", 2),
    ("source", "?o=-1", 3),
    ("field", "?q=sant", 1),
    ("field", "?o=-3.1", 2),
    ("field", "?o=9.-0", 2),
]


@pytest.fixture
def site(golden):
    for number in range(3):
        draft = {"status": "draft", "published_at": None}
        create_career(title_fr=f"Métier d’IA {number}", title_en=f"Job {-number}", **draft)
    june = date(2023, 6, 30)
    create_band(career=golden["ethicien-en-ia"], high=1, observed_on=june, stated_as="=1")
    create_source(slug="insee", title="Insee")
    create_source(slug="apec", title="Apec")
    for name in ("Santé", "Bâtiment"):
        create_field(name_fr=name)


def keys(rows, model):
    """The natural keys of objects, as a file has them."""
    values = [[getattr(row, key) for key in KEYS[model]] for row in rows]
    named = [[getattr(v, "slug", getattr(v, "code", v)) for v in row] for row in values]
    return [tuple(tables.printed(value) for value in row) for row in named]


def pages(client, model, question=""):
    """The keys of the rows of the change list, page by page."""
    there = address("changelist", model)
    given = [pair for pair in asked(question) if pair[0] != "p"]
    lists = client.get(there, given).context["cl"].paginator.page_range
    return [
        keys(client.get(there, [*given, ("p", n)]).context["cl"].result_list, model) for n in lists
    ]


def listed(client, model, question=""):
    return [row for page in pages(client, model, question) for row in page]


def keys_of(response, model, profile="data"):
    content = content_of(response)
    if profile == "xlsx":
        rows = list(openpyxl.load_workbook(io.BytesIO(content)).active.values)
        places = [rows[0].index(key) for key in KEYS[model]]
        cells = [[row[place] for place in places] for row in rows[1:]]
        return [
            tuple(str(c.date()) if hasattr(c, "date") else c or "" for c in row) for row in cells
        ]
    return [tuple(row.cells[key] for key in KEYS[model]) for row in tables.read(content).rows]


def button(client, model, question=""):
    """How many rows the list's button promises, and where it leads."""
    html = client.get(address("changelist", model) + question).content.decode()
    [(href, count)] = re.findall(r'href="([^"]*/export/[^"]*)">\s*Export (\d+) rows?', html)
    return int(count), unescape(href)


def screen(client, there):
    """What the export's screen says: its words, its button, its ticked columns, its profile."""
    html = client.get(there).content.decode()
    [question] = re.findall(r'<p class="export-question">(.*?)</p>', html, re.DOTALL)
    [promised] = re.findall(r'<input type="submit"[^>]* value="(Export \d+ rows?)"', html)
    inputs = re.findall(
        r'<input type="(?:checkbox|radio)"\s[^>]*?value="([^"]*)"[^>]*checked', html
    )
    profile = [name for name in inputs if name in KINDS]
    ticked = [unescape(name) for name in inputs if name not in KINDS]
    words = [" ".join(each.split()) for each in re.findall(r">([^<]+)<", question)]
    return [unescape(each) for each in words if each], promised, ticked, profile


# --- The rows of the list ---------------------------------------------------------------------


@pytest.mark.parametrize("profile", KINDS)
@pytest.mark.parametrize(("model", "question", "count"), QUESTIONS)
def test_export_holds_the_rows_of_the_list_in_its_order(
    editor, site, model, question, count, profile
):
    on_list = listed(editor, model, question)
    assert len(on_list) == count
    promised, there = button(editor, model, question)
    rows = f"Export {count} {'row' if count == 1 else 'rows'}"
    assert (promised, screen(editor, there)[1]) == (count, rows)
    response = download(editor, model, there.partition("?")[2], profile)
    assert keys_of(response, model, profile) == on_list


@st.composite
def questions(draw):
    """A model, and any of its filters, searches, orders and pages."""
    model = draw(st.sampled_from(MODELS))
    filters = {
        "career": {"status__exact": ["draft", "published"], "published_at__isnull": ["True"]},
        "salaryband": {
            "level__exact": ["", "senior", "entry"],
            "engagement__exact": [""],
            "currency": ["EUR", "USD"],
            "range_kind__exact": ["average", "published"],
            "no_figure_reason__exact": ["varies", ""],
            "observed_on__gte": ["2023-05-01"],
        },
        "region": {"kind__exact": ["country", "world"]},
        "source": {"kind__exact": [""]},
        "field": {"name_en": ["", "Health"]},
    }[model]
    chosen = draw(st.sets(st.sampled_from([*filters]), max_size=2))
    asked = [(name, draw(st.sampled_from(filters[name]))) for name in sorted(chosen)]
    if draw(st.booleans()):
        words = ["ia", "FR", "ingénieur", "a", "=1", "%", "métier ia", "x&y", "«"]
        asked.append(("q", draw(st.sampled_from(words))))
    if draw(st.booleans()):
        order = st.lists(st.sampled_from(["1", "-1", "2", "-2", "3", "-4", "5"]), min_size=1)
        asked.append(("o", ".".join(draw(order))))
    asked += draw(st.sampled_from([[], [("p", "1")], [("all", "")]]))
    return model, "&".join(f"{name}={value}".replace("x&y", "x%26y") for name, value in asked)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(asked=questions(), data=st.data())
def test_export_of_any_question_and_selection_holds_its_rows(editor, site, asked, data):
    model, question = asked
    with patch("careers.admin.career.CareerAdmin.list_per_page", 3):
        rows = listed(editor, model, question)
    assert keys_of(download(editor, model, question), model) == rows
    changelist = editor.get(address("changelist", model), dict(parse_qsl(question))).context["cl"]
    pks = [row.pk for row in changelist.queryset]
    ticked = data.draw(st.sets(st.sampled_from(pks), min_size=1)) if pks else set()
    if ticked:
        response = download(editor, model, question, ticked=",".join(map(str, ticked)))
        expected = [key for pk, key in zip(pks, rows, strict=True) if pk in ticked]
        assert keys_of(response, model) == expected


@pytest.mark.parametrize("profile", KINDS)
def test_export_holds_all_pages_of_the_list(editor, profile):
    for number in range(51):
        create_career(title_fr=f"Métier {number}", status="draft")
    first, second = pages(editor, "career")
    assert (len(first), len(second)) == (50, 1)
    response = download(editor, "career", "?p=2", profile)
    assert keys_of(response, "career", profile) == first + second


def test_ticked_rows_are_exported_in_the_order_of_the_list(editor, golden):
    prompt, ethicist = golden["ingenieur-prompt"], golden["ethicien-en-ia"]
    ticked = {"action": "export_ticked", "_selected_action": [ethicist.pk, prompt.pk]}
    response = editor.post(address("changelist", "career") + "?o=-1", ticked)
    pks = ",".join(map(str, sorted([prompt.pk, ethicist.pk])))
    assert response.url == f"{address('export', 'career')}?o=-1&export-ticked={pks}"
    words, promised, _columns, _profile = screen(editor, response.url)
    assert (words, promised) == (["2 rows", "2 ticked rows", "by title ↓"], "Export 2 rows")
    file = download(editor, "career", "?o=-1", ticked=pks)
    assert keys_of(file, "career") == [("ingenieur-prompt",), ("ethicien-en-ia",)]


def test_all_rows_ticked_across_pages_are_all_rows_of_the_question(editor, golden):
    ticked = {"action": "export_ticked", "select_across": "1"}
    ticked["_selected_action"] = [golden["ingenieur-prompt"].pk]
    response = editor.post(address("changelist", "career") + "?q=INGENIEUR", ticked)
    assert response.url == f"{address('export', 'career')}?q=INGENIEUR"
    assert screen(editor, response.url)[1] == "Export 2 rows"


@pytest.mark.parametrize("ticked", ["abc", "1,,2", "1;2", "-1", "1" * 19])
def test_ticked_rows_that_make_no_sense_are_never_all_rows(editor, golden, ticked):
    assert download(editor, "career", ticked=ticked).status_code == 400
    assert not Export.objects.exists()


@pytest.mark.parametrize("question", ["?nonsense=1", "?published_at__gte=soon", "?o=x", "?p=x"])
def test_export_of_a_question_that_makes_no_sense_exports_nothing(editor, golden, question):
    response = download(editor, "career", question)
    assert response.status_code < 500
    if response.status_code == 200:
        assert keys_of(response, "career") == listed(editor, "career")


@pytest.mark.parametrize("model", MODELS)
def test_export_asks_no_more_for_more_rows(editor, model):
    def queries(numbers):
        for n in numbers:
            region = create_region(code=f"R{n}", parent=Region.objects.filter(code="R0").first())
            create_field(name_fr=f"F{n}")
            create_band(high=1, region=region, source=create_source(slug=f"s{n}", title=f"S{n}"))
        with CaptureQueriesContext(connection) as queries:
            content = content_of(download(editor, model, columns=columns_of(model)))
        assert len(tables.read(content).rows) == numbers.stop
        return len(queries)

    queries(range(1))  # what Django keeps in memory from now on
    assert queries(range(1, 3)) == queries(range(3, 30)) <= 14


# --- The screen -------------------------------------------------------------------------------


def test_screen_offers_all_columns_first_and_then_what_was_chosen_last(editor, site):
    every = [name for name in columns_of("career") if name != "slug"]
    _words, _promised, ticked, profile = screen(editor, address("export", "career"))
    assert (sorted(ticked), profile) == (sorted(every), ["xlsx"])
    content_of(download(editor, "career", columns=["status", "title_en"]))
    again = screen(editor, address("export", "career") + "?q=ia")
    assert again == (["5 rows", "“ia”"], "Export 5 rows", ["title_en", "status"], ["data"])
    assert screen(editor, address("export", "region"))[3] == ["xlsx"]
    colleague = client_of(create_staff("editors"))
    assert sorted(screen(colleague, address("export", "career"))[2]) == sorted(every)


@pytest.mark.parametrize(
    ("tick", "count"), [("all", len(columns_of("career")) - 1), ("none", 0), ("some", 1)]
)
def test_screen_ticks_all_or_none_on_request(editor, golden, tick, count):
    content_of(download(editor, "career", columns=["status"]))
    there = f"{address('export', 'career')}?q=ia&export-tick={tick}"
    words, _promised, ticked, _profile = screen(editor, there)
    assert (words, len(ticked)) == (["2 rows", "“ia”"], count)


@pytest.mark.parametrize("model", MODELS)
def test_screen_offers_each_column_once(editor, golden, model):
    html = editor.get(address("export", model) + "?export-tick=all").content.decode()
    offered = re.findall(r'name="export-columns"\s+value="([^"]+)"', html)
    always = re.findall(r"<code>(\w+)</code>[,.]", html)
    assert sorted([*offered, *always]) == sorted([*columns_of(model), "version"])


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"export-profile": "pdf"}, "pdf is not one of the available choices."),
        ({"export-profile": "data", "export-columns": "password"}, "password is not one of"),
    ],
)
def test_screen_says_what_is_wrong_and_exports_nothing(editor, golden, given, said):
    response = editor.get(address("export", "career"), given)
    assert said in response.content.decode()
    assert not Export.objects.exists()


QUESTIONS_IN_WORDS = [
    ("career", "?status__exact=draft&q=ia", ["Status: Draft", "“ia”"]),
    ("salaryband", "?currency=USD&level__exact=", ["level: level__exact=", "currency: USD"]),
    ("salaryband", "?observed_on__gte=2023-05-01", ["observed on: observed_on__gte=2023-05-01"]),
    ("salaryband", "?o=-7.1", ["by observed on ↓, career ↑"]),
]


@pytest.mark.parametrize(("model", "question", "said"), QUESTIONS_IN_WORDS)
def test_question_is_said_in_words(editor, site, model, question, said):
    words = screen(editor, address("export", model) + question)[0][1:]
    assert [each.lower() for each in words] == [each.lower() for each in said]


def test_question_that_came_by_a_link_is_said_by_name(editor, golden):
    career = golden["ingenieur-prompt"]
    there = f"{address('export')}?career__id__exact={career.pk}"
    assert screen(editor, there)[:2] == (["2 rows", "career: Prompt engineer"], "Export 2 rows")
