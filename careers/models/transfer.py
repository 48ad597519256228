from collections.abc import Callable, Iterator
from datetime import timedelta
from hashlib import sha256
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

KEPT_FOR = timedelta(days=1)


class Upload(models.Model):
    """A file between its preview and its import. In the database, because the next request may
    reach another process or another machine; gone once imported, or after a day."""

    resource = models.CharField(max_length=50)
    name = models.CharField(max_length=255)
    content = models.BinaryField()
    create_missing = models.BooleanField(default=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE)
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return self.name

    def save(self, **kwargs: object) -> None:
        Upload.objects.filter(created_at__lt=timezone.now() - KEPT_FOR).delete()
        super().save(**kwargs)  # type: ignore[arg-type]

    @property
    def sha256(self) -> str:
        return sha256(self.content).hexdigest()


class Transfer(models.Model):
    """A line of a log: a file that left the site or came into it, when and with whom."""

    created_at = models.DateTimeField(_("when"), auto_now_add=True)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, verbose_name=_("user"), editable=False
    )
    username = models.CharField(
        _("who"), max_length=150, help_text=_("Stays when the account is deleted.")
    )
    resource = models.CharField(_("what"), max_length=50)
    name = models.CharField(_("file"), max_length=255)

    class Meta:
        abstract = True
        ordering = ["-created_at", "pk"]
        default_permissions = ("view",)

    def __str__(self) -> str:
        return self.name


class ExportQuerySet(models.QuerySet["Export"]):
    def latest_of(self, user: Any, resource: str) -> "Export | None":
        """The last one of this user and resource: its columns and profile are the next one's."""
        return self.filter(user=user, resource=resource).order_by("-pk").first()


class Export(Transfer):
    """A file that left the site, and with whom. Written before its first byte is sent, and again
    when the last one is: a download that was broken off stays in the list as such."""

    class Outcome(models.TextChoices):
        UNFINISHED = "unfinished", _("not finished")
        COMPLETE = "complete", _("complete")
        ABORTED = "aborted", _("broken off")

    asked = models.TextField(_("filters, search, order"), blank=True)
    question = models.TextField(
        _("question"), blank=True, help_text=_("The address of the list, with the ticked rows.")
    )
    columns = models.JSONField(_("columns"), default=list)
    profile = models.CharField(_("kind of file"), max_length=20)
    rows = models.PositiveIntegerField(_("rows"), default=0)
    sha256 = models.CharField("SHA-256", max_length=64, blank=True)
    outcome = models.CharField(
        _("outcome"), max_length=10, choices=Outcome.choices, default=Outcome.UNFINISHED
    )

    objects = ExportQuerySet.as_manager()

    class Meta(Transfer.Meta):
        verbose_name = _("export")
        verbose_name_plural = _("exports")
        constraints = [
            models.CheckConstraint(
                condition=~Q(outcome="complete") | ~Q(sha256=""),
                name="careers_export_complete_has_hash",
            )
        ]

    def recorded(self, blocks: Iterator[bytes], rows: Callable[[], int]) -> Iterator[bytes]:
        """Pass the blocks on, and keep in this entry how the download ended.

        `rows` tells how many rows have been written so far.
        """
        digest = sha256()
        self.outcome = self.Outcome.ABORTED
        try:
            for block in blocks:
                digest.update(block)
                yield block
            self.outcome, self.sha256 = self.Outcome.COMPLETE, digest.hexdigest()
        finally:
            self.rows = rows()
            Export.objects.filter(pk=self.pk).update(
                outcome=self.outcome, sha256=self.sha256, rows=self.rows
            )


class Import(Transfer):
    """A file that was written into the site, by whom, and what became of its rows. Written with
    them, in one transaction; also where nothing had to change."""

    sha256 = models.CharField("SHA-256", max_length=64)
    new = models.PositiveIntegerField(_("new rows"), default=0)
    changed = models.PositiveIntegerField(_("changed rows"), default=0)
    unchanged = models.PositiveIntegerField(_("unchanged rows"), default=0)
    refused = models.PositiveIntegerField(
        _("refused rows"), default=0, help_text=_("Left out, by the choice of whoever imported.")
    )

    class Meta(Transfer.Meta):
        verbose_name = _("import")
        verbose_name_plural = _("imports")

    def count(self, *, new: int, changed: int, unchanged: int, refused: int) -> None:
        """Add what became of some more rows, and keep it."""
        self.new += new
        self.changed += changed
        self.unchanged += unchanged
        self.refused += refused
        self.save()
