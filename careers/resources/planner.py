"""Reads a file against the site: one planned row for each of its rows, and nothing written."""

from collections.abc import Iterable, Iterator
from copy import copy
from functools import reduce
from itertools import groupby
from operator import or_
from typing import Any, NamedTuple

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Model, Q
from django.utils.translation import gettext as _

from careers.models import Career, Region, SalaryBand
from careers.resources.columns import Ambiguous, Column, Reference, Unreadable
from careers.resources.plan import CAUTIOUS, CellError, Change, Options, Plan, PlannedRow, Verdict
from careers.resources.resource import VERSION, Finder, Resource
from careers.spreadsheets import Computed
from careers.tables import Row, Table, TableError

PUBLISHED = Career.Status.PUBLISHED
# Objects read from the database at a time.
CHUNK = 2000
# Keys that a query asks for: an expression of SQLite is no deeper than 1,000 conditions.
ASKED = 500
# Texts up to this length are worth remembering.
SHORT = 100
# So many distinct cells are; then others take their place.
REMEMBERED = 100_000


def plan(resource: Resource, table: Table, options: Options = CAUTIOUS) -> Plan:
    """What importing `table` would do, row by row; nothing is written.

    Raises TableError where the table lacks a column that no row can do without.
    """
    return _Planner(resource, table, options).plan(table)


def plans(
    resource: Resource, parts: Iterable[Table], options: Options = CAUTIOUS
) -> Iterator[Plan]:
    """The same for a table in parts: each is planned when the one before it was written.

    For files whose plan would fill the memory. What one part makes, the next ones find, and a row
    that says again what a row of an earlier part says is refused. Models whose rows are right
    only together (`Resource.review`) are planned whole.
    """
    planner = None
    for part in parts:
        planner = planner or _Planner(resource, part, options)
        yield planner.plan(part)


class _ReadRow(NamedTuple):
    """A row by column name: its cells as the file has them, their values, what is wrong with
    them, and whether a value is missing because its cell could not be read."""

    row: Row
    cells: dict[str, str]
    values: dict[str, Any]
    errors: list[CellError]
    lacking: bool


class _Judged(NamedTuple):
    """A cell's value, or why it has none; and what its field has against it."""

    value: Any
    is_readable: bool
    messages: list[str]


class _Planner:
    def __init__(self, resource: Resource, table: Table, options: Options) -> None:
        self.resource, self.options = resource, options
        self.columns = resource.named(table.header)
        self.headings = {column.name: heading for heading, column in self.columns.items()}
        if lacking := [name for name in resource.required if name not in self.headings]:
            raise TableError(_("The file lacks these columns: %s.") % ", ".join(lacking))
        self.references = [c.name for c in resource.columns if isinstance(c, Reference)]
        self.fields = {
            column.name: resource.model._meta.get_field(column.name) for column in resource.columns
        }
        self.finders = resource.finders()
        self.made: list[Model] = []
        # By the hash of their keys: half a million of those would fill the memory.
        self.seen: dict[int, int] = {}
        # 70,000 rows say the same few hundred things again and again.
        self.judged: dict[tuple[str, str], _Judged] = {}
        self.absent: dict[frozenset[str], list[CellError]] = {}

    def plan(self, part: Table) -> Plan:
        self.made = []
        read = [self._read(row) for row in part.rows]
        self.known = self._known([row.values for row in read if self._has_key(row.values)])
        rows = [self._planned(row) for row in read]
        for row, error in self.resource.review(rows) if self.resource.review else ():
            row.verdict, row.errors = Verdict.REFUSED, [*row.errors, error]
        self._refuse_orphans(rows)
        unread = [
            name
            for name in part.header
            if name and name not in self.columns and name not in self.resource.beside
        ]
        return Plan(self.resource, part, rows, self.made, unread, self.headings)

    # --- Reading cells ------------------------------------------------------------------------

    def _read(self, row: Row) -> _ReadRow:
        given = {
            self.columns[name].name: cell
            for name, cell in row.cells.items()
            if name in self.columns
        }
        completed = self.resource.complete(given)
        # What a formula gives is not known here, whatever the cell was completed to.
        cells = completed | {n: c for n, c in given.items() if isinstance(c, Computed)}
        values: dict[str, Any] = {}
        errors: list[CellError] = []
        lacking = False
        for column in self.resource.columns:
            name = column.name
            if name not in cells:
                if name in self.resource.key:
                    values[name] = self._default(column)
                continue
            judged = self._judge(column, cells[name])
            quoted = given.get(name, cells[name])
            errors += [CellError(name, quoted, message) for message in judged.messages]
            if judged.is_readable:
                values[name] = judged.value
            elif name not in self.references:
                lacking = True
        errors += [
            CellError(name, given.get(name, cells[name]), why)
            for name, why in self.resource.doubts(cells, values)
        ]
        if row.why:
            errors.append(CellError("", "", row.why))
            lacking = True
        self._offer_as_reference(values, errors)
        return _ReadRow(row, completed | given, values, errors, lacking)

    def _judge(self, column: Column, text: str) -> _Judged:
        """The cell read and validated; each distinct one once, but for long texts."""
        if isinstance(text, Computed):
            return _Judged(None, False, [_("a formula or an error: paste the value instead")])
        key = (column.name, text)
        if judged := self.judged.get(key):
            return judged
        judged = self._judge_anew(column, text)
        if len(text) <= SHORT:
            if len(self.judged) >= REMEMBERED:
                self.judged.clear()
            self.judged[key] = judged
        return judged

    def _judge_anew(self, column: Column, text: str) -> _Judged:
        try:
            value = self._value(column, text)
        except Unreadable as error:
            return _Judged(None, False, [str(error)])
        if column.name in self.references:
            return _Judged(value, True, [])
        model_field = self.fields[column.name]
        assert isinstance(model_field, models.Field)
        if model_field.blank and value in model_field.empty_values:
            return _Judged(value, True, [])
        try:
            return _Judged(model_field.clean(value, None), True, [])
        except ValidationError as error:
            empty = [_("this cell cannot be empty")]  # the field would speak of null
            told = empty if value is None else column.told(value, error.messages)
            return _Judged(value, True, told)

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
        model_field = self.fields[column.name]
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
        # The finders have read all that is referred to; a join would read it once for each row.
        others = {
            name: {each.pk: each for each in self.finders[name].all} for name in self.references
        }
        objects = self.resource.model._default_manager.all()
        if self.options.for_update:
            objects = objects.select_for_update()
        known = {}
        for wanted in self._wanted(rows):
            for instance in objects.filter(wanted).iterator(chunk_size=CHUNK):
                for name, by_pk in others.items():
                    if pk := getattr(instance, f"{name}_id"):
                        setattr(instance, name, by_pk[pk])
                key = self._key({name: getattr(instance, name) for name in self.resource.key})
                known[key] = instance
        return known

    def _wanted(self, rows: list[dict[str, Any]]) -> Iterator[Q]:
        """What finds these objects, some at a time: the first two columns of their key.

        Career by career: rows in no order are about all careers and all regions, and asked for
        at once these have every band of the site in common.
        """
        names = self.resource.key[:2]
        keys = {tuple(getattr(row[name], "pk", row[name]) for name in names) for row in rows}
        ordered = sorted(key for key in keys if None not in key)
        for start in range(0, len(ordered), ASKED):
            some = ordered[start : start + ASKED]
            each_first = groupby(some, lambda key: key[0] if len(names) > 1 else "")
            yield reduce(or_, (_among(names, group) for _first, group in each_first))

    def _has_key(self, values: dict[str, Any]) -> bool:
        return all(name in values for name in self.resource.key)

    def _key(self, values: dict[str, Any]) -> tuple[Any, ...]:
        # Each is the finder's own: what is made has no number before it is saved.
        return tuple(
            id(value) if isinstance(value, Model) else value
            for value in (values[name] for name in self.resource.key)
        )

    def _planned(self, read: _ReadRow) -> PlannedRow:
        number = read.row.number
        key = self._key(read.values) if self._has_key(read.values) else None
        known = self.known.get(key) if key else None
        changes = list(self._changes(known, read.values))
        if read.errors:
            instance = self._made_of(known, read.values, changes)
            rules = [] if read.lacking else self._broken(instance, read)
            return _refused(number, [*read.errors, *rules])
        said = self.seen.setdefault(hash(key), number)
        if said != number:
            message = _("this row is about the same as row %d: keep one of them") % said
            return _refused(number, [CellError("", "", message)])
        if known and not changes:
            return PlannedRow(number, Verdict.UNCHANGED, known)
        errors = [] if known else list(self._absent(read))
        instance = self._made_of(known, read.values, changes)
        errors += [*self._broken(instance, read), *self._publishing(instance, known)]
        if errors:
            return _refused(number, errors)
        return PlannedRow(number, self._verdict(known, read.row), instance, changes)

    def _verdict(self, known: Model | None, row: Row) -> Verdict:
        """A row that differs from the site's, by whether that one has changed since the export."""
        if known is None:
            return Verdict.NEW
        version = row.cells.get(VERSION, "").strip()
        if version and version != self.resource.version(known):
            return Verdict.CONFLICT
        return Verdict.CHANGED

    def _made_of(
        self, known: Model | None, values: dict[str, Any], changes: Iterable[Change]
    ) -> Model:
        """The site's object with its changes, or a new one."""
        if known is None:
            return self._new(values)
        instance = copy(known)
        for change in changes:
            setattr(instance, change.column, change.new)
        return instance

    def _new(self, values: dict[str, Any]) -> Model:
        """A new object; for a region the very one that later rows already refer to."""
        finder = self.finders.get("parent")
        offered = finder.by_key(values["code"]) if finder and "code" in values else None
        return offered if offered and offered.pk is None else self.resource.model(**values)

    def _changes(self, known: Model | None, values: dict[str, Any]) -> Iterator[Change]:
        for column in self.resource.columns:
            new = values.get(column.name)
            if known is None and new not in ("", None):
                yield Change(column.name, "", new)
            elif known and column.name in values:
                old = column.assigned(known)
                if old != new:
                    yield Change(column.name, old, new)

    # --- What is wrong ------------------------------------------------------------------------

    def _absent(self, read: _ReadRow) -> list[CellError]:
        """What a new object lacks because the file has no column for it."""
        given = frozenset(read.values)
        if given not in self.absent:
            blank = self.resource.model()
            try:
                blank.clean_fields(exclude={*given, *self.references})
                self.absent[given] = []
            except ValidationError as error:
                self.absent[given] = list(self._told(error, {}))
        return self.absent[given]

    def _broken(self, instance: Model, read: _ReadRow) -> Iterator[CellError]:
        """What the model's own rules have against the row; each cell quoted as the file has it."""
        told = {error.column for error in read.errors}
        try:
            instance.clean()
            if not self.resource.in_bulk and not told:
                # In bulk, `clean` says the same without asking the database for each row.
                instance.validate_constraints()
        except ValidationError as error:
            yield from (each for each in self._told(error, read.cells) if each.column not in told)

    def _told(self, error: ValidationError, cells: dict[str, str]) -> Iterator[CellError]:
        for name, messages in error.message_dict.items():
            column = name if name in self.fields else ""
            yield from (CellError(column, cells.get(column, ""), said) for said in messages)

    def _publishing(self, instance: Model, known: Model | None) -> Iterator[CellError]:
        """Whoever may not publish changes drafts only, here as in the admin."""
        if self.options.may_publish:
            return
        column = "career" if isinstance(instance, SalaryBand) else ""
        careers = (getattr(each, "career", each) for each in (instance, known))
        if any(isinstance(each, Career) and each.status == PUBLISHED for each in careers):
            yield CellError(column, "", _("only those who may publish change what is published"))

    def _refuse_orphans(self, rows: list[PlannedRow]) -> None:
        """Refuse what lies in a new region that is itself refused, level by level."""
        refused = {row.number for row in rows if row.verdict == Verdict.REFUSED}
        if "parent" not in self.references or not refused:
            return
        good = {id(row.instance) for row in rows if row.verdict != Verdict.REFUSED}
        for row in rows * len(Region.Kind):
            parent = getattr(row.instance, "parent", None)
            if id(row.instance) in good and parent and parent.pk is None and id(parent) not in good:
                good.discard(id(row.instance))
                message = _("the region it lies in is refused")
                row.verdict, row.errors = (
                    Verdict.REFUSED,
                    [CellError("parent", str(parent), message)],
                )


def _refused(number: int, errors: list[CellError]) -> PlannedRow:
    return PlannedRow(number, Verdict.REFUSED, errors=errors)


def _among(names: tuple[str, ...], keys: Iterable[tuple[Any, ...]]) -> Q:
    columns = zip(names, zip(*keys, strict=True), strict=True)
    return Q(**{f"{name}__in": set(values) for name, values in columns})
