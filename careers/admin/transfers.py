"""Import in the admin: a file such as `exports` writes, previewed, then written."""

from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.admin.models import ADDITION
from django.core.exceptions import PermissionDenied
from django.http import (
    HttpRequest,
    HttpResponse,
    HttpResponseRedirect,
)
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from careers import tables
from careers.admin.exports import ExportAdmin, user_of
from careers.models import Upload
from careers.resources import Options, Plan, apply, plan, resource_for
from careers.resources.plan import Verdict
from careers.tables import TableError

MAX_BYTES = 20 * 1024 * 1024
# A preview shows this many rows of a kind; all of them are counted, and all errors shown.
ROWS_SHOWN = 50


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


class TransferAdmin(ExportAdmin):
    """A model whose rows travel both ways, each way with a permission of its own."""

    def has_import_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm(f"careers.import_{self.opts.model_name}")

    def get_urls(self) -> list[URLPattern]:
        name = f"careers_{self.opts.model_name}"
        view = self.admin_site.admin_view
        own = [
            path("import/", view(self.import_view), name=f"{name}_import"),
            path("import/<int:upload>/", view(self.preview_view), name=f"{name}_preview"),
        ]
        return own + super().get_urls()

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        extra = {"may_import": self.has_import_permission(request), **(extra_context or {})}
        return super().changelist_view(request, extra)

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
                user=user_of(request),
            )
            return HttpResponseRedirect(self._address("preview", upload.pk))
        context = {**self._context(request), "form": form, "title": _("Import from CSV")}
        return TemplateResponse(request, "admin/careers/import.html", context)

    def preview_view(self, request: HttpRequest, upload: int) -> HttpResponse:
        """What the file would change; on POST, the change itself."""
        if not self.has_import_permission(request):
            raise PermissionDenied
        kept = get_object_or_404(
            Upload, pk=upload, user=user_of(request), resource=resource_for(self.model).name
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
        resource = resource_for(self.model)
        return plan(resource, resource.read(bytes(upload.content)), options)

    def _import(self, request: HttpRequest, upload: Upload, planned: Plan) -> HttpResponse:
        written = apply(planned)
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
