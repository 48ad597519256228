"""The tasks of the desk as a filter of a change list: what is counted there is listed here."""

from collections.abc import Iterator
from copy import copy
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from careers import desk


class DeskFilter(admin.SimpleListFilter):
    title = _("to do")
    parameter_name = desk.PARAMETER

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [(task.slug, task.label) for task in desk.tasks_of(model_admin.model)]

    def queryset(self, request: HttpRequest, queryset: "QuerySet[Any]") -> "QuerySet[Any]":
        tasks = {task.slug: task for task in desk.tasks_of(queryset.model)}
        task = tasks.get(self.value() or "")
        return task.rows(queryset, request.user) if task else queryset

    def choices(self, changelist: Any) -> Iterator[Any]:
        """Without counts: the desk has them, and ten more would slow every list."""
        changelist = copy(changelist)
        changelist.add_facets = False
        return super().choices(changelist)
