"""What each choice of the question would leave: counts beside regions, levels, fields…"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from django.conf import settings
from django.utils import timezone

from careers import areas, search
from careers.answers import Answers, CareersByAnswer
from careers.areas import Placed
from careers.bitmaps import Members, Rows, size
from careers.filters import CareerFilter
from careers.models import Field, Region, active_language
from careers.models.region import paths_around
from careers.parameters import AGES, years_before
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

    def _size(self, own: CareersByAnswer, wider: CareersByAnswer, *, narrowed: bool) -> int:
        return size(self.careers & own.listed(wider, narrowed=narrowed))

    def _sizes(self, own: CareersByAnswer, wider: CareersByAnswer) -> list[int]:
        """Of several sets of figures: how many careers the list would have with each."""
        listed = self.careers & own.listed(wider, narrowed=True)
        sizes: list[int] = np.count_nonzero(listed, axis=-1).tolist()
        return sizes

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
        labels = {value: str(label) for value, label in choices if value}
        asked = frozenset(self.asked[name])
        # What would be asked after each click.
        clicked = [asked ^ {value} for value in labels]
        counts = self._counts(part, [of_values(values) for values in clicked])
        if frozenset() in clicked:
            counts[clicked.index(frozenset())] = self._count_of_all(part)
        return [
            Choice(value, label, count, value in asked)
            for (value, label), count in zip(labels.items(), counts, strict=True)
        ]

    @property
    def ages(self) -> list[Choice]:
        """Any age first; of these, one counts at a time."""
        index, today = self.answers.index, timezone.localdate()
        recent = [index.since(years_before(today, int(years))) for years, _label in AGES]
        counts = [self._count_of_all("since"), *self._counts("since", recent)]
        any_age = ("", self.question.form.fields["age"].empty_label)
        return [
            Choice(years, str(label), count, years == (self.asked["age"] or ""))
            for (years, label), count in zip((any_age, *AGES), counts, strict=True)
        ]

    def _counts(self, part: str, values: list[Rows]) -> list[int]:
        """How many careers the list has with each of these in place of what that part asks."""
        answers, rows = self.answers, self.answers.figures(but=part)
        own, wider = answers.own(rows), answers.wider(rows)
        meeting = np.stack(values)
        apart = answers.careers_of(wider & meeting) if answers.around else answers.without_figures
        return self._sizes(answers.careers_of(own & meeting), apart)

    def _count_of_all(self, part: str) -> int:
        """How many it has where that part asks nothing."""
        answers, rows = self.answers, self.answers.figures(but=part)
        own, wider = (answers.careers_of(each) for each in (answers.own(rows), answers.wider(rows)))
        return self._size(own, wider, narrowed=answers.asked.narrows(but=part))

    @cached_property
    def regions(self) -> list[Choice]:
        """Each region offered, in the order of the tree."""
        answers, asked, offered = self.answers, self.answers.paths, self._offered()
        paths = tuple(each.region.path for each in offered)
        if not paths:
            return []
        own, wider = answers.within_each(paths), answers.around_each(paths)
        if asked:
            own, wider = own | self._own, wider | self._wider
        counts = dict(zip(paths, self._sizes(own, wider), strict=True))
        counts |= {path: self._count_without(path) for path in asked}
        return [
            Choice(region.code, name, counts[region.path], region.path in asked, depth)
            for region, name, depth, _around in offered
        ]

    def _count_without(self, path: str) -> int:
        """How many careers the list has when one of the regions asked is unticked."""
        answers, rows, rest = self.answers, self.answers.figures(), self.answers.paths - {path}
        if not rest:
            narrows = answers.asked.narrows(but="regions")
            own, wider = answers.careers_of(rows), answers.without_figures
            return self._size(own, wider, narrowed=narrows)
        own = answers.careers_of(rows & answers.index.within(rest))
        wider = answers.careers_of(rows & answers.index.at(paths_around(rest)))
        return self._size(own, wider, narrowed=True)

    @property
    def opens(self) -> bool:
        """Whether ticking a region brings its parts: there are too many to offer all at once."""
        return len(self._all_regions) > MOST_REGIONS

    @cached_property
    def _all_regions(self) -> list[Placed]:
        return areas.placed(self.answers.index, self.answers.state)

    def _offered(self) -> list[Placed]:
        """All regions that have figures, or of a large tree what is around and below those asked
        and its upper levels."""
        offered, paths = self._all_regions, self.answers.paths
        unknown = paths.difference([each.region.path for each in offered])
        if self.opens:
            deepest = sorted([each.depth for each in offered])[MOST_REGIONS] - 1
            opened = {*paths, *self.answers.around}
            offered = [each for each in offered if each.depth <= deepest or each.around in opened]
        asked: list[Region] = self.asked["region"]
        return [*(Placed.of(region) for region in asked if region.path in unknown), *offered]

    # --- Facets of careers --------------------------------------------------------------------

    @cached_property
    def _own(self) -> CareersByAnswer:
        return self.answers.careers_of(self.answers.own(self.answers.figures()))

    @cached_property
    def _wider(self) -> CareersByAnswer:
        return self.answers.careers_of(self.answers.wider(self.answers.figures()))

    @cached_property
    def _listed(self) -> Members:
        """The careers listed, of any field and language, whatever words they have."""
        return self._own.listed(self._wider, narrowed=self.answers.asked.narrows())

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
