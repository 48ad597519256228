"""JSON Schema of what is asked and answered, made from the form fields and types that do it."""

from collections.abc import Mapping
from types import NoneType, UnionType
from typing import (
    Annotated,
    Any,
    Literal,
    NotRequired,
    Union,
    get_args,
    get_origin,
    get_type_hints,
    is_typeddict,
)

from django import forms
from django.utils.translation import gettext

from careers.figure_data import Keyword
from careers.models import ExchangeRate
from careers.models.region import CODE_LENGTH
from careers.parameters import (
    MAX_VALUES,
    ChoicesField,
    CurrencyField,
    RegionsField,
    SeveralField,
)

Schema = dict[str, Any]

# --- What is asked ----------------------------------------------------------------------------


def of_field(field: forms.Field) -> Schema:
    """What may stand in a parameter; several values are a list."""
    schema = _several(field) if isinstance(field, SeveralField) else _single(field)
    return schema if field.initial is None else {**schema, "default": field.initial}


def _several(field: SeveralField) -> Schema:
    if isinstance(field, ChoicesField):
        one: Schema = {"type": "string", "enum": field.values}
    elif isinstance(field, RegionsField):
        one = {"type": "string", "pattern": rf"^[A-Za-z0-9-]{{1,{CODE_LENGTH}}}$"}
    else:
        one = {"type": "string", "pattern": r"^[-a-zA-Z0-9_]+$"}
    return {"type": "array", "items": one, "minItems": 1, "maxItems": MAX_VALUES}


def _single(field: forms.Field) -> Schema:
    match field:
        case CurrencyField():
            return {"type": "string", "enum": ExchangeRate.objects.currencies()}
        case forms.ChoiceField():
            choices: Any = field.choices
            return {"type": "string", "enum": [key for key, _label in choices if key]}
        case forms.IntegerField():
            ends = {"minimum": field.min_value, "maximum": field.max_value}
            return {"type": "integer", **ends}
        case forms.DateField():
            return {"type": "string", "format": "date"}
        case forms.CharField():
            return {"type": "string", "minLength": 1, "maxLength": field.max_length}
    raise TypeError(f"No schema for {field!r}")


# --- What is answered -------------------------------------------------------------------------


class Schemas:
    """The schemas of types; each TypedDict stands once, by its name, in `components`."""

    def __init__(self) -> None:
        self.components: dict[str, Schema] = {}

    def of(self, kind: Any) -> Schema:
        origin, arguments = get_origin(kind), get_args(kind)
        if origin is Annotated:
            return self._annotated(arguments[0], arguments[1:])
        if origin in (Union, UnionType):
            return self._one_of(arguments)
        if origin is list:
            return {"type": "array", "items": self.of(arguments[0])}
        if origin is dict:
            return {"type": "object", "additionalProperties": self.of(arguments[1])}
        if origin is Literal:
            return {"enum": list(arguments)}
        return self._named(kind) if is_typeddict(kind) else dict(_PLAIN[kind])

    def _one_of(self, kinds: tuple[Any, ...]) -> Schema:
        schemas = [self.of(kind) for kind in kinds if kind is not NoneType]
        return {"anyOf": [*schemas, {"type": "null"}]}

    def _named(self, kind: Any) -> Schema:
        if kind.__name__ not in self.components:
            self.components[kind.__name__] = {}  # known before its parts are: they may name it
            self.components[kind.__name__] = self._object(kind)
        return {"$ref": f"#/components/schemas/{kind.__name__}"}

    def _object(self, kind: Any) -> Schema:
        hints = get_type_hints(kind, include_extras=True)
        required = [name for name, hint in hints.items() if get_origin(hint) is not NotRequired]
        properties = {
            name: self.of(get_args(hint)[0] if get_origin(hint) is NotRequired else hint)
            for name, hint in hints.items()
        }
        return {"type": "object", "properties": properties, "required": required}

    def _annotated(self, kind: Any, notes: tuple[Any, ...]) -> Schema:
        schema = self.of(kind)
        for note in notes:
            match note:
                case Keyword():
                    schema[note.name] = note.value
                case str():
                    schema["description"] = gettext(note)
                case _:
                    schema = self._of_codes(kind, note)
        return schema

    def _of_codes(self, kind: Any, choices: Any) -> Schema:
        """A Coded, or a type with more keys, whose `code` is one of these choices."""
        codes: list[str | None] = [code for code in choices.values if code]
        if hasattr(choices, "__empty__"):
            codes.append(None)
        known = self._object(kind)
        return {**known, "properties": {**known["properties"], "code": {"enum": codes}}}


_PLAIN: Mapping[Any, Schema] = {
    str: {"type": "string"},
    int: {"type": "integer"},
    bool: {"type": "boolean"},
    object: {},
    NoneType: {"type": "null"},
}
