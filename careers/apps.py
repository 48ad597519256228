from django.apps import AppConfig
from django.contrib.admin import apps as admin_apps
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class CareersConfig(AppConfig):
    name = "careers"
    verbose_name = _("Careers and pay")

    def ready(self) -> None:
        from careers.groups import ensure_groups  # noqa: PLC0415 -- models need the app registry

        post_migrate.connect(ensure_groups, sender=self)


class DeskConfig(admin_apps.AdminConfig):
    """Django’s admin with a site of ours: its home is the editors’ desk."""

    default = False
    default_site = "careers.admin_site.DeskSite"
