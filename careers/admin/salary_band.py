from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.admin import ShowFacets
from django.db import models
from django.db.models import Count, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from careers import search
from careers.admin import writing
from careers.admin.checking import StillTrueAdmin
from careers.admin.conflicts import VersionedAdmin, VersionedForm, VersionedFormSet, VersionedInline
from careers.admin.desk_filter import DeskFilter
from careers.admin.fields import AmountField, KnowingFormSet, SelectingAdmin
from careers.admin.history import HistoryAdmin, WhyForm
from careers.admin.publishing import may_edit, may_publish, public_page
from careers.admin.transfers import TransferAdmin
from careers.admin.writing import DuplicatingAdmin, SayingAdmin
from careers.models import Career, ExchangeRate, Region, SalaryBand, Source

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
    return writing.in_words(band)


class SalaryBandForm(VersionedForm):
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


class SalaryBandFormSet(KnowingFormSet, VersionedFormSet):
    """Figures in the form of their career."""


class SalaryBandInline(SelectingAdmin, VersionedInline):
    model = SalaryBand
    form = SalaryBandForm
    formset = SalaryBandFormSet
    fieldsets = FIELDSETS
    readonly_fields = ["in_words"]
    autocomplete_fields = ["region", "source"]
    formfield_overrides = AMOUNTS
    extra = 0
    show_change_link = True

    def get_queryset(self, request: HttpRequest) -> "QuerySet[SalaryBand]":
        bands: QuerySet[SalaryBand] = super().get_queryset(request)
        # All of them at once: what looks odd about a figure is seen beside the others.
        return bands.select_related("region", "source").prefetch_related("career__bands")

    in_words = staticmethod(in_words)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_change_permission(request, obj) and may_edit(request, obj)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_add_permission(request, obj) and may_edit(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_delete_permission(request, obj) and may_edit(request, obj)


class CurrencyFilter(admin.SimpleListFilter):
    """The currencies that have a rate: asking half a million rows for theirs takes too long."""

    title = _("currency")
    parameter_name = "currency"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(code, code) for code in ExchangeRate.objects.currencies()]

    def queryset(self, request: HttpRequest, queryset: "QuerySet[Any]") -> "QuerySet[Any]":
        return queryset.filter(currency=self.value()) if self.value() else queryset


class ReasonedBandForm(WhyForm, SalaryBandForm):
    """The same on a page of its own, where it may say why."""


@admin.register(SalaryBand)
class SalaryBandAdmin(
    SayingAdmin,
    DuplicatingAdmin,
    HistoryAdmin,
    VersionedAdmin,
    SelectingAdmin,
    StillTrueAdmin,
    TransferAdmin,
):
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
        CurrencyFilter,
        "range_kind",
        "no_figure_reason",
        "not_comparable",
        "observed_on",
    ]
    not_copied = ("confirmed_on",)
    # Shows the box; get_search_results says what it searches.
    search_fields = ["stated_as"]
    search_help_text = _("Career, region, source, or the words of the source")
    # Counts on demand: each filter would count half a million rows anew.
    show_facets = ShowFacets.ALLOW
    show_full_result_count = False
    list_per_page = 50
    # The latest entered first: half a million are in that order already.
    ordering = ["-pk"]

    in_words = staticmethod(in_words)

    @admin.display(description=_("in words"), ordering="annual_low_eur")
    def sentence(self, band: SalaryBand) -> str:
        return band.sentence

    def get_view_on_site_url(self, obj: SalaryBand | None = None) -> str | None:
        return public_page(obj, SalaryBand.objects.published())

    def get_ordering(self, request: HttpRequest) -> Any:
        """Those of one career as its page has them."""
        of_one = "career__id__exact" in request.GET
        return ["region__path", "level", "-observed_on", "pk"] if of_one else self.ordering

    def get_search_results(
        self, request: HttpRequest, queryset: "QuerySet[SalaryBand]", search_term: str
    ) -> "tuple[QuerySet[SalaryBand], bool]":
        """Every word in the region, the source or what it says; or all in the career's titles, as
        the public search reads them. Few regions and sources are asked, not half a million rows."""
        said = Q()
        for word in search_term.split():
            names = Q(name_fr__icontains=word) | Q(name_en__icontains=word)
            regions = Region.objects.filter(names | Q(code__iexact=word))
            sources = Source.objects.filter(title__icontains=word)
            said &= Q(region__in=regions) | Q(source__in=sources) | Q(stated_as__icontains=word)
        if search.terms(search_term):
            said |= Q(career__in=Career.objects.matching(search_term))
        return queryset.filter(said), False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_change_permission(request, obj) and may_edit(request, _career_of(obj))

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        # A page of deletion asks it of thousands: the career is read where it decides.
        edits = may_publish(request) or may_edit(request, _career_of(obj))
        return super().has_delete_permission(request, obj) and edits

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


def figure_count(of: str) -> Coalesce:
    """How many figures a row has whose `of` it is: counted for the rows of the page alone."""
    own = SalaryBand.objects.filter(**{of: OuterRef("pk")}).order_by()
    return Coalesce(Subquery(own.values(of).annotate(n=Count("pk")).values("n")), 0)
