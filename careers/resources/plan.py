"""An import: first a plan that writes nothing and names every error, then all of it at once."""

from collections.abc import Iterator
from copy import copy
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import Model
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from careers.models import Career, SalaryBand, derive
from careers.models.salary_band import DERIVED
from careers.resources.columns import Column, Reference, Unreadable
from careers.resources.resource import Finder, Resource
from careers.tables import Row, Table, TableError

BATCH = 500


class Verdict(models.TextChoices):
    NEW = "new", gettext_lazy("New")
    CHANGED = "changed", gettext_lazy("Changed")
    UNCHANGED = "unchanged", gettext_lazy("Unchanged")
    REFUSED = "refused", gettext_lazy("Refused")


class Options(NamedTuple):
    """`create_missing`: careers that a band names and the site lacks become drafts, and its
    sources are recorded. `may_publish`: a row may publish or unpublish a career."""

    create_missing: bool = False
    may_publish: bool = True


CAUTIOUS = Options()


class Change(NamedTuple):
    column: str
    old: Any
    new: Any


class CellError(NamedTuple):
    """What is wrong, in which column (empty for the whole row), with which value."""

    column: str
    value: str
    message: str


@dataclass
class PlannedRow:
    """One row of the file and what the import would make of it."""

    number: int
    verdict: Verdict
    instance: Model | None = None
    changes: list[Change] = field(default_factory=list)
    errors: list[CellError] = field(default_factory=list)


@dataclass
class Plan:
    """What an import would do. `made` are the objects it would create on the way; `unread` the
    columns of the file that the site does not know."""

    resource: Resource
    rows: list[PlannedRow]
    made: list[Model]
    unread: list[str]

    def having(self, verdict: Verdict) -> list[PlannedRow]:
        return [row for row in self.rows if row.verdict == verdict]

    @property
    def counts(self) -> dict[Verdict, int]:
        return {verdict: len(self.having(verdict)) for verdict in Verdict}

    @property
    def is_refused(self) -> bool:
        return bool(self.having(Verdict.REFUSED)) or not self.rows

    def only_new(self) -> "Plan":
        """The same without the rows that would change what the site has."""
        kept = [row for row in self.rows if row.verdict != Verdict.CHANGED]
        return replace(self, rows=kept)


def plan(resource: Resource, table: Table, options: Options = CAUTIOUS) -> Plan:
    """What importing `table` would do, row by row; nothing is written.

    Raises TableError where the table lacks a column that no row can do without.
    """
    return _Planner(resource, table, options).plan()


@transaction.atomic
def apply(plan: Plan) -> int:
    """Write a plan, all of it or nothing; return how many objects were added or changed.

    Raises ValueError where the plan has refused rows.
    """
    if plan.is_refused:
        raise ValueError("a plan with refused rows is never written")
    for made in plan.made:
        made.save()
    new = [row.instance for row in plan.having(Verdict.NEW) if row.instance]
    changed = [row.instance for row in plan.having(Verdict.CHANGED) if row.instance]
    if plan.resource.in_bulk:
        bands = [each for each in (*new, *changed) if isinstance(each, SalaryBand)]
        derive(bands)
        fields = [column.name for column in plan.resource.columns]
        SalaryBand.objects.bulk_create(bands[: len(new)], batch_size=BATCH)
        # An upsert by primary key: bulk_update's CASE for each cell takes ten times as long.
        SalaryBand.objects.bulk_create(
            bands[len(new) :],
            batch_size=BATCH,
            update_conflicts=True,
            unique_fields=["id"],
            update_fields=[*fields, *DERIVED],
        )
    else:
        for each in (*new, *changed):
            each.save()
    return len(new) + len(changed)


class _Planner:
    def __init__(self, resource: Resource, table: Table, options: Options) -> None:
        self.resource, self.table, self.options = resource, table, options
        self.columns = resource.named(table.header)
        present = {column.name for column in self.columns.values()}
        if lacking := [name for name in resource.required if name not in present]:
            raise TableError(_("The file lacks these columns: %s.") % ", ".join(lacking))
        self.finders = resource.finders()
        self.made: list[Model] = []
        self.seen: dict[tuple[Any, ...], int] = {}

    def plan(self) -> Plan:
        read = [(row.number, *self._read(row)) for row in self.table.rows]
        self.known = self._known([values for _number, values, errors in read if not errors])
        rows = [self._planned(*each) for each in read]
        labels = {label.name for label in self.resource.labels}
        unread = [
            name
            for name in self.table.header
            if name and name not in self.columns and name not in labels
        ]
        return Plan(self.resource, rows, self.made, unread)

    # --- Reading cells ------------------------------------------------------------------------

    def _read(self, row: Row) -> tuple[dict[str, Any], list[CellError]]:
        """The row's values by column name, and what could not be read."""
        given = {
            self.columns[name].name: cell
            for name, cell in row.cells.items()
            if name in self.columns
        }
        given = self.resource.complete(given)
        values: dict[str, Any] = {}
        errors: list[CellError] = []
        for column in self.resource.columns:
            if column.name in given:
                try:
                    values[column.name] = self._value(column, given[column.name])
                except Unreadable as error:
                    errors.append(CellError(column.name, given[column.name], str(error)))
            elif column.name in self.resource.key:
                values[column.name] = self._default(column)
        self._offer_as_reference(values, errors)
        return values, errors

    def _value(self, column: Column, text: str) -> Any:
        try:
            return column.read(text, self.finders)
        except Unreadable:
            make = self.resource.missing.get(column.name)
            if not (make and self.options.create_missing and text.strip()):
                raise
        made = make(text.strip())
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
        if finder and not errors and finder(values["code"]) is None:
            finder.add(self.resource.model(**values))

    # --- Comparing with what the site has -----------------------------------------------------

    def _known(self, rows: list[dict[str, Any]]) -> dict[tuple[Any, ...], Model]:
        """The site's objects that the rows may be about, by their natural key."""
        first = self.resource.key[0]
        wanted = {row[first].pk if isinstance(row[first], Model) else row[first] for row in rows}
        wanted.discard(None)
        found = self.resource.model._default_manager.filter(**{f"{first}__in": wanted})
        related = [column.name for column in self.resource.columns if isinstance(column, Reference)]
        if related:
            found = found.select_related(*related)
        return {self._key(_attributes(each, self.resource.key)): each for each in found}

    def _key(self, values: dict[str, Any]) -> tuple[Any, ...]:
        return tuple(
            value.pk or id(value) if isinstance(value, Model) else value
            for value in (values[name] for name in self.resource.key)
        )

    def _planned(self, number: int, values: dict[str, Any], errors: list[CellError]) -> PlannedRow:
        if errors:
            return PlannedRow(number, Verdict.REFUSED, errors=errors)
        key = self._key(values)
        if key in self.seen:
            message = _("this row says the same again as row %d") % self.seen[key]
            return PlannedRow(number, Verdict.REFUSED, errors=[CellError("", "", message)])
        self.seen[key] = number
        known = self.known.get(key)
        instance = copy(known) if known else self._new(values)
        changes = list(self._changes(instance, values, is_new=known is None))
        if known and not changes:
            return PlannedRow(number, Verdict.UNCHANGED, instance)
        for name, value in values.items():
            setattr(instance, name, value)
        errors = list(self._errors(instance, known))
        if errors:
            return PlannedRow(number, Verdict.REFUSED, errors=errors)
        verdict = Verdict.CHANGED if known else Verdict.NEW
        return PlannedRow(number, verdict, instance, changes)

    def _new(self, values: dict[str, Any]) -> Model:
        """A new object; for a region the very one that later rows already refer to."""
        offered = self.finders["parent"](values["code"]) if "parent" in self.finders else None
        return offered or self.resource.model()

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

    def _errors(self, instance: Model, known: Model | None) -> Iterator[CellError]:
        """What the model's own rules have against the row."""
        references = [c.name for c in self.resource.columns if isinstance(c, Reference)]
        written = {column.name for column in self.resource.columns}
        try:
            instance.clean_fields(exclude=references)
            instance.clean()
        except ValidationError as error:
            for name, messages in error.message_dict.items():
                column = name if name in written else ""
                value = str(getattr(instance, column) or "") if column else ""
                yield from (CellError(column, value, message) for message in messages)
        if isinstance(instance, Career) and not self.options.may_publish:
            former = known.status if isinstance(known, Career) else Career.Status.DRAFT
            if instance.status != former:
                message = _("you may not publish or unpublish careers")
                yield CellError("status", instance.status, message)


def _attributes(instance: Model, names: tuple[str, ...]) -> dict[str, Any]:
    return {name: getattr(instance, name) for name in names}
