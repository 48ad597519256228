"""Export in the admin: the change list's own rows as a file."""

from typing import Any

from django.contrib import admin
from django.contrib.admin.models import CHANGE, LogEntry
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
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext_lazy, ngettext

from careers import tables
from careers.resources import resource_for
from careers.tables import PROFILES, Profile


def user_of(request: HttpRequest) -> User:
    """Whoever is logged in: `admin_view` lets nobody else in."""
    assert isinstance(request.user, User)
    return request.user


class ExportAdmin(admin.ModelAdmin):
    """A model whose rows leave the site as files, with a permission of its own."""

    change_list_template = "admin/careers/change_list.html"
    actions = ["export_selected_excel_fr", "export_selected_data"]

    def has_export_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm(f"careers.export_{self.opts.model_name}")

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.export_view)
        name = f"careers_{self.opts.model_name}_export"
        return [path("export/<slug:profile>/", view, name=name), *super().get_urls()]

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        extra = {
            "profiles": PROFILES.values() if self.has_export_permission(request) else (),
            **(extra_context or {}),
        }
        return super().changelist_view(request, extra)

    def export_view(self, request: HttpRequest, profile: str) -> HttpResponseBase:
        """Exactly the rows of the change list that the same query string shows, in its order."""
        if request.method != "GET" or profile not in PROFILES:
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
            user=user_of(request),
            content_type=ContentType.objects.get_for_model(self.model),
            object_repr=str(self.opts.verbose_name_plural)[:200],
            action_flag=flag,
            change_message=message,
        )

    def _address(self, view: str, *args: int) -> str:
        return reverse(f"admin:careers_{self.opts.model_name}_{view}", args=args)

    def _context(self, request: HttpRequest) -> dict[str, Any]:
        return {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "resource": resource_for(self.model),
        }
