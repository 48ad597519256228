"""The history of an object in the admin: read it, compare two moments, make it so again."""

from datetime import datetime
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.admin.utils import unquote
from django.contrib.auth import get_permission_codename
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.db import models, transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import formats, timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_safe
from simple_history.admin import SimpleHistoryAdmin

from careers import versions
from careers.admin.conflicts import VersionedForm
from careers.admin.publishing import may_edit
from careers.models import Career, SalaryBand
from careers.models.history import REASON_LENGTH
from careers.templatetags.texts import grouped

ENTRIES_A_PAGE = 25
WHY = "change_reason"


class WhyForm(VersionedForm):
    """A form that may say why; the history keeps it beside the change."""

    change_reason = forms.CharField(
        label=gettext_lazy("Why"),
        max_length=REASON_LENGTH,
        required=False,
        help_text=gettext_lazy("Kept in the history beside this change."),
        widget=forms.TextInput(attrs={"class": "vTextField"}),
    )


class RestoreForm(forms.Form):
    figures = forms.BooleanField(label=gettext_lazy("Its figures too"), required=False)
    why = forms.CharField(label=gettext_lazy("Why"), max_length=150, required=False)


class HistoryAdmin(SimpleHistoryAdmin):
    """simple-history's admin with screens of ours: words for codes, a career with its figures."""

    form: type[Any] = WhyForm

    def get_urls(self) -> list[URLPattern]:
        name = f"careers_{self.opts.model_name}"
        view = self.admin_site.admin_view
        own = [
            path("deleted/", view(require_safe(self.deleted_view)), name=f"{name}_deleted"),
            path(
                "<path:object_id>/history/compare/",
                view(require_safe(self.compare_view)),
                name=f"{name}_compare",
            ),
        ]
        return [*own, *super().get_urls()]

    # --- Why ----------------------------------------------------------------------------------

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        fieldsets = super().get_fieldsets(request, obj)
        asks = obj is not None and self.has_change_permission(request, obj)
        return [*fieldsets, (None, {"fields": [WHY]})] if asks else fieldsets

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        obj._change_reason = form.cleaned_data.get(WHY, "") if form.has_changed() else ""
        super().save_model(request, obj, form, change)

    def save_formset(self, request: HttpRequest, form: Any, formset: Any, change: bool) -> None:
        for each in formset.forms:
            each.instance._change_reason = form.cleaned_data.get(WHY, "")
        super().save_formset(request, form, formset, change)

    def construct_change_message(
        self, request: HttpRequest, form: Any, formsets: Any, add: bool = False
    ) -> Any:
        form.changed_data = [name for name in form.changed_data if name != WHY]
        return super().construct_change_message(request, form, formsets, add)

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        extra = {"deleted_url": self._url("deleted"), **(extra_context or {})}
        response: HttpResponse = super().changelist_view(request, extra)
        return response

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        """What would go, or stands in the way, without more of it than a screen holds."""
        gone, counts, lacking, protected = super().get_deleted_objects(objs, request)
        return _first(gone), counts, lacking, _first(protected)

    # --- Screens ------------------------------------------------------------------------------

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Every save of the object, the latest first, each with what it changed."""
        obj, histories = self._past(request, object_id)
        page = Paginator(versions.moments(histories), ENTRIES_A_PAGE).get_page(request.GET.get("p"))
        context = {
            "title": _("History of %s") % obj,
            "page": page,
            "entries": versions.entries(histories, page.object_list),
            "asked": {
                "then": page.object_list[1] if len(page.object_list) > 1 else None,
                "now": page.object_list[0] if page.object_list else None,
            },
        }
        return self._render(
            request, "admin/careers/history.html", obj, {**context, **(extra_context or {})}
        )

    def compare_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Two moments side by side; the earlier one first, in whichever order they were asked."""
        obj, histories = self._past(request, object_id)
        if not request.GET.get("then") or not request.GET.get("now"):
            return HttpResponseRedirect(self._url("history", obj.pk))
        then, now = sorted(_moment(request.GET[name]) for name in ("then", "now"))
        context = {
            "title": _("Two versions of %s") % obj,
            "then": then,
            "now": now,
            "then_key": versions.key(then),
            "altered": versions.difference(histories, then, now),
        }
        return self._render(request, "admin/careers/compare.html", obj, context)

    def history_form_view(
        self,
        request: HttpRequest,
        object_id: str,
        version_id: str,
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """What restoring a moment would change; on POST, the change, as a new version."""
        obj, histories = self._past(request, object_id)
        at = _moment(version_id)
        found = versions.as_of(histories[0], at)
        if not found:
            raise Http404
        form = RestoreForm(request.POST if request.method == "POST" else None)
        may = self._may_restore(request, obj, found[0])
        if request.method == "POST":
            if not may:
                raise PermissionDenied
            if form.is_valid() and self._restore(request, obj, found[0], at, form.cleaned_data):
                return HttpResponseRedirect(self._url("history", obj.pk))
        altered = versions.difference(histories, timezone.now(), at)
        context = {
            "title": _("Restore %s") % obj,
            "at": at,
            "form": form,
            "may_restore": may,
            "is_deleted": obj._state.adding,
            "own": [each for each in altered if not each.is_part],
            "figures": [each for each in altered if each.is_part],
            "may_restore_figures": may and self._may_restore_figures(request),
        }
        return self._render(
            request, "admin/careers/restore.html", obj, {**context, **(extra_context or {})}
        )

    def deleted_view(self, request: HttpRequest) -> HttpResponse:
        """What was deleted and may come back."""
        if not self.has_view_or_change_permission(request):
            raise PermissionDenied
        page = Paginator(versions.deleted(self.model), ENTRIES_A_PAGE).get_page(
            request.GET.get("p")
        )
        words = versions.Words(page.object_list)
        rows = [
            # The moment before: as it was, with the figures that went with it.
            (words.name(each), each, versions.key(each.history_date) - 1)
            for each in page.object_list
        ]
        title = _("Deleted: %s") % self.opts.verbose_name_plural
        context = {"title": title, "page": page, "rows": rows}
        return self._render(request, "admin/careers/deleted.html", None, context)

    # --- What they share ----------------------------------------------------------------------

    def _past(self, request: HttpRequest, object_id: str) -> tuple[models.Model, Any]:
        """The object, or as it last was, and the versions of it and of its parts."""
        try:
            pk = self.opts.pk.to_python(unquote(object_id))
        except ValidationError as error:
            raise Http404 from error
        histories = versions.histories(self.model, pk)
        obj: models.Model | None = self.model._default_manager.filter(pk=pk).first()
        if obj is None:
            last = histories[0].order_by("-history_id").first()
            if last is None:
                raise Http404
            obj = last.history_object
        if not self.has_view_or_change_permission(request, obj):
            raise PermissionDenied
        return obj, histories

    def _may_restore(self, request: HttpRequest, obj: Any, version: versions.Version) -> bool:
        """Restoring is editing; what was deleted is added again."""
        if obj._state.adding and not self.has_add_permission(request):
            return False
        if obj._state.adding and isinstance(obj, Career):
            return True  # it comes back as a draft
        if isinstance(obj, SalaryBand):
            # It may have changed careers since: who moves it back edits both, and both are there.
            concerned = {obj.career_id, version.career_id}
            careers = Career.objects.filter(pk__in=concerned)
            if len(careers) < len(concerned) or not all(may_edit(request, c) for c in careers):
                return False
        return bool(self.has_change_permission(request, obj))

    def _may_restore_figures(self, request: HttpRequest) -> bool:
        bands = SalaryBand._meta
        needed = (get_permission_codename(action, bands) for action in ("add", "change", "delete"))
        return self.model is Career and request.user.has_perms(f"careers.{one}" for one in needed)

    def _restore(
        self, request: HttpRequest, obj: Any, version: Any, at: datetime, asked: dict[str, Any]
    ) -> bool:
        when = formats.date_format(timezone.localtime(at), "DATETIME_FORMAT")
        why = _("restored as of %s") % when + (f" – {asked['why']}" if asked["why"] else "")
        keep = self.get_readonly_fields(request, obj)
        try:
            with transaction.atomic():
                restored = versions.restore(version, keep, why)
                wanted = asked["figures"] and self._may_restore_figures(request)
                if wanted and isinstance(restored, Career):
                    versions.restore_figures(restored, at, why)
        except ValidationError as error:
            for message in error.messages:
                messages.error(request, message)
            return False
        self.log_change(request, restored, why)
        messages.success(request, _("“%s” is restored.") % restored)
        return True

    def _render(
        self, request: HttpRequest, template: str, obj: Any, context: dict[str, Any]
    ) -> HttpResponse:
        request.current_app = self.admin_site.name
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "object": obj,
            "exists": obj is not None and not obj._state.adding,
            "history_url": self._url("history", obj.pk) if obj else "",
            **context,
        }
        return TemplateResponse(request, template, context)

    def _url(self, view: str, *args: Any) -> str:
        return reverse(f"admin:careers_{self.opts.model_name}_{view}", args=args)


def _moment(key: str) -> datetime:
    try:
        return versions.moment(key)
    except (ValueError, OverflowError) as error:
        raise Http404 from error


def _first(named: list[Any]) -> list[Any]:
    """The first of each level of Django's nested list of names, and how many more there are."""
    shown = [_first(each) if isinstance(each, list) else each for each in named[:ENTRIES_A_PAGE]]
    more = len(named) - len(shown)
    said = ngettext("and %(count)s more", "and %(count)s more", more)
    return [*shown, said % {"count": grouped(more)}] if more > 0 else shown
