import pytest

from careers.models import Report
from tests.factories import LONG_AGO, create_band, refused_by_database

pytestmark = pytest.mark.django_db

REFUSED = {"careers_report_settled_at_when_settled": [{"status": "used"}, {"settled_at": LONG_AGO}]}


@pytest.mark.parametrize("change", REFUSED["careers_report_settled_at_when_settled"])
def test_report_is_settled_at_a_time(change):
    report = Report.objects.create(band=create_band(high=1), message="Newer", language="en")
    with refused_by_database("careers_report_settled_at_when_settled"):
        Report.objects.filter(pk=report.pk).update(**change)
    assert list(Report.objects.waiting()) == [report]
    Report.objects.update(status="dismissed", settled_at=LONG_AGO)
    assert list(Report.objects.waiting()) == []
