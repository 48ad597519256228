"""One column of the open data: what a file writes, and what its Table Schema promises of it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db.models import Model
from django.utils.functional import Promise

from careers.tables import Cell, Cells

# Types of Table Schema (https://specs.frictionlessdata.io/table-schema/) by those of Django.
KINDS = {
    "BooleanField": "boolean",
    "DateField": "date",
    "DateTimeField": "datetime",
    "DecimalField": "number",
    "PositiveSmallIntegerField": "integer",
}


@dataclass(frozen=True)
class Column:
    """What `said` makes of the columns at `paths`; without it, the one column as it is.

    `values` are the codes it may hold, by their words; `refers` is a table whose key it holds.
    """

    name: str
    title: str | Promise
    paths: tuple[str, ...]
    kind: str = "string"
    said: Callable[..., Cells] | None = None
    is_required: bool = False
    is_key: bool = False
    values: tuple[tuple[str, str | Promise], ...] = ()
    most: int | None = None
    refers: str = ""

    def cells(self, read: dict[str, Cells]) -> Cells:
        if self.said is None:
            return read[self.paths[0]]
        return self.said(*(read[path] for path in self.paths))

    def in_json(self, cells: Cells) -> list[Any]:
        """The cells as JSON has them: amounts and days as text, so that no reader rounds them,
        and null for what is not stated."""
        if self.kind in ("number", "date", "datetime"):
            return [text or None for text in cells.as_data]
        if self.kind == "string":
            return [text or None for text in cells]
        return list(cells)


def each(said: Callable[..., Cell]) -> Callable[..., Cells]:
    """What says columns, of what says one row."""
    return lambda *columns: Cells(map(said, *columns))


def of(model: type[Model], *names: str, **options: Any) -> list[Column]:
    """The plain columns of a model, called and typed as its fields are."""
    return [_of(model, name, **options) for name in names]


def _of(model: type[Model], name: str, **options: Any) -> Column:
    field: Any = model._meta.get_field(name)
    known = {
        "title": field.verbose_name,
        "paths": (name,),
        "kind": KINDS.get(field.get_internal_type(), "string"),
        "is_required": not (field.blank or field.null),
        "values": tuple((value, label) for value, label in field.flatchoices if value),
        "most": field.max_length if not field.choices else None,
    }
    return Column(name, **{**known, **options})
