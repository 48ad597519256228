from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.db.models import Count
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from careers.admin.conflicts import VersionedAdmin
from careers.admin.history import HistoryAdmin
from careers.admin.publishing import public_page
from careers.admin.transfers import TransferAdmin
from careers.models import Career, Field
from careers.templatetags.texts import grouped

if TYPE_CHECKING:
    from django.db.models import QuerySet


@admin.register(Field)
class FieldAdmin(HistoryAdmin, VersionedAdmin, TransferAdmin):
    list_display = ["name_fr", "name_en", "career_count"]
    search_fields = ["name_fr", "name_en"]
    fields = [("name_fr", "name_en"), ("note_fr", "note_en"), "slug"]
    ordering = ["name_fr", "pk"]

    def get_queryset(self, request: HttpRequest) -> "QuerySet[Field]":
        fields: QuerySet[Field] = super().get_queryset(request)
        return fields.annotate(career_count=Count("careers"))

    def get_view_on_site_url(self, obj: Field | None = None) -> str | None:
        return public_page(obj, Field.objects.counted(Career.objects.published()))

    @admin.display(description=_("careers"), ordering="career_count")
    def career_count(self, field: Any) -> str:
        return grouped(field.career_count)
