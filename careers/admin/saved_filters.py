"""The questions that somebody keeps for a list of the admin, under names of their own."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.views.main import PAGE_VAR
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.request import QueryDict
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from careers.models import SavedFilter


class SavedFilterForm(forms.ModelForm):
    class Meta:
        model = SavedFilter
        fields = ["name", "query"]
        widgets = {"query": forms.HiddenInput}


class SavedFiltersAdmin(admin.ModelAdmin):
    """A model whose list can be asked again what somebody asked it before."""

    def get_urls(self) -> list[URLPattern]:
        name = f"careers_{self.opts.model_name}"
        view = self.admin_site.admin_view
        keep, drop = (
            view(require_POST(each)) for each in (self.keep_filter_view, self.drop_filter_view)
        )
        own = [
            path("filters/", keep, name=f"{name}_keep_filter"),
            path("filters/<int:pk>/", drop, name=f"{name}_drop_filter"),
        ]
        return [*own, *super().get_urls()]

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        query = _question(request.GET)
        form = SavedFilterForm(initial={"query": query}, auto_id="saved-filter-%s")
        extra = {
            "saved_filters": SavedFilter.objects.filter(**self._own(request)),
            "saved_filter_form": form if query else None,
            "question": query,
            **(extra_context or {}),
        }
        return super().changelist_view(request, extra)

    def keep_filter_view(self, request: HttpRequest) -> HttpResponse:
        """Keep a question of the list under a name; the same name keeps the new question."""
        if not self.has_view_or_change_permission(request):
            raise PermissionDenied
        own = self._own(request)
        known = SavedFilter.objects.filter(**own, name=request.POST.get("name", "").strip()).first()
        form = SavedFilterForm(request.POST, instance=known or SavedFilter(**own))
        if form.is_valid():
            form.instance.query = _question(QueryDict(form.cleaned_data["query"]))
            kept = form.save()
            messages.success(request, _("The filter is kept as “%s”.") % kept)
            return self._listed(kept.query)
        for errors in form.errors.values():
            for error in errors:
                messages.error(request, str(error))
        return self._listed(_question(QueryDict(request.POST.get("query", ""))))

    def drop_filter_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        kept = get_object_or_404(SavedFilter, pk=pk, **self._own(request))
        kept.delete()
        messages.success(request, _("The filter “%s” is deleted.") % kept)
        return self._listed(_question(QueryDict(request.POST.get("query", ""))))

    def _own(self, request: HttpRequest) -> dict[str, Any]:
        return {"user": request.user, "model": self.opts.model_name}

    def _listed(self, query: str) -> HttpResponseRedirect:
        address = reverse(f"admin:careers_{self.opts.model_name}_changelist")
        return HttpResponseRedirect(f"{address}?{query}" if query else address)


def _question(given: QueryDict) -> str:
    """What the address asks, without the page that somebody was on."""
    asked = given.copy()
    asked.pop(PAGE_VAR, None)
    asked.pop("e", None)
    return asked.urlencode()
