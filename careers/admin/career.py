from typing import Any

from django.contrib import admin
from django.contrib.admin import ShowFacets
from django.db import models
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from careers.admin.checking import EnglishAdmin
from careers.admin.conflicts import VersionedAdmin
from careers.admin.desk_filter import DeskFilter
from careers.admin.drafting import DraftingAdmin
from careers.admin.fields import SelectingAdmin
from careers.admin.gap_map import GapMapAdmin
from careers.admin.history import HistoryAdmin
from careers.admin.lifecycle import LifecycleAdmin
from careers.admin.previewing import PreviewingAdmin
from careers.admin.publishing import may_edit, public_page
from careers.admin.salary_band import SalaryBandInline, figure_count
from careers.admin.transfers import TransferAdmin
from careers.admin.writing import DuplicatingAdmin, WritingAdmin
from careers.models import Career
from careers.templatetags.texts import grouped

# Above this many, bands are edited in their own list: a form of hundreds helps nobody.
BANDS_INLINE = 30


@admin.register(Career)
class CareerAdmin(
    DraftingAdmin,
    PreviewingAdmin,
    WritingAdmin,
    DuplicatingAdmin,
    HistoryAdmin,
    VersionedAdmin,
    SelectingAdmin,
    GapMapAdmin,
    EnglishAdmin,
    TransferAdmin,
):
    list_display = ["title_shown", "title_en", "status", "published_at", "figures", "updated_at"]
    list_filter = [DeskFilter, "status", "field", "published_at", "updated_at"]
    # The folded text, by QuerySet word: see get_search_results.
    search_fields = ["search_text"]
    search_help_text = _("A word of a title in either language; accents and case do not matter")
    show_facets = ShowFacets.ALWAYS
    ordering = ["sort_title_fr", "pk"]
    list_per_page = 50
    actions = [
        *LifecycleAdmin.lifecycle_actions,
        "english_is_current",
        *TransferAdmin.actions,
    ]
    # Its life changes by the buttons of `lifecycle`, each with its reason.
    life_fields = ("status", "published_at", "unpublished_at")
    readonly_fields = [*life_fields, "all_figures", "created_at", "updated_at"]
    save_on_top = True
    # A career like another is another career: its names are its own, and nobody has checked it.
    not_copied = (
        *("slug", "title_fr", "title_en", "alternative_titles_fr", "alternative_titles_en"),
        *("status", "published_at", "unpublished_at", "checked_on"),
    )
    autocomplete_fields = ["field"]
    formfield_overrides = {models.URLField: {"assume_scheme": "https"}}
    fieldsets = [
        (None, {"fields": [("title_fr", "title_en"), ("summary_fr", "summary_en")]}),
        (_("What one does"), {"fields": [("tasks_fr", "tasks_en")]}),
        (_("A typical week"), {"fields": [("typical_week_fr", "typical_week_en")]}),
        (_("How to get in"), {"fields": [("entry_routes_fr", "entry_routes_en")]}),
        (_("Skills"), {"fields": [("skills_fr", "skills_en")]}),
        (_("What makes pay vary"), {"fields": [("pay_factors_fr", "pay_factors_en")]}),
        (_("Outlook"), {"fields": [("outlook_fr", "outlook_en")]}),
        (
            _("Where it belongs"),
            {"fields": ["field", ("rome_code", "isco_code", "soc_code"), "esco_uri"]},
        ),
        (
            _("Other titles, for search"),
            {"fields": [("alternative_titles_fr", "alternative_titles_en")]},
        ),
        (
            _("Publication"),
            {
                "fields": [
                    life_fields,
                    "checked_on",
                    "slug",
                    "all_figures",
                    ("created_at", "updated_at"),
                ]
            },
        ),
    ]

    def get_queryset(self, request: HttpRequest) -> "QuerySet[Career]":
        objects: QuerySet[Career] = super().get_queryset(request)
        return objects.annotate(figure_count=figure_count("career"))

    def get_search_results(
        self, request: HttpRequest, queryset: "QuerySet[Any]", search_term: str
    ) -> "tuple[QuerySet[Any], bool]":
        """As the public search reads it: folded, every word, from its beginning."""
        return queryset.matching(search_term), False  # type: ignore[attr-defined]

    @admin.display(description=_("title"), ordering="sort_title_fr")
    def title_shown(self, career: Career) -> str:
        return career.title_fr or career.title_en

    @admin.display(description=_("figures"), ordering="figure_count")
    def figures(self, career: Any) -> str:
        return format_html('<a href="{}">{}</a>', _bands_of(career), grouped(career.figure_count))

    @admin.display(description=_("figures"))
    def all_figures(self, career: Career) -> str:
        if not career.pk:
            return "–"
        label = _("All its figures in a list")
        return format_html('<a href="{}">{}</a>', _bands_of(career), label)

    def get_inlines(self, request: HttpRequest, obj: Career | None) -> list[Any]:
        if request.method == "POST":
            # As when the form was opened: figures added meanwhile take none out of it.
            return [SalaryBandInline] if "bands-TOTAL_FORMS" in request.POST else []
        many = obj is not None and obj.bands.count() > BANDS_INLINE
        return [] if many else [SalaryBandInline]

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_change_permission(request, obj) and may_edit(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_delete_permission(request, obj) and may_edit(request, obj)

    def get_view_on_site_url(self, obj: Any = None) -> str | None:
        return public_page(obj, Career.objects.published())


def _bands_of(career: Career) -> str:
    return f"{reverse('admin:careers_salaryband_changelist')}?career__id__exact={career.pk}"
