"""The admin's import screens, and who may go through which door."""

import re
from datetime import timedelta
from hashlib import sha256
from html import unescape

import pytest
from django.contrib.admin.models import LogEntry
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from careers import tables
from careers.admin.transfers import MAX_BYTES
from careers.groups import TRANSFERRED as MODELS
from careers.models import Career, Import, Region, SalaryBand, Source, Upload
from careers.resources import RESOURCES
from tests.factories import create_band, create_career, create_field, create_source
from tests.files import BAND, as_csv, exported
from tests.staff import client_of, create_staff, messages_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english")]
NUMBER = "a number is expected, such as 45000 or 45 000,50"
each_profile = pytest.mark.parametrize("profile", tables.PROFILES)


def logs():
    return LogEntry.objects.select_related("user", "content_type")


def address(view, *args, model="salaryband"):
    return reverse(f"admin:careers_{model}_{view}", args=args)


@pytest.fixture
def site(golden):
    for number in range(3):
        draft = {"status": "draft", "published_at": None}
        create_career(title_fr=f"Métier d’IA {number}", title_en=f"Job {-number}", **draft)
    create_band(career=golden["ethicien-en-ia"], high=1, observed_on="2023-06-30", stated_as="=1")
    create_source(slug="insee", title="Insee")
    create_source(slug="apec", title="Apec")
    create_field()


# --- Import -----------------------------------------------------------------------------------


def upload(client, content, model="salaryband", **fields):
    """The answer to a file handed in: the preview, or the form again."""
    file = SimpleUploadedFile("my bands.csv", content)
    return client.post(address("import", model=model), {"file": file, **fields}, follow=True)


def confirm(client, preview, **fields):
    """What follows when the preview is confirmed as it was shown."""
    [[there, _status]] = preview.redirect_chain
    shown = {"shown": preview.context["plan"].fingerprint}
    return client.post(there, shown | fields, follow=True)


def table_of(preview):
    """The cells of the tables of a preview, row by row, as text."""
    html = preview.content.decode()
    rows = re.findall(r"<tr>(.*?)</tr>", html.partition("<tbody>")[2], re.DOTALL)
    return [
        [
            " ".join(unescape(re.sub(r"<[^>]+>", " ", cell)).split())
            for cell in re.findall(r"<t[hd].*?>(.*?)</t[hd]>", row, re.DOTALL)
        ]
        for row in rows
    ]


def test_import_previews_writes_when_confirmed_and_changes_nothing_twice(editor, staff, engineer):
    create_band(career=engineer, low=1, high=100_000)
    content = as_csv(BAND | {"low": "45 000 €"}, BAND | {"level": "mid"})
    preview = upload(editor, content)
    [number, cells] = table_of(preview)[0]
    about = "AI engineer · France (FR) · EUR · year · Cinq métiers de l’IA · 2023-04-30"
    assert (number, " ".join(cells.split())) == ("2", f"{about} low 1 45000")
    assert SalaryBand.objects.get().low == 1

    done = confirm(editor, preview)
    said = "Imported my bands.csv: 1 new, 1 changed, 0 unchanged."
    assert messages_of(done) == [said]
    assert done.redirect_chain == [(address("changelist"), 302)]
    assert set(SalaryBand.objects.values_list("level", "low", "high")) == {
        ("", 45_000, 100_000),
        ("mid", None, 100_000),
    }
    assert [(log.user, log.content_type.model, log.change_message) for log in logs()] == [
        (staff, "salaryband", f"{said} sha256:{sha256(content).hexdigest()}")
    ]

    again = confirm(editor, upload(editor, content))
    assert messages_of(again) == ["Imported my bands.csv: 0 new, 0 changed, 2 unchanged."]
    assert LogEntry.objects.count() == 1
    assert not Upload.objects.exists()
    # The log of imports knows both, and shows them to who may read it.
    digest = sha256(content).hexdigest()
    columns = ("user", "username", "resource", "name", "sha256")
    counts = ("new", "changed", "unchanged", "refused")
    file = (staff.pk, staff.username, "salaryband", "my bands.csv", digest)
    assert list(Import.objects.order_by("pk").values_list(*columns, *counts)) == [
        (*file, 1, 1, 0, 0),
        (*file, 0, 0, 2, 0),
    ]
    listed = editor.get(address("changelist", model="import")).content.decode()
    assert listed.count("my bands.csv") == 2
    shown = editor.get(address("change", Import.objects.latest("pk").pk, model="import"))
    assert digest in shown.content.decode()


@pytest.mark.parametrize("model", MODELS)
@each_profile
def test_import_of_ones_own_export_changes_nothing(editor, site, model, profile):
    rows = RESOURCES[model].model.objects.count()
    preview = upload(editor, exported(model, tables.PROFILES[profile]), model)
    [said] = messages_of(confirm(editor, preview))
    assert said == f"Imported my bands.csv: 0 new, 0 changed, {rows} unchanged."


def test_import_tells_all_errors_at_once_and_writes_nothing(editor, engineer):
    preview = upload(
        editor,
        as_csv(
            BAND | {"level": "boss", "high": "<script>alert(1)</script>"},
            BAND,
            BAND | {"low": "2", "high": "1", "level": "mid"},
            BAND,
            BAND | {"currency": "euro", "level": "lead"},
        ),
    )
    assert table_of(preview)[:5] == [
        ["2", "level", "boss", "allowed: entry, mid, senior, lead"],
        ["2", "high", "<script>alert(1)</script>", NUMBER],
        ["4", "high", "1", "The high amount is below the low amount."],
        ["5", "", "", "this row is about the same as row 3: keep one of them"],
        ["6", "currency", "euro", "“EURO” is not an ISO 4217 currency code such as EUR or USD."],
    ]
    assert "<script>alert" not in preview.content.decode()
    assert table_of(confirm(editor, preview))[:5] == table_of(preview)[:5]
    assert not SalaryBand.objects.exists()
    assert not LogEntry.objects.exists()


@pytest.mark.parametrize("facets", ["", "?_facets=True"])
def test_logs_are_filtered_in_the_words_of_the_list(editor, engineer, facets):
    confirm(editor, upload(editor, as_csv(BAND)))
    profile = {"export-profile": "excel-fr", "export-columns": "low"}
    b"".join(editor.get(address("export"), profile).streaming_content)
    offered = {}
    for log in ("import", "export"):
        listed = editor.get(address("changelist", model=log) + facets).context["cl"]
        for spec in listed.filter_specs:
            name = getattr(spec, "field_path", "")
            offered[log, name] = [str(choice["display"]) for choice in spec.choices(listed)]
    one = " (1)" if facets else ""
    assert offered["import", "resource"] == ["All", f"Salary bands{one}"]
    assert offered["export", "resource"] == ["All", f"Salary bands{one}"]
    assert offered["export", "profile"] == ["All", f"Excel (français){one}"]


@pytest.mark.django_db(transaction=True)
def test_import_compares_and_writes_in_one_transaction(editor, engineer):
    """What somebody else saves between the two would be written over unseen."""
    create_band(career=engineer, high=1)
    preview = upload(editor, as_csv(BAND))
    with CaptureQueriesContext(connection) as asked:
        confirm(editor, preview)
    said = [query["sql"] for query in asked]

    def first(*words):
        return next(at for at, sql in enumerate(said) if all(word in sql for word in words))

    read, written = first("SELECT", 'FROM "careers_salaryband"'), first('INTO "careers_salaryband"')
    begun = max(at for at, sql in enumerate(said[:read]) if sql.startswith("BEGIN"))
    assert "COMMIT" not in said[begun:written]
    assert ("FOR UPDATE" in said[read]) == connection.features.has_select_for_update
    assert SalaryBand.objects.get().high == 100_000


def test_import_names_columns_as_the_file_does(editor, engineer):
    headings = {"career": "Métier", "region": "Pays", "low": "Salaire min", "high": "Salaire max"}
    rows = [
        {headings.get(name, name): cell for name, cell in (BAND | cells).items()}
        for cells in ({"low": "peu"}, {"low": "2", "high": "1", "career": "Personne"})
    ]
    preview = upload(editor, as_csv(*rows))
    refused = table_of(preview)
    assert [[row, column, value] for row, column, value, _why in refused] == [
        ["2", "Salaire min", "peu"],
        ["3", "Métier", "Personne"],
        ["3", "Salaire max", "1"],
    ]
    [_header, *kept] = preview.context["plan"].refused_rows()
    assert [row[-1] for row in kept] == [
        f"Salaire min: {NUMBER}",
        f"Métier: {refused[1][3]} | Salaire max: {refused[2][3]}",
    ]


def test_import_plans_again_when_confirmed(editor, engineer):
    preview = upload(editor, as_csv(BAND))
    Region.objects.all().delete()
    late = confirm(editor, preview)
    assert ["2", "region", "FR", "the site knows none of this name or code"] in table_of(late)
    assert not SalaryBand.objects.exists()


def test_import_creates_missing_careers_where_ticked(editor, engineer):
    content = as_csv(BAND | {"career": "Boulanger", "source": "Insee (P10–P90)"})
    refused = upload(editor, content)
    assert confirm(editor, refused).context["plan"].is_refused
    offer = '<input type="submit" name="create_missing"'
    assert offer in refused.content.decode()
    preview = upload(editor, content, create_missing="on")
    assert "Boulanger, Insee" in " ".join(preview.content.decode().split())
    unknown_region = upload(editor, as_csv(BAND | {"region": "XX"})).content.decode()
    assert offer not in preview.content.decode() + unknown_region
    assert set(Career.objects.values_list("slug", flat=True)) == {"ingenieur-ia"}
    confirm(editor, preview)
    assert set(Career.objects.values_list("slug", "status")) == {
        ("ingenieur-ia", "published"),
        ("boulanger", "draft"),
    }
    assert set(Source.objects.values_list("title", flat=True)) == {"Cinq métiers de l’IA", "Insee"}


def test_preview_offers_to_create_what_the_site_lacks(editor, engineer):
    refused = upload(editor, as_csv(BAND | {"career": "Boulanger"}))
    address_of_preview = refused.redirect_chain[-1][0]
    preview = editor.post(address_of_preview, {"create_missing": ""}, follow=True)
    assert preview.redirect_chain == [(address_of_preview, 302)]
    assert preview.context["plan"].counts["new"] == 1
    assert not Career.objects.filter(slug="boulanger").exists()
    confirm(editor, preview)
    assert Career.objects.get(slug="boulanger").status == "draft"


def test_import_offers_to_create_missing_for_bands_alone(editor):
    boxes = {
        model
        for model in MODELS
        if 'name="create_missing"' in editor.get(address("import", model=model)).content.decode()
    }
    assert boxes == {"salaryband"}


def test_import_of_careers_publishes_for_those_who_may(golden):
    content = as_csv({"slug": "ethicien-en-ia", "title_fr": "Éthicien", "status": "draft"})
    helper = client_of(create_staff("", "view_career", "import_career"))
    error = ["2", "", "", "only those who may publish change what is published"]
    assert error in table_of(confirm(helper, upload(helper, content, "career")))
    assert Career.objects.get(slug="ethicien-en-ia").status == "published"
    editor = client_of(create_staff("editors"))
    confirm(editor, upload(editor, content, "career"))
    assert Career.objects.get(slug="ethicien-en-ia").status == "draft"


# --- Uploads ----------------------------------------------------------------------------------


def test_upload_is_its_owners_alone_and_of_one_model(editor, engineer):
    [[there, _status]] = upload(editor, as_csv(BAND)).redirect_chain
    other = client_of(create_staff("editors"))
    assert other.get(there).status_code == other.post(there).status_code == 404
    elsewhere = address("preview", Upload.objects.get().pk, model="career")
    assert editor.get(elsewhere).status_code == editor.post(elsewhere).status_code == 404
    assert not SalaryBand.objects.exists()
    assert editor.get(there).context["plan"].counts["new"] == 1


def test_upload_is_gone_after_its_import_and_after_a_day(editor, engineer):
    old = upload(editor, as_csv(BAND))
    day = timezone.now() - timedelta(days=1, minutes=1)
    Upload.objects.update(created_at=day)
    fresh = upload(editor, as_csv(BAND))
    assert Upload.objects.count() == 1
    assert confirm(editor, old).status_code == 404
    assert confirm(editor, fresh).status_code == 200
    assert confirm(editor, fresh).status_code == 404
    assert SalaryBand.objects.count() == 1


FILES = {
    "NUL": (b"a,b\n\0,1\n", "Row 2 holds a NUL character: the file is not a text file."),
    "no columns": (
        b"low\n1\n",
        "The file lacks these columns: career, region, source, observed_on.",
    ),
}


@pytest.mark.parametrize(("content", "message"), FILES.values(), ids=FILES)
def test_upload_that_cannot_be_read_leads_back_to_the_form(editor, content, message):
    refused = upload(editor, content)
    assert messages_of(refused) == [f"“my bands.csv”: {message}"]
    assert refused.redirect_chain[-1] == (address("import"), 302)
    assert not Upload.objects.exists()


SIZES = {
    0: "The submitted file is empty.",
    MAX_BYTES + 1: (
        "The file is larger than 20 MB: split it, or have it imported as CSV with "
        "“manage.py import_file”, which takes any size."
    ),
}


@pytest.mark.parametrize(("size", "message"), SIZES.items())
def test_upload_of_an_odd_size_is_refused(editor, size, message):
    refused = upload(editor, b"x" * size)
    assert refused.context["form"].errors == {"file": [message]}
    assert not Upload.objects.exists()


# --- Who may ----------------------------------------------------------------------------------


def doors(user, model):
    """The status of each screen, and what the change list offers."""
    client = client_of(user)
    export = address("export", model=model)
    kept = Upload.objects.create(resource=model, name="a", content=b"a", user=user)
    preview = address("preview", kept.pk, model=model)
    here = address("import", model=model)
    answers = [client.get(export), client.get(here), upload(client, b"a", model)]
    answers += [client.get(preview), client.post(preview)]
    page = client.get(address("changelist", model=model)).content.decode()
    offered = set(re.findall(r'href="[^"]*/((?:export|import)/)|value="(export_ticked)', page))
    return [answer.status_code for answer in answers], offered


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("who", ["contributors", "viewer"])
def test_transfers_need_their_permissions(editor, site, model, who):
    user = create_staff(who) if who == "contributors" else create_staff("", f"view_{model}")
    assert doors(user, model) == ([403] * 5, set())
    page = editor.get(address("changelist", model=model)).content.decode()
    for offered in ('/export/?"', '/import/"', 'value="export_ticked"'):
        assert offered in page
