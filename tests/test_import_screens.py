"""The admin's import: what an editor decides on the preview, and what comes of it."""

import re
from html import unescape

import pytest
from django.contrib.admin.models import LogEntry
from django.urls import reverse
from django.utils import translation

from careers import tables
from careers.models import Import, SalaryBand, Source, Upload
from careers.resources import RESOURCES, apply
from tests.factories import create_band
from tests.files import BAND, as_csv, book_of
from tests.staff import client_of, create_staff, messages_of
from tests.test_transfers import confirm, upload

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english")]
LEVELS = "level: allowed: entry, mid, senior, lead"


def text_of(response):
    html = response.content.decode().partition("<main")[2]
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", html)).split())


def levels():
    return set(SalaryBand.objects.values_list("level", flat=True))


def test_preview_reads_a_workbook_and_tells_what_it_leaves_aside(editor, engineer):
    rows = [["Salaires 2023"], [], list(BAND), list((BAND | {"high": "*"}).values())]
    preview = upload(editor, book_of(*rows, more=["Lisez-moi"]))
    said = text_of(preview)
    assert "1 row gives a reason in place of a figure." in said
    assert "Sheets not read: Lisez-moi" in said
    assert "1 row above or below the table is not read Row 1: Salaires 2023" in said
    confirm(editor, preview)
    assert [band.no_figure_reason for band in SalaryBand.objects.all()] == ["suppressed"]


# --- Refused rows -----------------------------------------------------------------------------


def test_refused_rows_stop_the_file_unless_the_others_are_taken_alone(editor, engineer):
    preview = upload(editor, as_csv(BAND, BAND | {"level": "boss"}, BAND | {"level": "mid"}))
    assert 'name="good_rows" value="Import the 2 other rows alone"' in preview.content.decode()
    refused = confirm(editor, preview)
    assert messages_of(refused) == ["Nothing was imported: say what becomes of these rows."]
    assert levels() == set()

    done = confirm(editor, preview, good_rows="on")
    said = "Imported my bands.csv: 2 new, 0 changed, 0 unchanged. 1 refused row was left out."
    assert messages_of(done) == [said]
    assert levels() == {"", "mid"}
    assert LogEntry.objects.get().change_message.startswith(f"{said} sha256:")
    assert list(Import.objects.values_list("new", "unchanged", "refused")) == [(2, 0, 1)]
    # What is left to correct stays at hand, and nothing else can be done with it.
    assert done.redirect_chain == [(preview.redirect_chain[0][0], 302)]
    assert done.context["plan"].counts["refused"] == 1
    assert 'name="good_rows"' not in done.content.decode()


@pytest.mark.parametrize(("language", "name"), [("fr", "refuse"), ("en", "refused")])
def test_refused_rows_are_downloaded_in_the_language_of_the_page(editor, engineer, language, name):
    upload(editor, as_csv(BAND, BAND | {"level": "boss"}))
    with translation.override(language):
        there = reverse("admin:careers_salaryband_refused", args=[Upload.objects.get().pk])
    response = editor.get(there)
    content = b"".join(response.streaming_content)
    assert content.startswith(b"\xef\xbb\xbf") == (language == "fr")
    assert re.search(rf'filename="my-bands-{name}\w*\.csv"', response["Content-Disposition"])
    [row] = tables.read(content).rows
    reason = row.cells.pop("why_refused")
    assert row.cells == BAND | {"level": "boss"}
    assert reason.startswith("level: ")
    assert language == "fr" or reason == LEVELS


def test_refused_rows_are_for_those_who_may_import(editor, engineer):
    upload(editor, as_csv(BAND))
    there = reverse("admin:careers_salaryband_refused", args=[Upload.objects.get().pk])
    others = (create_staff("contributors"), create_staff("editors"))
    assert [client_of(other).get(there).status_code for other in others] == [403, 404]


# --- Conflicts --------------------------------------------------------------------------------


@pytest.fixture
def conflict(engineer):
    """A file of two rows, both changed in it; the site has changed the first since."""
    for level in ("", "mid"):
        create_band(career=engineer, high=100_000, level=level)
    rows = [
        BAND
        | {"level": band.level, "low": "45000"}
        | {"version": RESOURCES["salaryband"].version(band)}
        for band in SalaryBand.objects.order_by("pk")
    ]
    SalaryBand.objects.filter(level="").update(low=50_000)
    return as_csv(*rows)


def lows():
    return dict(SalaryBand.objects.values_list("level", "low"))


def test_conflicts_show_both_sides_and_wait_for_a_choice(editor, conflict):
    preview = upload(editor, conflict)
    about = "AI engineer · France (FR) · EUR · year · Cinq métiers de l’IA · 2023-04-30"
    assert f"2 {about} low 50000 low 45000 As chosen for all" in text_of(preview)
    assert messages_of(confirm(editor, preview)) == [
        "Nothing was imported: say what becomes of these rows."
    ]
    assert lows() == {"": 50_000, "mid": None}


@pytest.mark.parametrize(
    ("fields", "low"),
    [
        ({"conflicts": "site"}, 50_000),
        ({"conflicts": "file"}, 45_000),
        ({"conflicts": "file", "side-2": "site"}, 50_000),
        ({"side-2": "file"}, 45_000),
    ],
)
def test_conflicts_are_settled_as_chosen(editor, conflict, fields, low):
    confirm(editor, upload(editor, conflict), **fields)
    assert lows() == {"": low, "mid": 45_000}


def test_what_the_site_changed_after_the_preview_is_shown_again(editor, conflict):
    preview = upload(editor, conflict)
    SalaryBand.objects.filter(level="").update(low=60_000)
    late = confirm(editor, preview, conflicts="file")
    assert messages_of(late) == ["The site has changed since this page was shown: look again."]
    assert lows() == {"": 60_000, "mid": None}
    confirm(editor, late_preview(late), conflicts="file")
    assert lows() == {"": 45_000, "mid": 45_000}


def test_row_that_somebody_adds_while_it_is_imported_is_shown_again(editor, engineer, monkeypatch):
    preview = upload(editor, as_csv(BAND, BAND | {"level": "mid"}))

    def apply_late(*planned, **options):
        create_band(career=engineer, low=1, source=Source.objects.get(), observed_on="2023-04-30")
        return apply(*planned, **options)

    monkeypatch.setattr("careers.admin.transfers.apply", apply_late)
    late = confirm(editor, preview)
    assert messages_of(late) == ["The site has changed since this page was shown: look again."]
    assert (lows(), Import.objects.count()) == ({}, 0)
    monkeypatch.undo()
    confirm(editor, late_preview(late))
    assert levels() == {"", "mid"}


def late_preview(response):
    response.redirect_chain = response.redirect_chain[-1:]
    return response


def test_a_confirmation_that_saw_no_preview_writes_nothing(editor, engineer):
    [[there, _status]] = upload(editor, as_csv(BAND)).redirect_chain
    assert editor.post(there).context["plan"].counts["new"] == 1
    assert levels() == set()
