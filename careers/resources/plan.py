"""What an import would do, row by row, and doing it: all of it or nothing."""

from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

from django.contrib.auth.models import AbstractBaseUser
from django.db import models, transaction
from django.db.models import Model
from django.utils.translation import gettext_lazy as _

from careers import tables
from careers.models import SalaryBand, derive
from careers.models.history import record
from careers.models.salary_band import DERIVED
from careers.resources.resource import Resource

BATCH = 500


class Verdict(models.TextChoices):
    NEW = "new", _("New")
    CHANGED = "changed", _("Changed")
    UNCHANGED = "unchanged", _("Unchanged")
    REFUSED = "refused", _("Refused")


class Options(NamedTuple):
    """`create_missing`: careers that a band names and the site lacks become drafts, and its
    sources are recorded. `may_publish`: a row may publish or unpublish a career."""

    create_missing: bool = False
    may_publish: bool = True


CAUTIOUS = Options()


class Change(NamedTuple):
    """What a cell would change, as values; `before` and `after` as a spreadsheet shows them."""

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
    return str(value) if isinstance(value, Model) else tables.printed(value)


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


@transaction.atomic
def apply(plan: Plan, *, by: AbstractBaseUser | None = None, why: str = "") -> int:
    """Write a plan, all of it or nothing; return how many objects were added or changed.

    The history keeps who (`by`) and `why` with each. Raises ValueError where the plan has refused
    rows.
    """
    if plan.is_refused:
        raise ValueError("a plan with refused rows is never written")
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
