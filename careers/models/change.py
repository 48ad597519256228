"""What changed in the public content, so that every process knows what it holds is out of date."""

import secrets
from collections.abc import Iterable
from contextlib import AbstractContextManager, nullcontext
from typing import Any, TypeVar

from django.db import connections, models, transaction
from django.utils import timezone

# Rows that are kept: as many changes as a process may miss and still read only what changed.
KEPT = 1_000
PRUNED_EVERY = 128
# From so many careers on, reading all of them again is cheaper than naming each.
MANY = 200


class ChangeQuerySet(models.QuerySet["Change"]):
    def record(self, careers: Iterable[int] = ()) -> None:
        """Record a change of public content, in the transaction that makes it, with the careers
        whose own columns or figures change."""
        numbers = set(careers)
        named = [Change(career_number=number) for number in numbers]
        rows = named if 0 < len(named) <= MANY else [Change(everything=bool(named))]
        self._add(rows)

    def record_everything(self) -> None:
        """Record that any row may have changed."""
        self._add([Change(everything=True)])

    def _add(self, rows: list["Change"]) -> None:
        for row in self.bulk_create(rows):
            if row.pk % PRUNED_EVERY == 0:
                self.filter(pk__lt=row.pk - KEPT).delete()

    def state(self) -> int:
        """The sum of the tokens: another number after any change, whoever committed first."""
        # Asked for with each page: to build the same query anew takes longer than to run it.
        with connections[self.db].cursor() as cursor:
            cursor.execute("SELECT SUM(token) FROM careers_change")
            return int(cursor.fetchone()[0] or 0)


def new_token() -> int:
    return 1 + secrets.randbits(40)


class Change(models.Model):
    """One change of public content: rows are only ever added, so that writers do not wait for each
    other, and the oldest are removed. `token` is random: a state that was rolled back, or that
    a backup brought again, is never taken for another."""

    # Not a key: the career may be gone.
    career_number = models.BigIntegerField(null=True)
    everything = models.BooleanField(default=False)
    # 2,000 of these fit into the integers of every database.
    token = models.BigIntegerField(default=new_token)
    made_at = models.DateTimeField(default=timezone.now)

    objects = ChangeQuerySet.as_manager()

    def __str__(self) -> str:
        return f"{self.pk}: {self.career_number or ('everything' if self.everything else '–')}"


def _together() -> AbstractContextManager[None]:
    """A transaction where none is open. Within one a savepoint would cost two queries a row, and
    without it (`savepoint=False`) a row that is refused would spoil the caller's transaction."""
    return nullcontext() if transaction.get_connection().in_atomic_block else transaction.atomic()


_Content = TypeVar("_Content", bound=models.Model, covariant=True)


class ContentQuerySet(models.QuerySet[_Content]):
    """Of content that pages show: what changes many rows at once is recorded, too."""

    # The column with the number of the career that a row belongs to, if any.
    CAREER = ""

    def update(self, **values: Any) -> int:
        with _together():
            careers = self._careers()
            updated = super().update(**values)
            Change.objects.record(careers)
        return updated

    def delete(self) -> tuple[int, dict[str, int]]:
        with _together():
            careers = self._careers()
            deleted = super().delete()
            Change.objects.record(careers)
        return deleted

    delete.alters_data = delete.queryset_only = True  # type: ignore[attr-defined]

    def bulk_create(self, objs: Iterable[_Content], *args: Any, **options: Any) -> list[_Content]:
        with _together():
            created = super().bulk_create(objs, *args, **options)
            Change.objects.record(self._careers_of(created))
        return created

    def bulk_update(self, objs: Iterable[_Content], *args: Any, **options: Any) -> int:
        rows = list(objs)
        with _together():
            updated = super().bulk_update(rows, *args, **options)
            Change.objects.record(self._careers_of(rows))
        return updated

    def _careers_of(self, rows: Iterable[_Content]) -> set[int]:
        return {getattr(row, self.CAREER) for row in rows} if self.CAREER else set()

    def _careers(self) -> set[int]:
        """The careers of these rows, or of some of them where they are too many to be named."""
        if not self.CAREER:
            return set()
        numbers = self.order_by().values_list(self.CAREER, flat=True).distinct()
        return set(numbers[: MANY + 1])


class Content(models.Model):
    """What pages show: each change of it is recorded (docs/adr/0014)."""

    # Set before saving: why, as the history keeps it (careers.models.history).
    _change_reason: str

    class Meta:
        abstract = True

    def save(self, **options: Any) -> None:
        with _together():
            careers = self.careers_concerned()
            super().save(**options)
            Change.objects.record(careers or self.careers_concerned())

    def delete(self, *args: Any, **options: Any) -> tuple[int, dict[str, int]]:
        with _together():
            careers = self.careers_concerned()
            deleted = super().delete(*args, **options)
            Change.objects.record(careers)
        return deleted

    def careers_concerned(self) -> set[int]:
        """The numbers of the careers whose own columns or figures the row is or will be."""
        return set()
