"""The two groups of staff, made after migrate; what a site changes in them afterwards stays."""

from typing import Any

from django.apps import apps
from django.contrib.auth.management import create_permissions
from django.contrib.auth.models import Group, Permission

EDITED = ("career", "salaryband", "region", "source", "field", "exchangerate")
TRANSFERRED = ("career", "salaryband", "region", "source", "field")


def _codenames(actions: tuple[str, ...], models: tuple[str, ...]) -> list[str]:
    return [f"{action}_{model}" for action in actions for model in models]


GROUPS = {
    "editors": [
        "publish_career",
        *_codenames(("view", "add", "change", "delete"), EDITED),
        *_codenames(("import", "export"), TRANSFERRED),
        *_codenames(("view", "change", "delete"), ("report",)),
        "view_export",
        "view_import",
    ],
    "contributors": [
        *_codenames(("view",), (*EDITED, "report")),
        *_codenames(("add", "change"), ("career", "salaryband")),
        "delete_salaryband",
        "add_source",
    ],
}


def ensure_groups(**kwargs: Any) -> None:
    """Create each missing group with its permissions.

    An existing group keeps what the site made of it, and gets only what is new: the permissions
    that this very migrate brought.
    """
    using = kwargs.get("using", "default")
    permissions = Permission.objects.using(using).filter(content_type__app_label="careers")
    known = set(permissions.values_list("codename", flat=True))
    # Django makes permissions in the same signal, after this: `careers` is the first app.
    create_permissions(apps.get_app_config("careers"), verbosity=0, using=using)
    for name, codenames in GROUPS.items():
        group, created = Group.objects.using(using).get_or_create(name=name)
        own = permissions.filter(codename__in=codenames)
        group.permissions.add(*(own if created else own.exclude(codename__in=known)))
