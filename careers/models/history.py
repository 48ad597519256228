"""Every save of a tracked model leaves a version: who, when, why, and all values as they were."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from django.db import models
from django.utils import timezone
from simple_history.models import HistoricalRecords
from simple_history.utils import get_history_manager_for_model

REASON_LENGTH = 300
BATCH = 500


class History(HistoricalRecords):
    """simple-history with two habits of ours.

    All versions that one request writes carry one moment: a career and its figures saved in one
    form are one entry, and "as it was then" means all of them. A save that changes nothing and
    gives no reason leaves no version.
    """

    def __init__(self, *, excluded_fields: Iterable[str] = (), **options: Any) -> None:
        reason = models.CharField(max_length=REASON_LENGTH, blank=True, default="")
        options.setdefault("history_change_reason_field", reason)
        super().__init__(excluded_fields=[*excluded_fields], **options)

    def create_historical_record(
        self, instance: models.Model, history_type: str, using: str | None = None
    ) -> None:
        if history_type == "~" and self._says_nothing_new(instance):
            return
        instance._history_date = moment()  # type: ignore[attr-defined]
        super().create_historical_record(instance, history_type, using)
        del instance._history_date  # type: ignore[attr-defined]

    def get_change_reason_for_object(
        self, instance: models.Model, history_type: str, using: str | None
    ) -> str:
        reason = super().get_change_reason_for_object(instance, history_type, using)
        return str(reason or "")[:REASON_LENGTH]

    def _says_nothing_new(self, instance: models.Model) -> bool:
        fields = self.fields_included(instance)
        last = getattr(instance, self.manager_name).values(*(f.attname for f in fields)).first()
        # What a form or a test gave may be text where a date is meant.
        now = {field.attname: field.to_python(getattr(instance, field.attname)) for field in fields}
        return last == now and not getattr(instance, "_change_reason", "")


def moment() -> datetime:
    """The time of the request that is being answered, one for all that it writes; else now."""
    request = getattr(HistoricalRecords.context, "request", None)
    if request is None:
        return timezone.now()
    at: datetime = request.__dict__.setdefault("history_moment", timezone.now())
    return at


def record(instances: Sequence[models.Model], *, changed: bool) -> None:
    """Keep a version of each of these, written in bulk past `save()`, in batches.

    `changed` says that they were there before. Who and why are read from each, as `save()` does:
    `_history_user` and `_change_reason`.
    """
    if instances:
        history = get_history_manager_for_model(type(instances[0]))
        history.bulk_history_create(
            instances, batch_size=BATCH, update=changed, default_date=moment()
        )
