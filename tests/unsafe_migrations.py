"""What a migration may not do while the release before it still serves (ADR 0030).

An upgrade without down-time migrates first and restarts afterwards: in between, the old code reads
and writes the new tables. These are the steps that it, or its readers, would stumble over.
"""

from collections.abc import Iterator
from math import inf

from django.db import models
from django.db.migrations import Migration
from django.db.migrations import operations as ops
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState

# Tables that hold half a million rows on a large site: building an index there takes seconds.
LARGE = {"salaryband", "historicalsalaryband"}

GONE = "the release before still reads it: stop using it in one release, remove it in the next"
RENAMED = (
    "the release before knows the old name: add the new one, fill it, and remove the old later"
)
REQUIRED = "the release before inserts rows without it: let it be null, or give it a db_default"
NARROWED = "the release before may write what is now refused, or every row is written anew"
CONSTRAINED = "the release before may write rows that break it: keep the rule in code for a release"
INDEXED = "building it stops the writers of a large table: say how long, or build it CONCURRENTLY"
MIXED = "rows are changed while tables are locked: put RunPython into a migration of its own"
UNKNOWN = "nobody but a reader can judge it"

HARMLESS = (
    ops.CreateModel,
    ops.AlterModelOptions,
    ops.AlterModelManagers,
    ops.AlterModelTableComment,
    ops.RemoveConstraint,
    ops.RemoveIndex,
    ops.RenameIndex,
)
# Steps that lock no table that anybody reads or writes.
LOCKLESS = (ops.CreateModel, ops.AlterModelOptions, ops.AlterModelManagers, ops.RunPython)


def unsafe_steps(migration: Migration, before: ProjectState) -> dict[str, str]:
    """The steps not to take, as "RemoveField career.title", each with its reason.

    `before` is the state that the migration starts from. A step that `Migration.intended` names,
    with a reason, does not count.
    """
    intended = getattr(migration, "intended", {})
    return {name: why for name, why in _steps_judged(migration, before) if not intended.get(name)}


def idle_marks(migration: Migration, before: ProjectState) -> set[str]:
    """Names in `Migration.intended` that excuse nothing."""
    return set(getattr(migration, "intended", {})) - set(dict(_steps_judged(migration, before)))


def _steps_judged(migration: Migration, before: ProjectState) -> Iterator[tuple[str, str]]:
    state, created = before.clone(), set[str]()
    steps = [step for each in migration.operations for step in _on_the_database(each)]
    locking = any(not isinstance(step, LOCKLESS) for step in steps)
    for operation in migration.operations:
        for step in _on_the_database(operation):
            if isinstance(step, ops.CreateModel):
                created.add(step.name_lower)
            elif isinstance(step, ops.RunPython):
                yield from [(_name(step), MIXED)] if locking else []
            elif _table(step) not in created and (why := _reason(step, state, migration.app_label)):
                yield _name(step), why
        operation.state_forwards(migration.app_label, state)


def _on_the_database(step: Operation) -> Iterator[Operation]:
    if isinstance(step, ops.SeparateDatabaseAndState):
        for inner in step.database_operations:
            yield from _on_the_database(inner)
    else:
        yield step


def _name(step: Operation) -> str:
    part = getattr(step, "name", None) or getattr(step, "old_name", "")
    if isinstance(step, ops.AddIndex):
        part = step.index.name
    elif isinstance(step, ops.AddConstraint):
        part = step.constraint.name
    place = ".".join(filter(None, (getattr(step, "model_name", ""), part))).lower()
    return f"{type(step).__name__} {place}".strip()


def _table(step: Operation) -> str:
    return (getattr(step, "model_name", None) or getattr(step, "name", None) or "").lower()


def _reason(step: Operation, state: ProjectState, app: str) -> str:
    """Why this step on a table that exists is not safe; empty if it is."""
    match step:
        case _ if isinstance(step, HARMLESS):
            return ""
        case ops.DeleteModel() | ops.RemoveField():
            return GONE
        case ops.RenameModel() | ops.RenameField() | ops.AlterModelTable():
            return RENAMED
        case ops.AddField():
            return _reason_not_to_add(step.field, step.model_name_lower)
        case ops.AlterField():
            old = state.models[app, step.model_name_lower].fields.get(step.name_lower)
            return NARROWED if old is None or _narrows(old, step.field) else ""
        case ops.AddIndex():
            return INDEXED if step.model_name_lower in LARGE else ""
        case ops.AddConstraint():
            return CONSTRAINED
    return UNKNOWN


def _reason_not_to_add(field: models.Field, table: str) -> str:
    if field.many_to_many:
        return ""
    if not (field.null or field.has_db_default() or field.generated):
        return REQUIRED
    if field.unique:
        return CONSTRAINED
    return INDEXED if field.db_index and table in LARGE else ""


def _narrows(old: models.Field, new: models.Field) -> bool:
    """Whether the column changes otherwise than to let more in."""
    (_, kind, _, before), (_, new_kind, _, after) = old.deconstruct(), new.deconstruct()
    changed = {name for name in before | after if before.get(name) != after.get(name)}
    in_python = {*new.non_db_attrs, "default"} - {"db_column"}
    wider = {
        "null": new.null,
        "db_default": new.has_db_default(),
        "max_length": (new.max_length or inf) >= (old.max_length or inf),
    }
    told = {name for name in changed - in_python if not wider.get(name)}
    return kind != new_kind or told != set()
