"""The public question: CareerFilter validates it and answers it, whoever prints the answer."""

from collections.abc import Iterable, Iterator
from functools import cached_property
from itertools import chain, islice
from typing import TYPE_CHECKING, Any, NamedTuple, TypedDict

import django_filters
from django import forms
from django.core.exceptions import ValidationError
from django.db.models import (
    Case,
    Count,
    F,
    IntegerChoices,
    OuterRef,
    QuerySet,
    Subquery,
    Value,
    When,
)
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from careers import search
from careers.models import Career, CareerQuerySet, ExchangeRate, Region, SalaryBand, active_language
from careers.models.salary_band import SalaryBandQuerySet
from careers.salaries import Answer, Engagement, Level

if TYPE_CHECKING:
    from django_stubs_ext import WithAnnotations

    class Standing(TypedDict):
        group: int

    AnsweredCareer = WithAnnotations[Career, Standing]

MAX_AMOUNT = 1_000_000_000
FIGURES_SHOWN = 3
CORRECTIONS_SHOWN = 2
# Others add these to shared links: nothing was asked with them, so nothing is said of them.
TRACKING = ("utm_", "fbclid", "gclid", "mc_")


class Group(IntegerChoices):
    """Where a career stands in the answer, in the order of the page."""

    SURE = 0, _("Sure")
    POSSIBLE = 1, _("Possible")
    UNKNOWN = 2, _("No figure")
    WIDER = 3, _("Wider area only")
    BELOW = 4, _("Below")
    ABSENT = 5, _("Nothing for this choice")


LISTED = (Group.SURE, Group.POSSIBLE, Group.UNKNOWN, Group.WIDER)
_GROUP_OF = {
    Answer.SURE: Group.SURE,
    Answer.POSSIBLE: Group.POSSIBLE,
    Answer.UNKNOWN: Group.UNKNOWN,
    Answer.NO: Group.BELOW,
}

SORTS = (
    ("relevance", _("Relevance, then title")),
    ("title", _("Title")),
    ("pay_up", _("Pay, lowest first")),
    ("pay_down", _("Pay, highest first")),
    ("newest", _("Newest first")),
)


class Ignored(NamedTuple):
    """A part of the question that was not understood: its parameter, its value, and why."""

    name: str
    value: str
    why: str


class AmountField(forms.IntegerField):
    """A whole amount as people type it: "80 000", "80.000 €" and "80,000" are all 80000."""

    def to_python(self, value: Any) -> int | None:
        if isinstance(value, str):
            value = "".join(value.split()).strip("€$£")
            whole, *groups = value.replace(".", ",").split(",")
            if groups and whole.isdigit() and all(len(g) == 3 and g.isdigit() for g in groups):
                value = whole + "".join(groups)
        return super().to_python(value)


class RegionField(forms.CharField):
    """A region by its code. The page prints the choices: a select of 600 costs 600 widgets."""

    default_error_messages = {"unknown": _("no region has this code")}

    def clean(self, value: Any) -> Region | None:
        code = super().clean(value)
        if not code:
            return None
        region = Region.objects.filter(code=code.upper()).first()
        if region is None:
            raise ValidationError(self.error_messages["unknown"], code="unknown")
        return region


class CurrencyField(forms.CharField):
    """A currency in which an amount can be asked: the euro, or one that the ECB has quoted."""

    default_error_messages = {"unknown": _("no exchange rate is known for this currency")}

    def clean(self, value: Any) -> str:
        code = super().clean(value).upper() or "EUR"
        if code not in ExchangeRate.objects.currencies():
            raise ValidationError(self.error_messages["unknown"], code="unknown")
        return code


class RegionFilter(django_filters.Filter):
    field_class = RegionField


class AmountFilter(django_filters.Filter):
    field_class = AmountField


class CurrencyFilter(django_filters.Filter):
    field_class = CurrencyField


class CareerFilter(django_filters.FilterSet):
    """`q`, `region`, `level`, `engagement`, `salary_min`, `currency`, `sort` over careers.

    Conditions on pay are collected and meet on ONE band: declared the usual way each would join
    the bands again and match another one. What is not understood is ignored and named in
    `ignored`; the rest of the question is answered.
    """

    q = django_filters.CharFilter(max_length=200, label=_("Words"))
    region = RegionFilter(max_length=10, label=_("Region"))
    level = django_filters.ChoiceFilter(
        choices=[choice for choice in Level.choices if choice[0]],
        label=_("Level"),
        empty_label=_("All levels"),
    )
    engagement = django_filters.ChoiceFilter(
        choices=[choice for choice in Engagement.choices if choice[0]],
        label=_("Employment"),
        empty_label=_("Any employment"),
    )
    salary_min = AmountFilter(min_value=0, max_value=MAX_AMOUNT, label=_("At least, gross a year"))
    currency = CurrencyFilter(max_length=3, label=_("Currency"))
    sort = django_filters.ChoiceFilter(choices=SORTS, label=_("Order"), empty_label=None)

    class Meta:
        model = Career
        fields: list[str] = []

    def __init__(self, data: Any = None, **options: Any) -> None:
        # Bound even to nothing: an empty question is a question, too.
        super().__init__({} if data is None else data, **options)

    def without(self, name: str) -> "CareerFilter":
        """The same question without one of its conditions."""
        data = {each: value for each, value in self.data.items() if each != name}
        return CareerFilter(data, queryset=self.queryset)

    @cached_property
    def asked(self) -> dict[str, Any]:
        """The understood part of the question; None or "" where nothing was asked."""
        self.form.is_valid()
        values = {name: self.form.cleaned_data.get(name) for name in self.filters}
        values["currency"] = values["currency"] or "EUR"
        values["sort"] = values["sort"] or "relevance"
        return values

    @cached_property
    def ignored(self) -> list[Ignored]:
        """What of the question was not understood, in the order in which it was asked."""
        return list(self._ignored())

    def _ignored(self) -> Iterator[Ignored]:
        for name in self.data:
            values = self.data.getlist(name) if hasattr(self.data, "getlist") else [self.data[name]]
            if name not in self.filters and name != "page":
                if not name.startswith(TRACKING):
                    yield Ignored(name, values[-1], str(_("this is not a part of the question")))
            elif name in self.form.errors:
                yield Ignored(name, values[-1], " ".join(self.form.errors[name]))
            elif name == "q" and values[-1].strip() and not search.terms(values[-1]):
                yield Ignored(name, values[-1], str(_("there is no word in it to look for")))
            elif len(set(values)) > 1:
                yield Ignored(name, values[0], str(_("asked twice; only the last one counts")))

    # --- The answer ---------------------------------------------------------------------------

    @cached_property
    def bands(self) -> SalaryBandQuerySet:
        """The current bands that meet the level and employment asked, with their answer."""
        bands = SalaryBand.objects.current()
        for field in ("level", "engagement"):
            if self.asked[field]:
                bands = bands.filter(**{field: self.asked[field]})
        return bands.with_answer(self.asked["salary_min"], self.asked["currency"])

    @cached_property
    def own_bands(self) -> SalaryBandQuerySet:
        """Those of the region asked and its parts."""
        region = self.asked["region"]
        return self.bands.in_region(region) if region else self.bands

    @cached_property
    def wider_bands(self) -> SalaryBandQuerySet:
        """Those of the wider areas around the region asked: offered apart."""
        region = self.asked["region"]
        return self.bands.around(region) if region else self.bands.none()

    @property
    def asks_about_pay(self) -> bool:
        return any(self.asked[name] for name in ("region", "level", "engagement"))

    @property
    def matched(self) -> CareerQuerySet:
        """The published careers that the words match, whatever they pay."""
        careers: CareerQuerySet = self.queryset
        return careers.matching(self.asked["q"] or "")

    def filter_queryset(self, queryset: CareerQuerySet) -> "QuerySet[AnsweredCareer]":
        """All careers that the words match, each with its `group`; a page shows LISTED ones."""
        careers = queryset.matching(self.asked["q"] or "").with_answer(self.own_bands)
        own = [When(best_answer=answer, then=Value(group)) for answer, group in _GROUP_OF.items()]
        wider = []
        if self.asked["region"]:
            careers = careers.with_answer(self.wider_bands, "wider")
            wider = [
                When(wider_answer=Answer.NO, then=Value(Group.BELOW)),
                When(wider_answer__isnull=False, then=Value(Group.WIDER)),
            ]
        # A career nobody gives a figure for is unknown; to a narrower question it has no answer.
        rest = Group.ABSENT if self.asks_about_pay else Group.UNKNOWN
        return self._sorted(careers.annotate(group=Case(*own, *wider, default=Value(rest))))

    def _sorted(self, careers: "QuerySet[Any]") -> "QuerySet[AnsweredCareer]":
        sort = self.asked["sort"]
        if sort == "newest":
            return careers.order_by("group", "-published_at", "pk")
        title = f"sort_title_{active_language()}"
        if sort == "relevance":
            careers = careers.with_relevance(self.asked["q"] or "")  # type: ignore[attr-defined]
            return careers.order_by("group", "relevance", "detail", title, "pk")
        if sort == "title":
            return careers.order_by("group", title, "pk")
        end, sign = ("foot", "") if sort == "pay_up" else ("top", "-")
        pay = Coalesce(
            *(_extreme(bands, end, sign) for bands in (self.own_bands, self.wider_bands))
        )
        careers = careers.annotate(pay=pay)
        by_pay = F("pay").desc(nulls_last=True) if sign else F("pay").asc(nulls_last=True)
        return careers.order_by("group", by_pay, title, "pk")

    @property
    def listed(self) -> "QuerySet[AnsweredCareer]":
        """The careers that the page lists, in its order."""
        careers: QuerySet[AnsweredCareer] = self.qs
        return careers.filter(group__in=LISTED)

    @cached_property
    def counts(self) -> dict[Group, int]:
        """How many careers each group has, in one query."""
        rows = self.qs.order_by().values_list("group").annotate(count=Count("pk"))
        return dict.fromkeys(Group, 0) | {Group(group): count for group, count in rows}

    @property
    def listed_counts(self) -> dict[Group, int]:
        return {group: self.counts[group] for group in LISTED}

    @cached_property
    def corrections(self) -> list[str]:
        """Up to two other wordings of a question whose words no published career has, each with
        something to list under the same other conditions."""
        asked: str = self.asked["q"] or ""
        if not search.terms(asked) or self.matched.exists():
            return []
        titles = self.queryset.values_list("title_fr", "title_en").order_by()
        known = search.vocabulary(chain.from_iterable(titles))
        candidates = search.corrections(asked, known)
        return list(islice(filter(self._is_answered, candidates), CORRECTIONS_SHOWN))

    def _is_answered(self, words: str) -> bool:
        """Whether the list has a career when the question's words are these."""
        data = {name: self.data[name] for name in self.data} | {"q": words}
        question = type(self)(data, queryset=self.queryset)
        return question.asked["q"] == words and question.listed.exists()

    def figures(self, careers: Iterable["AnsweredCareer"]) -> dict[int, list[SalaryBand]]:
        """For each career's pk the bands to show, own or else wider, the best first."""
        figures: dict[int, list[SalaryBand]] = {career.pk: [] for career in careers}
        known = {career.pk: career for career in careers}
        wider = [career.pk for career in careers if career.group == Group.WIDER]
        own = [pk for pk in figures if pk not in wider]
        for bands, pks in ((self.own_bands, own), (self.wider_bands, wider)):
            if pks:
                best = bands.filter(career__in=pks).best_of_each_career(FIGURES_SHOWN)
                for band in best.select_related("region", "source"):
                    band.career = known[band.career_id]
                    figures[band.career_id].append(band)
        return figures


def _extreme(bands: SalaryBandQuerySet, end: str, sign: str) -> Subquery:
    """The lowest `foot` or (sign "-") the highest `top` of a career's bands."""
    order = F(end).desc(nulls_last=True) if sign else F(end).asc(nulls_last=True)
    of_career = bands.best_first().filter(career=OuterRef("pk")).order_by(order)
    return Subquery(of_career.values(end)[:1])
