from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from careers.models.salary_band import SalaryBand


class ReportQuerySet(models.QuerySet["Report"]):
    def waiting(self) -> Self:
        """Those that nobody has settled yet, the oldest first."""
        return self.filter(status=Report.Status.WAITING).order_by("created_at", "pk")


class Report(models.Model):
    """A reader's word that a figure has a newer source, or a mistake; it waits on the desk."""

    class Status(models.TextChoices):
        WAITING = "waiting", _("waiting")
        USED = "used", _("used")
        DISMISSED = "dismissed", _("dismissed")

    band = models.ForeignKey(
        SalaryBand, models.CASCADE, verbose_name=_("figure"), related_name="reports"
    )
    url = models.URLField(_("address of the source"), max_length=500, blank=True)
    message = models.TextField(_("what it says"), max_length=2_000)
    # Kept only to answer; nothing else is known of the reader.
    email = models.EmailField(_("e-mail address"), blank=True)
    language = models.CharField(_("language"), max_length=2, choices=settings.LANGUAGES)
    created_at = models.DateTimeField(_("received at"), auto_now_add=True)
    status = models.CharField(
        _("status"), max_length=10, choices=Status.choices, default=Status.WAITING
    )
    settled_at = models.DateTimeField(_("settled at"), null=True, blank=True, editable=False)

    objects = ReportQuerySet.as_manager()

    class Meta:
        verbose_name = _("reader’s report")
        verbose_name_plural = _("readers’ reports")
        ordering = ["-created_at", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(status="waiting", settled_at=None)
                | (~Q(status="waiting") & Q(settled_at__isnull=False)),
                name="careers_report_settled_at_when_settled",
                violation_error_message=_("A report has a time of settling once it is settled."),
            )
        ]

    def __str__(self) -> str:
        return self.message[:60]

    def settle(self, status: str) -> None:
        """Say what became of it; what waits again is not settled."""
        self.status = status
        self.settled_at = None if status == self.Status.WAITING else timezone.now()
        self.save()
