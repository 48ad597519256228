"""Comfort while writing: texts rendered, figures said in words with what looks odd, copies to
start from. Each works by the saved form alone; careers/static/careers/admin.js makes it live."""

from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import Field, prefetch_related_objects
from django.forms.models import model_to_dict
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from careers import salaries
from careers.markup import markdown
from careers.models import LANGUAGES, Career, SalaryBand
from careers.warnings import Oddity, warnings

# What the sentence of a figure is made from.
SAID = (
    *("low", "median", "high", "open_ended", "currency", "period", "basis", "engagement"),
    *("range_kind", "no_figure_reason", "no_figure_note_fr", "no_figure_note_en"),
)


class WritingAdmin(admin.ModelAdmin):
    """Texts in Markdown with a view of what the public will read."""

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(require_POST(self.rendered_view))
        return [path("rendered/", view, name="careers_career_rendered"), *super().get_urls()]

    def rendered_view(self, request: HttpRequest) -> HttpResponse:
        """The posted `text` as the HTML of the public page, made safe by the same function."""
        if not (self.has_change_permission(request) or self.has_add_permission(request)):
            raise PermissionDenied
        return HttpResponse(markdown(request.POST.get("text", "")))

    def formfield_for_dbfield(
        self, db_field: "Field[Any, Any]", request: HttpRequest, **kwargs: Any
    ) -> forms.Field | None:
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if field and db_field.name.rpartition("_")[0] in Career.SECTIONS:
            field.widget.attrs |= {
                "data-markdown": reverse("admin:careers_career_rendered"),
                "data-rendered": _("As the public reads it"),
            }
        return field


class SayingAdmin(admin.ModelAdmin):
    """Figures in words, before they are saved."""

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(require_POST(self.said_view))
        return [path("said/", view, name="careers_salaryband_said"), *super().get_urls()]

    def said_view(self, request: HttpRequest) -> JsonResponse:
        """The posted figure: its sentence by language, what is wrong, and what looks odd about it.

        {"fr": "…", "en": "…", "error": "…", "oddities": ["…"]}; no sentence beside an error.
        """
        if not (self.has_change_permission(request) or self.has_add_permission(request)):
            raise PermissionDenied
        form = self.get_form(request)(request.POST)
        # The first: an amount that is none breaks rules that need it.
        error = next((str(e) for name in SAID for e in form.errors.get(name, [])), "")
        band = form.instance
        said = dict.fromkeys(LANGUAGES, "")
        odd: list[Oddity] = []
        if not error and band.is_sound:
            said = {language: salaries.sentence(band, language) for language in LANGUAGES}
            region = form.cleaned_data.get("region")
            odd = warnings(band, region.path if region else "", _siblings(request.POST))
        return JsonResponse({**said, "error": error, "oddities": [str(e.message) for e in odd]})


def _siblings(posted: Any) -> list[SalaryBand]:
    """The other figures of the career whose number came with the form."""
    career, own = (posted.get(name, "") for name in ("career", "id"))
    if not career.isdecimal():
        return []
    bands = SalaryBand.objects.filter(career=career)
    return list(bands.exclude(pk=own) if own.isdecimal() else bands)


def in_words(band: SalaryBand) -> str:
    """The figure as saved: its sentence in both languages, and what looks odd about it."""
    address = reverse("admin:careers_salaryband_said")
    if not (band.pk and band.is_sound):
        return format_html(
            '<div class="in-words" aria-live="polite" data-said="{}">–</div>', address
        )
    sentences = format_html(
        '<span lang="fr">{}</span> · <span lang="en">{}</span>',
        *(salaries.sentence(band, language) for language in LANGUAGES),
    )
    # Once for all the figures of a form: they share the career.
    prefetch_related_objects([band.career], "bands")
    siblings = [each for each in band.career.bands.all() if each.pk != band.pk]
    found = [[each.message] for each in warnings(band, band.region.path, siblings)]
    odd = format_html_join("", "<li>{}</li>", found)
    listed = format_html('<ul class="oddities">{}</ul>', odd) if odd else ""
    return format_html(
        '<div class="in-words" aria-live="polite" data-said="{}">{}{}</div>',
        address,
        sentences,
        listed,
    )


class DuplicatingAdmin(admin.ModelAdmin):
    """A copy as a start: the form for a new object, filled in like another; saved by nobody yet."""

    not_copied: tuple[str, ...] = ()

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """`?like=7` fills in what the object number 7 says."""
        initial: dict[str, Any] = dict(super().get_changeform_initial_data(request))
        like = initial.pop("like", "")
        found = self.get_object(request, like) if like.isdecimal() else None
        if found is None or not self.has_view_permission(request, found):
            return initial
        copied = model_to_dict(found, exclude=("id", *self.not_copied))
        return {**copied, **initial}

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        if context.get("original") and self.has_add_permission(request):
            context["duplicated_at"] = reverse(f"admin:careers_{self.opts.model_name}_add")
        return super().render_change_form(request, context, *args, **kwargs)
