"""The two groups of staff that every site starts with."""

import pytest
from django.contrib.auth.models import Group, Permission
from django.core.management import call_command

pytestmark = pytest.mark.django_db

MODELS = ("career", "salaryband", "region", "source", "field", "exchangerate")
EDITORS = {
    f"{action}_{model}" for action in ("view", "add", "change", "delete") for model in MODELS
}
EDITORS |= {f"{way}_{model}" for way in ("import", "export") for model in MODELS[:5]}
EDITORS |= {"publish_career", "view_export", "view_import"}
EDITORS |= {"view_report", "change_report", "delete_report"}
CONTRIBUTORS = {f"view_{model}" for model in MODELS} | {
    "view_report",
    "add_career",
    "change_career",
    "add_salaryband",
    "change_salaryband",
    "delete_salaryband",
    "add_source",
}


def permissions(name):
    found = Permission.objects.filter(group__name=name, content_type__app_label="careers")
    assert found.count() == Permission.objects.filter(group__name=name).count()
    return set(found.values_list("codename", flat=True))


def test_groups_are_made_by_migrate():
    assert set(Group.objects.values_list("name", flat=True)) == {"editors", "contributors"}
    assert permissions("editors") == EDITORS
    assert permissions("contributors") == CONTRIBUTORS


def test_groups_stay_as_the_site_changed_them():
    Group.objects.get(name="editors").permissions.clear()
    Group.objects.get(name="contributors").delete()
    call_command("migrate", verbosity=0)
    assert permissions("editors") == set()
    assert permissions("contributors") == CONTRIBUTORS


def test_existing_groups_get_the_permissions_that_an_upgrade_brings():
    """As on a site whose last version knew neither the log of exports nor reports."""
    Permission.objects.filter(codename__in=("view_export", "view_report")).delete()
    editors = Group.objects.get(name="editors")
    editors.permissions.remove(*editors.permissions.filter(codename="publish_career"))
    call_command("migrate", verbosity=0)
    assert permissions("editors") == EDITORS - {"publish_career"}
    assert permissions("contributors") == CONTRIBUTORS
