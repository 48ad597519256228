"""The commands that import published files: what they write, count, record, and survive."""

import gzip
import os
import pty
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from datetime import date, timedelta
from decimal import Decimal
from hashlib import sha256
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from careers import search
from careers.management import importing
from careers.models import Career, Field, Import, SalaryBand, Source
from tests.factories import create_region
from tests.files import as_csv, run

ROOT = Path(__file__).resolve().parent.parent
pytestmark = pytest.mark.django_db


@pytest.fixture
def file(tmp_path):
    """Writes rows into a file, packed or not, and gives its path."""

    def write(*rows, name="file.csv"):
        path, content = tmp_path / name, as_csv(*rows)
        path.write_bytes(gzip.compress(content) if name.endswith(".gz") else content)
        return path

    return write


# --- Careers ----------------------------------------------------------------------------------

ESCO = {
    "esco_uri": "http://data.europa.eu/esco/occupation/1",
    "isco_code": "5223",
    "title_fr": "vendeur/vendeuse en jeux et loterie",
    "title_fr_m": "vendeur",
    "title_fr_f": "vendeuse en jeux et loterie",
    "title_en": "lottery cashier",
    "alt_titles_fr": "vendeuse de loterie|vendeur en jeux et loterie|vendeur de loterie",
    "alt_titles_en": "lottery cashier|cashier",
    "description_en": "Lottery cashiers execute the daily functions of the lottery. They sell.",
}
ROME = {
    "code_rome": "A1101",
    "title_fr": "Conducteur / Conductrice d'engins agricoles",
    "main_label_fr": "Conducteur / Conductrice d'engins agricoles",
    "alt_titles_fr": "Tractoriste agricole|Tractoriste viticole",
}
ONET = {
    "onet_soc_code": "11-1011.00",
    "title_en": "Chief Executives",
    "alt_titles_en": "|".join(f"Chief {n}" for n in range(2_749)),
    "description_en": "Determine and formulate policies.",
}


SERVICES = "Personnel des services directs aux particuliers, commerçants et vendeurs"
FARMING = "Agriculture et pêche, espaces naturels et espaces verts, soins aux animaux"


def test_import_careers_reads_titles_of_both_languages_and_records_the_source(file):
    assert run("import_careers", file(ESCO)) == [
        "file.csv: 1 rows: 1 new, 0 changed, 0 unchanged, 0 refused"
    ]
    career = Career.objects.get()
    assert (career.slug, career.status) == ("vendeur-en-jeux-et-loterie", "draft")
    assert (career.title_fr, career.title_en) == ("Vendeur en jeux et loterie", "Lottery cashier")
    assert career.alternative_titles_fr.splitlines() == [
        "vendeuse en jeux et loterie",
        "vendeuse de loterie",
        "vendeur de loterie",
    ]
    assert career.alternative_titles_en == "cashier"
    assert career.summary_en == "Lottery cashiers execute the daily functions of the lottery."
    codes = [getattr(career, code) for code in Career.CODES]
    assert codes == ["", "5223", ESCO["esco_uri"], ""]
    source = Source.objects.get()
    assert (source.slug, source.publisher) == ("esco", "European Commission")
    assert source.licence.startswith("This service uses the ESCO classification")


def test_import_careers_puts_each_into_its_field_of_work(file):
    Field.objects.create(name_fr="Vente et services", slug=search.slug(SERVICES, 100))
    for row in (ESCO, ROME, ONET):
        run("import_careers", file(row))
    assert list(Career.objects.values_list("title_en", "field__name_fr", *Career.CODES)) == [
        ("Chief Executives", None, "", "", "", "11-1011.00"),
        ("", FARMING, "A1101", "", "", ""),
        ("Lottery cashier", "Vente et services", "", "5223", ESCO["esco_uri"], ""),
    ]
    assert list(Field.objects.values_list("name_fr", "name_en")) == [
        (FARMING, "Farming and fishing, nature and green spaces, animal care"),
        ("Vente et services", ""),
    ]


def test_import_careers_takes_thousands_of_titles(file):
    run("import_careers", file(ONET))
    assert len(Career.objects.get().alternative_titles_en.splitlines()) == 2_749
    assert Career.objects.matching("chief 2748").count() == 1


def test_import_careers_twice_changes_nothing_and_keeps_what_editors_wrote(file):
    path = file(ROME)
    run("import_careers", path)
    Career.objects.update(title_fr="Conducteur d’engins", summary_fr="Un résumé.")
    assert run("import_careers", path) == [
        "file.csv: 1 rows: 0 new, 0 changed, 0 unchanged, 1 kept, 0 refused"
    ]
    assert Career.objects.get().title_fr == "Conducteur d’engins"
    run("import_careers", path, update=True)
    career = Career.objects.get()
    assert (career.title_fr, career.summary_fr) == (ROME["title_fr"], "Un résumé.")


def test_import_careers_publishes_those_with_a_french_title(file):
    for rows in ([ESCO], [ROME], [ONET]):
        run("import_careers", file(*rows), publish=True)
    assert dict(Career.objects.values_list("slug", "status")) == {
        "vendeur-en-jeux-et-loterie": "published",
        "conducteur-conductrice-d-engins-agricoles": "published",
        "chief-executives": "draft",
    }
    assert Career.objects.filter(published_at=None).count() == 1


# --- Salary bands -----------------------------------------------------------------------------

AI = {
    "career": "AI Engineer",
    "region": "US",
    "level": "SE",
    "low": "100000",
    "high": "150000",
    "currency": "USD",
    "period": "year",
    "employment_type": "FT",
    "source": "aijobs.net (P25-P75 of n=4 answers, work year 2023)",
    "observed_on": "2023-04-23",
}
OEWS = {
    "area_name": "Texas",
    "region": "US-TX",
    "occupation": "Actors",
    "occ_level": "detailed",
    **dict.fromkeys(("a_p10", "a_median", "a_p90"), ""),
    **dict.fromkeys(("h_p10", "h_median", "h_p90"), ""),
}
BLS = {"AREA_TITLE": "Texas", "OCC_CODE": "27-2011", "OCC_TITLE": "Actors"}


@pytest.fixture
def texas(db):
    states = create_region(code="US", name_en="United States")
    return create_region(code="US-TX", parent=states, name_fr="Texas", name_en="Texas")


def stated():
    columns = ("low", "median", "high", "open_ended", "period", "no_figure_reason")
    return set(SalaryBand.objects.values_list(*columns))


def test_import_bands_refuses_part_time_alone_and_dates_the_source(file, texas):
    path = file(
        AI, AI | {"employment_type": "PT", "low": "1"}, AI | {"level": "MI"}, name="a.csv.gz"
    )
    assert run("import_bands", path) == [
        "a.csv.gz: 3 rows: 2 new, 0 changed, 0 unchanged, 1 refused",
        "  1 careers made, drafts until they have a French title",
        "  refused: 1 × engagement: part-time pay: the site states pay for full time alone, so "
        "this row is left out",
    ]
    band = SalaryBand.objects.get(level="senior")
    assert (band.engagement, band.basis, band.range_kind) == ("employee", "gross", "p25_p75")
    assert band.stated_as == AI["source"]
    source = Source.objects.get()
    assert (source.slug, source.licence) == ("aijobs-net-2023-04-23", "CC0 1.0, aijobs.net")
    assert run("import_bands", path)[0].endswith("0 new, 0 changed, 2 unchanged, 1 refused")


def test_import_bands_reads_marks_of_the_oews_tables(file, texas):
    def row(name, unit, *cells):
        ends = dict(zip(("p10", "median", "p90"), cells, strict=True))
        return OEWS | {"occupation": name} | {f"{unit}_{end}": cell for end, cell in ends.items()}

    path = file(
        row("A", "a", "40000", "60000", "90000"),
        row("B", "h", "12.5", "20", "31.25"),
        row("C", "a", "40000", "60000", "#"),
        row("D", "a", "40000", "250000", "#"),
        row("E", "a", "#", "#", "#"),
        row("F", "a", "*", "*", "*"),
        row("G", "a", "1", "2", "3") | {"occ_level": "major"},
        row("H", "a", "1", "2", "3") | {"region": ""},
    )
    assert run("import_bands", path) == [
        "file.csv: 8 rows: 6 new, 0 changed, 0 unchanged, 2 refused",
        "  1 of them with a reason in place of a figure",
        "  6 careers made, drafts until they have a French title",
        "  refused: 1 × a group of occupations, not one career",
        "  refused: 1 × an area without a code that the site knows",
    ]
    assert stated() == {
        (40_000, 60_000, 90_000, False, "year", ""),
        (12.5, 20, 31.25, False, "hour", ""),
        (40_000, 60_000, 239_200, True, "year", ""),
        (40_000, 250_000, 250_000, True, "year", ""),
        (239_200, None, None, False, "year", ""),
        (None, None, None, False, "year", "suppressed"),
    }


def test_import_bands_reads_the_means_of_may_2023(file, texas):
    means = [("25.67", "53,400"), ("13.71", "*"), ("*", "*"), ("#", "#")]
    rows = [
        BLS | {"OCC_TITLE": f"Actors {n}", "H_MEAN": hour, "A_MEAN": year}
        for n, (hour, year) in enumerate(means)
    ]
    run("import_bands", file(*rows))
    assert stated() == {
        (53_400, None, 53_400, False, "year", ""),
        (Decimal("13.71"), None, Decimal("13.71"), False, "hour", ""),
        (None, None, None, False, "year", "suppressed"),
        (239_200, None, None, False, "year", ""),
    }
    assert set(SalaryBand.objects.values_list("range_kind", flat=True)) == {"average"}
    named = set(Career.objects.values_list("title_fr", "title_en", "status"))
    assert named == {("", f"Actors {n}", "draft") for n in range(4)}


def test_import_says_why_a_file_is_not_read(file, tmp_path):
    odd = file({"a": "1", "b": "2"})
    with pytest.raises(CommandError, match=r"none of these formats: ai-salaries, oews, bls\.$"):
        run("import_bands", odd)
    with pytest.raises(CommandError, match=r"none of these formats: rome\.$"):
        run("import_careers", file(ESCO), format="rome")
    with pytest.raises(CommandError, match="No such file"):
        run("import_careers", tmp_path / "absent.csv")


def test_import_draws_its_progress_on_a_terminal(file, monkeypatch):
    class Terminal(StringIO):
        def isatty(self):
            return True

    monkeypatch.setattr(importing, "PART", 1)
    out = Terminal()
    call_command("import_careers", str(file(ROME, ROME | {"title_fr": "B"})), stdout=out)
    half, full = "#" * 20 + "." * 20, "#" * 40
    assert out.getvalue().startswith(f"\r[{half}] 1 of 2\r[{full}] 2 of 2\n")


def test_import_in_parts_knows_what_earlier_parts_said(file, texas, monkeypatch):
    monkeypatch.setattr(importing, "PART", 2)
    rows = [AI, AI | {"level": "MI"}, AI | {"level": "EN"}, AI | {"low": "1"}]
    said = run("import_bands", file(*rows))
    assert said[0] == "file.csv: 4 rows: 3 new, 0 changed, 0 unchanged, 1 refused"
    assert said[-1] == "  refused: 1 × this row is about the same as row 2: keep one of them"
    assert Career.objects.count() == 1


@pytest.mark.parametrize("in_parts", [False, True])
def test_import_by_command_stands_in_the_log(file, texas, monkeypatch, in_parts):
    monkeypatch.setattr(importing, "PART", 2)
    path = file(AI, AI | {"level": "MI"}, AI | {"low": "1"}, name="file.csv.gz")
    for _time in range(2):
        run("import_bands", path, in_parts=in_parts)
    digest = sha256(path.read_bytes()).hexdigest()
    counts = ("new", "changed", "unchanged", "refused")
    assert list(Import.objects.order_by("pk").values_list("username", "name", *counts)) == [
        ("manage.py import_bands", "file.csv.gz", 2, 0, 0, 1),
        ("manage.py import_bands", "file.csv.gz", 0, 0, 2, 1),
    ]
    assert set(Import.objects.values_list("sha256", "user")) == {(digest, None)}


# --- Stopped half-way -------------------------------------------------------------------------


def start(database, *words, stdout=subprocess.PIPE):
    environment = os.environ | {"DATABASE_URL": f"sqlite:///{database}", "DEBUG": "1"}
    command = [sys.executable, "manage.py", *words]
    return subprocess.Popen(
        command, cwd=ROOT, env=environment, stdout=stdout, stderr=subprocess.STDOUT
    )


def finish(database, *words):
    process = start(database, *words)
    said = process.communicate(timeout=120)[0].decode()
    assert process.returncode == 0, said
    return said.splitlines()


def kill(database, *words, when):
    """Run a command on a terminal of its own, and kill it when its progress bar says so."""
    ours, its = pty.openpty()
    process = start(database, *words, stdout=its)
    os.close(its)
    said = b""
    while when not in said:
        said += os.read(ours, 1000)
    process.send_signal(signal.SIGKILL)
    process.wait()
    os.close(ours)


def in_table(database, table):
    with closing(sqlite3.connect(database, timeout=30)) as opened:
        return opened.execute(f"SELECT COUNT(*) FROM careers_{table}").fetchone()[0]


@pytest.fixture
def database(tmp_path):
    """An SQLite site that knows one region."""
    path = tmp_path / "site.sqlite3"
    finish(path, "migrate", "--verbosity", "0")
    with closing(sqlite3.connect(path)) as opened, opened:
        opened.execute(
            "INSERT INTO careers_region (code, kind, name_fr, name_en, path) "
            "VALUES ('US', 'country', 'États-Unis', 'United States', 'US/')"
        )
    return path


@pytest.mark.parametrize("way", [(), ("--in-parts",)], ids=["whole", "in parts"])
def test_killed_half_way_nothing_is_half_done(file, database, way):
    """A real process, killed as it writes: all or nothing; in parts, what is whole stays."""
    count = 8_000
    days = (date(1950, 1, 1) + timedelta(days=n) for n in range(count))
    command = (
        "import_bands",
        str(file(*(AI | {"observed_on": day, "currency": "EUR"} for day in days))),
        *way,
    )
    kill(database, *command, when=b"] 2000 of 8000")
    kept = in_table(database, "salaryband")
    assert kept in (range(2_000, count, 2_000) if way else (0,))
    assert (in_table(database, "career"), in_table(database, "source")) == (
        (1, 1) if way else (0, 0)
    )
    said = finish(database, *command)
    counts = f"{count - kept} new, 0 changed, {kept} unchanged, 0 refused"
    assert said[0] == f"file.csv: {count} rows: {counts}"
    assert in_table(database, "salaryband") == count
