"""Reads a file against the site: one planned row for each of its rows, and nothing written."""

from collections.abc import Iterator
from copy import copy
from typing import Any, NamedTuple

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Model
from django.utils.translation import gettext as _

from careers.models import Career, SalaryBand
from careers.resources.columns import Ambiguous, Column, Reference, Unreadable
from careers.resources.plan import CAUTIOUS, CellError, Change, Options, Plan, PlannedRow, Verdict
from careers.resources.resource import VERSION, Finder, Resource
from careers.tables import Row, Table, TableError

PUBLISHED = Career.Status.PUBLISHED


def plan(resource: Resource, table: Table, options: Options = CAUTIOUS) -> Plan:
    """What importing `table` would do, row by row; nothing is written.

    Raises TableError where the table lacks a column that no row can do without.
    """
    return _Planner(resource, table, options).plan()


class _ReadRow(NamedTuple):
    """A row by column name: its cells as the file has them, their values, what is unreadable."""

    number: int
    cells: dict[str, str]
    values: dict[str, Any]
    errors: list[CellError]


class _Planner:
    def __init__(self, resource: Resource, table: Table, options: Options) -> None:
        self.resource, self.table, self.options = resource, table, options
        self.columns = resource.named(table.header)
        present = {column.name for column in self.columns.values()}
        if lacking := [name for name in resource.required if name not in present]:
            raise TableError(_("The file lacks these columns: %s.") % ", ".join(lacking))
        self.references = [c.name for c in resource.columns if isinstance(c, Reference)]
        self.finders = resource.finders()
        self.made: list[Model] = []
        self.seen: dict[tuple[Any, ...], int] = {}

    def plan(self) -> Plan:
        read = [self._read(row) for row in self.table.rows]
        self.known = self._known([row.values for row in read if not row.errors])
        rows = [self._planned(row) for row in read]
        for row, error in self.resource.review(rows):
            row.verdict, row.errors = Verdict.REFUSED, [*row.errors, error]
        labels = {VERSION, *(label.name for label in self.resource.labels)}
        unread = [
            name
            for name in self.table.header
            if name and name not in self.columns and name not in labels
        ]
        return Plan(self.resource, rows, self.made, unread)

    # --- Reading cells ------------------------------------------------------------------------

    def _read(self, row: Row) -> _ReadRow:
        cells = self.resource.complete(
            {
                self.columns[name].name: cell
                for name, cell in row.cells.items()
                if name in self.columns
            }
        )
        values: dict[str, Any] = {}
        errors: list[CellError] = []
        for column in self.resource.columns:
            if column.name in cells:
                try:
                    values[column.name] = self._value(column, cells[column.name])
                except Unreadable as error:
                    errors.append(CellError(column.name, cells[column.name], str(error)))
            elif column.name in self.resource.key:
                values[column.name] = self._default(column)
        self._offer_as_reference(values, errors)
        return _ReadRow(row.number, cells, values, errors)

    def _value(self, column: Column, text: str) -> Any:
        try:
            return column.read(text, self.finders)
        except Ambiguous:
            raise
        except Unreadable:
            make = self.resource.missing.get(column.name)
            if not (make and self.options.create_missing and text.strip()):
                raise
        made = make(text.strip())
        try:
            # The slug is made when it is saved, next to those that are there by then.
            made.clean_fields(exclude=["slug"])
        except ValidationError as error:
            raise Unreadable(" ".join(error.messages)) from error
        self.made.append(made)
        self.finders[column.name].add(made)
        return made

    def _default(self, column: Column) -> Any:
        model_field = self.resource.model._meta.get_field(column.name)
        assert isinstance(model_field, models.Field)
        return model_field.get_default()

    def _offer_as_reference(self, values: dict[str, Any], errors: list[CellError]) -> None:
        """Let later rows refer to this one: a region's parts follow it in the same file."""
        finder: Finder | None = self.finders.get("parent")
        if finder and not errors and finder.by_key(values["code"]) is None:
            finder.add(self.resource.model(**values))

    # --- Comparing with what the site has -----------------------------------------------------

    def _known(self, rows: list[dict[str, Any]]) -> dict[tuple[Any, ...], Model]:
        """The site's objects that the rows may be about, by their natural key."""
        first = self.resource.key[0]
        wanted = {row[first].pk if isinstance(row[first], Model) else row[first] for row in rows}
        wanted.discard(None)
        found = self.resource.model._default_manager.filter(**{f"{first}__in": wanted})
        if self.references:
            found = found.select_related(*self.references)
        return {self._key(_attributes(each, self.resource.key)): each for each in found}

    def _key(self, values: dict[str, Any]) -> tuple[Any, ...]:
        return tuple(
            value.pk or id(value) if isinstance(value, Model) else value
            for value in (values[name] for name in self.resource.key)
        )

    def _planned(self, row: _ReadRow) -> PlannedRow:
        if row.errors:
            return PlannedRow(row.number, Verdict.REFUSED, errors=self._all_errors(row))
        key = self._key(row.values)
        if key in self.seen:
            message = _("this row says the same again as row %d") % self.seen[key]
            return PlannedRow(row.number, Verdict.REFUSED, errors=[CellError("", "", message)])
        self.seen[key] = row.number
        known = self.known.get(key)
        instance = copy(known) if known else self._new(row.values)
        changes = list(self._changes(instance, row.values, is_new=known is None))
        if known and not changes:
            return PlannedRow(row.number, Verdict.UNCHANGED, instance)
        for name, value in row.values.items():
            setattr(instance, name, value)
        errors = [*self._errors(instance, row.cells), *self._publishing(instance, known)]
        if errors:
            return PlannedRow(row.number, Verdict.REFUSED, errors=errors)
        verdict = Verdict.CHANGED if known else Verdict.NEW
        return PlannedRow(row.number, verdict, instance, changes)

    def _new(self, values: dict[str, Any]) -> Model:
        """A new object; for a region the very one that later rows already refer to."""
        finder = self.finders.get("parent")
        return (finder and finder.by_key(values["code"])) or self.resource.model()

    def _changes(
        self, instance: Model, values: dict[str, Any], *, is_new: bool
    ) -> Iterator[Change]:
        for column in self.resource.columns:
            new = values.get(column.name)
            if is_new and new not in ("", None):
                yield Change(column.name, "", new)
            elif not is_new and column.name in values:
                old = column.assigned(instance)
                if old != new:
                    yield Change(column.name, old, new)

    # --- What is wrong ------------------------------------------------------------------------

    def _all_errors(self, row: _ReadRow) -> list[CellError]:
        """The unreadable cells, and what is wrong beside them where the rest can be judged."""
        if not {error.column for error in row.errors} <= set(self.references):
            return row.errors
        readable = {n: v for n, v in row.values.items() if n not in self.references}
        return [*row.errors, *self._errors(self.resource.model(**readable), row.cells)]

    def _errors(self, instance: Model, cells: dict[str, str]) -> Iterator[CellError]:
        """What the model's own rules have against the row; each cell quoted as the file has it."""
        written = {column.name for column in self.resource.columns}
        try:
            instance.clean_fields(exclude=self.references)
            instance.clean()
            if not self.resource.in_bulk:
                # In bulk, `clean` says the same without asking the database for each row.
                instance.validate_constraints()
        except ValidationError as error:
            for name, messages in error.message_dict.items():
                column = name if name in written else ""
                yield from (CellError(column, cells.get(column, ""), said) for said in messages)

    def _publishing(self, instance: Model, known: Model | None) -> Iterator[CellError]:
        """Whoever may not publish changes drafts only, here as in the admin."""
        if self.options.may_publish:
            return
        column = "career" if isinstance(instance, SalaryBand) else ""
        careers = (getattr(each, "career", each) for each in (instance, known))
        if any(isinstance(each, Career) and each.status == PUBLISHED for each in careers):
            yield CellError(column, "", _("only those who may publish change what is published"))


def _attributes(instance: Model, names: tuple[str, ...]) -> dict[str, Any]:
    return {name: getattr(instance, name) for name in names}
