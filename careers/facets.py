"""What each choice of the question would leave: counts beside regions, levels, fields…"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

from django.conf import settings
from django.db.models import Case, Value, When
from django.utils import timezone

from careers import search
from careers.filters import ABOUT_PAY, AGES, CareerFilter
from careers.models import Field, Region, SalaryBand
from careers.models.region import paths_around
from careers.parameters import years_before
from careers.salaries import Answer, Engagement, Level

# How a career stands: the answer of its best band; that of a wider area comes after any own one.
Standing = dict[int, int]
_WIDER = len(Answer)


class Row(NamedTuple):
    """What the counts need to know of a band; equal bands are read once."""

    career: int
    level: str
    engagement: str
    path: str
    age: int
    answer: int


class Worded(NamedTuple):
    """A career that the words match: the slug of its field, "" without, and its languages."""

    field: str
    languages: set[str]


@dataclass(frozen=True)
class Choice:
    """One value of a facet: how many careers the list has once it is ticked, or unticked again."""

    value: str
    label: str
    count: int
    is_asked: bool
    depth: int = 0


class Facets:
    """The facets of one question, from one reading of its bands.

    The count of a choice is that of the list after the click, exactly: the same groups by the
    same rules (docs/adr/0004), with that one value added or taken away.
    """

    def __init__(self, question: CareerFilter, regions: Iterable[Region]) -> None:
        self.question, self.asked = question, question.asked
        known = list(regions)
        self.offered = [*(each for each in self.asked["region"] if each not in known), *known]
        self.paths = frozenset(region.path for region in self.asked["region"])
        self.max_age = int(self.asked["age"] or 0)
        bands = SalaryBand.objects.current().with_answer(
            self.asked["salary_min"], self.asked["currency"]
        )
        rows = bands.filter(career__in=question.worded).annotate(age=_age()).order_by()
        columns = ("career", "level", "engagement", "region__path", "age", "answer")
        self.rows = [Row(*row) for row in rows.values_list(*columns).distinct()]

    # --- Facets of pay ------------------------------------------------------------------------

    @property
    def levels(self) -> list[Choice]:
        return self._of_bands("level", Level.choices)

    @property
    def engagements(self) -> list[Choice]:
        return self._of_bands("engagement", Engagement.choices)

    def _of_bands(self, name: str, choices: Iterable[tuple[Any, object]]) -> list[Choice]:
        rows = [row for row in self._own_rows(but=name) if self._is_counted(row)]
        of_value = self._best_by(rows, lambda row: (getattr(row, name),))
        everything = _merged(of_value.values())
        asked = frozenset(self.asked[name])
        narrowed = self._narrows(but=name)

        def count(values: frozenset[str]) -> int:
            best = _merged(of_value[value] for value in values) if values else everything
            return self._listed(best, narrowed or bool(values))

        return [
            Choice(value, str(label), count(asked ^ {value}), value in asked)
            for value, label in choices
            if value
        ]

    @property
    def ages(self) -> list[Choice]:
        """Any age first; of these, one counts at a time."""
        rows = [row for row in self._own_rows(but="age") if self._is_counted(row)]
        narrowed = self._narrows(but="age")

        def count(years: int) -> int:
            best = self._best(row for row in rows if not years or row.age <= years)
            return self._listed(best, narrowed or bool(years))

        any_age = ("", self.question.form.fields["age"].empty_label)
        return [
            Choice(value, str(label), count(int(value or 0)), value == (self.asked["age"] or ""))
            for value, label in (any_age, *AGES)
        ]

    @property
    def regions(self) -> list[Choice]:
        """Each region offered, in the order of the tree."""
        rows = [row for row in self._own_rows(but="region") if self._is_counted(row)]
        exact = self._best_by(rows, lambda row: (row.path,), stand=_as_own)
        own = self._best_by(rows, lambda row: _upwards(row.path), stand=_as_own)
        everywhere = _merged(exact.values())
        narrowed = self._narrows(but="region")

        def count(paths: frozenset[str]) -> int:
            if not paths:
                return self._listed(everywhere, narrowed)
            around = _merged(exact[path] for path in paths_around(paths))
            apart = {career: answer + _WIDER for career, answer in around.items()}
            return self._listed(_merged([*(own[path] for path in paths), apart]), True)

        return [
            Choice(
                region.code,
                region.name,
                count(self.paths ^ {region.path}),
                region.path in self.paths,
                region.depth,
            )
            for region in self.offered
        ]

    # --- Facets of careers --------------------------------------------------------------------

    @cached_property
    def fields(self) -> list[Choice]:
        """Each field that has careers, in the order of the page."""
        fields = sorted(
            {*self.asked["field"], *Field.objects.counted(self.question.queryset)},
            key=lambda field: search.fold(field.name),
        )
        asked = frozenset(field.slug for field in self.asked["field"])
        choices = [(field.slug, field.name) for field in fields]
        return self._of_careers("field", choices, asked, lambda career: {career.field})

    @property
    def languages(self) -> list[Choice]:
        asked = frozenset(self.asked["language"])
        names = [(code, str(name)) for code, name in settings.LANGUAGES]
        return self._of_careers("language", names, asked, lambda career: career.languages)

    def _of_careers(
        self,
        name: str,
        choices: list[tuple[str, str]],
        asked: frozenset[str],
        values_of: Callable[[Worded], set[str]],
    ) -> list[Choice]:
        best = self._best(self._own_rows(but=name))
        absent = Answer.NO if self._narrows(but="") else Answer.UNKNOWN
        listed = [
            values_of(career)
            for pk, career in self.careers.items()
            if self._meets(career, but=name) and _is_listed(best.get(pk, absent))
        ]

        def count(values: frozenset[str]) -> int:
            return sum(not values or not values.isdisjoint(own) for own in listed)

        return [
            Choice(value, label, count(asked ^ {value}), value in asked) for value, label in choices
        ]

    @cached_property
    def careers(self) -> dict[int, Worded]:
        """What the words match, with what the facets of careers need to know of each."""
        worded = self.question.worded
        fields = worded.order_by().values_list("pk", "field__slug")
        careers = {pk: Worded(field or "", set()) for pk, field in fields}
        for code, _name in settings.LANGUAGES:
            for pk in worded.written_in(code).order_by().values_list("pk", flat=True):
                careers[pk].languages.add(code)
        return careers

    @cached_property
    def counted(self) -> set[int]:
        """The careers of the fields and languages asked."""
        return {pk for pk, career in self.careers.items() if self._meets(career)}

    def _meets(self, career: Worded, but: str = "") -> bool:
        fields = () if but == "field" else [field.slug for field in self.asked["field"]]
        languages = () if but == "language" else self.asked["language"]
        return (not fields or career.field in fields) and (
            not languages or not career.languages.isdisjoint(languages)
        )

    def _is_counted(self, row: Row) -> bool:
        return row.career in self.counted

    # --- Rows ---------------------------------------------------------------------------------

    def _own_rows(self, but: str) -> Iterator[Row]:
        """The rows that meet every condition on pay but that one; of words' careers, any field."""
        levels = () if but == "level" else self.asked["level"]
        engagements = () if but == "engagement" else self.asked["engagement"]
        age = 0 if but == "age" else self.max_age
        for row in self.rows:
            if (
                (not levels or row.level in levels)
                and (not engagements or row.engagement in engagements)
                and (not age or row.age <= age)
            ):
                yield row

    @cached_property
    def around(self) -> set[str]:
        return paths_around(self.paths)

    def _stand(self, row: Row) -> int | None:
        """How a row stands to the regions asked; None where it is neither in nor around them."""
        if not self.paths or row.path.startswith(tuple(self.paths)):
            return row.answer
        return row.answer + _WIDER if row.path in self.around else None

    def _best(self, rows: Iterable[Row]) -> Standing:
        return self._best_by(rows, lambda row: ("",))[""]

    def _best_by(
        self,
        rows: Iterable[Row],
        keys: Callable[[Row], Iterable[str]],
        stand: Callable[[Row], int | None] | None = None,
    ) -> dict[str, Standing]:
        """The best standing of each career, under each key of its rows."""
        best: dict[str, Standing] = defaultdict(dict)
        stand = stand or self._stand
        for row in rows:
            standing = stand(row)
            if standing is not None:
                for key in keys(row):
                    known = best[key].get(row.career, standing)
                    best[key][row.career] = min(standing, known)
        return best

    def _narrows(self, but: str) -> bool:
        """Whether the question asks about pay, apart from that one part."""
        return any(self.asked[name] for name in ABOUT_PAY if name != but)

    def _listed(self, best: Standing, narrowed: bool) -> int:
        """How many careers are listed: all but those that answer no, or not at all."""
        listed = sum(map(_is_listed, best.values()))
        # Nobody gives a figure for the others: unknown, and listed as such, unless pay is asked.
        return listed if narrowed else listed + len(self.counted) - len(best)


def _as_own(row: Row) -> int:
    return row.answer


def _is_listed(standing: int) -> bool:
    return standing % _WIDER != Answer.NO


def _merged(standings: Iterable[Standing]) -> Standing:
    """The best of each career in all of these."""
    best: Standing = {}
    for each in standings:
        for career, standing in each.items():
            best[career] = min(standing, best.get(career, standing))
    return best


def _age() -> Case:
    """The least of AGES that a band is within, or more than any."""
    today = timezone.localdate()
    within = [
        When(observed_on__gte=years_before(today, int(years)), then=Value(int(years)))
        for years, _label in AGES
    ]
    return Case(*within, default=Value(1_000))


def _upwards(path: str) -> Iterator[str]:
    """The path and those of the wider areas around it: 001/150/FR/, 001/150/, 001/."""
    yield path
    yield from paths_around([path])
