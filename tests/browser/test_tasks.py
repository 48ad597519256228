"""The ten commonest tasks of docs/editors.md, done in a browser; their clicks are in its table.

A task begins on the home of the admin, logged in. A person clicks into each field that they type
into, unless the cursor is there, and twice to choose from a list: to open it and to take a line.
Keys cost nothing. The same hand does the same task in the admin as Django gives it.
"""

import re
from collections.abc import Callable
from copy import deepcopy
from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from django.test import Client
from django.utils import timezone
from playwright.sync_api import expect

from careers.models import Career, SalaryBand
from tests.browser.hand import Hand
from tests.browser.test_editor import log_in
from tests.factories import create_career

GUIDE = Path(__file__).resolve().parents[2] / "docs" / "editors.md"
ROW = re.compile(r"^\| (\d+) \|.*\| (\d+) \| (\d+|–) \|$", re.MULTILINE)
SOURCE = "Article sur les métiers de l’IA (avril 2023)"
TOLD = {"fr": "", "en": "", "error": "", "oddities": []}


Sit = Callable[[], Hand]


def public(path: str) -> str:
    """What a visitor reads at this address; "" where there is no page."""
    answer = Client().get(path)
    return answer.content.decode() if answer.status_code == 200 else ""


def draft(**fields) -> Career:
    fields = {"title_fr": "Annotatrice de données", "status": "draft", **fields}
    return create_career(published_at=None, **fields)


def in_review() -> list[Career]:
    return [draft(title_fr=f"Métier {n:02}", status="in_review") for n in range(1, 21)]


def published(careers: list[Career]) -> int:
    return Career.objects.published().filter(pk__in=[career.pk for career in careers]).count()


def figures(**of) -> list[tuple[int, int, date]]:
    bands = SalaryBand.objects.filter(**of).order_by("observed_on")
    return [(int(band.low), int(band.high), band.observed_on) for band in bands]


# --- On our desk ------------------------------------------------------------------------------


def add_a_career(sit: Sit) -> Hand:
    hand = sit()
    hand.click(".model-career .addlink")
    hand.type("#id_title_fr", "Annotatrice de données")
    hand.type("#id_summary_fr", "Elle dit aux machines ce que montre une image.")
    hand.save("_publish")
    assert "ce que montre une image" in public("/metiers/annotatrice-de-donnees/")
    return hand


def add_a_band(sit: Sit) -> Hand:
    hand = sit()
    hand.follow("Carte des manques")
    # The third level of the second career, in the region with the most figures.
    hand.click("table.gaps tbody tr:nth-child(2) td:nth-of-type(4) a")
    hand.type("#id_low", "40 000")
    hand.type("#id_high", "60 000")
    hand.type("#id_currency", "EUR")
    hand.look_up("#id_source", "Article")
    hand.type("#id_observed_on", "30/04/2023")
    hand.save()
    found = figures(career__slug="data-scientist-data-analyst", region__code="FR", level="senior")
    assert found == [(40_000, 60_000, date(2023, 4, 30))]
    return hand


def fix_a_typo(sit: Sit) -> Hand:
    hand = sit()
    hand.click(".model-career th a")
    hand.open("Ingénieur prompt")
    hand.type("#id_summary_fr", "Un résumé sans faute.")
    hand.save()
    assert "Un résumé sans faute." in public("/metiers/ingenieur-prompt/")
    return hand


def replace_a_figure(sit: Sit) -> Hand:
    hand = sit()
    hand.click(".model-salaryband th a")
    hand.open("35 000 à 70 000 € en moyenne".replace(" 000", "\u202f000").replace(" €", "\xa0€"))
    hand.follow("Dupliquer")
    hand.type("#id_low", "38 000")
    hand.type("#id_high", "72 000")
    hand.type("#id_observed_on", "30/04/2026")
    hand.save()
    assert_replaced()
    page = public("/metiers/data-scientist-data-analyst/")
    assert "38\u202f000 à 72\u202f000" in page
    return hand


def preview_and_share(sit: Sit) -> Hand:
    career = draft(summary_fr="Un résumé encore secret.")
    hand = sit()
    hand.page.route("**/preview/frame/", lambda route: route.fulfill(body=""))
    hand.click(".model-career th a")
    hand.open(career.title_fr)
    hand.follow("Aperçu et partage")
    hand.click("#shared")
    shared = hand.page.locator("#shared").input_value()
    assert "Un résumé encore secret." in public(re.sub(r"^https?://[^/]+", "", shared))
    assert public(career.get_absolute_url()) == ""
    return hand


def schedule(sit: Sit) -> Hand:
    career = draft()
    hand = sit()
    hand.click(".model-career th a")
    hand.open(career.title_fr)
    hand.follow("Publier le…")
    hand.type("#id_moment", "2090-01-02T09:00")
    hand.click(".submit-row .default")
    hand.see_success()
    assert_scheduled(career)
    return hand


def restore(sit: Sit) -> Hand:
    career = Career.objects.get(slug="ingenieur-prompt")
    before, career.summary_fr = career.summary_fr, "Une phrase malheureuse."
    career.save()
    hand = sit()
    hand.click(".model-career th a")
    hand.open("Ingénieur prompt")
    hand.follow("Historique")
    hand.click("ol.history > li:nth-child(2) .history-tools a")
    hand.click(".submit-row .default")
    hand.see_success()
    assert before in public("/metiers/ingenieur-prompt/")
    return hand


def translate(sit: Sit) -> Hand:
    without_english()
    hand = sit()
    hand.click("#desk a[href*='desk=missing-english']")
    hand.open("Ingénieur prompt")
    hand.type("#id_summary_en", "They write instructions for models.")
    hand.save()
    assert "They write instructions for models." in public("/en/careers/ingenieur-prompt/")
    return hand


def find_stale_figures(sit: Sit) -> Hand:
    hand = sit()
    hand.click("#desk a[href*='desk=due']")
    expect(hand.page.locator("#result_list tbody tr")).to_have_count(8)
    hand.follow("Toujours vrai")
    hand.see_success()
    expect(hand.page.locator("#result_list tbody tr")).to_have_count(7)
    confirmed = SalaryBand.objects.filter(confirmed_on=timezone.localdate())
    assert [band.career.slug for band in confirmed] == ["chef-de-projet-chatbot"]
    return hand


def publish_twenty(sit: Sit) -> Hand:
    careers = in_review()
    hand = sit()
    hand.click("#desk a[href*='desk=in-review']")
    hand.click("#action-toggle")
    hand.choose("select[name=action]", "Publier les métiers cochés")
    hand.click("button[name=index]")
    hand.see_success()
    assert published(careers) == 20
    return hand


# --- In the admin as Django gives it ----------------------------------------------------------


def stock_add_a_career(sit: Sit) -> Hand:
    hand = sit()
    hand.click(".model-career .addlink")
    hand.choose("#id_status", "publié")
    hand.type("#id_title_fr", "Annotatrice de données")
    hand.type("#id_summary_fr", "Elle dit aux machines ce que montre une image.")
    hand.save()
    assert Career.objects.published().filter(slug="annotatrice-de-donnees").count() == 1
    return hand


def stock_add_a_band(sit: Sit) -> Hand:
    hand = sit()
    hand.click(".model-career th a")
    hand.open("Data scientist / data analyst")
    empty = "#id_bands-1"
    hand.choose(f"{empty}-region", "France (FR)")
    hand.choose(f"{empty}-level", "Expérience confirmée")
    hand.type(f"{empty}-low", "40000")
    hand.type(f"{empty}-high", "60000")
    hand.type(f"{empty}-currency", "EUR")
    hand.choose(f"{empty}-source", SOURCE)
    hand.type(f"{empty}-observed_on", "30/04/2023")
    hand.save()
    found = figures(career__slug="data-scientist-data-analyst", region__code="FR", level="senior")
    assert found == [(40_000, 60_000, date(2023, 4, 30))]
    return hand


def stock_fix_a_typo(sit: Sit) -> Hand:
    hand = sit()
    hand.click(".model-career th a")
    hand.open("Ingénieur prompt")
    hand.type("#id_summary_fr", "Un résumé sans faute.")
    hand.save()
    assert Career.objects.get(slug="ingenieur-prompt").summary_fr == "Un résumé sans faute."
    return hand


def stock_replace_a_figure(sit: Sit) -> Hand:
    hand = sit()
    hand.click(".model-salaryband .addlink")
    hand.choose("#id_career", "Data scientist / data analyst")
    hand.choose("#id_region", "France (FR)")
    hand.type("#id_low", "38000")
    hand.type("#id_high", "72000")
    hand.type("#id_currency", "EUR")
    hand.choose("#id_range_kind", "moyenne")
    hand.choose("#id_source", SOURCE)
    hand.type("#id_observed_on", "30/04/2026")
    hand.save()
    assert_replaced()
    return hand


def stock_schedule(sit: Sit) -> Hand:
    career = draft()
    hand = sit()
    hand.click(".model-career th a")
    hand.open(career.title_fr)
    hand.choose("#id_status", "publié")
    hand.type("#id_published_at_0", "02/01/2090")
    hand.type("#id_published_at_1", "09:00")
    hand.save()
    assert_scheduled(career)
    return hand


def stock_translate(sit: Sit) -> Hand:
    without_english()
    hand = sit()
    hand.click(".model-career th a")
    hand.open("Ingénieur prompt")
    hand.type("#id_summary_en", "They write instructions for models.")
    hand.save()
    career = Career.objects.get(slug="ingenieur-prompt")
    assert career.summary_en == "They write instructions for models."
    return hand


def stock_publish_twenty(sit: Sit) -> Hand:
    careers = in_review()
    hand = sit()
    hand.click(".model-career th a")
    for career in careers:
        hand.open(career.title_fr)
        hand.choose("#id_status", "publié")
        hand.save()
    assert published(careers) == 20
    return hand


# --- What both begin and end with -------------------------------------------------------------


def without_english() -> None:
    career = Career.objects.get(slug="ingenieur-prompt")
    career.summary_en = ""
    career.save()


def assert_replaced() -> None:
    """The newer figure answers, and the older one is kept."""
    series = {"career__slug": "data-scientist-data-analyst", "region__code": "FR"}
    old, new = (35_000, 70_000, date(2023, 4, 30)), (38_000, 72_000, date(2026, 4, 30))
    assert figures(**series) == [old, new]
    current = SalaryBand.objects.filter(**series).current()
    assert [int(band.low) for band in current] == [38_000]


def assert_scheduled(career: Career) -> None:
    career.refresh_from_db()
    assert career.status == Career.Status.PUBLISHED
    assert career.published_at == datetime(2090, 1, 2, 9, tzinfo=ZoneInfo("Europe/Paris"))
    assert published([career]) == 0


# --- The table of the guide -------------------------------------------------------------------

DESK = {
    1: add_a_career,
    2: add_a_band,
    3: fix_a_typo,
    4: replace_a_figure,
    5: preview_and_share,
    6: schedule,
    7: restore,
    8: translate,
    9: find_stale_figures,
    10: publish_twenty,
}
STOCK = {
    1: stock_add_a_career,
    2: stock_add_a_band,
    3: stock_fix_a_typo,
    4: stock_replace_a_figure,
    6: stock_schedule,
    8: stock_translate,
    10: stock_publish_twenty,
}


def table() -> list[tuple[int, int, int | None]]:
    """Number, clicks here and clicks in the stock admin of each row, in French, then in English."""
    return [
        (int(number), int(here), None if there == "–" else int(there))
        for number, here, there in ROW.findall(GUIDE.read_text(encoding="utf-8"))
    ]


def home(visitor) -> Hand:
    page = visitor.open("/admin/")
    page.set_default_timeout(10_000)
    log_in(page, "editor")
    # Beside the task, and the live server has one connection to its database in memory.
    page.route("**/said/", lambda route: route.fulfill(json=TOLD))
    expect(page.locator(".model-career .addlink")).to_be_visible()
    return Hand(page)


def test_guide_says_the_same_of_the_same_tasks_in_both_languages():
    french, english = table()[:10], table()[10:]
    assert french == english
    assert [number for number, _here, _there in french] == list(DESK)
    assert [number for number, _here, there in french if there] == list(STOCK)


@pytest.mark.parametrize("number", DESK)
def test_task_takes_the_clicks_that_the_guide_says(visitor, number):
    hand = DESK[number](lambda: home(visitor))
    assert {here for row, here, _there in table() if row == number} == {hand.clicks}


@pytest.mark.parametrize("number", STOCK)
def test_task_in_the_stock_admin_takes_the_clicks_that_the_guide_says(visitor, settings, number):
    settings.ROOT_URLCONF = "tests.browser.stock_admin"
    settings.TEMPLATES = deepcopy(settings.TEMPLATES)
    settings.TEMPLATES[0]["DIRS"] = []
    hand = STOCK[number](lambda: home(visitor))
    assert {there for row, _here, there in table() if row == number} == {hand.clicks}
