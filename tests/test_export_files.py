"""The files that the admin's exports send, and the log that keeps who took them."""

import gzip
import io
import re
from hashlib import sha256
from urllib.parse import unquote

import openpyxl
import pytest
from django.contrib.auth.models import User
from django.db import DatabaseError
from django.utils import timezone

from careers import tables
from careers.admin.exports import KINDS
from careers.groups import TRANSFERRED as MODELS
from careers.models import Career, Export, Region, SalaryBand
from careers.resources import RESOURCES
from tests.exporting import address, break_off, content_of, download
from tests.factories import create_band, create_career, create_field, refused_by_database
from tests.files import counted, planned_file
from tests.staff import client_of, create_staff

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english")]


@pytest.fixture
def site(golden):
    create_career(title_fr="Métier d’IA", status="draft", published_at=None)


def names_of(response):
    """Both names of a file, which is then received whole."""
    content_of(response)
    header = response.headers["Content-Disposition"]
    [(plain, quoted)] = re.findall(
        r'^attachment; filename="([^"]+)"; filename\*=UTF-8\'\'(\S+)$', header
    )
    return plain, unquote(quoted)


@pytest.mark.parametrize("profile", KINDS)
def test_file_is_named_by_what_it_holds(editor, site, profile):
    before = timezone.localtime()
    response = download(editor, "career", "?status__exact=draft&q=Métier", profile)
    plain, name = names_of(response)
    [moment] = re.findall(r"\d{4}-\d\d-\d\d_\d\dh\d\d", plain)
    suffix = KINDS[profile].suffix
    assert f"{before:%Y-%m-%d_%Hh%M}" <= moment <= f"{timezone.localtime():%Y-%m-%d_%Hh%M}"
    assert plain == f"careers_status-draft_metier_{moment}.{suffix}"
    assert name == f"Careers, status draft, “Métier”, {moment.replace('_', ' ')}.{suffix}"
    assert response.headers["Content-Type"] == KINDS[profile].content_type
    assert "no-store" in response.headers["Cache-Control"]


@pytest.mark.parametrize(
    "words", ['"; x="../../a\r\n', "\u202egpj.exe", "a" * 300, "職業", "/\\:*?"]
)
def test_file_name_is_safe_whatever_was_searched(editor, golden, words):
    response = editor.get(address("export", "career"), {"q": words, "export-profile": "data"})
    plain, name = names_of(response)
    assert re.fullmatch(r"careers(_[a-z0-9-]+)?_\d{4}-\d\d-\d\d_\d\dh\d\d\.csv", plain)
    assert not set(name) & set('\\/:*?"<>|\r\n\u202e')
    assert len(name) < 200


@pytest.mark.parametrize(
    ("profile", "encoding"), [("data", "gzip"), ("excel-fr", "gzip"), ("xlsx", "identity")]
)
def test_file_is_packed_once_on_its_way(editor, golden, profile, encoding):
    editor.defaults["HTTP_ACCEPT_ENCODING"] = "gzip, br"
    sent = download(editor, "region", profile=profile)
    content = content_of(sent)
    assert sent.headers["Content-Encoding"] == encoding
    file = gzip.decompress(content) if encoding == "gzip" else content
    assert counted(planned_file("region", file)) == {"unchanged": Region.objects.count()}


def test_csv_speaks_its_profile(editor, golden):
    french, data = (
        content_of(download(editor, "salaryband", "?currency=USD", profile, ["high", "figure_fr"]))
        for profile in ("excel-fr", "data")
    )
    assert french.startswith(b"\xef\xbb\xbfcareer;region;")
    assert french.endswith(b"\r\n")
    assert data.startswith(b"career,region,")
    [row] = tables.read(french).rows
    assert row == tables.read(data).rows[0]
    assert row.cells["figure_fr"] == "peut dépasser 300\u202f000\u202f$US"


def test_xlsx_is_typed_frozen_and_filtered(editor, golden):
    create_band(career=golden["data-scientist"], high="1.5", level="lead", stated_as="001")
    columns = ["high", "open_ended", "stated_as"]
    content = content_of(download(editor, "salaryband", "?level__exact=lead", "xlsx", columns))
    sheet = openpyxl.load_workbook(io.BytesIO(content)).active
    header, row = list(sheet.rows)
    cells = {
        name.value: (cell.value, cell.data_type) for name, cell in zip(header, row, strict=True)
    }
    assert cells["high"] == (1.5, "n")
    assert cells["open_ended"] == (0, "n")
    assert cells["stated_as"] == ("001", "s")
    assert cells["observed_on"][0].date() == SalaryBand.objects.get(level="lead").observed_on
    assert cells["observed_on"][1] == "d"
    assert (sheet.freeze_panes, sheet.auto_filter.ref) == ("A2", f"A1:{row[-1].column_letter}2")
    assert {cell.number_format for cell in row if cell.data_type == "s"} == {"@"}


def test_xlsx_that_cannot_hold_a_text_says_so_before_it_is_sent(editor):
    # As many titles as O*NET gives one occupation.
    titles = "\n".join(f"Title {number:07}" for number in range(2_749))
    create_career(title_fr="Long", alternative_titles_en=titles)
    said = (
        "“long”, column alternative_titles_en: a text of 38,485 characters; a cell of XLSX holds "
        "32,767. Choose CSV, or leave this column out."
    )
    refused = download(editor, "career", profile="xlsx", columns=["alternative_titles_en"])
    assert refused.context["form"].non_field_errors() == [said]
    assert Export.objects.get().outcome == "aborted"
    assert content_of(download(editor, "career", profile="xlsx", columns=["title_fr"]))
    content = content_of(download(editor, "career", columns=["alternative_titles_en"]))
    assert counted(planned_file("career", content)) == {"unchanged": 1}


# --- The log ----------------------------------------------------------------------------------


@pytest.mark.parametrize("profile", KINDS)
def test_export_is_logged_with_who_what_and_the_hash_of_the_file(editor, staff, golden, profile):
    pk = golden["ethicien-en-ia"].pk
    question = "?status__exact=published&o=-1"
    response = download(editor, "career", question, profile, ["title_fr"], ticked=str(pk))
    assert Export.objects.get().outcome == "unfinished"
    content = content_of(response)
    entry = Export.objects.get()
    assert entry.name == response.headers["Content-Disposition"].split('"')[1]
    kept = ("user", "username", "resource", "asked", "question", "columns", "profile", "rows")
    assert {name: getattr(entry, name) for name in kept} == {
        "user": staff,
        "username": staff.username,
        "resource": "career",
        "asked": "status: published · 1 ticked row · by title ↓",
        "question": f"status__exact=published&o=-1&export-ticked={pk}",
        "columns": ["slug", "title_fr"],
        "profile": profile,
        "rows": 1,
    }
    assert (entry.outcome, entry.sha256) == ("complete", sha256(content).hexdigest())


def test_export_broken_off_is_logged_as_such(editor, golden, monkeypatch):
    monkeypatch.setattr(tables, "ROWS_A_CHUNK", 2)
    response = download(editor, "career")
    content = iter(response.streaming_content)
    assert next(content).startswith(b"slug")
    break_off(response)
    assert Export.objects.values_list("outcome", "sha256").get() == ("aborted", "")


def test_export_that_fails_on_its_way_is_logged_as_broken_off(editor, golden, monkeypatch):
    def chunks(resource, queryset, chosen):
        yield [tables.Cells(["a", "b"])] * len(resource.header(chosen))
        raise DatabaseError("gone")

    monkeypatch.setattr(type(RESOURCES["career"]), "chunks", chunks)
    with pytest.raises(DatabaseError):
        content_of(download(editor, "career"))
    assert Export.objects.values_list("outcome", "sha256", "rows").get() == ("aborted", "", 2)


def test_log_is_read_by_editors_and_written_by_nobody(editor, staff, golden):
    content_of(download(editor, "career", "?q=INGENIEUR", "excel-fr", ["title_fr"]))
    entry = Export.objects.get()
    log = editor.get(address("changelist", "export"))
    page = " ".join(re.sub(r"<[^>]+>", " ", log.content.decode()).split())
    assert f"{staff.username} Careers “INGENIEUR” 2 Excel (français) complete" in page
    there = f"/en/admin/careers/export/{entry.pk}/"
    entry_page = editor.get(f"{there}change/").content.decode()
    assert entry.sha256 in entry_page
    assert f'href="{address("export", "career")}?q=INGENIEUR"' in entry_page
    assert "slug, title_fr" in entry_page
    assert editor.post(f"{there}change/", {"rows": 1}).status_code == 403
    assert editor.post(f"{there}delete/").status_code == 403
    assert editor.get(address("add", "export")).status_code == 403
    contributor = client_of(create_staff("contributors"))
    assert contributor.get(address("changelist", "export")).status_code == 403


def test_log_outlives_the_account(editor, staff, golden):
    content_of(download(editor, "career"))
    User.objects.get(pk=staff.pk).delete()
    assert Export.objects.values_list("user", "username").get() == (None, staff.username)


REFUSED = {"careers_export_complete_has_hash": [{"outcome": "complete"}]}


@pytest.mark.parametrize("change", REFUSED["careers_export_complete_has_hash"])
def test_log_has_the_hash_of_every_complete_file(change):
    entry = Export.objects.create(resource="career", name="careers.csv")
    with refused_by_database("careers_export_complete_has_hash"):
        Export.objects.filter(pk=entry.pk).update(**change)
    assert Export.objects.get().outcome == "unfinished"


# --- Who may ----------------------------------------------------------------------------------


@pytest.mark.parametrize("model", MODELS)
def test_export_needs_its_own_permission_and_nothing_else(golden, model):
    create_field()
    others = [m for m in MODELS if m != model]
    reader = client_of(create_staff("", f"view_{model}", *(f"export_{m}" for m in others)))
    exporter = client_of(create_staff("", f"view_{model}", f"export_{model}"))
    for client, status in ((reader, 403), (exporter, 200)):
        page = client.get(address("changelist", model)).content.decode()
        assert ("/export/?" in page, "export_ticked" in page) == (status == 200,) * 2
        assert client.get(address("export", model)).status_code == status
        response = download(client, model)
        assert response.status_code == status
        assert status == 403 or content_of(response)
    pk = RESOURCES[model].model.objects.earliest("pk").pk
    ticked = {"action": "export_ticked", "_selected_action": [pk]}
    assert reader.post(address("changelist", model), ticked).status_code == 200
    assert exporter.post(address("changelist", model), ticked).status_code == 302


def test_export_answers_to_get_alone(editor, golden):
    there = address("export", "career") + "?export-profile=data"
    assert editor.post(there).status_code == editor.head(there).status_code == 405
    assert not Export.objects.exists()


def test_export_never_writes(editor, golden):
    before = list(Career.objects.order_by("pk").values())
    content_of(download(editor, "career", columns=["status"]))
    assert list(Career.objects.order_by("pk").values()) == before
