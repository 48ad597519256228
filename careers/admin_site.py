"""The admin's own site. Its home is the desk: what waits for whoever looks, then the models as
Django lists them.

Outside `careers.admin`, whose modules register their models with this site as they are imported.
"""

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from careers import desk, limits
from careers.models import Career
from careers.second_factor import SecondFactorSite


@dataclass(frozen=True)
class Waiting:
    """A task, how many rows wait, and the list of them."""

    task: desk.Task
    count: int
    url: str


class DeskSite(SecondFactorSite):
    """Django's admin site whose home is a to-do list."""

    site_header = _("Careers, plainly: the desk")
    site_title = _("The desk")
    index_title = _("What waits")
    index_template = "admin/index.html"
    # The models fit on the home page: the room is for the columns of the lists.
    enable_nav_sidebar = False

    def index(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> TemplateResponse:
        sections = [
            (section, [self._waiting(request, task) for task in tasks])
            for section in desk.Section
            if (tasks := [task for task in self._tasks(request) if task.section == section])
        ]
        sees_careers = self._registry[Career].has_view_permission(request)
        extra = {
            "sections": sections,
            "gaps_url": reverse("admin:careers_career_gaps") if sees_careers else "",
        }
        return super().index(request, {**extra, **(extra_context or {})})

    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        if request.method == "POST" and not limits.may_log_in(request):
            return limits.too_many(request)
        return super().login(request, extra_context)

    def _tasks(self, request: HttpRequest) -> list[desk.Task]:
        registry = self._registry
        return [
            task
            for task in desk.TASKS
            if task.model in registry and registry[task.model].has_view_permission(request)
        ]

    def _waiting(self, request: HttpRequest, task: desk.Task) -> Waiting:
        rows = task.rows(task.model._default_manager.all(), request.user)
        name = f"admin:careers_{task.model._meta.model_name}_changelist"
        return Waiting(task, rows.count(), f"{reverse(name)}?{desk.PARAMETER}={task.slug}")
