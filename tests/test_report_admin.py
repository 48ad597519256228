"""Readers' reports on the desk: read, followed to a newer figure, settled."""

import pytest
from django.urls import reverse

from careers.models import Report, Source
from tests.factories import create_band, create_career, create_region, create_source
from tests.staff import client_of, create_staff, form_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english")]
URL = "https://stats.example/2026"


@pytest.fixture
def report(db):
    band = create_band(
        career=create_career(title_fr="A"),
        region=create_region(code="FR"),
        low=1,
        level="senior",
        engagement="employee",
        period="month",
    )
    return Report.objects.create(band=band, url=URL, message="There is a newer one", language="fr")


def address(view, *args):
    return reverse(f"admin:careers_report_{view}", args=args)


def state(report):
    report.refresh_from_db()
    return report.status, report.settled_at is not None


def test_report_is_settled_and_waits_again_by_the_button_pressed(editor, report):
    there = address("change", report.pk)
    seen = []
    for verdict in ("used", "waiting", "dismissed", "nonsense"):
        offered = [each.value for each in editor.get(there).context["verdicts"]]
        done = editor.post(there, {"verdict": verdict})
        assert done.url == address("changelist")
        seen.append((offered, state(report)))
    assert seen == [
        (["used", "dismissed"], ("used", True)),
        (["waiting"], ("waiting", False)),
        (["used", "dismissed"], ("dismissed", True)),
        (["waiting"], ("dismissed", True)),
    ]


def test_report_leads_to_a_figure_filled_with_the_same_series(editor, report):
    page = editor.get(address("change", report.pk))
    source_form = form_of(editor.get(page.context["source_url"]))
    assert source_form["url"] == URL
    band_form = form_of(editor.get(page.context["band_url"]))
    same = ("career", "region", "level", "engagement", "currency", "period", "source", "low")
    assert {name: band_form[name] for name in same} == {
        "career": str(report.band.career_id),
        "region": str(report.band.region_id),
        "level": "senior",
        "engagement": "employee",
        "currency": "EUR",
        "period": "month",
        "source": "",
        "low": "",
    }
    known = create_source(slug="known")
    Source.objects.filter(pk=known.pk).update(url=URL)
    page = editor.get(address("change", report.pk))
    assert page.context["source_url"] == ""
    assert form_of(editor.get(page.context["band_url"]))["source"] == str(known.pk)


def test_contributors_read_reports_and_settle_none(report):
    contributor = client_of(create_staff("contributors"))
    page = contributor.get(address("change", report.pk))
    assert "There is a newer one" in page.content.decode()
    assert page.context["verdicts"] == []
    assert contributor.post(address("change", report.pk), {"verdict": "used"}).status_code == 403
    assert state(report) == ("waiting", False)
    assert contributor.get(address("add")).status_code == 403


def test_nobody_writes_a_report_in_the_admin(editor, report):
    assert editor.get(address("add")).status_code == 403
    editor.post(address("change", report.pk), {"message": "typed", "status": "used"})
    report.refresh_from_db()
    assert (report.message, report.status) == ("There is a newer one", "waiting")


def test_waiting_reports_are_listed(editor, report):
    Report.objects.create(
        band=report.band, message="b", language="fr", status="used", settled_at="2026-01-01T00:00Z"
    )
    listed = editor.get(address("changelist") + "?desk=waiting").context["cl"].result_list
    assert [each.message for each in listed] == ["There is a newer one"]
