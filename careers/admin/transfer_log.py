from collections.abc import Callable, Iterator
from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from careers.admin.exports import KINDS
from careers.models import Export, Import
from careers.resources import RESOURCES
from careers.templatetags.texts import grouped


def _count(title: Any, name: str) -> Callable[[Export | Import], str]:
    """A column of a list: how many rows, grouped as the language does."""

    @admin.display(description=title, ordering=name)
    def count(entry: Export | Import) -> str:
        return grouped(getattr(entry, name))

    return count


def _resource(name: str) -> str:
    resource = RESOURCES.get(name)
    return capfirst(str(resource.model._meta.verbose_name_plural)) if resource else name


def _kind(profile: str) -> str:
    kind = KINDS.get(profile)
    return str(kind.label) if kind else profile


class InWords(admin.AllValuesFieldListFilter):
    """What the log keeps as keys, in the words of the list; each may have its count behind it."""

    words = {"resource": _resource, "profile": _kind}

    def choices(self, changelist: Any) -> Iterator[Any]:
        for choice in super().choices(changelist):
            key, bracket, count = str(choice["display"]).partition(" (")
            yield {**choice, "display": f"{self.words[self.field_path](key)}{bracket}{count}"}


class LogAdmin(admin.ModelAdmin):
    """Who took or brought what, when: read by those who may, written by nobody."""

    date_hierarchy = "created_at"
    ordering = ["-created_at", "pk"]

    @admin.display(description=_("what"), ordering="resource")
    def what(self, entry: Export | Import) -> str:
        return _resource(entry.resource)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Import)
class ImportLogAdmin(LogAdmin):
    list_display = [
        *("created_at", "username", "what", "name"),
        _count(_("new rows"), "new"),
        _count(_("changed rows"), "changed"),
        _count(_("unchanged rows"), "unchanged"),
        _count(_("refused rows"), "refused"),
    ]
    list_filter = [("resource", InWords), "created_at"]
    search_fields = ["username", "name", "sha256"]
    fields = [
        *("created_at", "username", "what", "name", "sha256"),
        *("new", "changed", "unchanged", "refused"),
    ]


@admin.register(Export)
class ExportLogAdmin(LogAdmin):
    list_display = [
        *("created_at", "username", "what", "asked"),
        _count(_("rows"), "rows"),
        *("kind", "outcome"),
    ]
    list_filter = ["outcome", ("resource", InWords), ("profile", InWords), "created_at"]
    search_fields = ["username", "asked", "name", "sha256"]
    fields = [
        *("created_at", "username", "what", "asked", "again"),
        *("columns_chosen", "kind", "name", "rows", "outcome", "sha256"),
    ]

    @admin.display(description=_("kind of file"), ordering="profile")
    def kind(self, export: Export) -> str:
        return _kind(export.profile)

    @admin.display(description=_("columns"))
    def columns_chosen(self, export: Export) -> str:
        return ", ".join(export.columns)

    @admin.display(description=_("the same question"))
    def again(self, export: Export) -> str:
        address = reverse(f"admin:careers_{export.resource}_export")
        return format_html('<a href="{}?{}">{}</a>', address, export.question, _("Ask it again"))
