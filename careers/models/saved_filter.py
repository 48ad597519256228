from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class SavedFilter(models.Model):
    """A question that somebody asks a list of the admin again and again, under a name of theirs."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="saved_filters")
    # The list: a model by its name.
    model = models.CharField(max_length=50)
    name = models.CharField(_("name"), max_length=60)
    # Filters, words and order, as they stand in the address after the question mark.
    query = models.CharField(max_length=2_000)

    class Meta:
        ordering = ["name", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["user", "model", "name"],
                name="careers_savedfilter_one_name",
                violation_error_message=_("You already keep a filter of this name."),
            )
        ]

    def __str__(self) -> str:
        return self.name
