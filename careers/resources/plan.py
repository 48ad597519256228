"""What an import would do, row by row, and doing it: all of it or nothing."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from hashlib import sha256
from typing import Any, NamedTuple

from django.contrib.auth.models import AbstractBaseUser
from django.db import models, transaction
from django.db.models import Model
from django.utils.translation import gettext_lazy as _

from careers import tables
from careers.models import SalaryBand, derive
from careers.models.history import record
from careers.models.salary_band import DERIVED
from careers.resources.resource import VERSION, WHY_REFUSED, Resource
from careers.tables import Cell, Table

BATCH = 500


class Verdict(models.TextChoices):
    NEW = "new", _("New")
    CHANGED = "changed", _("Changed")
    UNCHANGED = "unchanged", _("Unchanged")
    CONFLICT = "conflict", _("Changed on both sides")
    REFUSED = "refused", _("Refused")


class Side(models.TextChoices):
    """Whose row stays where the site's has changed since the file was exported."""

    SITE = "site", _("Keep the site’s")
    FILE = "file", _("Take the file’s")


class Options(NamedTuple):
    """`create_missing`: careers that a band names and the site lacks become drafts, and its
    sources are recorded. `may_publish`: a row may publish or unpublish a career. `for_update`:
    until the transaction ends nobody else changes what the rows are about."""

    create_missing: bool = False
    may_publish: bool = True
    for_update: bool = False


CAUTIOUS = Options()


class Change(NamedTuple):
    """What a cell would change, as values; `before` and `after` as people read them."""

    column: str
    old: Any
    new: Any

    @property
    def before(self) -> str:
        return _shown(self.old)

    @property
    def after(self) -> str:
        return _shown(self.new)


def _shown(value: Any) -> str:
    """A text as it is: the shield is for spreadsheets."""
    return str(value) if isinstance(value, Model | str) else tables.printed(value)


class CellError(NamedTuple):
    """What is wrong, in which column (empty for the whole row), with which value."""

    column: str
    value: str
    message: str


@dataclass(slots=True)
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
    columns of the file that the site does not know; `headings` what it calls those that it does."""

    resource: Resource
    table: Table
    rows: list[PlannedRow]
    made: list[Model]
    unread: list[str]
    headings: Mapping[str, str]

    def having(self, verdict: Verdict) -> list[PlannedRow]:
        return [row for row in self.rows if row.verdict == verdict]

    def about(self, row: PlannedRow) -> str:
        """What the row is about: its natural key as an editor reads it."""
        key = [getattr(row.instance, name, "") for name in self.resource.key]
        return " · ".join(filter(None, map(_shown, key)))

    def errors(self, row: PlannedRow) -> list[CellError]:
        """What is wrong with the row, each column by its heading in the file."""
        return [e._replace(column=self.headings.get(e.column, e.column)) for e in row.errors]

    @property
    def counts(self) -> dict[Verdict, int]:
        found = Counter(row.verdict for row in self.rows)
        return {verdict: found[verdict] for verdict in Verdict}

    @property
    def is_refused(self) -> bool:
        """Whether nothing can be written as it stands."""
        counts = self.counts
        return not self.rows or counts[Verdict.REFUSED] > 0 or counts[Verdict.CONFLICT] > 0

    @property
    def withheld(self) -> int:
        """How many rows say why there is no figure, in place of one."""
        read = (row.instance for row in self.rows if row.verdict != Verdict.REFUSED)
        return len([each for each in read if getattr(each, "no_figure_reason", "")])

    @property
    def strangers(self) -> int:
        """How many new rows were exported once: what they were is gone, or has another key now."""
        new = {row.number for row in self.having(Verdict.NEW)}
        exported = (row for row in self.table.rows if row.cells.get(VERSION, "").strip())
        return sum(row.number in new for row in exported)

    @property
    def fingerprint(self) -> str:
        """The same for as long as the plan is: what was confirmed is what was shown."""
        said = sha256()
        for row in self.rows:
            seen = row.changes if row.verdict in (Verdict.CHANGED, Verdict.CONFLICT) else []
            cells = [f"{change.column}={change.before}>{change.after}" for change in seen]
            said.update("\x1f".join([str(row.number), row.verdict, *cells, "\n"]).encode())
        return said.hexdigest()

    def only_new(self) -> "Plan":
        """The same without the rows that would change what the site has."""
        kept = [row for row in self.rows if row.verdict != Verdict.CHANGED]
        return replace(self, rows=kept)

    def only_good(self) -> "Plan":
        """The same without the refused rows and without what was to be made for them alone."""
        rows = [row for row in self.rows if row.verdict != Verdict.REFUSED]
        names = list(self.resource.missing) if self.made else []
        named = {id(getattr(row.instance, name)) for row in rows for name in names}
        return replace(self, rows=rows, made=[made for made in self.made if id(made) in named])

    def settled(self, sides: Mapping[int, str], otherwise: str = "") -> "Plan":
        """The same with its conflicts settled: by the number of the row, or else all alike."""
        verdicts = {Side.FILE.value: Verdict.CHANGED, Side.SITE.value: Verdict.UNCHANGED}

        def settled(row: PlannedRow) -> PlannedRow:
            side = sides.get(row.number) or otherwise
            if row.verdict != Verdict.CONFLICT or side not in verdicts:
                return row
            return replace(row, verdict=verdicts[side])

        return replace(self, rows=[settled(row) for row in self.rows])

    def refused_rows(self) -> Iterator[Sequence[Cell]]:
        """The refused rows as the file has them, under its header, each with the reason why."""
        header = [name for name in self.table.header if name and name != WHY_REFUSED]
        why = {row.number: _reasons(self.errors(row)) for row in self.having(Verdict.REFUSED)}
        yield [*header, WHY_REFUSED]
        for row in self.table.rows:
            if row.number in why:
                yield [*(row.cells.get(name, "") for name in header), why[row.number]]


def _reasons(errors: Iterable[CellError]) -> str:
    return " | ".join(
        f"{each.column}: {each.message}" if each.column else each.message for each in errors
    )


@transaction.atomic
def apply(plan: Plan, *, by: AbstractBaseUser | None = None, why: str = "") -> int:
    """Write a plan, all of it or nothing; return how many objects were added or changed.

    The history keeps who (`by`) and `why` with each. Raises ValueError where the plan has refused
    rows or conflicts.
    """
    if plan.is_refused:
        raise ValueError("a plan with refused rows or conflicts is never written")
    new = [row.instance for row in plan.having(Verdict.NEW) if row.instance]
    changed = [row.instance for row in plan.having(Verdict.CHANGED) if row.instance]
    for each in (*plan.made, *new, *changed):
        each._history_user, each._change_reason = by, why  # type: ignore[attr-defined]
    for made in plan.made:
        made.save()
    if plan.resource.in_bulk:
        _write_bands(plan.resource, new, changed)
    else:
        for each in (*new, *changed):
            each.save()
    return len(new) + len(changed)


def _write_bands(resource: Resource, new: list[Model], changed: list[Model]) -> None:
    bands = [each for each in (*new, *changed) if isinstance(each, SalaryBand)]
    derive(bands)
    added, altered = bands[: len(new)], bands[len(new) :]
    fields = [column.name for column in resource.columns]
    SalaryBand.objects.bulk_create(added, batch_size=BATCH)
    # An upsert by primary key: bulk_update's CASE for each cell takes ten times as long.
    SalaryBand.objects.bulk_create(
        altered,
        batch_size=BATCH,
        update_conflicts=True,
        unique_fields=["id"],
        update_fields=[*fields, *DERIVED, "updated_at"],
    )
    record(added, changed=False)
    record(altered, changed=True)
