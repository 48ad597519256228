from typing import Any

from django.contrib import admin
from django.contrib.admin import ShowFacets
from django.http import HttpRequest

from careers.models import ExchangeRate


@admin.register(ExchangeRate)
class ExchangeRateAdmin(admin.ModelAdmin):
    list_display = ["currency", "fixed_on", "rate"]
    list_filter = ["currency"]
    show_facets = ShowFacets.ALWAYS
    date_hierarchy = "fixed_on"
    ordering = ["-fixed_on", "currency", "pk"]

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """A fixing is history: figures already converted by it say so."""
        return False
