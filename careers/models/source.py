from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.apps import apps
from django.db import models, transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from careers.addresses import address
from careers.models.change import Content, ContentQuerySet
from careers.models.history import History
from careers.models.slugs import free_slug
from careers.models.translated import Translated

SLUG_LENGTH = 100


class SourceQuerySet(ContentQuerySet["Source"]):
    """No words of its own, but mypy finds no manager of the generic class."""


class Source(Content):
    """Who says it: an article, a survey, a statistical office, and under which licence."""

    class Kind(models.TextChoices):
        ARTICLE = "article", _("article")
        SURVEY = "survey", _("survey")
        STATISTICS = "statistics", _("official statistics")
        POSTINGS = "postings", _("job postings")
        __empty__ = _("Kind not stated")

    slug = models.SlugField(
        _("identifier"),
        max_length=SLUG_LENGTH,
        unique=True,
        blank=True,
        help_text=_("Names the source in spreadsheets. Left empty, it is made from the title."),
    )
    title = models.CharField(_("title"), max_length=255, help_text=_("In its own language."))
    kind = models.CharField(_("kind"), max_length=12, choices=Kind.choices, blank=True)
    publisher = models.CharField(_("publisher"), max_length=255, blank=True)
    url = models.URLField(_("address"), max_length=500, blank=True)
    published_on = models.DateField(_("published on"), null=True, blank=True)
    licence = models.CharField(
        _("licence"),
        max_length=255,
        blank=True,
        help_text=_("With the attribution it asks for, for example “CC BY 4.0, INSEE”."),
    )
    note_fr = models.TextField(_("note in French"), blank=True)
    note_en = models.TextField(_("note in English"), blank=True)

    note = Translated()
    objects = SourceQuerySet.as_manager()
    history = History()

    class Meta:
        verbose_name = _("source")
        verbose_name_plural = _("sources")
        permissions = [
            ("import_source", _("Can import sources")),
            ("export_source", _("Can export sources")),
        ]
        ordering = ["title", "pk"]

    def __str__(self) -> str:
        return self.title

    @property
    def named(self) -> str:
        """Its title and, where it is known, who published it."""
        return f"{self.title}, {self.publisher}" if self.publisher else self.title

    def get_absolute_url(self) -> str:
        return address("source_detail", self.slug)

    def save(self, **kwargs: Any) -> None:
        if not self.slug:
            self.slug = free_slug(self.title, SLUG_LENGTH, Source, otherwise="source")
        super().save(**kwargs)


# How long a figure holds before somebody looks whether its source still says so, by its kind of
# source: job postings move within months, official statistics appear once a year and later.
CHECKED_AGAIN_AFTER = {
    Source.Kind.ARTICLE.value: timedelta(days=365),
    Source.Kind.SURVEY.value: timedelta(days=365),
    Source.Kind.STATISTICS.value: timedelta(days=730),
    Source.Kind.POSTINGS.value: timedelta(days=180),
    "": timedelta(days=365),
}


class ExchangeRateQuerySet(ContentQuerySet["ExchangeRate"]):
    def fixing(self, currency: str, day: date) -> "ExchangeRate | None":
        """The last fixing of the currency on or before the day, or None."""
        return self.filter(currency=currency, fixed_on__lte=day).order_by("-fixed_on").first()

    def currencies(self) -> list[str]:
        """The currencies that an amount can be asked in: the euro and all that have a rate."""
        quoted = self.order_by("currency").values_list("currency", flat=True).distinct()
        return ["EUR", *quoted]


class ExchangeRate(Content):
    """Units of a currency for one euro: an ECB reference rate, kept with its day."""

    currency = models.CharField(_("currency"), max_length=3)
    fixed_on = models.DateField(_("fixed on"))
    rate = models.DecimalField(_("units for one euro"), max_digits=18, decimal_places=6)

    objects = ExchangeRateQuerySet.as_manager()

    class Meta:
        verbose_name = _("exchange rate")
        verbose_name_plural = _("exchange rates")
        ordering = ["-fixed_on", "currency", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(rate__gt=Decimal(0)),
                name="careers_exchangerate_rate_gt_0",
                violation_error_message=_("A rate is above zero."),
            ),
            models.UniqueConstraint(
                fields=["currency", "fixed_on"],
                name="careers_exchangerate_one_fixing_a_day",
                violation_error_message=_("This currency already has a rate for this day."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.currency} {self.fixed_on}"

    def save(self, **kwargs: Any) -> None:
        """Save, and derive again the yearly amounts of the bands that it converts or did."""
        with transaction.atomic():
            former = ExchangeRate.objects.filter(pk=self.pk).first()
            super().save(**kwargs)
            for rate in filter(None, (former, self)):
                rate._rebuild_bands()

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        with transaction.atomic():
            deleted = super().delete(*args, **kwargs)
            self._rebuild_bands()
        return deleted

    def _rebuild_bands(self) -> None:
        """Those that this fixing converts: from its day to the next fixing of the currency."""
        every = apps.get_model("careers", "SalaryBand").objects.all()
        bands = every.filter(currency=self.currency, observed_on__gte=self.fixed_on)
        later = ExchangeRate.objects.filter(currency=self.currency, fixed_on__gt=self.fixed_on)
        if following := later.order_by("fixed_on").first():
            bands = bands.filter(observed_on__lt=following.fixed_on)
        bands.rebuild()
