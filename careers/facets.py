"""What each choice of the question would leave: counts beside regions, levels, fields…"""

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

from django.conf import settings
from django.db.models import Case, Min, Value, When
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
    """The best answer of bands that are alike but for their amounts and sources."""

    career: int
    level: str
    engagement: str
    path: str
    age: int
    answer: int


_PATH = Row._fields.index("path")


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
        columns = ("career", "level", "engagement", "region__path", "age")
        best = rows.values_list(*columns).annotate(best=Min("answer"))
        self.rows = [Row(*row) for row in best]

    # --- Facets of pay ------------------------------------------------------------------------

    @property
    def levels(self) -> list[Choice]:
        return self._of_bands("level", Level.choices)

    @property
    def engagements(self) -> list[Choice]:
        return self._of_bands("engagement", Engagement.choices)

    def _of_bands(self, name: str, choices: Iterable[tuple[Any, object]]) -> list[Choice]:
        of_value = self._best_by(name)
        asked = frozenset(self.asked[name])

        def count(values: frozenset[str]) -> int:
            best = _merged(of_value[value] for value in values or of_value)
            return self._listed(best, self._narrows(but=name) or bool(values))

        return [
            Choice(value, str(label), count(asked ^ {value}), value in asked)
            for value, label in choices
            if value
        ]

    @property
    def ages(self) -> list[Choice]:
        """Any age first; of these, one counts at a time."""
        of_age = self._best_by("age")

        def count(years: int) -> int:
            best = _merged(of_age[age] for age in of_age if not years or age <= years)
            return self._listed(best, self._narrows(but="age") or bool(years))

        any_age = ("", self.question.form.fields["age"].empty_label)
        return [
            Choice(value, str(label), count(int(value or 0)), value == (self.asked["age"] or ""))
            for value, label in (any_age, *AGES)
        ]

    @property
    def regions(self) -> list[Choice]:
        """Each region offered, in the order of the tree."""
        exact = self._best_by("path", everywhere=True)
        own = _with_parts(exact)

        def count(paths: frozenset[str]) -> int:
            if not paths:
                return self._listed(_merged(exact.values()), self._narrows(but="region"))
            around = _merged(exact[path] for path in paths_around(paths) if path in exact)
            apart = {career: answer + _WIDER for career, answer in around.items()}
            return self._listed(_merged([apart, *(own[path] for path in paths)]), True)

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
        best = _merged(self._standings(self._rows_meeting(), _PATH).values())
        absent = Answer.NO if self.question.asks_about_pay else Answer.UNKNOWN
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

    # --- Rows ---------------------------------------------------------------------------------

    def _rows_meeting(self, but: str = "") -> list[Row]:
        """The rows that meet every condition on pay but that one, in whatever region."""
        rows = self.rows
        if self.asked["level"] and but != "level":
            rows = [row for row in rows if row.level in self.asked["level"]]
        if self.asked["engagement"] and but != "engagement":
            rows = [row for row in rows if row.engagement in self.asked["engagement"]]
        if self.max_age and but != "age":
            rows = [row for row in rows if row.age <= self.max_age]
        return rows

    def _best_by(self, name: str, *, everywhere: bool = False) -> dict[Any, Standing]:
        """By the value of that column, the best standing of each career in the rows that meet the
        other conditions; `everywhere` takes the figures of all regions for the same."""
        rows = self._rows_meeting(but=name)
        if self.asked["field"] or self.asked["language"]:
            rows = [row for row in rows if row.career in self.counted]
        return self._standings(rows, Row._fields.index(name), everywhere)

    def _standings(
        self, rows: list[Row], column: int, everywhere: bool = False
    ) -> dict[Any, Standing]:
        best: dict[Any, Standing] = defaultdict(dict)
        apart = {path: self._apart(path) for path in {row.path for row in rows}}
        for row in rows:
            off = 0 if everywhere else apart[row.path]
            if off is not None:
                known, standing = best[row[column]], row.answer + off
                if known.get(row.career, standing) >= standing:
                    known[row.career] = standing
        return best

    @cached_property
    def around(self) -> set[str]:
        return paths_around(self.paths)

    def _apart(self, path: str) -> int | None:
        """What a figure there adds to its answer: 0 within the regions asked, _WIDER around them,
        None elsewhere."""
        if not self.paths or path.startswith(tuple(self.paths)):
            return 0
        return _WIDER if path in self.around else None

    def _narrows(self, but: str) -> bool:
        """Whether the question asks about pay, apart from that one part."""
        return any(self.asked[name] for name in ABOUT_PAY if name != but)

    def _listed(self, best: Standing, narrowed: bool) -> int:
        """How many careers are listed: all but those that answer no, or not at all."""
        listed = sum(map(_is_listed, best.values()))
        # Nobody gives a figure for the others: unknown, and listed as such, unless pay is asked.
        return listed if narrowed else listed + len(self.counted) - len(best)


def _is_listed(standing: int) -> bool:
    return standing % _WIDER != Answer.NO


def _merged(standings: Iterable[Standing]) -> Standing:
    """The best of each career in all of these."""
    best: Standing = {}
    for each in standings:
        if not best:
            best = dict(each)
            continue
        for career, standing in each.items():
            if best.get(career, standing) >= standing:
                best[career] = standing
    return best


def _age() -> Case:
    """The least of AGES that a band is within, or more than any."""
    today = timezone.localdate()
    within = [
        When(observed_on__gte=years_before(today, int(years)), then=Value(int(years)))
        for years, _label in AGES
    ]
    return Case(*within, default=Value(1_000))


def _with_parts(exact: dict[str, Standing]) -> dict[str, Standing]:
    """By path, the best standings of each area with all its parts."""
    own: dict[str, Standing] = defaultdict(dict)
    for path, standings in exact.items():
        for area in (path, *paths_around([path])):
            own[area] = _merged([own[area], standings])
    return own
