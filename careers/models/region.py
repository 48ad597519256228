from collections.abc import Iterable, Iterator
from typing import Any, Self

from django.apps import apps
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models, transaction
from django.db.models import F, Q, Value
from django.db.models.functions import Concat, Substr
from django.utils.translation import gettext_lazy as _

from careers.addresses import address
from careers.models.change import Content, ContentQuerySet
from careers.models.derived import outdated
from careers.models.history import History
from careers.models.translated import Translated

CODE_LENGTH = 10
HOURS_OF_A_YEAR = 8784


def paths_around(paths: Iterable[str]) -> set[str]:
    """The paths of the wider areas around those of some regions, without what lies in one.

    >>> sorted(paths_around(["001/150/FR/", "001/150/"]))
    ['001/']
    """
    within = tuple(paths)
    around = {path[: end + 1] for path in within for end in _closings(path)}
    return {path for path in around if not path.startswith(within)}


def _closings(path: str) -> Iterable[int]:
    """Where the codes of a path end."""
    return (place for place, char in enumerate(path) if char == "/")


class RegionQuerySet(ContentQuerySet["Region"]):
    def within(self, region: "Region") -> Self:
        """The region and all its parts."""
        return self.filter(path__startswith=region.path)

    def containing(self, region: "Region") -> Self:
        """The wider areas around the region, without itself, the narrowest first."""
        return self.filter(code__in=region.wider_codes).order_by("-path", "pk")

    def outdated(self) -> Iterator[list["Region"]]:
        """The regions whose path is not what their parents make it, with that."""
        codes = {
            pk: (code, parent) for pk, code, parent in self.values_list("pk", "code", "parent")
        }

        def path(pk: int | None) -> str:
            if pk is None:
                return ""
            code, parent = codes[pk]
            return f"{path(parent)}{code}/"

        def derive(regions: list["Region"]) -> None:
            for region in regions:
                region.path = path(region.pk)

        return outdated(self, ("path",), derive)

    def rebuild(self) -> int:
        """Derive the path of every region again from its parents; return how many changed."""
        return sum(self.bulk_update(regions, ["path"]) for regions in self.outdated())


class Region(Content):
    """A place in the tree World > Europe > France > Île-de-France (ISO 3166, UN M49 codes).

    `path` holds the codes from the root, each closed by a slash: `001/150/FR/FR-IDF/`. A region
    lies within another when its path begins with the other's (docs/adr/0003).
    """

    class Kind(models.TextChoices):
        WORLD = "world", _("world")
        CONTINENT = "continent", _("continent")
        SUBREGION = "subregion", _("part of a continent")
        COUNTRY = "country", _("country")
        SUBDIVISION1 = "subdivision1", _("region or state")
        SUBDIVISION2 = "subdivision2", _("department or province")

    code = models.CharField(
        _("code"),
        max_length=CODE_LENGTH,
        unique=True,
        help_text=_("ISO 3166 (FR, FR-IDF) or UN M49 (150 is Europe). It appears in addresses."),
    )
    parent = models.ForeignKey(
        "self",
        models.PROTECT,
        verbose_name=_("lies in"),
        related_name="parts",
        null=True,
        blank=True,
    )
    kind = models.CharField(_("kind"), max_length=12, choices=Kind.choices)
    name_fr = models.CharField(_("French name"), max_length=100)
    name_en = models.CharField(_("English name"), max_length=100, blank=True)
    yearly_hours = models.PositiveSmallIntegerField(
        _("working hours a year"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(HOURS_OF_A_YEAR)],
        help_text=_("Turns an hourly wage into a yearly one, here and in all parts of the region."),
    )
    path = models.CharField(max_length=200, unique=True, editable=False)

    name = Translated()
    objects = RegionQuerySet.as_manager()
    history = History(excluded_fields=["path"])

    class Meta:
        verbose_name = _("region")
        verbose_name_plural = _("regions")
        ordering = ["path", "pk"]
        permissions = [
            ("import_region", _("Can import regions")),
            ("export_region", _("Can export regions")),
        ]
        constraints = [
            models.CheckConstraint(
                condition=~Q(parent=F("pk")),
                name="careers_region_parent_not_itself",
                violation_error_message=_("A region cannot lie within itself."),
            ),
            models.CheckConstraint(
                condition=Q(path__endswith=Concat(F("code"), Value("/"))),
                name="careers_region_path_ends_with_code",
                violation_error_message=_("The path of a region ends with its code."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.code})"

    @property
    def wider_codes(self) -> list[str]:
        """The codes of the wider areas around the region, the widest first."""
        return self.path.split("/")[:-2]

    @property
    def stating_hours(self) -> "Region | None":
        """The region or else the nearest wider area that states yearly working hours."""
        if self.yearly_hours is not None:
            return self
        return Region.objects.containing(self).exclude(yearly_hours=None).first()

    @property
    def depth(self) -> int:
        """0 for the world, 1 for a continent, and so on down."""
        return self.path.count("/") - 1

    def path_at(self, depth: int) -> str:
        """The path of the area of that depth which it lies in; its own if it lies no deeper."""
        return "".join(f"{code}/" for code in self.path.split("/")[: depth + 1] if code)

    def contains(self, other: "Region") -> bool:
        """Whether `other` is this region or one of its parts."""
        return other.path.startswith(self.path)

    def get_absolute_url(self) -> str:
        return address("region_detail", self.code)

    def clean(self) -> None:
        super().clean()
        self.code = self.code.upper()
        if "/" in self.code:
            raise ValidationError({"code": _("A code holds no slash.")})
        self._refuse_cycle()
        self._set_path()

    def save(self, *, update_fields: Iterable[str] | None = None, **kwargs: Any) -> None:
        """Save, and move all parts along; a cycle raises ValidationError and saves nothing."""
        if update_fields is not None:
            update_fields = {*update_fields, "path"}
        with transaction.atomic():
            self._refuse_cycle()
            former = Region.objects.filter(pk=self.pk).values_list("path", "yearly_hours").first()
            self._set_path()
            super().save(update_fields=update_fields, **kwargs)
            if former and former[0] != self.path:
                Region.objects.filter(path__startswith=former[0]).exclude(pk=self.pk).update(
                    path=Concat(Value(self.path), Substr("path", len(former[0]) + 1))
                )
            if former and former != (self.path, self.yearly_hours):
                self._rebuild_hourly_bands()

    def _set_path(self) -> None:
        self.path = f"{self.parent.path if self.parent else ''}{self.code}/"

    def _refuse_cycle(self) -> None:
        # Read again: the parent in memory may have been moved since it was loaded.
        parent = Region.objects.filter(pk=self.parent_id).first() if self.parent_id else None
        own = Region.objects.filter(pk=self.pk).first() if self.pk else None
        if own and parent and own.contains(parent):
            raise ValidationError({"parent": _("A region cannot lie within itself.")})
        if parent:
            self.parent = parent

    def _rebuild_hourly_bands(self) -> None:
        """Yearly amounts of hourly wages follow the hours of the region or of a wider area."""
        bands = apps.get_model("careers", "SalaryBand").objects.in_region(self)
        bands.filter(period="hour").rebuild()
