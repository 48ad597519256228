from typing import Any

from django.contrib import admin
from django.contrib.admin import ShowFacets
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from careers.admin.conflicts import VersionedAdmin
from careers.admin.fields import SelectingAdmin
from careers.admin.history import HistoryAdmin
from careers.admin.transfers import TransferAdmin
from careers.models import Region


@admin.register(Region)
class RegionAdmin(HistoryAdmin, VersionedAdmin, SelectingAdmin, TransferAdmin):
    list_display = ["in_the_tree", "code", "kind", "name_en", "yearly_hours"]
    list_filter = ["kind"]
    search_fields = ["code__iexact", "name_fr", "name_en"]
    search_help_text = _("A code or a name in either language")
    show_facets = ShowFacets.ALWAYS
    list_per_page = 100
    # Most regions have no figures, and no page.
    view_on_site = False
    ordering = ["path", "pk"]
    autocomplete_fields = ["parent"]
    fieldsets = [
        (None, {"fields": [("name_fr", "name_en"), ("code", "kind"), "parent", "yearly_hours"]})
    ]

    @admin.display(description=_("French name"), ordering="path")
    def in_the_tree(self, region: Region) -> str:
        return format_html("{}{}", "\u2003" * region.depth, region.name_fr)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        """A code stands in addresses and files: it is chosen once."""
        return ["code"] if obj else []
