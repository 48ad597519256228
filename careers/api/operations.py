"""The addresses of the API: what stands where, what may be asked of it, and which view answers."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django import forms
from django.http import Http404, HttpRequest, HttpResponse, HttpResponsePermanentRedirect
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override

from careers.api import resources
from careers.api.calls import Call, language_of
from careers.api.problems import Moved, Refused, as_json, problem
from careers.api.questions import (
    BandsForm,
    CareersForm,
    InLanguage,
    RegionsForm,
    RowsForm,
    fields_of,
    understood,
)
from careers.api.records import (
    BandList,
    CareerList,
    CareerRecord,
    FieldList,
    FieldRecord,
    Home,
    RegionList,
    RegionRecord,
    SourceList,
    SourceRecord,
)
from careers.figure_data import FigureInSeries
from careers.filters import CareerFilter
from careers.shared_pages import named, shared

View = Callable[..., HttpResponse]


@dataclass(frozen=True)
class Operation:
    """One address: `route` is Django's, `answer` makes a `record` of a Call."""

    name: str
    route: str
    summary: str | Promise
    answer: Callable[..., Any]
    record: Any
    form: type[forms.Form] = InLanguage
    asks_for_careers: bool = False
    is_kept: bool = True

    @property
    def parameters(self) -> dict[str, forms.Field]:
        """All that may be asked, by name."""
        if not self.asks_for_careers:
            return fields_of(self.form())
        return fields_of(CareerFilter(), self.form())

    @cached_property
    def view(self) -> View:
        return (shared if self.is_kept else named)(self._respond)

    def _respond(self, request: HttpRequest, **named_by: Any) -> HttpResponse:
        with override(language_of(request)):
            call = Call.of(request)
            try:
                if self.form is InLanguage:
                    # Nothing else is asked of it, so its answer reads nothing.
                    understood(call.data, InLanguage(call.data))
                record = self.answer(call, **named_by)
            except Refused as refused:
                return problem(request, 400, refusals=refused.refusals)
            except Moved as moved:
                query = request.GET.urlencode()
                return HttpResponsePermanentRedirect(f"{moved.path}{'?' if query else ''}{query}")
            except Http404 as missing:
                return problem(request, 404, str(missing))
            response = as_json(request, record)
        if link := _link(record):
            response["Link"] = link
        return response


def _link(record: Any) -> str:
    """The links of a list as a header, too (RFC 8288)."""
    links = record.get("links", {}) if isinstance(record, dict) else {}
    return ", ".join(
        f'<{address}>; rel="{name}"'
        for name, address in links.items()
        if address and name != "self"
    )


OPERATIONS = (
    Operation("home", "", _("Where everything is"), resources.home, Home),
    Operation(
        "career_list",
        "careers/",
        _("The careers that answer a question, in the groups and the order of the page"),
        resources.career_list,
        CareerList,
        CareersForm,
        asks_for_careers=True,
    ),
    Operation(
        "career_detail",
        "careers/<slug:slug>/",
        _("One career: its texts and codes"),
        resources.career_detail,
        CareerRecord,
    ),
    Operation(
        "band_list",
        "bands/",
        _("Figures with all their conditions, to be walked from the first to the last"),
        resources.band_list,
        BandList,
        BandsForm,
        is_kept=False,
    ),
    Operation(
        "band_detail",
        "bands/<int:pk>/",
        _("One figure, with what its source said before and since"),
        resources.band_detail,
        FigureInSeries,
    ),
    Operation(
        "region_list",
        "regions/",
        _("The regions with figures and those around them, in the order of the tree"),
        resources.region_list,
        RegionList,
        RegionsForm,
    ),
    Operation(
        "region_detail",
        "regions/<str:code>/",
        _("One region"),
        resources.region_detail,
        RegionRecord,
    ),
    Operation(
        "source_list",
        "sources/",
        _("The sources, with their licences"),
        resources.source_list,
        SourceList,
        RowsForm,
    ),
    Operation(
        "source_detail",
        "sources/<slug:slug>/",
        _("One source"),
        resources.source_detail,
        SourceRecord,
    ),
    Operation(
        "field_list",
        "fields/",
        _("The fields of work that have careers"),
        resources.field_list,
        FieldList,
        RowsForm,
    ),
    Operation(
        "field_detail",
        "fields/<slug:slug>/",
        _("One field of work"),
        resources.field_detail,
        FieldRecord,
    ),
)
