"""Import in the admin: a file such as `exports` writes, previewed, then written."""

from pathlib import Path
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.admin.models import ADDITION
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
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
from django.urls import URLPattern, path
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_GET

from careers import tables
from careers.admin.exports import ExportAdmin
from careers.admin.publishing import user_of
from careers.admin.saved_filters import SavedFiltersAdmin
from careers.models import Import, Upload, active_language
from careers.resources import Options, Plan, apply, plan, resource_for
from careers.resources.columns import UNKNOWN
from careers.resources.plan import Side, Verdict
from careers.tables import TableError
from careers.templatetags.texts import grouped

MAX_BYTES = 20 * 1024 * 1024
# A preview shows this many rows of a kind; all of them are counted. What stands in the way comes
# first, and the file of refused rows has them all.
ROWS_SHOWN = {Verdict.REFUSED: 500, Verdict.CONFLICT: 200, Verdict.CHANGED: 50, Verdict.NEW: 50}


class UploadForm(forms.Form):
    file = forms.FileField(
        label=gettext_lazy("CSV or XLSX file"),
        help_text=gettext_lazy(
            "As exported here, or with column names in French or English; titles above and notes "
            "below the table may stay. The next page shows what would change; nothing is written "
            "before you confirm."
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
            raise forms.ValidationError(
                _(
                    "The file is larger than 20 MB: split it, or have it imported as CSV with "
                    "“manage.py import_file”, which takes any size."
                )
            )
        return file


class ConfirmForm(forms.Form):
    """What an editor decides on the preview. `shown` is the fingerprint of what the page said."""

    shown = forms.CharField(widget=forms.HiddenInput)
    conflicts = forms.ChoiceField(
        label=gettext_lazy("Rows changed on both sides"),
        choices=Side.choices,
        widget=forms.RadioSelect,
        required=False,
    )
    good_rows = forms.BooleanField(required=False)

    def sides(self) -> dict[int, str]:
        """The rows that are settled one by one, by their number in the file."""
        return {
            int(number): str(side)
            for name, side in self.data.items()
            if (number := name.removeprefix("side-")).isdecimal()
        }


class TransferAdmin(ExportAdmin, SavedFiltersAdmin):
    """A model whose rows travel both ways, each way with a permission of its own."""

    def has_import_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm(f"careers.import_{self.opts.model_name}")

    def get_urls(self) -> list[URLPattern]:
        name = f"careers_{self.opts.model_name}"
        view = self.admin_site.admin_view
        own = [
            path("import/", view(self.import_view), name=f"{name}_import"),
            path("import/<int:upload>/", view(self.preview_view), name=f"{name}_preview"),
            path(
                "import/<int:upload>/refused/",
                view(require_GET(self.refused_view)),
                name=f"{name}_refused",
            ),
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
        context = {**self._context(request), "form": form, "title": _("Import")}
        return TemplateResponse(request, "admin/careers/import.html", context)

    def preview_view(self, request: HttpRequest, upload: int) -> HttpResponse:
        """What the file would change; on POST, the change itself."""
        kept = self._upload(request, upload)
        if request.method != "POST":
            return self._answered(request, kept)
        if "create_missing" in request.POST:
            kept.create_missing = True
            kept.save(update_fields=["create_missing"])
            return HttpResponseRedirect(self._address("preview", kept.pk))
        try:
            # What is compared is what will be written over.
            with transaction.atomic():
                return self._answered(request, kept)
        except IntegrityError:
            # Somebody else added the same row meanwhile: no lock holds what was not there yet.
            return self._look_again(request, kept)

    def _answered(self, request: HttpRequest, kept: Upload) -> HttpResponse:
        try:
            planned = self._plan(request, kept)
        except TableError as error:
            told = _("“%(file)s”: %(error)s") % {"file": kept.name, "error": error}
            messages.error(request, told)
            kept.delete()
            return HttpResponseRedirect(self._address("import"))
        form = ConfirmForm(request.POST or None, initial={"shown": planned.fingerprint})
        if request.method == "POST" and form.is_valid():
            if form.cleaned_data["shown"] != planned.fingerprint:
                return self._look_again(request, kept)
            decided = planned.settled(form.sides(), form.cleaned_data["conflicts"])
            if form.cleaned_data["good_rows"]:
                decided = decided.only_good()
            if not decided.is_refused:
                return self._import(request, kept, planned, decided)
            messages.error(request, _("Nothing was imported: say what becomes of these rows."))
        return TemplateResponse(
            request, "admin/careers/preview.html", self._preview(request, kept, planned, form)
        )

    def _look_again(self, request: HttpRequest, kept: Upload) -> HttpResponse:
        messages.warning(request, _("The site has changed since this page was shown: look again."))
        return HttpResponseRedirect(self._address("preview", kept.pk))

    def refused_view(self, request: HttpRequest, upload: int) -> HttpResponseBase:
        """The refused rows as a file, each with the reason; corrected, it can be imported."""
        kept = self._upload(request, upload)
        try:
            planned = self._plan(request, kept)
        except TableError as error:
            raise Http404 from error
        profile = tables.EXCEL_FR if active_language() == "fr" else tables.DATA
        name = f"{slugify(Path(kept.name).stem) or 'file'}-{slugify(Verdict.REFUSED.label)}.csv"
        return StreamingHttpResponse(
            tables.write(planned.refused_rows(), profile),
            headers={
                "Content-Type": "text/csv; charset=utf-8",
                "Content-Disposition": f'attachment; filename="{name}"',
                "Cache-Control": "no-store",
            },
        )

    def _upload(self, request: HttpRequest, upload: int) -> Upload:
        """The file that whoever asks has handed in for this very model."""
        if not self.has_import_permission(request):
            raise PermissionDenied
        return get_object_or_404(
            Upload, pk=upload, user=user_of(request), resource=resource_for(self.model).name
        )

    def _preview(
        self, request: HttpRequest, upload: Upload, planned: Plan, form: ConfirmForm
    ) -> dict[str, Any]:
        counts = planned.counts
        # Once imported without its refused rows, the file has nothing more to give.
        good = counts[Verdict.NEW] + counts[Verdict.CHANGED] + counts[Verdict.CONFLICT]
        return {
            **self._context(request),
            "title": _("Preview of %s") % upload.name,
            "upload": upload,
            "plan": planned,
            "form": form,
            "sides": Side.choices,
            "counts": list(counts.items()),
            "refused": counts[Verdict.REFUSED],
            "could_create": not upload.create_missing and _lacks(planned),
            "good": good,
            "shown": [
                (
                    verdict,
                    counts[verdict],
                    [
                        (row, planned.about(row), planned.errors(row))
                        for row in planned.having(verdict)[:most]
                    ],
                )
                for verdict, most in ROWS_SHOWN.items()
            ],
        }

    def _plan(self, request: HttpRequest, upload: Upload) -> Plan:
        options = Options(
            create_missing=upload.create_missing,
            may_publish=request.user.has_perm("careers.publish_career"),
            for_update=request.method == "POST",
        )
        resource = resource_for(self.model)
        return plan(resource, resource.read(bytes(upload.content)), options)

    def _import(
        self, request: HttpRequest, upload: Upload, planned: Plan, decided: Plan
    ) -> HttpResponse:
        user, counts, refused = user_of(request), decided.counts, planned.counts[Verdict.REFUSED]
        written = apply(decided, by=user, why=_("import of %s") % upload.name)
        entry = Import(user=user, username=user.get_username(), resource=upload.resource)
        entry.name, entry.sha256 = upload.name, upload.sha256
        entry.count(
            new=counts[Verdict.NEW],
            changed=counts[Verdict.CHANGED],
            unchanged=counts[Verdict.UNCHANGED],
            refused=refused,
        )
        said = _("Imported %(file)s: %(new)s new, %(changed)s changed, %(same)s unchanged.") % {
            "file": upload.name,
            "new": grouped(counts[Verdict.NEW]),
            "changed": grouped(counts[Verdict.CHANGED]),
            "same": grouped(counts[Verdict.UNCHANGED]),
        }
        if refused:
            left = ngettext(
                "%(count)s refused row was left out.",
                "%(count)s refused rows were left out.",
                refused,
            )
            said += " " + left % {"count": grouped(refused)}
        if written:
            self._log(request, ADDITION, f"{said} sha256:{upload.sha256}")
        messages.success(request, said)
        if refused:
            # Its preview now shows what is left to correct.
            return HttpResponseRedirect(self._address("preview", upload.pk))
        upload.delete()
        return HttpResponseRedirect(self._address("changelist"))


def _lacks(planned: Plan) -> bool:
    """Whether a row is refused for a career or a source that the import may create."""
    errors = (error for row in planned.having(Verdict.REFUSED) for error in row.errors)
    makes = planned.resource.missing
    return any(error.column in makes and error.message == str(UNKNOWN) for error in errors)
