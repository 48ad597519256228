"""The public question: CareerFilter validates it and answers it, whoever prints the answer."""

from collections.abc import Callable, Iterable, Iterator
from datetime import date
from functools import cached_property
from itertools import chain, islice
from typing import Any
from urllib.parse import urlencode

import django_filters
import numpy as np
from django.conf import settings
from django.forms import Form
from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from careers import search
from careers.addresses import address
from careers.answers import LISTED, Answers, Asked, Group
from careers.bitmaps import Members, Numbers, size
from careers.models import Career, CareerQuerySet, Region, SalaryBand, active_language
from careers.models.salary_band import SalaryBandQuerySet
from careers.parameters import (
    AGES,
    SORTS,
    AmountFilter,
    ChoicesFilter,
    CurrencyFilter,
    FieldsFilter,
    Ignored,
    Parts,
    RegionsFilter,
    SeveralField,
    form_of,
    refused,
    unknown,
    years_before,
)
from careers.salaries import Engagement, Level

MAX_AMOUNT = 1_000_000_000
FIGURES_SHOWN = 3
CORRECTIONS_SHOWN = 2
DEFAULTS = {"currency": "EUR", "sort": "relevance"}


class CareerFilter(django_filters.FilterSet):
    """`q`, `region`, `salary_min`, `currency`, `level`, `engagement`, `field`, `age`, `language`,
    `sort` over published careers; regions, levels, employments, fields and languages may be
    several.

    Conditions on pay are collected and meet on ONE band: declared the usual way each would join
    the bands again and match another one. What is not understood is ignored and named in
    `ignored`; the rest of the question is answered.
    """

    q = django_filters.CharFilter(max_length=200, label=_("Job or word"))
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

    def __init__(self, data: QueryDict | None = None, **options: Any) -> None:
        # Bound even to nothing: an empty question is a question, too.
        super().__init__(QueryDict() if data is None else data, **options)

    def get_form_class(self) -> type[Form]:
        return _FORM

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
        asked = [pair for pair in self.parameters if pair != without and pair[0] not in replaced]
        if replaced:
            asked += [(name, str(value)) for name, value in replaced.items() if value]
            order = [*self.filters, *replaced]
            asked.sort(key=lambda pair: order.index(pair[0]))
        if page > 1:
            asked.append(("page", str(page)))
        path = address(view)
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
        for name, values in self.data.lists():
            if name in self.filters:
                for value, why in self.refused(name, values):
                    yield Ignored(name, value, str(why))
            elif name != "page":
                yield from unknown(name, values[-1])

    def refused(self, name: str, values: list[str]) -> Iterator[tuple[str, object]]:
        """Which values of a part were not understood, and why."""
        is_words = name == "q" and name not in self.form.errors and values[-1].strip()
        if is_words and not search.terms(values[-1]):
            yield values[-1], _("there is no word in it to look for")
        else:
            yield from refused(self.form, name, values)

    # --- The answer ---------------------------------------------------------------------------

    @cached_property
    def bands(self) -> SalaryBandQuerySet:
        """The current bands that meet the level, employment and age asked, with their answer."""
        bands = SalaryBand.objects.current()
        for name in ("level", "engagement"):
            if self.asked[name]:
                bands = bands.filter(**{f"{name}__in": self.asked[name]})
        if self._since:
            bands = bands.observed_since(self._since)
        return bands.with_answer(self.asked["salary_min"], self.asked["currency"])

    @property
    def _since(self) -> date | None:
        age = self.asked["age"]
        return years_before(timezone.localdate(), int(age)) if age else None

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

    @cached_property
    def careers(self) -> CareerQuerySet:
        """The published ones of the queryset: what is asked about."""
        queryset: CareerQuerySet = self.queryset
        return queryset.published()

    @property
    def worded(self) -> CareerQuerySet:
        """Those that the words match, in any field and language."""
        return self.careers.matching(self.asked["q"] or "")

    @property
    def matched(self) -> CareerQuerySet:
        """Those of the field and language asked, whatever they pay."""
        careers = self.worded
        if self.asked["field"]:
            careers = careers.filter(field__in=self.asked["field"])
        if self.asked["language"]:
            careers = careers.written_in(*self.asked["language"])
        return careers

    @cached_property
    def answers(self) -> Answers:
        asked = self.asked
        pay = Asked(
            asked["salary_min"],
            asked["currency"],
            tuple(asked["level"]),
            tuple(asked["engagement"]),
            self._since,
            asked["region"],
        )
        return Answers(pay)

    @cached_property
    def _most_relevant(self) -> Numbers:
        """The careers that the words match, the best match first."""
        words = self.asked["q"] or ""

        def read() -> Numbers:
            careers = self.worded.by_relevance(words)
            return np.array([*careers.values_list("pk", flat=True)], np.int64)

        numbers: Numbers = self._kept_of_public(("relevant", words, active_language()), read)
        return numbers

    @cached_property
    def _with_words(self) -> Members:
        """The same as a set."""
        return self.answers.index.careers(self._most_relevant.tolist())

    def _kept_of_public(self, key: tuple[str, ...], make: Callable[[], Any]) -> Any:
        """Remembered by the index until other careers are public: whoever changes another part of
        the question needs the same again."""
        return self.answers.index.kept((*key, self.answers.public().tobytes()), make)

    def matching(self, but: str = "") -> Members:
        """The public careers that match the words, field and language asked; `but` leaves "field"
        or "language" out."""
        index, careers = self.answers.index, self.answers.public()
        if search.terms(self.asked["q"] or ""):
            careers = careers & self._with_words
        if self.asked["field"] and but != "field":
            careers = careers & index.in_fields(field.pk for field in self.asked["field"])
        if self.asked["language"] and but != "language":
            careers = careers & index.written_in(self.asked["language"])
        return careers

    @cached_property
    def groups(self) -> dict[Group, Members]:
        """The careers that match, as sets: each in its group, in the order of the page."""
        matching, groups = self.matching(), self.answers.groups()
        return {group: matching & groups[group] for group in Group}

    def _ordered(self, group: Group) -> list[int]:
        """The numbers of the group's careers, in the order asked."""
        sort, index, careers = self.asked["sort"], self.answers.index, self.groups[group]
        if sort == "newest":
            return index.members(careers, index.ordered("newest"))
        if sort == "relevance" and search.terms(self.asked["q"] or ""):
            return index.members(careers, self._most_relevant)
        by_title = index.members(careers, index.ordered(active_language()))
        if sort in ("pay_up", "pay_down"):
            return self.answers.by_pay(by_title, lowest=sort == "pay_up")
        return by_title

    def numbers(self, groups: Iterable[Group], part: slice = slice(None)) -> dict[int, Group]:
        """The careers of these groups, one after the other, or a part of them: number and group."""
        first, last, _step = part.indices(sum(self.counts[group] for group in groups))
        found: dict[int, Group] = {}
        for group in groups:
            count = self.counts[group]
            if first < count and last > 0:
                of_group = self._ordered(group)[max(first, 0) : last]
                found |= dict.fromkeys(of_group, group)
            first, last = first - count, last - count
        return found

    def listed(self, most: int | None = None) -> list[Career]:
        """The careers that the list has, or the first of them, in its order."""
        numbers = self.numbers(LISTED, slice(most))
        careers = self.careers.in_bulk(numbers)
        return [careers[pk] for pk in numbers if pk in careers]

    def filter_queryset(self, queryset: CareerQuerySet) -> CareerQuerySet:
        """The same in no order, for what goes on in the database."""
        return queryset.filter(pk__in=list(self.numbers(LISTED)))

    @cached_property
    def counts(self) -> dict[Group, int]:
        """How many careers each group has."""
        return {group: size(careers) for group, careers in self.groups.items()}

    @property
    def listed_counts(self) -> dict[Group, int]:
        return {group: self.counts[group] for group in LISTED}

    @property
    def total(self) -> int:
        """How many careers the list has."""
        return sum(self.listed_counts.values())

    @cached_property
    def corrections(self) -> list[str]:
        """Up to two other wordings of a question whose words no published career has, or words of
        it that one has, each with something to list under the same other conditions."""
        asked: str = self.asked["q"] or ""
        if not search.terms(asked) or self.matching().any():
            return []
        titles = self.careers.values_list("title_fr", "title_en").order_by()
        known = self._kept_of_public(
            ("vocabulary",), lambda: search.vocabulary(chain.from_iterable(titles))
        )
        for candidates in (search.corrections(asked, known), search.words_alone(asked, known)):
            if answered := list(islice(filter(self._is_answered, candidates), CORRECTIONS_SHOWN)):
                return answered
        return []

    def _is_answered(self, words: str) -> bool:
        """Whether the list has a career when the question's words are these."""
        kept = [(name, value) for name, value in self.parameters if name != "q"]
        question = self._with([("q", words), *kept])
        return question.asked["q"] == words and question.total > 0

    def best(self, careers: Iterable[int]) -> dict[int, list[int]]:
        """For each career's pk the numbers of the bands to show, own or else wider, the best
        first."""
        rows = self.answers.figures()
        areas = {False: self.answers.own(rows), True: self.answers.wider(rows)}
        known = dict.fromkeys(careers)
        apart = set(self.answers.index.members(self.groups[Group.WIDER], known))
        return {pk: self.answers.best(pk, areas[pk in apart], FIGURES_SHOWN) for pk in known}


CareerFilter.base_filters = Parts(CareerFilter.base_filters)
_FORM = form_of(CareerFilter.base_filters)
