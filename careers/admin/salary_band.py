from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.admin import ShowFacets
from django.db import models
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from careers import salaries, search
from careers.admin.checking import StillTrueAdmin
from careers.admin.desk_filter import DeskFilter
from careers.admin.fields import AmountField
from careers.admin.history import HistoryAdmin, WhyForm
from careers.admin.publishing import may_edit
from careers.admin.transfers import TransferAdmin
from careers.models import Career, SalaryBand

FIELDSETS: list[Any] = [
    (None, {"fields": [("region", "level", "engagement")]}),
    (
        _("Figure"),
        {
            "fields": [
                ("low", "median", "high", "open_ended"),
                ("currency", "period", "basis", "range_kind"),
                "in_words",
            ]
        },
    ),
    (
        _("Or: no figure"),
        {"fields": ["no_figure_reason", ("no_figure_note_fr", "no_figure_note_en")]},
    ),
    (
        _("Source"),
        {
            "fields": [
                ("source", "observed_on", "confirmed_on"),
                "stated_as",
                ("inferred_fr", "inferred_en"),
            ]
        },
    ),
]


@admin.display(description=_("in words"))
def in_words(band: SalaryBand) -> str:
    """The generated sentence, in both languages."""
    if not (band.pk and band.is_sound):
        return "–"
    return format_html(
        '<span lang="fr">{}</span> · <span lang="en">{}</span>',
        salaries.sentence(band, "fr"),
        salaries.sentence(band, "en"),
    )


class SalaryBandForm(forms.ModelForm):
    class Meta:
        model = SalaryBand
        fields: list[str] = []  # the admin's fieldsets name them
        widgets = {
            "currency": forms.TextInput(attrs={"size": 4}),
            "stated_as": forms.TextInput(attrs={"size": 80}),
            **dict.fromkeys(
                ("no_figure_note_fr", "no_figure_note_en", "inferred_fr", "inferred_en"),
                forms.TextInput(attrs={"size": 50}),
            ),
        }

    def clean_currency(self) -> str:
        return str(self.cleaned_data["currency"]).upper()


AMOUNTS: dict[Any, dict[str, Any]] = {models.DecimalField: {"form_class": AmountField}}


class SalaryBandInline(admin.StackedInline):
    model = SalaryBand
    form = SalaryBandForm
    fieldsets = FIELDSETS
    readonly_fields = ["in_words"]
    autocomplete_fields = ["region", "source"]
    formfield_overrides = AMOUNTS
    extra = 0

    in_words = staticmethod(in_words)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_change_permission(request, obj) and may_edit(request, obj)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_add_permission(request, obj) and may_edit(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_delete_permission(request, obj) and may_edit(request, obj)


class ReasonedBandForm(WhyForm, SalaryBandForm):
    """The same on a page of its own, where it may say why."""


@admin.register(SalaryBand)
class SalaryBandAdmin(HistoryAdmin, StillTrueAdmin, TransferAdmin):
    form = ReasonedBandForm
    fieldsets = [(None, {"fields": ["career"]}), *FIELDSETS]
    readonly_fields = ["in_words"]
    actions = ["still_true", *TransferAdmin.actions]
    autocomplete_fields = ["career", "region", "source"]
    formfield_overrides = AMOUNTS
    list_display = ["career", "region", "level", "engagement", "sentence", "source", "observed_on"]
    list_display_links = ["career", "sentence"]
    list_select_related = ["career", "region", "source"]
    list_filter = [
        DeskFilter,
        "level",
        "engagement",
        "currency",
        "range_kind",
        "no_figure_reason",
        "not_comparable",
        ("source", admin.RelatedOnlyFieldListFilter),
        "observed_on",
    ]
    search_fields = [
        "region__code__iexact",
        "region__name_fr",
        "region__name_en",
        "source__title",
        "stated_as",
    ]
    search_help_text = _("Career, region, source, or the words of the source")
    show_facets = ShowFacets.ALWAYS
    show_full_result_count = False
    list_per_page = 50
    ordering = ["career__sort_title_fr", "region__path", "level", "-observed_on", "pk"]

    in_words = staticmethod(in_words)

    @admin.display(description=_("in words"), ordering="annual_low_eur")
    def sentence(self, band: SalaryBand) -> str:
        return band.sentence

    def get_search_results(
        self, request: HttpRequest, queryset: "QuerySet[SalaryBand]", search_term: str
    ) -> "tuple[QuerySet[SalaryBand], bool]":
        """Also by career, as the public search reads its titles: folded."""
        found, _repeats = super().get_search_results(request, queryset, search_term)
        if not search.terms(search_term):
            return found, False
        careers = Career.objects.matching(search_term)
        return queryset.filter(Q(pk__in=found.values("pk")) | Q(career__in=careers)), False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_change_permission(request, obj) and may_edit(request, _career_of(obj))

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_delete_permission(request, obj) and may_edit(request, _career_of(obj))

    def get_form(self, request: HttpRequest, *args: Any, **kwargs: Any) -> type[forms.ModelForm]:
        base: type[forms.ModelForm] = super().get_form(request, *args, **kwargs)

        class Form(base):  # type: ignore[misc, valid-type]
            def clean_career(self) -> Career:
                career: Career = self.cleaned_data["career"]
                if not may_edit(request, career):
                    raise forms.ValidationError(
                        _("This career is published: an editor adds figures to it.")
                    )
                return career

        return Form


def _career_of(band: SalaryBand | None) -> Career | None:
    return band.career if band else None
