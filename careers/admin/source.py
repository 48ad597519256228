from django.contrib import admin
from django.contrib.admin import ShowFacets
from django.db import models
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from careers.admin.conflicts import VersionedAdmin
from careers.admin.history import HistoryAdmin
from careers.admin.salary_band import figure_count
from careers.admin.transfers import TransferAdmin
from careers.models import Source
from careers.templatetags.texts import grouped


@admin.register(Source)
class SourceAdmin(HistoryAdmin, VersionedAdmin, TransferAdmin):
    list_display = ["title", "kind", "publisher", "published_on", "licence", "figures"]
    list_filter = ["kind", "published_on"]
    search_fields = ["title", "publisher", "slug"]
    view_on_site = False
    show_facets = ShowFacets.ALWAYS
    ordering = ["title", "pk"]
    formfield_overrides = {models.URLField: {"assume_scheme": "https"}}
    fieldsets = [
        (None, {"fields": ["title", "slug", ("kind", "publisher", "published_on")]}),
        (None, {"fields": ["url", "licence", ("note_fr", "note_en")]}),
    ]

    def get_queryset(self, request: HttpRequest) -> "QuerySet[Source]":
        objects: QuerySet[Source] = super().get_queryset(request)
        return objects.annotate(figure_count=figure_count("source"))

    @admin.display(description=_("figures"), ordering="figure_count")
    def figures(self, source: Source) -> str:
        address = reverse("admin:careers_salaryband_changelist")
        count = grouped(source.figure_count)  # type: ignore[attr-defined]
        return format_html('<a href="{}?source__id__exact={}">{}</a>', address, source.pk, count)
