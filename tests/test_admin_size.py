"""Screens of the admin hold a screenful and ask no more, however much the site keeps."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from careers.admin.career import BANDS_INLINE
from careers.admin.history import ENTRIES_A_PAGE
from careers.models import SalaryBand
from tests.factories import create_band, create_career, create_rate, create_region, create_source
from tests.staff import address, form_of

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
