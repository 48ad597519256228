"""What pages and screens ask of half a million figures goes by an index, on either engine."""

import pytest
from django.contrib.admin import site
from django.db import connection
from django.test import RequestFactory

from careers.models import Career, Change, SalaryBand, Source
from tests.staff import create_staff

pytestmark = pytest.mark.django_db


def admin_list(query):
    """The figures of the admin's list, as its first page reads them."""
    request = RequestFactory().get("/admin/careers/salaryband/", query)
    request.user = create_staff("editors")
    return site.get_model_admin(SalaryBand).get_changelist_instance(request).queryset[:100]


QUERIES = {
    "the figures of a career": lambda: Career.objects.first().bands.current().in_reading_order(),
    "what they replaced": lambda: Career.objects.first().bands.superseded(),
    "a figure by its address": lambda: SalaryBand.objects.at_address("ethicien-en-ia", 1),
    "its series": lambda: SalaryBand.objects.in_series_of(SalaryBand.objects.first()),
    "figures of a list": lambda: SalaryBand.objects.in_reading_order().filter(pk__in=[1, 2, 3]),
    "figures of a source": lambda: Source.objects.first().bands.order_by("pk"),
    "changes since": lambda: Change.objects.filter(pk__gt=1),
    "the admin's list": lambda: admin_list({}),
    "the admin's list of one career": lambda: admin_list({"career__id__exact": "1"}),
}


# A screenful of all: read in the order of the table until there are enough.
IN_ORDER = {"the admin's list"}


def plan_of(queryset):
    if connection.vendor == "postgresql":
        # So few rows are quicker read in a row; only what cannot be avoided is left then.
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL enable_seqscan = off; SET LOCAL enable_sort = off")
    return queryset.explain()


def is_read_whole(plan):
    """Whether all rows of figures or changes are gone through."""
    tables = ("careers_salaryband", "careers_change")
    lines = [line for line in plan.splitlines() if any(table in line for table in tables)]
    return any("Seq Scan" in line or ("SCAN" in line and "USING" not in line) for line in lines)


@pytest.mark.parametrize("name", QUERIES)
def test_query_goes_by_an_index(golden, name):
    plan = plan_of(QUERIES[name]())
    if name in IN_ORDER:
        assert not [line for line in plan.splitlines() if "TEMP B-TREE" in line or "Sort" in line]
    else:
        assert not is_read_whole(plan), plan


def test_query_without_an_index_is_seen(golden):
    assert is_read_whole(plan_of(SalaryBand.objects.filter(stated_as="nothing").order_by()))
