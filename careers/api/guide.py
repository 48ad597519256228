"""The readable page of the API: its addresses, parameters and keys, with answers of this site."""

import json
from typing import Any, NamedTuple
from urllib.parse import unquote

from django.http import HttpRequest, QueryDict
from django.template.response import TemplateResponse
from django.views.decorators.http import require_safe

from careers.addresses import API, resource
from careers.api import resources
from careers.api.calls import Call
from careers.api.document import ALL, document
from careers.api.problems import Refused
from careers.models import SalaryBand
from careers.shared_pages import shared

# Three conditions that most sites can answer, and a question with two mistakes.
QUESTION = "region=FR&salary_min=80000&level=senior&size=1"
MISTAKES = "level=expert&salary_min=lots"
_CODES_SHOWN = 12


class Key(NamedTuple):
    """A parameter or a key of an answer: its name, what it holds, and what that means."""

    name: str
    holds: str
    means: str


class Resource(NamedTuple):
    """One address, with what may be asked of it."""

    name: str
    path: str
    summary: str
    parameters: list[Key]


class Example(NamedTuple):
    """A request and what this site answers to it."""

    address: str
    answer: str


@require_safe
@shared
def api_guide(request: HttpRequest) -> TemplateResponse:
    base = Call.of(request).base
    described = document(base)
    schemas = described["components"]["schemas"]
    context = {
        "base": f"{base}{API}",
        "openapi": resource("openapi"),
        "resources": _resources(described),
        "figure": _keys(schemas["Figure"]["properties"]),
        "question": _careers(base),
        "band": _band(base),
        "refused": _refused(base),
    }
    return TemplateResponse(request, "careers/api_guide.html", context)


def _resources(described: dict[str, Any]) -> list[Resource]:
    return [
        Resource(
            operation.name,
            path,
            str(operation.summary),
            [
                Key(each["name"], _holds(each["schema"]), each["description"])
                for each in described["paths"][path]["get"]["parameters"]
                if each["in"] == "query" and each["name"] != "lang"
            ],
        )
        for operation, path in zip(ALL, described["paths"], strict=True)
    ]


def _keys(properties: dict[str, Any]) -> list[Key]:
    return [
        Key(name, "", schema.get("description", ""))
        for name, schema in properties.items()
        if schema.get("description")
    ]


def _holds(schema: dict[str, Any]) -> str:
    """The values of a parameter, as they may be typed; "" where its words say it."""
    one = schema.get("items", schema)
    values = one.get("enum", [])
    if values:
        shown = ", ".join(values[:_CODES_SHOWN])
        return f"{shown}…" if len(values) > _CODES_SHOWN else shown
    if one["type"] == "integer":
        return f"{one['minimum']}–{one['maximum']}"
    return ""


def _call(base: str, name: str, query: str = "", *arguments: object) -> Call:
    return Call(base, resource(name, *arguments), QueryDict(query))


def _careers(base: str) -> Example | None:
    call = _call(base, "career_list", QUESTION)
    try:
        return _example(call, resources.career_list(call))
    except Refused:  # a site without France
        return None


def _band(base: str) -> Example | None:
    band = SalaryBand.objects.published().current().order_by("pk").first()
    if band is None:
        return None
    call = _call(base, "band_detail", "", band.pk)
    return _example(call, resources.band_detail(call, band.pk))


def _refused(base: str) -> Example | None:
    call = _call(base, "career_list", MISTAKES)
    try:
        resources.career_list(call)
    except Refused as refused:
        return _example(call, {"errors": refused.refusals})
    return None


def _example(call: Call, record: Any) -> Example:
    answer = json.dumps(record, ensure_ascii=False, indent=2)
    return Example(unquote(call.address), answer)
