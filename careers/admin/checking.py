"""What an editor confirms in one click: a figure still stands, an English text still fits."""

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_POST

from careers import desk
from careers.models import Career, SalaryBand
from careers.templatetags.texts import grouped


class StillTrueAdmin(admin.ModelAdmin):
    """Figures with "Still true": a dated confirmation, kept in the history."""

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(require_POST(self.still_true_view))
        own = path("<int:pk>/still-true/", view, name="careers_salaryband_still_true")
        return [own, *super().get_urls()]

    def get_list_display(self, request: HttpRequest) -> Any:
        """With a button for each figure that is due, where they are listed."""
        columns = super().get_list_display(request)
        if request.GET.get(desk.PARAMETER) != "due" or not self.has_change_permission(request):
            return columns

        @admin.display(description=_("check"))
        def check(band: SalaryBand) -> str:
            if not self.has_change_permission(request, band):
                return "–"
            return format_html(
                '<button type="submit" class="button" formaction="{}?{}">{}</button>',
                reverse("admin:careers_salaryband_still_true", args=[band.pk]),
                request.GET.urlencode(),
                _("Still true"),
            )

        # Where it is seen without scrolling.
        first, *others = columns
        return [first, check, *others]

    def still_true_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        band = get_object_or_404(SalaryBand.objects.select_related("career"), pk=pk)
        if not self.has_change_permission(request, band):
            raise PermissionDenied
        self._confirm(request, band)
        messages.success(request, _("Confirmed today: %s") % band)
        listed = reverse("admin:careers_salaryband_changelist")
        return HttpResponseRedirect(f"{listed}?{request.GET.urlencode()}")

    @admin.action(
        description=gettext_lazy("The ticked figures are still true"), permissions=["change"]
    )
    def still_true(self, request: HttpRequest, queryset: "QuerySet[SalaryBand]") -> None:
        done = 0
        for band in queryset.select_related("career"):
            if self.has_change_permission(request, band):
                self._confirm(request, band)
                done += 1
        said = ngettext("%(count)s figure confirmed.", "%(count)s figures confirmed.", done)
        self.message_user(request, said % {"count": grouped(done)})

    def _confirm(self, request: HttpRequest, band: SalaryBand) -> None:
        band.confirmed_on = timezone.localdate()
        band._change_reason = _("still true")
        band.save(update_fields=["confirmed_on"])
        self.log_change(request, band, [{"changed": {"fields": ["confirmed_on"]}}])


class EnglishAdmin(admin.ModelAdmin):
    """Careers whose English may be said to be up to date: the French only lost a comma."""

    @admin.action(
        description=gettext_lazy("The English of the ticked careers is up to date"),
        permissions=["change"],
    )
    def english_is_current(self, request: HttpRequest, queryset: "QuerySet[Career]") -> None:
        done = 0
        for career in queryset:
            if career.stale_english and self.has_change_permission(request, career):
                career.translated_from = {}
                career._change_reason = _("the English is up to date")
                career.save()
                done += 1
        said = ngettext("%(count)s career changed.", "%(count)s careers changed.", done)
        self.message_user(request, said % {"count": grouped(done)})
