"""The public question: CareerFilter validates it and answers it, whoever prints the answer."""

from collections.abc import Iterable, Iterator
from functools import cached_property
from itertools import chain, islice
from typing import TYPE_CHECKING, Any, TypedDict

import django_filters
from django.conf import settings
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
from django.http import QueryDict
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy as _

from careers import search
from careers.models import Career, CareerQuerySet, Region, SalaryBand, active_language
from careers.models.salary_band import SalaryBandQuerySet
from careers.parameters import (
    TWICE,
    AmountFilter,
    ChoicesFilter,
    CurrencyFilter,
    FieldsFilter,
    Ignored,
    RegionsFilter,
    SeveralField,
    years_before,
)
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

# A figure of a wider area is never more than that.
_GROUP_OF_WIDER = dict.fromkeys(Answer, Group.WIDER) | {Answer.NO: Group.BELOW}

SORTS = (
    ("relevance", _("Relevance, then title")),
    ("title", _("Title")),
    ("pay_up", _("Pay, lowest first")),
    ("pay_down", _("Pay, highest first")),
    ("newest", _("Newest first")),
)


AGES = (
    ("1", _("At most a year old")),
    ("2", _("At most two years old")),
    ("5", _("At most five years old")),
)
DEFAULTS = {"currency": "EUR", "sort": "relevance"}
# The parts that a condition on pay needs; a career without any figure has no answer to them.
ABOUT_PAY = ("region", "level", "engagement", "age")


class CareerFilter(django_filters.FilterSet):
    """`q`, `region`, `salary_min`, `currency`, `level`, `engagement`, `field`, `age`, `language`,
    `sort` over careers; regions, levels, employments, fields and languages may be several.

    Conditions on pay are collected and meet on ONE band: declared the usual way each would join
    the bands again and match another one. What is not understood is ignored and named in
    `ignored`; the rest of the question is answered.
    """

    q = django_filters.CharFilter(max_length=200, label=_("Words"))
    region = RegionsFilter(label=_("Region"))
    salary_min = AmountFilter(min_value=0, max_value=MAX_AMOUNT, label=_("At least, gross a year"))
    currency = CurrencyFilter(max_length=3, label=_("Currency"))
    level = ChoicesFilter(choices=Level.choices, label=_("Level"))
    engagement = ChoicesFilter(choices=Engagement.choices, label=_("Employment"))
    field = FieldsFilter(label=_("Field of work"))
    age = django_filters.ChoiceFilter(
        choices=AGES, label=_("Age of the figure"), empty_label=_("Any age")
    )
    language = ChoicesFilter(choices=settings.LANGUAGES, label=_("Language of the text"))
    sort = django_filters.ChoiceFilter(choices=SORTS, label=_("Order"), empty_label=None)

    class Meta:
        model = Career
        fields: list[str] = []

    def __init__(self, data: Any = None, **options: Any) -> None:
        # Bound even to nothing: an empty question is a question, too.
        super().__init__({} if data is None else data, **options)

    @cached_property
    def asked(self) -> dict[str, Any]:
        """The understood part of the question; None, "" or [] where nothing was asked."""
        self.form.is_valid()
        values = {name: self.form.cleaned_data.get(name) for name in self.filters}
        return values | {name: values[name] or default for name, default in DEFAULTS.items()}

    @cached_property
    def parameters(self) -> list[tuple[str, str]]:
        """The understood question as an address names it: the same question, the same address."""
        return [
            (name, value)
            for name in self.filters
            for value in self.written(name)
            if value and value != DEFAULTS.get(name)
        ]

    def written(self, name: str) -> list[str]:
        """The values of one part, as an address names them."""
        value, field = self.asked[name], self.form.fields[name]
        if isinstance(field, SeveralField):
            return [field.key_of(each) for each in value]
        return ["" if value is None else " ".join(str(value).split())]

    def address(
        self,
        page: int = 1,
        view: str = "career_list",
        without: tuple[str, str] = ("", ""),
        **replaced: Any,
    ) -> str:
        """The path of this question's list, without one of its values, or with others instead."""
        kept = (pair for pair in self.parameters if pair != without)
        asked = [pair for pair in kept if pair[0] not in replaced]
        asked += [(name, str(value)) for name, value in replaced.items() if value]
        order = [*self.filters, *replaced]
        asked.sort(key=lambda pair: order.index(pair[0]))
        if page > 1:
            asked.append(("page", str(page)))
        path = reverse(f"careers:{view}")
        return f"{path}?{urlencode(asked)}" if asked else path

    def without(self, name: str, value: str = "") -> "CareerFilter":
        """The same question without one of its conditions, or one `value` of it."""
        kept = [pair for pair in self.parameters if pair[0] != name or value not in ("", pair[1])]
        return self._with(kept)

    def _with(self, parameters: Iterable[tuple[str, str]]) -> "CareerFilter":
        data = QueryDict(mutable=True)
        for name, value in parameters:
            data.appendlist(name, value)
        return type(self)(data, queryset=self.queryset)

    @cached_property
    def ignored(self) -> list[Ignored]:
        """What of the question was not understood, in the order in which it was asked."""
        return list(self._ignored())

    def _ignored(self) -> Iterator[Ignored]:
        for name in self.data:
            values = self.data.getlist(name) if hasattr(self.data, "getlist") else [self.data[name]]
            if name in self.filters:
                for value, why in self._refused(name, values):
                    yield Ignored(name, value, str(why))
            elif name != "page" and not name.startswith(TRACKING):
                yield Ignored(name, values[-1], str(_("this is not a part of the question")))

    def _refused(self, name: str, values: list[str]) -> Iterator[tuple[str, object]]:
        """Which values of a part were not understood, and why."""
        field = self.form.fields[name]
        if isinstance(field, SeveralField):
            for value in field.unknown(values, self.asked[name]):
                yield value, field.why
        elif name in self.form.errors:
            yield values[-1], " ".join(self.form.errors[name])
        elif name == "q" and values[-1].strip() and not search.terms(values[-1]):
            yield values[-1], _("there is no word in it to look for")
        elif len(set(values)) > 1:
            yield values[0], TWICE

    # --- The answer ---------------------------------------------------------------------------

    @cached_property
    def bands(self) -> SalaryBandQuerySet:
        """The current bands that meet the level, employment and age asked, with their answer."""
        bands = SalaryBand.objects.current()
        for name in ("level", "engagement"):
            if self.asked[name]:
                bands = bands.filter(**{f"{name}__in": self.asked[name]})
        if self.asked["age"]:
            bands = bands.observed_since(years_before(timezone.localdate(), int(self.asked["age"])))
        return bands.with_answer(self.asked["salary_min"], self.asked["currency"])

    @cached_property
    def own_bands(self) -> SalaryBandQuerySet:
        """Those of the regions asked and their parts."""
        regions = self.asked["region"]
        return self.bands.in_region(*regions) if regions else self.bands

    @cached_property
    def wider_bands(self) -> SalaryBandQuerySet:
        """Those of the wider areas around the regions asked: offered apart."""
        regions = self.asked["region"]
        return self.bands.around(*regions) if regions else self.bands.none()

    @property
    def only_region(self) -> Region | None:
        """The region asked, where it is one."""
        regions: list[Region] = self.asked["region"]
        return regions[0] if len(regions) == 1 else None

    @property
    def asks_about_pay(self) -> bool:
        return any(self.asked[name] for name in ABOUT_PAY)

    @property
    def worded(self) -> CareerQuerySet:
        """The published careers that the words match, in any field and language."""
        careers: CareerQuerySet = self.queryset
        return careers.matching(self.asked["q"] or "")

    @property
    def matched(self) -> CareerQuerySet:
        """Those of the field and language asked, whatever they pay."""
        careers = self.worded
        if self.asked["field"]:
            careers = careers.filter(field__in=self.asked["field"])
        if self.asked["language"]:
            careers = careers.written_in(*self.asked["language"])
        return careers

    def filter_queryset(self, queryset: CareerQuerySet) -> "QuerySet[AnsweredCareer]":
        """All careers that the words match, each with its `group`; a page shows LISTED ones."""
        groups = [_group_of_best(self.own_bands, _GROUP_OF)]
        if self.asked["region"]:
            groups.append(_group_of_best(self.wider_bands, _GROUP_OF_WIDER))
        # A career nobody gives a figure for is unknown; to a narrower question it has no answer.
        rest = Group.ABSENT if self.asks_about_pay else Group.UNKNOWN
        return self._sorted(self.matched.annotate(group=Coalesce(*groups, Value(rest))))

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

    @property
    def total(self) -> int:
        """How many careers the list has."""
        return sum(self.listed_counts.values())

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
        kept = [(name, value) for name, value in self.parameters if name != "q"]
        question = self._with([("q", words), *kept])
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


def _group_of_best(bands: SalaryBandQuerySet, groups: dict[Answer, Group]) -> Subquery:
    """The group of the best answer that a career's bands give; no row without any band.

    One subquery, so that all conditions put on `bands` meet on ONE band, and named once in the
    query: a Case over the answer would run it again for each When.
    """
    cases = [When(answer=answer, then=Value(group)) for answer, group in groups.items()]
    best = bands.filter(career=OuterRef("pk")).order_by("answer")  # type: ignore[misc]  # the annotation
    group = best.annotate(group=Case(*cases)).values("group")
    return Subquery(group[:1])


def _extreme(bands: SalaryBandQuerySet, end: str, sign: str) -> Subquery:
    """The lowest `foot` or (sign "-") the highest `top` of a career's bands."""
    order = F(end).desc(nulls_last=True) if sign else F(end).asc(nulls_last=True)
    of_career = bands.best_first().filter(career=OuterRef("pk")).order_by(order)
    return Subquery(of_career.values(end)[:1])
