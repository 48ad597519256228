"""The commands on whole files as others publish them: every row is accounted for, once."""

from collections import Counter
from pathlib import Path

import pytest

from careers.models import Career, Field, SalaryBand, Source
from careers.resources import apply
from tests.factories import create_career
from tests.files import planned_file, run

DATA = Path(__file__).resolve().parent.parent.parent / "shared" / "data"
pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(not DATA.is_dir(), reason=f"the folder of real files is absent: {DATA}"),
]


@pytest.fixture
def world(db):
    apply(planned_file("region", (DATA / "regions" / "regions.csv").read_bytes()))


def test_real_bls_file_is_accounted_for_row_by_row(world):
    path = DATA / "import_samples" / "real_bls_state_2023_bom_semicolon_crlf_800rows.csv"
    assert run("import_bands", path) == [
        f"{path.name}: 800 rows: 774 new, 0 changed, 0 unchanged, 26 refused",
        "  13 of them with a reason in place of a figure",
        "  716 careers made, drafts until they have a French title",
        "  refused: 26 × a group of occupations, not one career",
    ]
    suppressed = SalaryBand.objects.filter(no_figure_reason="suppressed").count()
    imported = SalaryBand.objects.filter(no_figure_reason="").count()
    assert (imported, suppressed, imported + suppressed + 26) == (761, 13, 800)
    assert Counter(SalaryBand.objects.values_list("region__code", flat=True)).keys() == {
        "US-AL",
        "US-AK",
    }
    executives = SalaryBand.objects.get(career__title_en="Chief Executives", region__code="US-AL")
    assert (executives.low, executives.high, executives.period) == (221_030, 221_030, "year")
    assert run("import_bands", path)[0].endswith("0 new, 0 changed, 774 unchanged, 26 refused")


@pytest.mark.parametrize(
    ("name", "count", "refused"), [("2023-04-23", 137, 0), ("2024-09-29", 753, 3)]
)
def test_real_ai_salaries_are_imported_once(world, name, count, refused):
    path = DATA / "salaries" / f"salary_bands_ai_{name}.csv"
    said = run("import_bands", path)
    new = count - refused
    assert (
        said[0]
        == f"{path.name}: {count} rows: {new} new, 0 changed, 0 unchanged, {refused} refused"
    )
    assert Source.objects.get().slug == f"aijobs-net-{name}"
    assert run("import_bands", path)[0].endswith(f"0 changed, {new} unchanged, {refused} refused")


@pytest.mark.parametrize(("name", "count"), [("onet", 493), ("rome", 805)])
def test_real_careers_are_imported_once(name, count):
    path = DATA / "careers" / f"careers_{name}.csv"
    said = run("import_careers", path)
    assert said[0].endswith(f"rows: {count} new, 0 changed, 0 unchanged, 0 refused")
    most = max(len(c.alternative_titles_en.splitlines()) for c in Career.objects.all())
    assert most > 2_700 or name == "rome"
    assert (Field.objects.count(), Career.objects.filter(field=None).count()) == (
        (14, 0) if name == "rome" else (0, 493)
    )
    assert run("import_careers", path)[0].endswith(
        f"0 new, 0 changed, {count} unchanged, 0 refused"
    )


def test_real_esco_careers_meet_those_that_are_there(db):
    create_career(title_fr="Vendeur", slug="vendeur", summary_fr="Le nôtre.")
    path = DATA / "careers" / "careers_esco.csv"
    [said] = run("import_careers", path)
    assert said == f"{path.name}: 1984 rows: 1983 new, 0 changed, 0 unchanged, 1 kept, 0 refused"
    assert Career.objects.get(slug="vendeur").summary_fr == "Le nôtre."
    unplaced = Career.objects.filter(field=None) | Career.objects.filter(esco_uri="")
    assert (Field.objects.count(), [career.slug for career in unplaced]) == (10, ["vendeur"])
