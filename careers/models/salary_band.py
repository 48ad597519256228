from collections.abc import Iterable, Iterator
from datetime import date, datetime
from decimal import Decimal
from functools import reduce
from operator import or_
from typing import Any, NamedTuple, Self

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import (
    Case,
    DecimalField,
    Exists,
    ExpressionWrapper,
    F,
    OuterRef,
    Q,
    Subquery,
    Value,
    When,
)
from django.db.models.functions import Round
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from careers import salaries
from careers.addresses import address, numbered
from careers.models.band_constraints import CONSTRAINTS, SERIES
from careers.models.band_constraints import ENDS as ENDS  # others read it here
from careers.models.career import Career
from careers.models.change import Content, ContentQuerySet
from careers.models.derived import outdated
from careers.models.history import History
from careers.models.region import Region, paths_around
from careers.models.source import ExchangeRate, Source
from careers.models.translated import Translated, active_language
from careers.salaries import Answer, Level, NotComparable

DERIVED = (
    *(f"annual_{end}{unit}" for unit in ("", "_eur") for end in ENDS),
    "yearly_hours",
    "euro_rate",
    "fixed_on",
    "not_comparable",
)


def _amount(verbose_name: Any, **options: Any) -> "models.DecimalField[Any, Any]":
    # 15 digits: all that SQLite keeps exactly.
    return models.DecimalField(
        verbose_name, max_digits=15, decimal_places=4, null=True, blank=True, **options
    )


def _derived_amount() -> "models.DecimalField[Any, Any]":
    """Wide enough for the largest hourly amount, for a year, in the smallest currency."""
    return models.DecimalField(max_digits=30, decimal_places=4, null=True, editable=False)


class Lookups(NamedTuple):
    """What a band's yearly amounts depend on besides itself."""

    yearly_hours: int | None
    fixing: ExchangeRate | None


_LEVEL_ORDER = Case(
    *(When(level=level, then=Value(i)) for i, level in enumerate(Level)), default=Value(-1)
)
_READING_ORDER = ("region__path", _LEVEL_ORDER, "engagement", "-observed_on", "pk")


def _newer() -> Exists:
    """Whether the series of a band has a later statement."""
    same = {field: OuterRef(field) for field in SERIES}
    return Exists(SalaryBand.objects.filter(**same, observed_on__gt=OuterRef("observed_on")))


class SalaryBandQuerySet(ContentQuerySet["SalaryBand"]):
    CAREER = "career_id"

    def published(self, now: datetime | None = None) -> Self:
        """Bands of published careers: what the public may see, at `now` or this very moment."""
        return self.filter(career__in=Career.objects.published(now))

    def at_address(self, slug: str, pk: int) -> Self:
        """The band of that number, if its career has or once had that slug."""
        has = Q(career__slug=slug) | Q(career__former_slugs__slug=slug)
        return self.filter(has, pk=pk).select_related("career", "region", "source").distinct()

    def in_series_of(self, band: "SalaryBand") -> Self:
        """All statements of the band's series, itself among them, the latest first."""
        same = {field: getattr(band, field) for field in SERIES}
        return self.filter(**same).order_by("-observed_on", "pk")

    def current(self) -> Self:
        """The latest statement of each series; earlier ones are its history."""
        return self.filter(~_newer())

    def with_is_current(self) -> Self:
        """Annotate `is_current`: whether the band is the latest statement of its series."""
        return self.annotate(is_current=~_newer())

    def superseded(self) -> Self:
        """The statements that a later one of their series replaces, the latest first."""
        return self.filter(_newer()).order_by("-observed_on", "pk")

    def observed_since(self, day: date) -> Self:
        return self.filter(observed_on__gte=day)

    def in_region(self, *regions: Region) -> Self:
        """Bands of the regions and of their parts, never of the wider areas around them."""
        within = (Q(region__path__startswith=region.path) for region in regions)
        return self.filter(reduce(or_, within))

    def around(self, *regions: Region) -> Self:
        """Bands of the wider areas around the regions: shown apart, never as their own."""
        return self.filter(region__path__in=paths_around([region.path for region in regions]))

    def with_answer(self, threshold: int | None, currency: str = "EUR") -> Self:
        """Annotate `answer`: the twin of `salaries.answer()` on yearly amounts in `currency`.

        Without a threshold a band with a figure is SURE, and one without is UNKNOWN.
        """
        bands = self.with_amounts_in(currency)
        if threshold is None:
            figure = When(no_figure_reason="", then=Value(Answer.SURE))
            return bands.annotate(answer=Case(figure, default=Value(Answer.UNKNOWN)))
        reached = Q(high_asked__gte=threshold) | Q(median_asked__gte=threshold)
        no_amount = Q(low_asked=None, median_asked=None, high_asked=None)
        return bands.annotate(
            answer=Case(
                When(no_amount, then=Value(Answer.UNKNOWN)),
                When(low_asked__gte=threshold, then=Value(Answer.SURE)),
                When(
                    reached | Q(open_ended=True) | Q(low_asked__isnull=False, high_asked=None),
                    then=Value(Answer.POSSIBLE),
                ),
                default=Value(Answer.NO),
            )
        )

    def with_amounts_in(self, currency: str) -> Self:
        """Annotate `low_asked`, `median_asked`, `high_asked`: yearly, in the currency asked."""
        if currency == "EUR":
            return self.annotate(**{f"{end}_asked": F(f"annual_{end}_eur") for end in ENDS})
        fixing = ExchangeRate.objects.filter(
            currency=currency, fixed_on__lte=OuterRef("observed_on")
        ).order_by("-fixed_on")
        bands = self.annotate(
            rate_asked=Subquery(fixing.values("rate")[:1]),
            rate_asked_on=Subquery(fixing.values("fixed_on")[:1]),
        )
        return bands.annotate(
            **{
                f"{end}_asked": Case(
                    When(currency=currency, then=F(f"annual_{end}")),
                    default=Round(
                        ExpressionWrapper(
                            F(f"annual_{end}_eur") * F("rate_asked"),
                            DecimalField(max_digits=30, decimal_places=10),
                        ),
                        2,
                    ),
                    output_field=DecimalField(max_digits=30, decimal_places=4),
                )
                for end in ENDS
            }
        )

    def in_reading_order(self) -> Self:
        """By region, from the wide to the narrow, then by level, the latest first."""
        return self.select_related("region", "source").order_by(*_READING_ORDER)

    def by_career(self) -> Self:
        """By the career's title in the language of the page, then in reading order."""
        title = f"career__sort_title_{active_language()}"
        bands = self.select_related("career", "region", "source")
        return bands.order_by(title, "career", *_READING_ORDER)

    def outdated(self) -> Iterator[list["SalaryBand"]]:
        """In portions, the bands whose yearly amounts are not what they should be, with those."""
        return outdated(self.select_related("region"), DERIVED, derive)

    def rebuild(self) -> int:
        """Derive the yearly amounts of all these bands again; return how many changed."""
        return sum(self._write_derived(bands) for bands in self.outdated())

    def _write_derived(self, bands: list["SalaryBand"]) -> int:
        # An upsert by primary key: bulk_update's CASE for each cell takes ten times as long.
        SalaryBand.objects.bulk_create(
            bands, update_conflicts=True, unique_fields=["id"], update_fields=DERIVED
        )
        return len(bands)


class SalaryBand(Content):
    """One statement by one source about the pay of one career in one region."""

    career = models.ForeignKey(
        Career, models.CASCADE, verbose_name=_("career"), related_name="bands"
    )
    region = models.ForeignKey(
        Region, models.PROTECT, verbose_name=_("region"), related_name="bands"
    )
    level = models.CharField(_("level"), max_length=10, choices=salaries.Level.choices, blank=True)
    engagement = models.CharField(
        _("employment"), max_length=10, choices=salaries.Engagement.choices, blank=True
    )
    low = _amount(_("low"), help_text=_("Alone, it reads “over this amount”."))
    median = _amount(_("median"))
    high = _amount(_("high"))
    open_ended = models.BooleanField(
        _("open ended"),
        default=False,
        help_text=_("The true top lies above the high amount: “to over”, “can exceed”."),
    )
    currency = models.CharField(
        _("currency"), max_length=3, blank=True, help_text=_("ISO 4217: EUR, USD, CHF…")
    )
    period = models.CharField(
        _("period"),
        max_length=5,
        choices=salaries.Period.choices,
        default=salaries.Period.YEAR,
    )
    basis = models.CharField(
        _("gross or net"), max_length=5, choices=salaries.Basis.choices, blank=True
    )
    range_kind = models.CharField(
        _("kind of range"),
        max_length=10,
        choices=salaries.RangeKind.choices,
        default=salaries.RangeKind.PUBLISHED,
    )
    no_figure_reason = models.CharField(
        _("why there is no figure"),
        max_length=15,
        choices=salaries.NoFigureReason.choices,
        blank=True,
    )
    no_figure_note_fr = models.CharField(_("reason in French words"), max_length=300, blank=True)
    no_figure_note_en = models.CharField(_("reason in English words"), max_length=300, blank=True)
    source = models.ForeignKey(
        Source, models.PROTECT, verbose_name=_("source"), related_name="bands"
    )
    observed_on = models.DateField(
        _("observed on"), help_text=_("The day the figure stood, not the day it was typed.")
    )
    stated_as = models.CharField(
        _("stated as"), max_length=500, blank=True, help_text=_("What the source literally says.")
    )
    inferred_fr = models.CharField(
        _("inferred, in French"),
        max_length=500,
        blank=True,
        help_text=_("What we read into it that the source does not say."),
    )
    inferred_en = models.CharField(_("inferred, in English"), max_length=500, blank=True)

    confirmed_on = models.DateField(
        _("confirmed on"),
        null=True,
        blank=True,
        help_text=_("The last day on which somebody checked that the source still says so."),
    )
    created_at = models.DateTimeField(_("created at"), default=timezone.now, editable=False)
    updated_at = models.DateTimeField(_("updated at"), auto_now=True)

    # Derived, never edited, rebuilt by `manage.py rebuild`: gross yearly amounts, in the band's
    # own currency and in euros, and by what: the region's `yearly_hours` for an hourly wage, the
    # ECB's `euro_rate` of the day `fixed_on` for another currency.
    annual_low = _derived_amount()
    annual_median = _derived_amount()
    annual_high = _derived_amount()
    annual_low_eur = _derived_amount()
    annual_median_eur = _derived_amount()
    annual_high_eur = _derived_amount()
    yearly_hours = models.PositiveSmallIntegerField(null=True, editable=False)
    euro_rate = models.DecimalField(max_digits=18, decimal_places=6, null=True, editable=False)
    fixed_on = models.DateField(null=True, editable=False)
    not_comparable = models.CharField(
        _("not comparable"),
        max_length=15,
        choices=NotComparable.choices,
        blank=True,
        editable=False,
    )

    # What its source said before; set where a page shows it.
    earlier: "list[SalaryBand]" = []

    no_figure_note = Translated()
    inferred = Translated()
    objects = SalaryBandQuerySet.as_manager()
    # Nobody asks for the versions of all bands of a region or a source: imports stay fast.
    history = History(excluded_fields=(*DERIVED, "updated_at"), no_db_index=["region", "source"])

    class Meta:
        verbose_name = _("salary band")
        verbose_name_plural = _("salary bands")
        ordering = ["career", "region", "level", "-observed_on", "pk"]
        permissions = [
            ("import_salaryband", _("Can import salary bands")),
            ("export_salaryband", _("Can export salary bands")),
        ]
        constraints = CONSTRAINTS

    def __str__(self) -> str:
        return self.sentence if self.is_sound else gettext("unfinished figure")

    @property
    def sentence(self) -> str:
        """The figure in words, in the language of the page."""
        return salaries.sentence(self, active_language())

    def comparable(self, currency: str = "EUR") -> salaries.Amounts | None:
        """Gross yearly amounts in `currency`, or None where the figure has none.

        Reads what `SalaryBandQuerySet.with_answer` annotated for that currency.
        """
        low, median, high = (getattr(self, f"{end}_asked") for end in ENDS)
        if low is None and median is None and high is None:
            return None
        return salaries.Amounts(
            low, median, high, self.open_ended, currency=currency, range_kind=self.range_kind
        )

    def clean(self) -> None:
        super().clean()
        broken: dict[str, list[Any]] = {}
        for rule in salaries.broken_rules(self) if self._has_numbers() else ():
            broken.setdefault(rule.field, []).append(rule.message)
        if self.currency and self.currency not in salaries.CURRENCIES:
            message = _("“%(code)s” is not an ISO 4217 currency code such as EUR or USD.")
            broken["currency"] = [message % {"code": self.currency}]
        if broken:
            raise ValidationError(broken)

    def save(self, *, update_fields: Iterable[str] | None = None, **kwargs: Any) -> None:
        if update_fields is not None:
            update_fields = {*update_fields, *DERIVED, "updated_at"}
        derive([self])
        super().save(update_fields=update_fields, **kwargs)

    def careers_concerned(self) -> set[int]:
        stored = SalaryBand.objects.filter(pk=self.pk).values_list("career", flat=True)
        return {self.career_id, *stored}

    def get_absolute_url(self) -> str:
        return numbered(address("figure_detail", self.career.slug, 0), self.pk)

    @property
    def is_sound(self) -> bool:
        """Whether it can be said in words: a form shows figures again that broke a rule."""
        return self._has_numbers() and not any(salaries.broken_rules(self))

    def _has_numbers(self) -> bool:
        """Whether amounts can be compared: `clean` runs even after a field refused its value."""
        given: list[Any] = list(salaries.amounts(self))
        return all(isinstance(a, int) or (isinstance(a, Decimal) and a.is_finite()) for a in given)

    def derive(self, lookups: Lookups) -> None:
        """Set the derived columns from the stated ones and `lookups`."""
        hours, fixing = lookups
        why = salaries.why_not_annual(self, hours) if not self.no_figure_reason else ""
        rate = Decimal(1) if self.currency == "EUR" else fixing and fixing.rate
        for end in ENDS:
            amount = None if why else salaries.annual(getattr(self, end), self.period, hours)
            setattr(self, f"annual_{end}", amount)
            euros = salaries.convert(amount, rate) if amount is not None and rate else None
            setattr(self, f"annual_{end}_eur", euros)
        self.yearly_hours = hours
        self.euro_rate = fixing.rate if fixing else None
        self.fixed_on = fixing.fixed_on if fixing else None
        if not why and not self.no_figure_reason and not rate:
            why = NotComparable.NO_FIXING
        self.not_comparable = why


def derive(bands: Iterable[SalaryBand]) -> None:
    """Derive the yearly amounts of many bands; the few lookups they share are asked once."""
    hours: dict[int, int | None] = {}
    fixings: dict[tuple[str, date], ExchangeRate | None] = {}
    for band in bands:
        hourly = band.period == salaries.Period.HOUR
        if hourly and band.region_id not in hours:
            hours[band.region_id] = _yearly_hours(band.region)
        key = (band.currency, band.observed_on)
        if band.currency not in ("", "EUR") and key not in fixings:
            fixings[key] = ExchangeRate.objects.fixing(*key)
        band.derive(Lookups(hours[band.region_id] if hourly else None, fixings.get(key)))


def _yearly_hours(region: Region) -> int | None:
    """The hours that the region or else its nearest wider area states."""
    stating = region.stating_hours
    return stating.yearly_hours if stating else None
