from typing import Any
from urllib.parse import urlencode

from django.contrib import admin
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from careers.admin.desk_filter import DeskFilter
from careers.models import Report, Source

# What a newer figure of the same series has in common with the one reported.
SAME = (
    "career_id",
    "region_id",
    "level",
    "engagement",
    "currency",
    "period",
    "basis",
    "range_kind",
)


@admin.register(Report)
class ReportAdmin(admin.ModelAdmin):
    """Readers' reports: read, followed to the figure, settled. Readers write them, nobody else."""

    change_form_template = "admin/careers/report.html"
    list_display = ["message_shown", "figure", "url", "created_at", "status"]
    list_select_related = ["band__career", "band__region", "band__source"]
    list_filter = [DeskFilter, "status"]
    search_fields = ["message", "url"]
    list_per_page = 50
    ordering = ["-created_at", "pk"]
    fieldsets = [
        (None, {"fields": ["message", "url", "figure", "career"]}),
        (None, {"fields": [("email", "language"), ("created_at", "status", "settled_at")]}),
    ]
    readonly_fields = [
        *("message", "url", "figure", "career", "email", "language"),
        *("created_at", "status", "settled_at"),
    ]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    @admin.display(description=_("what it says"), ordering="created_at")
    def message_shown(self, report: Report) -> str:
        return str(report)

    @admin.display(description=_("figure"))
    def figure(self, report: Report) -> str:
        address = reverse("admin:careers_salaryband_change", args=[report.band_id])
        said = f"{report.band.region} · {report.band}"
        return format_html('<a href="{}">{}</a>', address, said)

    @admin.display(description=_("career"))
    def career(self, report: Report) -> str:
        career = report.band.career
        address = reverse("admin:careers_career_change", args=[career.pk])
        return format_html('<a href="{}">{}</a>', address, career)

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> Any:
        report: Report = context["original"]
        settled = report.status != Report.Status.WAITING
        context |= {
            "show_save": False,
            "show_save_and_continue": False,
            "verdicts": [
                status for status in Report.Status if (status == Report.Status.WAITING) == settled
            ]
            if self.has_change_permission(request, report)
            else [],
            "band_url": _newer(report) if request.user.has_perm("careers.add_salaryband") else "",
            "source_url": _unknown_source(report)
            if request.user.has_perm("careers.add_source")
            else "",
        }
        return super().render_change_form(request, context, *args, **kwargs)

    def save_model(self, request: HttpRequest, obj: Report, form: Any, change: bool) -> None:
        """Nothing is typed: the button pressed is the verdict."""
        if (verdict := request.POST.get("verdict", "")) in Report.Status.values:
            obj.settle(verdict)

    def construct_change_message(
        self, request: HttpRequest, form: Any, formsets: Any, add: bool = False
    ) -> Any:
        return [{"changed": {"fields": ["status"]}}]


def _source_of(report: Report) -> Source | None:
    return Source.objects.filter(url=report.url).first() if report.url else None


def _newer(report: Report) -> str:
    """The form of a new figure, filled with what it shares with the one reported."""
    given = {name.removesuffix("_id"): getattr(report.band, name) for name in SAME}
    if source := _source_of(report):
        given["source"] = source.pk
    return f"{reverse('admin:careers_salaryband_add')}?{urlencode(given)}"


def _unknown_source(report: Report) -> str:
    """The form of a new source with the address that the reader gave; "" where it is known."""
    if not report.url or _source_of(report):
        return ""
    return f"{reverse('admin:careers_source_add')}?{urlencode({'url': report.url})}"
