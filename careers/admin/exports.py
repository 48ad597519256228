"""Export in the admin: the change list's own rows as a file."""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from typing import Any, NamedTuple

from django import forms
from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.utils import flatten
from django.contrib.admin.views.main import PAGE_VAR, ChangeList
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import BadRequest, PermissionDenied
from django.db.models import QuerySet
from django.http import (
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    HttpResponseNotAllowed,
    HttpResponseRedirect,
    QueryDict,
    StreamingHttpResponse,
)
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from careers import tables, workbooks
from careers.admin.asked import disposition, file_name, narrowed, ordered
from careers.admin.publishing import user_of
from careers.models import Export, active_language
from careers.resources import Resource, resource_for
from careers.tables import PROFILES, Cells, TableError
from careers.templatetags.texts import grouped

# Our own names in an address that otherwise holds the question of the list.
PREFIX = "export"
Writer = Callable[[Sequence[str], Iterable[Sequence[Cells]]], Iterator[bytes]]


class Kind(NamedTuple):
    """A kind of file that rows leave as."""

    label: str | Promise
    suffix: str
    content_type: str
    write: Writer
    is_packed: bool = False


KINDS = {
    slug: Kind(
        profile.label,
        "csv",
        "text/csv; charset=utf-8",
        partial(tables.write_columns, profile=profile),
    )
    for slug, profile in PROFILES.items()
} | {
    "xlsx": Kind(
        gettext_lazy("XLSX (numbers and dates typed)"),
        "xlsx",
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        workbooks.write_columns,
        is_packed=True,
    )
}


class ExportForm(forms.Form):
    prefix = PREFIX

    profile = forms.ChoiceField(
        label=gettext_lazy("Kind of file"),
        choices=[(slug, kind.label) for slug, kind in KINDS.items()],
        widget=forms.RadioSelect,
    )
    columns = forms.MultipleChoiceField(required=False)

    class Meta:
        """Without it, mypy's Django plugin never settles on forms in two modules of a package."""

    def __init__(self, resource: Resource, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        names = [column.name for column in resource.shown()]
        self.fields["columns"].choices = [(name, name) for name in names]  # type: ignore[attr-defined]

    @property
    def ticked(self) -> set[str]:
        return set(self["columns"].value() or ())


class Question(NamedTuple):
    """Which rows are asked for: those of the list, or of them the ticked ones."""

    changelist: ChangeList
    rows: "QuerySet[Any]"
    size: int
    given: QueryDict
    ticked: str

    @property
    def words(self) -> list[str]:
        said = narrowed(self.changelist)
        if self.ticked:
            ticked = ngettext("%(count)s ticked row", "%(count)s ticked rows", self.size)
            said = [*said, ticked % {"count": grouped(self.size)}]
        return said

    @property
    def address(self) -> str:
        """The question as the query of an address, the ticked rows included."""
        given = self.given.copy()
        if self.ticked:
            given[f"{PREFIX}-ticked"] = self.ticked
        return given.urlencode(safe=",")


class _Counted:
    """Chunks of columns on their way into a file, and how many rows they had so far."""

    def __init__(self, chunks: Iterator[list[Cells]]) -> None:
        self.chunks, self.rows = chunks, 0

    def __iter__(self) -> Iterator[list[Cells]]:
        for columns in self.chunks:
            self.rows += len(columns[0])
            yield columns


def _resumed(first: bytes, blocks: Iterator[bytes]) -> Iterator[bytes]:
    yield first
    yield from blocks


class ExportAdmin(admin.ModelAdmin):
    """A model whose rows leave the site as files, with a permission of its own."""

    change_list_template = "admin/careers/change_list.html"
    actions = ["export_ticked"]

    def has_export_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm(f"careers.export_{self.opts.model_name}")

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.export_view)
        name = f"careers_{self.opts.model_name}_export"
        return [path("export/", view, name=name), *super().get_urls()]

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        extra = {"may_export": self.has_export_permission(request), **(extra_context or {})}
        return super().changelist_view(request, extra)

    @admin.action(description=gettext_lazy("Export the ticked rows"), permissions=["export"])
    def export_ticked(self, request: HttpRequest, queryset: "QuerySet[Any]") -> HttpResponseBase:
        """To the export's screen: with the ticked rows, or all of the list where all are."""
        given = request.GET.copy()
        if request.POST.get("select_across") != "1":
            ticked = queryset.order_by().values_list("pk", flat=True)
            given[f"{PREFIX}-ticked"] = ",".join(map(str, sorted(ticked)))
        return HttpResponseRedirect(f"{self._address('export')}?{given.urlencode(safe=',')}")

    def export_view(self, request: HttpRequest) -> HttpResponseBase:
        """The screen that chooses columns and a kind of file, and then the file.

        Its rows are exactly those of the change list that the same query string shows, in its
        order.
        """
        if not self.has_export_permission(request):
            raise PermissionDenied
        if request.method != "GET":
            return HttpResponseNotAllowed(["GET"])
        own = request.GET
        try:
            question = self._question(request)
        except IncorrectLookupParameters:
            # The list says so itself; a file of all rows would not be what was asked.
            return HttpResponseRedirect(f"{self._address('changelist')}?{request.GET.urlencode()}")
        resource = resource_for(self.model)
        data = own if f"{PREFIX}-profile" in own else None
        form = ExportForm(resource, data, initial=self._initial(request, resource, own))
        if form.is_valid():
            try:
                return self._file(request, question, form.cleaned_data)
            except TableError as error:
                form.add_error(None, str(error))
        return self._screen(request, question, form)

    def _question(self, request: HttpRequest) -> Question:
        own = request.GET
        given = own.copy()
        for name in own:
            if name.startswith(f"{PREFIX}-") or name == PAGE_VAR:
                del given[name]
        request.GET = given  # type: ignore[assignment]
        changelist = self.get_changelist_instance(request)
        ticked = own.get(f"{PREFIX}-ticked", "")
        rows, count = changelist.queryset, changelist.result_count
        if ticked:
            if not re.fullmatch(r"\d{1,18}(,\d{1,18})*", ticked):
                raise BadRequest(f"{PREFIX}-ticked: numbers are expected, with commas between")
            rows = rows.filter(pk__in=ticked.split(","))
            count = rows.count()
        return Question(changelist, rows, count, given, ticked)

    def _initial(self, request: HttpRequest, resource: Resource, own: QueryDict) -> dict[str, Any]:
        """What the same user chose the last time, in whichever browser: the log knows."""
        every = [column.name for column in resource.shown()]
        profile = tables.EXCEL_FR.slug if active_language() == "fr" else "xlsx"
        initial = {"columns": every, "profile": profile}
        if last := Export.objects.latest_of(user_of(request), resource.name):
            initial = {"columns": last.columns, "profile": last.profile}
        tick = own.get(f"{PREFIX}-tick")
        if tick in ("all", "none"):
            initial["columns"] = every if tick == "all" else []
        return initial

    def _screen(
        self, request: HttpRequest, question: Question, form: ExportForm
    ) -> TemplateResponse:
        resource = resource_for(self.model)
        context = {
            **self._context(request),
            "title": _("Export"),
            "question": question,
            "order": ordered(question.changelist),
            "hidden": [
                (name, value) for name, values in question.given.lists() for value in values
            ],
            "form": form,
            "groups": self._groups(request, resource),
            "always": resource.always,
            "prefix": PREFIX,
        }
        return TemplateResponse(request, "admin/careers/export.html", context)

    def _groups(
        self, request: HttpRequest, resource: Resource
    ) -> list[tuple[str, list[tuple[str, str]]]]:
        """The columns that may be chosen, under the headings of the change form: names, titles."""
        own = {column.name for column in resource.columns} - {*resource.always}
        groups: dict[str, list[tuple[str, str]]] = {}
        for heading, options in self.get_fieldsets(request):
            group = groups.setdefault(str(heading or capfirst(self.opts.verbose_name)), [])
            for name in flatten(options["fields"]):
                if name in own:
                    field = self.opts.get_field(str(name))
                    group.append((str(name), capfirst(str(getattr(field, "verbose_name", name)))))
        labels = [
            (label.name, capfirst(str(label.title)))
            for label in resource.labels
            if not label.is_origin
        ]
        groups[_("For the reader alone: an import leaves them aside")] = labels
        return [(heading, group) for heading, group in groups.items() if group]

    def _file(
        self, request: HttpRequest, question: Question, chosen: dict[str, Any]
    ) -> StreamingHttpResponse:
        """The file, streamed; raises TableError where this kind of file cannot hold the rows."""
        resource, kind = resource_for(self.model), KINDS[chosen["profile"]]
        header = resource.header(chosen["columns"])
        what = str(self.opts.verbose_name_plural)
        names = file_name([what, *question.words], timezone.localtime(), kind.suffix)
        user = user_of(request)
        entry = Export.objects.create(
            user=user,
            username=user.get_username(),
            resource=resource.name,
            asked=" · ".join(filter(None, [*question.words, ordered(question.changelist)])),
            question=question.address,
            columns=header[:-1],
            profile=chosen["profile"],
            name=names[0],
        )
        chunks = _Counted(resource.chunks(question.rows, chosen["columns"]))
        blocks = entry.recorded(kind.write(header, chunks), lambda: chunks.rows)
        # What this kind of file cannot hold shows before the answer has begun.
        return StreamingHttpResponse(
            _resumed(next(blocks), blocks),
            headers={
                "Content-Type": kind.content_type,
                "Content-Disposition": disposition(*names),
                # Or GZipMiddleware would pack once more what is packed.
                **({"Content-Encoding": "identity"} if kind.is_packed else {}),
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
