from typing import TYPE_CHECKING, Any, Self

from django.db import models
from django.db.models import Count, Q
from django.utils.translation import gettext_lazy as _

from careers.addresses import address
from careers.models.change import Content, ContentQuerySet
from careers.models.history import History
from careers.models.slugs import free_slug
from careers.models.translated import Translated, active_language

if TYPE_CHECKING:
    from careers.models.career import CareerQuerySet

SLUG_LENGTH = 100


class FieldQuerySet(ContentQuerySet["Field"]):
    def counted(self, careers: "CareerQuerySet") -> Self:
        """Those that have any of these careers, `careers_count` of each, as the page sorts them."""
        among = Q(careers__in=careers.order_by())
        counted = self.annotate(careers_count=Count("careers", filter=among))
        return counted.filter(careers_count__gt=0).order_by(f"name_{active_language()}", "pk")


class Field(Content):
    """A field of work: data and artificial intelligence, health, building…"""

    slug = models.SlugField(
        _("address"),
        max_length=SLUG_LENGTH,
        unique=True,
        blank=True,
        help_text=_("Left empty, it is made from the French name."),
    )
    name_fr = models.CharField(_("name in French"), max_length=255, unique=True)
    name_en = models.CharField(_("name in English"), max_length=255, blank=True)
    note_fr = models.TextField(
        _("explanation in French"),
        blank=True,
        max_length=1_000,
        help_text=_("One or two sentences: what belongs to this field?"),
    )
    note_en = models.TextField(_("explanation in English"), blank=True, max_length=1_000)

    name = Translated()
    note = Translated()
    objects = FieldQuerySet.as_manager()
    history = History()

    class Meta:
        verbose_name = _("field of work")
        verbose_name_plural = _("fields of work")
        ordering = ["name_fr", "pk"]
        permissions = [
            ("import_field", _("Can import fields of work")),
            ("export_field", _("Can export fields of work")),
        ]

    def __str__(self) -> str:
        return self.name

    def save(self, **kwargs: Any) -> None:
        if not self.slug:
            self.slug = free_slug(self.name_fr, SLUG_LENGTH, Field, otherwise="field")
        super().save(**kwargs)

    def get_absolute_url(self) -> str:
        return address("field_detail", self.slug)
