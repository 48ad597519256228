"""Files as the world publishes them. They lie beside the repository, where there are any."""

from decimal import Decimal
from pathlib import Path

import pytest
from django.urls import reverse

from careers import tables
from careers.models import Career, Region, SalaryBand, Source
from careers.resources import apply
from careers.tables import TableError
from tests.factories import create_rate
from tests.files import counted, planned_file, told
from tests.staff import messages_of

DATA = Path(__file__).resolve().parents[2] / "shared" / "data"
SAMPLES = DATA / "import_samples"
REGIONS = "regions/regions.csv"
BANDS = "salaries/salary_bands_ai_2023-04-23.csv"
pytestmark = [
    pytest.mark.django_db,
    pytest.mark.usefixtures("english"),
    pytest.mark.skipif(not DATA.is_dir(), reason=f"the folder of real files is absent: {DATA}"),
]


def plan_of(name, file, **options):
    return planned_file(name, (DATA / file).read_bytes(), **options)


@pytest.fixture
def regions(db):
    apply(plan_of("region", REGIONS))


def imported(client, model, file, **fields):
    """The plan and the last words of an import through the admin."""
    with (DATA / file).open("rb") as content:
        there = reverse(f"admin:careers_{model}_import")
        preview = client.post(there, {"file": content, **fields}, follow=True)
    planned = preview.context["plan"]
    shown = {"shown": planned.fingerprint}
    done = client.post(preview.redirect_chain[-1][0], shown, follow=True)
    return planned, messages_of(done)


def said(file, **counts):
    new, same = counts.get("new", 0), counts.get("same", 0)
    return [f"Imported {Path(file).name}: {new} new, 0 changed, {same} unchanged."]


def test_real_regions_are_imported_once(editor):
    planned, words = imported(editor, "region", REGIONS)
    assert (counted(planned), words) == ({"new": 542}, said(REGIONS, new=542))
    columns = {"iso_alpha2", "iso_alpha3", "iso_numeric", "iso_3166_2", "name_local"}
    assert set(planned.unread) == columns | {"type", "source"}

    planned, words = imported(editor, "region", REGIONS)
    assert (counted(planned), words) == ({"unchanged": 542}, said(REGIONS, same=542))


def test_real_regions_lie_where_they_belong(regions):
    paths = dict(Region.objects.values_list("code", "path"))
    assert len(paths) == 542
    assert paths["FR"].startswith("001/150/")
    assert paths["FR-971"].startswith(paths["FR"])
    assert not paths["GP"].startswith("001/150/")
    assert paths["GP"].startswith("001/019/")
    namibia = Region.objects.get(code="NA")
    assert (namibia.name_fr, namibia.name_en) == ("Namibie", "Namibia")
    assert paths["NA"].startswith("001/002/")
    assert {path.split("/")[0] for path in paths.values()} == {"001"}


def test_real_bands_make_drafts_and_are_imported_once(editor, regions):
    planned, _words = imported(editor, "salaryband", BANDS)
    assert counted(planned) == {"refused": 137}
    assert not SalaryBand.objects.exists()

    planned, words = imported(editor, "salaryband", BANDS, create_missing="on")
    assert (counted(planned), words) == ({"new": 137}, said(BANDS, new=137))
    careers = Career.objects.all()
    assert set(careers.values_list("status", "published_at")) == {("draft", None)}
    assert careers.count() == 34
    assert [source.title for source in Source.objects.all()] == ["aijobs.net"]
    bands = SalaryBand.objects.filter(career__title_fr="Analytics Engineer", region__code="GB")
    stated = "aijobs.net (P25-P75 of n=4 answers, work year 2022)"
    columns = ("level", "engagement", "low", "high", "currency", "range_kind", "stated_as")
    assert set(bands.filter(currency="GBP", level="senior").values_list(*columns)) >= {
        ("senior", "employee", 72_501, 83_532, "GBP", "p25_p75", stated)
    }

    planned, words = imported(editor, "salaryband", BANDS, create_missing="on")
    assert (counted(planned), planned.made) == ({"unchanged": 137}, [])
    assert words == said(BANDS, same=137)
    assert (Career.objects.count(), SalaryBand.objects.count()) == (34, 137)


def rows_of(plan):
    """What each planned row would write, whatever the file looked like."""
    fields = [column.name for column in plan.resource.columns]
    return [[str(getattr(row.instance, field)) for field in fields] for row in plan.rows]


def test_real_spreadsheets_of_the_same_rows_plan_the_same(regions):
    same = ["ok_utf8_comma.csv", "ok_excel_fr_cp1252_semicolon.csv"]
    same += ["ok_excel_utf8_bom_semicolon.csv", "ok_utf16_tab.txt"]
    plans = [plan_of("salaryband", SAMPLES / file, create_missing=True) for file in same]
    assert [counted(plan) for plan in plans] == [{"new": 30}] * 4
    assert [rows_of(plan) for plan in plans[1:]] == [rows_of(plans[0])] * 3
    apply(plans[0])
    again = [plan_of("salaryband", SAMPLES / file, create_missing=True) for file in same]
    assert [counted(plan) for plan in again] == [{"unchanged": 30}] * 4


def test_real_french_amounts_are_read(regions):
    file = SAMPLES / "ok_thousands_narrow_nbsp_euro_sign.csv"
    assert "\u202f000".encode() in file.read_bytes()
    planned = plan_of("salaryband", file, create_missing=True)
    assert counted(planned) == {"new": 2}
    assert [(row.instance.low, row.instance.high) for row in planned.rows] == [
        (35_000, 48_000),
        (40_500, 48_000),
    ]


def test_real_bad_rows_are_refused_alone(regions):
    bad = plan_of("salaryband", SAMPLES / "bad_rows_4_7_9_11.csv", create_missing=True)
    assert counted(bad) == {"new": 8, "refused": 4}
    assert [(row, column, value) for row, column, value, _why in told(bad)] == [
        (4, "currency", "EURO"),
        (7, "low", "*"),
        (9, "high", "150475"),
        (11, "region", "UK"),
    ]


def test_real_file_of_another_kind_is_refused_by_its_columns(db):
    with pytest.raises(
        TableError, match="lacks these columns: career, region, source, observed_on"
    ):
        plan_of("salaryband", SAMPLES / "real_bls_state_2023_bom_semicolon_crlf_800rows.csv")
    other = SAMPLES / "real_bls_state_2023_bom_semicolon_crlf_800rows.csv"
    table = tables.read(other.read_bytes())
    assert (len(table.rows), table.rows[-1].number) == (800, 801)
    assert tables.number(table.rows[0].cells["A_MEAN"]) == Decimal(53_400)


def test_real_reference_set_fills_an_empty_site(db):
    create_rate(currency="GBP", fixed_on="2015-01-30", rate="0.7511")
    files = {
        "region": ("reference/reference_regions.csv", 38),
        "career": ("reference/reference_careers.csv", 23),
        "salaryband": ("reference/base_rows.csv", 47),
    }
    for name, (file, count) in files.items():
        planned = plan_of(name, file, create_missing=True)
        # The one part-time answer is refused alone.
        refused = {"refused": 1} if name == "salaryband" else {}
        assert counted(planned) == {"new": count, **refused}
        assert [error[1:3] for error in told(planned)] == [("engagement", "PT")] * len(refused)
        apply(planned.only_good())
        assert counted(plan_of(name, file, create_missing=True)) == {"unchanged": count, **refused}
    assert set(Career.objects.values_list("status", flat=True)) == {"draft"}
    assert Career.objects.count() == 23
    assert set(SalaryBand.objects.values_list("range_kind", flat=True)) >= {"p25_p75"}
