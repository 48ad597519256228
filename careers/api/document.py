"""The OpenAPI 3.1 document, made from the operations that answer (docs/adr/0031)."""

import re
from typing import Any

from django import forms
from django.urls.converters import get_converters
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from careers.addresses import API
from careers.api.calls import Call
from careers.api.operations import OPERATIONS, Operation
from careers.api.problems import PROBLEM, Problem
from careers.api.schemas import Schema, Schemas, of_field

VERSION = "1.0.0"
_PLACE = re.compile(r"<(\w+):(\w+)>")
_ETAG = {"ETag": {"schema": {"type": "string"}}}


def openapi(call: Call) -> dict[str, Any]:
    """The document for the site of this call, in the active language."""
    return document(call.base)


def document(base: str) -> dict[str, Any]:
    schemas = Schemas()
    paths = {
        API + _PLACE.sub(r"{\2}", operation.route): {"get": _get(operation, schemas)}
        for operation in ALL
    }
    return {
        "openapi": "3.1.0",
        "info": {
            "title": _("Careers, plainly"),
            "version": VERSION,
            "description": _(
                "What a job is and what it pays: where, at which level, according to whom, and how "
                "sure that is. For reading, without a key. Amounts are texts and never stand "
                "without their conditions. Each source keeps its own licence."
            ),
        },
        "servers": [{"url": base}],
        "paths": paths,
        "components": {"schemas": schemas.components, "responses": _problems(schemas)},
    }


def _get(operation: Operation, schemas: Schemas) -> Schema:
    answers: Schema = {
        "200": {
            "description": str(operation.summary),
            "headers": _ETAG,
            "content": {"application/json": {"schema": schemas.of(operation.record)}},
        },
        "304": {"description": _("Unchanged since the answer with this ETag")},
        "400": {"$ref": "#/components/responses/Refused"},
        "429": {"$ref": "#/components/responses/TooMany"},
    }
    places = _PLACE.findall(operation.route)
    if places:
        answers["404"] = {"$ref": "#/components/responses/Missing"}
    if "slug" in operation.route or "code" in operation.route:
        answers["301"] = {"description": _("It has another address now")}
    return {
        "operationId": operation.name,
        "summary": str(operation.summary),
        "parameters": [
            *(_place(*place) for place in places),
            *(_parameter(name, field) for name, field in operation.parameters.items()),
        ],
        "responses": answers,
    }


def _place(converter: str, name: str) -> Schema:
    """A part of the address. An identifier is a text of digits; a code has no slash."""
    pattern = get_converters()[converter].regex
    return {
        "name": name,
        "in": "path",
        "required": True,
        "schema": {"type": "string", "pattern": f"^{pattern}$"},
    }


def _parameter(name: str, field: forms.Field) -> Schema:
    schema = of_field(field)
    shape = {"style": "form", "explode": True} if schema["type"] == "array" else {}
    return {
        "name": name,
        "in": "query",
        "description": str(field.label),
        "schema": schema,
        **shape,
    }


def _problems(schemas: Schemas) -> Schema:
    content = {PROBLEM: {"schema": schemas.of(Problem)}}
    wait = {"Retry-After": {"schema": {"type": "integer"}, "description": _("seconds to wait")}}
    return {
        "Refused": {"description": _("Something was not understood"), "content": content},
        "Missing": {"description": _("Nothing has this address"), "content": content},
        "TooMany": {
            "description": _("Too many requests within a minute"),
            "headers": wait,
            "content": content,
        },
    }


DOCUMENT = Operation(
    "openapi",
    "openapi.json",
    gettext_lazy("This document"),
    openapi,
    dict[str, object],
)
ALL = (*OPERATIONS, DOCUMENT)
