from typing import Any, Self

from django.conf import settings
from django.db import models
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from careers.models.career import Career


class DraftQuerySet(models.QuerySet["Draft"]):
    def waiting(self) -> Self:
        """Those submitted for review, the oldest first."""
        return self.exclude(submitted_at=None).order_by("submitted_at", "pk")


class Draft(models.Model):
    """The working draft of a published career: its form as somebody filled it in, not yet applied.

    What the public sees stays as it is until an editor publishes the change (docs/adr/0011).
    """

    career = models.OneToOneField(
        Career, models.CASCADE, verbose_name=_("career"), related_name="draft"
    )
    # As the browser sent it, its figures and its errors included: names with their values. Days are
    # in ISO 8601: the next to open it may read another language.
    form = models.JSONField()
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        verbose_name=_("last saved by"),
        related_name="+",
        null=True,
    )
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)
    updated_at = models.DateTimeField(_("updated at"), auto_now=True)
    submitted_at = models.DateTimeField(_("submitted at"), null=True, blank=True)

    objects = DraftQuerySet.as_manager()

    class Meta:
        verbose_name = _("working draft")
        verbose_name_plural = _("working drafts")
        ordering = ["-updated_at", "pk"]
        # Who may change a career may draft a change of it.
        default_permissions = ()

    def __str__(self) -> str:
        return str(self.career)

    @property
    def posted(self) -> QueryDict:
        """The form as a request carries it."""
        data = QueryDict(mutable=True)
        for name, values in self.form.items():
            data.setlist(name, values)
        return data

    @property
    def stamp(self) -> str:
        """Tells one version of the working draft from the next."""
        return self.updated_at.isoformat()

    @staticmethod
    def of_form(posted: QueryDict) -> dict[str, Any]:
        """What `form` keeps of a request: all but its buttons and its token."""
        return {
            name: values
            for name, values in posted.lists()
            if name != "csrfmiddlewaretoken" and not name.startswith("_")
        }
