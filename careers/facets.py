"""What each choice of the question would leave: counts beside regions, levels, fields…"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property, reduce
from operator import or_
from typing import Any

from django.conf import settings
from django.utils import timezone

from careers import areas, search
from careers.answers import Answers, Stand
from careers.areas import Placed
from careers.bitmaps import Members, Rows, size
from careers.filters import AGES, CareerFilter
from careers.models import Field, Region, active_language
from careers.models.region import paths_around
from careers.parameters import years_before
from careers.salaries import Engagement, Level

# So many regions are offered at once; of a larger tree, the parts of what is ticked.
MOST_REGIONS = 60


@dataclass(frozen=True)
class Choice:
    """One value of a facet: how many careers the list has once it is ticked, or unticked again."""

    value: str
    label: str
    count: int
    is_asked: bool
    depth: int = 0


class Facets:
    """The facets of one question.

    The count of a choice is that of the list after the click, exactly: the same groups by the
    same rules (docs/adr/0004), with that one value added or taken away.
    """

    def __init__(self, question: CareerFilter) -> None:
        self.question, self.asked = question, question.asked
        self.answers: Answers = question.answers
        self.careers = question.matching()

    def _count(self, own: Stand, wider: Stand, *, narrowed: bool) -> int:
        return size(self.careers & own.listed(wider, narrowed=narrowed))

    # --- Facets of pay ------------------------------------------------------------------------

    @property
    def levels(self) -> list[Choice]:
        of_values = self.answers.index.at_levels
        return self._of_figures("level", "levels", Level.choices, of_values)

    @property
    def engagements(self) -> list[Choice]:
        of_values = self.answers.index.with_engagements
        return self._of_figures("engagement", "engagements", Engagement.choices, of_values)

    def _of_figures(
        self,
        name: str,
        part: str,
        choices: Iterable[tuple[Any, object]],
        of_values: Callable[[Iterable[str]], Rows],
    ) -> list[Choice]:
        answers, rows = self.answers, self.answers.figures(but=part)
        own, wider = answers.own(rows), answers.wider(rows)
        asked = frozenset(self.asked[name])
        narrows = answers.asked.narrows(but=part)

        def stands(value: str) -> tuple[Stand, Stand]:
            meeting = of_values([value])
            return answers.stand(own & meeting), answers.stand(wider & meeting)

        each = {value: stands(value) for value, _label in choices if value}

        def count(values: frozenset[str]) -> int:
            if not values:
                return self._count(answers.stand(own), answers.stand(wider), narrowed=narrows)
            said = [each[value] for value in values]
            return self._count(
                reduce(or_, (own for own, _wider in said)),
                reduce(or_, (wider for _own, wider in said)),
                narrowed=True,
            )

        return [
            Choice(value, str(label), count(asked ^ {value}), value in asked)
            for value, label in choices
            if value
        ]

    @property
    def ages(self) -> list[Choice]:
        """Any age first; of these, one counts at a time."""
        answers, today = self.answers, timezone.localdate()
        rows = answers.figures(but="since")
        own, wider = answers.own(rows), answers.wider(rows)
        narrows = answers.asked.narrows(but="since")

        def count(years: str) -> int:
            if not years:
                return self._count(answers.stand(own), answers.stand(wider), narrowed=narrows)
            recent = answers.index.since(years_before(today, int(years)))
            return self._count(
                answers.stand(own & recent), answers.stand(wider & recent), narrowed=True
            )

        any_age = ("", self.question.form.fields["age"].empty_label)
        return [
            Choice(years, str(label), count(years), years == (self.asked["age"] or ""))
            for years, label in (any_age, *AGES)
        ]

    @cached_property
    def regions(self) -> list[Choice]:
        """Each region offered, in the order of the tree."""
        answers, paths = self.answers, self.answers.paths
        rows = answers.figures()
        narrows = answers.asked.narrows(but="regions")

        def count(asked: frozenset[str]) -> int:
            if not asked:
                return self._count(answers.stand(rows), answers.nothing, narrowed=narrows)
            own = reduce(or_, map(answers.within, asked))
            wider = reduce(or_, map(answers.at, paths_around(asked)), answers.nothing)
            return self._count(own, wider, narrowed=True)

        return [
            Choice(
                region.code,
                region.name,
                count(paths ^ {region.path}),
                region.path in paths,
                region.depth,
            )
            for region in self._offered()
        ]

    @property
    def opens(self) -> bool:
        """Whether ticking a region brings its parts: there are too many to offer all at once."""
        return len(self._all_regions) > MOST_REGIONS

    @cached_property
    def _all_regions(self) -> list[Placed]:
        return areas.placed(self.answers.index, self.answers.state)

    def _offered(self) -> list[Region]:
        """All regions that have figures, or of a large tree what is around and below those asked
        and its upper levels."""
        offered, paths = self._all_regions, self.answers.paths
        unknown = paths.difference(each.region.path for each in offered)
        if self.opens:
            deepest = sorted(each.depth for each in offered)[MOST_REGIONS] - 1
            opened = {*paths, *self.answers.around}
            offered = [each for each in offered if each.depth <= deepest or each.around in opened]
        return [
            *(region for region in self.asked["region"] if region.path in unknown),
            *(each.region for each in offered),
        ]

    # --- Facets of careers --------------------------------------------------------------------

    @cached_property
    def _listed(self) -> Members:
        """The careers listed, of any field and language, whatever words they have."""
        answers, rows = self.answers, self.answers.figures()
        own, wider = answers.stand(answers.own(rows)), answers.stand(answers.wider(rows))
        return own.listed(wider, narrowed=answers.asked.narrows())

    @cached_property
    def fields(self) -> list[Choice]:
        """Each field that has careers, in the order of the page."""
        index, public = self.answers.index, self.answers.public()
        language = active_language()
        known = index.kept(
            ("fields", language),
            lambda: sorted(Field.objects.all(), key=lambda field: search.fold(field.name)),
        )
        fields = [
            field
            for field in known
            if field in self.asked["field"] or (public & index.in_fields([field.pk])).any()
        ]
        numbers = {field.slug: field.pk for field in fields}
        return self._of_careers(
            "field",
            [(field.slug, field.name) for field in fields],
            frozenset(field.slug for field in self.asked["field"]),
            lambda slugs: index.in_fields(numbers[slug] for slug in slugs),
        )

    @property
    def languages(self) -> list[Choice]:
        asked = frozenset(self.asked["language"])
        names = [(code, str(name)) for code, name in settings.LANGUAGES]
        return self._of_careers("language", names, asked, self.answers.index.written_in)

    def _of_careers(
        self,
        name: str,
        choices: Iterable[tuple[str, str]],
        asked: frozenset[str],
        of_values: Callable[[Iterable[str]], Members],
    ) -> list[Choice]:
        listed = self.question.matching(but=name) & self._listed

        def count(values: frozenset[str]) -> int:
            return size(listed & of_values(values) if values else listed)

        return [
            Choice(value, label, count(asked ^ {value}), value in asked) for value, label in choices
        ]
