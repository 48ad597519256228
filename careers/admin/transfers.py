"""Export and import in the admin: the change list's own rows out, the same file back in."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.models import ADDITION, CHANGE, LogEntry
from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.auth.models import User
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    HttpResponseRedirect,
    StreamingHttpResponse,
)
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_GET

from careers import tables
from careers.admin.saved_filters import SavedFiltersAdmin
from careers.models import Upload
from careers.resources import Options, Plan, apply, plan, resource_for
from careers.resources.plan import Verdict
from careers.tables import PROFILES, Profile, TableError

MAX_BYTES = 20 * 1024 * 1024
# A preview shows this many rows of a kind; all of them are counted, and all errors shown.
ROWS_SHOWN = 50


def _user(request: HttpRequest) -> User:
    """Whoever is logged in: `admin_view` lets nobody else in."""
    assert isinstance(request.user, User)
    return request.user


def _is_refused(counted: tuple[Verdict, int]) -> bool:
    return counted[0] == Verdict.REFUSED


def _shown(verdict: Verdict) -> int | None:
    return None if verdict == Verdict.REFUSED else ROWS_SHOWN


class UploadForm(forms.Form):
    file = forms.FileField(
        label=gettext_lazy("CSV file"),
        help_text=gettext_lazy(
            "As exported here, or with the same column names. The next page shows what would "
            "change; nothing is written before you confirm."
        ),
    )
    create_missing = forms.BooleanField(
        label=gettext_lazy("Create missing careers as drafts"),
        help_text=gettext_lazy("And record the sources that the file names and the site lacks."),
        required=False,
    )

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if file.size > MAX_BYTES:
            raise forms.ValidationError(_("The file is larger than 20 MB: split it."))
        return file


class TransferAdmin(SavedFiltersAdmin):
    """A model whose rows travel as CSV, each way with a permission of its own."""

    change_list_template = "admin/careers/change_list.html"
    actions = ["export_selected_excel_fr", "export_selected_data"]

    def has_export_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm(f"careers.export_{self.opts.model_name}")

    def has_import_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm(f"careers.import_{self.opts.model_name}")

    def get_urls(self) -> list[URLPattern]:
        name = f"careers_{self.opts.model_name}"
        view = self.admin_site.admin_view
        export = view(require_GET(self.export_view))
        own = [
            path("export/<slug:profile>/", export, name=f"{name}_export"),
            path("import/", view(self.import_view), name=f"{name}_import"),
            path("import/<int:upload>/", view(self.preview_view), name=f"{name}_preview"),
        ]
        return own + super().get_urls()

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        extra = {
            "profiles": PROFILES.values() if self.has_export_permission(request) else (),
            "may_import": self.has_import_permission(request),
            **(extra_context or {}),
        }
        return super().changelist_view(request, extra)

    # --- Export -------------------------------------------------------------------------------

    def export_view(self, request: HttpRequest, profile: str) -> HttpResponseBase:
        """Exactly the rows of the change list that the same query string shows, in its order."""
        if profile not in PROFILES:
            raise Http404
        try:
            listed = self.get_changelist_instance(request).queryset
        except IncorrectLookupParameters:
            # The list says so itself; a file of all rows would not be what was asked.
            return HttpResponseRedirect(f"{self._address('changelist')}?{request.GET.urlencode()}")
        return self._export(request, listed, PROFILES[profile])

    @admin.action(
        description=gettext_lazy("Export the ticked rows as CSV for Excel (français)"),
        permissions=["export"],
    )
    def export_selected_excel_fr(
        self, request: HttpRequest, queryset: "QuerySet[Any]"
    ) -> HttpResponseBase:
        return self._export(request, queryset, tables.EXCEL_FR)

    @admin.action(
        description=gettext_lazy("Export the ticked rows as data (CSV)"), permissions=["export"]
    )
    def export_selected_data(
        self, request: HttpRequest, queryset: "QuerySet[Any]"
    ) -> HttpResponseBase:
        return self._export(request, queryset, tables.DATA)

    def _export(
        self, request: HttpRequest, queryset: "QuerySet[Any]", profile: Profile
    ) -> StreamingHttpResponse:
        if not self.has_export_permission(request):
            raise PermissionDenied
        resource = resource_for(self.model)
        what = slugify(str(self.opts.verbose_name_plural))
        name = f"{what}-{timezone.localdate()}-{profile.slug}.csv"
        count = queryset.count()
        said = ngettext(
            "Exported %(count)d row: %(name)s %(asked)s",
            "Exported %(count)d rows: %(name)s %(asked)s",
            count,
        ) % {"count": count, "name": name, "asked": request.GET.urlencode()}
        self._log(request, CHANGE, said.strip())
        rows = tables.write(resource.rows(queryset), profile)
        return StreamingHttpResponse(
            rows,
            headers={
                "Content-Type": "text/csv; charset=utf-8",
                "Content-Disposition": f'attachment; filename="{name}"',
                "Cache-Control": "no-store",
            },
        )

    def _log(self, request: HttpRequest, flag: int, message: str) -> None:
        LogEntry.objects.create(
            user=_user(request),
            content_type=ContentType.objects.get_for_model(self.model),
            object_repr=str(self.opts.verbose_name_plural)[:200],
            action_flag=flag,
            change_message=message,
        )

    # --- Import -------------------------------------------------------------------------------

    def import_view(self, request: HttpRequest) -> HttpResponse:
        """Take a file; its preview is a page of its own."""
        if not self.has_import_permission(request):
            raise PermissionDenied
        form = UploadForm(request.POST or None, request.FILES or None)
        if request.method == "POST" and form.is_valid():
            upload = Upload.objects.create(
                resource=resource_for(self.model).name,
                name=form.cleaned_data["file"].name[:255],
                content=form.cleaned_data["file"].read(),
                create_missing=form.cleaned_data["create_missing"],
                user=_user(request),
            )
            return HttpResponseRedirect(self._address("preview", upload.pk))
        context = {**self._context(request), "form": form, "title": _("Import from CSV")}
        return TemplateResponse(request, "admin/careers/import.html", context)

    def preview_view(self, request: HttpRequest, upload: int) -> HttpResponse:
        """What the file would change; on POST, the change itself."""
        if not self.has_import_permission(request):
            raise PermissionDenied
        kept = get_object_or_404(
            Upload, pk=upload, user=_user(request), resource=resource_for(self.model).name
        )
        try:
            planned = self._plan(request, kept)
        except TableError as error:
            messages.error(request, f"{kept.name}: {error}")
            kept.delete()
            return HttpResponseRedirect(self._address("import"))
        if request.method == "POST" and not planned.is_refused:
            return self._import(request, kept, planned)
        context = {
            **self._context(request),
            "title": _("Preview of %s") % kept.name,
            "upload": kept,
            "plan": planned,
            "verdicts": [
                (verdict, count, planned.having(verdict)[: _shown(verdict)])
                # What stands in the way comes first.
                for verdict, count in sorted(planned.counts.items(), key=_is_refused, reverse=True)
            ],
        }
        return TemplateResponse(request, "admin/careers/preview.html", context)

    def _plan(self, request: HttpRequest, upload: Upload) -> Plan:
        options = Options(
            create_missing=upload.create_missing,
            may_publish=request.user.has_perm("careers.publish_career"),
        )
        return plan(resource_for(self.model), tables.read(bytes(upload.content)), options)

    def _import(self, request: HttpRequest, upload: Upload, planned: Plan) -> HttpResponse:
        written = apply(planned, by=_user(request), why=_("import of %s") % upload.name)
        counts = planned.counts
        said = _("Imported %(file)s: %(new)d new, %(changed)d changed, %(same)d unchanged.") % {
            "file": upload.name,
            "new": counts[Verdict.NEW],
            "changed": counts[Verdict.CHANGED],
            "same": counts[Verdict.UNCHANGED],
        }
        if written:
            self._log(request, ADDITION, f"{said} sha256:{upload.sha256}")
        upload.delete()
        messages.success(request, said)
        return HttpResponseRedirect(self._address("changelist"))

    def _address(self, view: str, *args: int) -> str:
        return reverse(f"admin:careers_{self.opts.model_name}_{view}", args=args)

    def _context(self, request: HttpRequest) -> dict[str, Any]:
        return {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "resource": resource_for(self.model),
        }
