"""Screens of the admin hold a screenful and ask no more, however much the site keeps."""

import re
from html import unescape

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from careers.admin.career import BANDS_INLINE
from careers.admin.history import ENTRIES_A_PAGE
from careers.models import Export, Field, Import, SalaryBand
from tests.factories import create_band, create_career, create_rate, create_region, create_source
from tests.files import as_csv
from tests.staff import address, form_of, messages_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english")]


def bands_of(career, france, number):
    sources = [create_source(slug=f"s{n}", title=f"Source {n}") for n in range(3)]
    return [
        create_band(
            career=career,
            region=france,
            low=n,
            observed_on=f"2023-{n // 28 + 1:02}-{n % 28 + 1:02}",
            source=sources[n % 3],
        )
        for n in range(number)
    ]


def test_career_form_asks_no_more_for_more_figures(editor, france):
    def asked(number):
        career = create_career()
        bands_of(career, france, number)
        with CaptureQueriesContext(connection) as queries:
            form = form_of(editor.get(address("change", career.pk)))
        assert form["bands-TOTAL_FORMS"] == str(number)
        assert form[f"bands-{number - 1}-region"] == str(france.pk)
        return len(queries)

    asked(1)
    assert asked(2) == asked(BANDS_INLINE) <= 14


def test_refused_form_shows_the_region_chosen_instead_of_the_one_known(editor, france):
    other = create_region(code="DE", name_fr="Allemagne", name_en="Germany")
    career = create_career()
    bands_of(career, france, 1)
    there = address("change", career.pk)
    sent = form_of(editor.get(there)) | {"bands-0-region": str(other.pk), "title_fr": ""}
    page = editor.post(there, sent)
    assert form_of(page)["bands-0-region"] == str(other.pk)
    assert "Germany (DE)" in page.content.decode()


@pytest.mark.parametrize("model", ["career", "region", "source"])
def test_deletion_names_no_more_than_a_screenful(editor, france, model):
    career = create_career()
    bands = bands_of(career, france, 40)
    obj = {"career": career, "region": france, "source": bands[0].source}[model]
    with CaptureQueriesContext(connection) as queries:
        page = editor.get(address("delete", obj.pk, model=model)).content.decode()
    listed = 40 if model != "source" else 14
    assert page.count("over €") <= ENTRIES_A_PAGE
    assert (f"and {listed - ENTRIES_A_PAGE} more" in page) == (listed > ENTRIES_A_PAGE)
    assert len(queries) <= 12


def test_history_of_many_figures_saved_at_once_names_the_first(editor, france):
    career = create_career()
    bands_of(career, france, 20)
    at = SalaryBand.history.first().history_date
    SalaryBand.history.update(history_date=at)
    page = editor.get(address("history", career.pk)).content.decode()
    assert page.count("altered-name") == 12 + 1
    assert "These are the first 12 of 20." in page


def found(client, words):
    there = f"{address('changelist', model='salaryband')}?q={words}"
    return {band.low for band in client.get(there).context["cl"].result_list}


def test_figures_are_found_by_region_source_words_and_career(editor, france):
    germany = create_region(code="DE", name_fr="Allemagne", name_en="Germany")
    cook = create_career(title_fr="Cuisinier")
    survey = create_source(slug="survey", title="Grande enquête")
    create_band(career=cook, region=france, low=1)
    create_band(region=germany, low=2, source=survey, stated_as="autour de 30 k€")
    create_band(region=france, low=3, source=survey)
    asked = {
        "": {1, 2, 3},
        "allemagne": {2},
        "enquête": {2, 3},
        "enquête+fr": {3},
        "30+k": {2},
        "cuisini": {1},
        "CUISINIERE": {1},
        "nobody": set(),
    }
    assert {words: found(editor, words) for words in asked} == asked


def test_figures_are_listed_latest_first_and_those_of_a_career_as_its_page(editor, france):
    career = create_career()
    for level in ("senior", "entry"):
        create_band(career=career, region=france, low=1, level=level)
    last = create_band(region=france, low=2)
    listed = address("changelist", model="salaryband")
    rows = editor.get(listed).context["cl"].result_list
    assert [band.level for band in rows] == ["", "entry", "senior"]
    assert rows[0] == last
    rows = editor.get(f"{listed}?career__id__exact={career.pk}").context["cl"].result_list
    assert [band.level for band in rows] == ["entry", "senior"]


def test_figures_are_filtered_by_the_currencies_that_have_a_rate(editor, france):
    create_rate(currency="USD")
    create_band(region=france, low=1)
    create_band(region=france, low=2, currency="USD")
    listed = address("changelist", model="salaryband")
    page = editor.get(f"{listed}?currency=USD")
    assert [band.low for band in page.context["cl"].result_list] == [2]
    (spec,) = [each for each in page.context["cl"].filter_specs if each.title == "currency"]
    assert spec.lookup_choices == [("EUR", "EUR"), ("USD", "USD")]


# --- Counts -----------------------------------------------------------------------------------


def said(page):
    """The words of a page and of its buttons."""
    html = re.sub(r'<input type="submit"[^>]*value="([^"]*)"', r"\1<br", page.content.decode())
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", html)).replace("\u202f", "_").split())


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("fr", ("Exporter 1_234 lignes", "1_234 résultats", "1_234 lignes")),
        ("en", ("Export 1,234 rows", "1,234 results", "1,234 rows")),
    ],
)
def test_counts_of_a_list_are_grouped_as_the_language_does(editor, language, words):
    Field.objects.bulk_create(Field(slug=f"f{n}", name_fr=f"Champ {n}") for n in range(1_234))
    Field.objects.create(name_fr="Bois")
    button, found, size = words
    with translation.override(language):
        listed = said(editor.get(address("changelist", model="field"), {"q": "champ"}))
        asked = said(editor.get(address("export", model="field"), {"q": "champ"}))
    assert [words in listed for words in (button, found)] == [True, True]
    # Above the form, and on its button.
    assert (asked.count(size), asked.endswith(button)) == (2, True)


def test_counts_of_an_import_and_of_the_logs_are_grouped(editor):
    rows = ({"slug": f"f{n}", "name_fr": f"Champ {n}"} for n in range(1_001))
    refused = ({"slug": "f", "name_fr": ""} for n in range(1_002))
    file = SimpleUploadedFile("fields.csv", as_csv(*rows, *refused))
    preview = editor.post(address("import", model="field"), {"file": file}, follow=True)
    shown = said(preview)
    for words in (
        "New 1,001 ",
        "Refused (1,002)",
        "The first 500 of 1,002.",
        "Download 1,002 refused rows with the reasons",
        "Import the 1,001 other rows alone",
    ):
        assert words in shown
    sent = {"shown": preview.context["plan"].fingerprint, "good_rows": "1"}
    done = editor.post(preview.redirect_chain[-1][0], sent, follow=True)
    assert messages_of(done) == [
        "Imported fields.csv: 1,001 new, 0 changed, 0 unchanged. 1,002 refused rows were left out."
    ]
    assert "1,001 0 0 1,002" in said(editor.get(address("changelist", model="import")))
    assert Import.objects.get().new == 1_001
    Export.objects.create(resource="field", name="fields.csv", rows=2_077)
    assert "2,077" in said(editor.get(address("changelist", model="export")))
