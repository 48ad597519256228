"""The map of the gaps: career × region × level, and where each cell leads."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from tests.factories import create_band, create_career, create_region, create_source
from tests.staff import form_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english")]


def cells(client, **asked):
    page = client.get(reverse("admin:careers_career_gaps"), asked)
    return {row.title: [cell.state.value for cell in row.cells] for row in page.context["rows"]}


def test_map_tells_figure_stale_reason_and_gap_apart(editor, france):
    create_region(code="DE", name_fr="Allemagne", name_en="Germany")
    career, today = create_career(title_fr="A", title_en="A"), timezone.localdate()
    create_career(title_fr="Archived", status="archived")
    create_career(title_fr="B", status="draft", published_at=None)
    fresh = {"career": career, "region": france, "observed_on": today}
    create_band(**fresh, low=1, level="entry")
    create_band(**fresh | {"observed_on": "2020-01-01"}, low=1, level="mid")
    create_band(**fresh, no_figure_reason="varies", level="senior")
    assert cells(editor, region="FR") == {
        "A": ["gap", "figure", "stale", "reason", "gap"],
        "B": ["gap"] * 5,
    }
    assert cells(editor, region="DE") == {"A": ["gap"] * 5, "B": ["gap"] * 5}
    assert cells(editor, career=career.pk) == {
        "Germany (DE)": ["gap"] * 5,
        "France (FR)": ["gap", "figure", "stale", "reason", "gap"],
    }
    create_band(**fresh, low=1, level="mid", engagement="employee")
    create_band(**fresh, low=1, level="senior")
    assert cells(editor, region="FR")["A"] == ["gap", "figure", "figure", "figure", "gap"]


def test_gap_opens_a_figure_filled_with_its_career_region_and_level(editor, france):
    career = create_career(title_fr="A")
    page = editor.get(reverse("admin:careers_career_gaps"), {"region": "FR"})
    (row,) = page.context["rows"]
    form = form_of(editor.get(row.cells[3].url))
    given = {name: form[name] for name in ("career", "region", "level")}
    assert given == {"career": str(career.pk), "region": str(france.pk), "level": "senior"}


def test_map_leads_to_the_figure_or_to_the_list_of_several(editor, france):
    career = create_career(title_fr="A")
    one = create_band(career=career, region=france, low=1)
    for source in ("a", "b"):
        create_band(
            career=career, region=france, low=1, level="mid", source=create_source(slug=source)
        )
    page = editor.get(reverse("admin:careers_career_gaps"), {"region": "FR"})
    (row,) = page.context["rows"]
    assert row.cells[0].url == reverse("admin:careers_salaryband_change", args=[one.pk])
    listed = editor.get(row.cells[2].url).context["cl"].result_list
    assert {band.level for band in listed} == {"mid"}
    assert len(listed) == 2


def test_map_is_paged_and_asks_no_more_for_more(editor, france):
    def asked(times):
        for _ in range(times):
            create_band(region=france, low=1)
        with CaptureQueriesContext(connection) as queries:
            page = editor.get(reverse("admin:careers_career_gaps"), {"region": "FR"})
        return len(page.context["rows"]), len(queries)

    asked(1)
    (few, before), (many, after) = asked(3), asked(30)
    assert (few, many) == (4, 25)
    assert before == after <= 12


def test_map_opens_at_the_region_asked_last_or_where_most_figures_are(editor, regions):
    def opened(**asked):
        page = editor.get(reverse("admin:careers_career_gaps"), asked)
        return page.context["region"].code

    career = create_career(title_fr="A")
    for level in ("", "entry"):
        create_band(career=career, region=regions["FR"], low=1, level=level)
    create_band(career=career, region=regions["US"], low=1)
    assert opened() == "FR"
    assert (opened(region="DE"), opened(), opened(region="nowhere")) == ("DE", "DE", "DE")
    regions["DE"].delete()
    assert opened() == "FR"
