"""What each choice of the question would leave: counts beside regions, levels and employments."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

from django.utils.translation import gettext as _

from careers.filters import CareerFilter
from careers.models import Region, SalaryBand
from careers.salaries import Answer, Engagement, Level

Best = dict[int, int]  # the best answer of each career, by the career's primary key


class Row(NamedTuple):
    """What the counts need to know of a band; equal bands are read once."""

    career: int
    level: str
    engagement: str
    path: str
    answer: int


@dataclass(frozen=True)
class Choice:
    """One value of a facet: how many careers the list would have with it."""

    value: str
    label: str
    count: int
    is_asked: bool
    depth: int = 0


class Facets:
    """The facets of one question, from one reading of its bands.

    The count of a choice is that of the list after the click, exactly: the same groups by the
    same rules (docs/adr/0004), with that one condition replaced.
    """

    def __init__(self, question: CareerFilter, regions: Iterable[Region]) -> None:
        self.asked, self.offered = question.asked, list(regions)
        if self.asked["region"] and self.asked["region"] not in self.offered:
            self.offered.insert(0, self.asked["region"])
        self.careers = question.matched.count()
        bands = SalaryBand.objects.current().with_answer(
            self.asked["salary_min"], self.asked["currency"]
        )
        rows = bands.filter(career__in=question.matched).order_by()
        columns = ("career", "level", "engagement", "region__path", "answer")
        self.rows = [Row(*row) for row in rows.values_list(*columns).distinct()]

    @property
    def levels(self) -> list[Choice]:
        return self._choices("level", _("All levels"), Level.choices)

    @property
    def engagements(self) -> list[Choice]:
        return self._choices("engagement", _("Any employment"), Engagement.choices)

    @property
    def regions(self) -> list[Choice]:
        """Everywhere, then each region offered, in the order of the tree."""
        own: dict[str, Best] = defaultdict(dict)
        exact: dict[str, Best] = defaultdict(dict)
        for row in self._meeting(self.asked["level"], self.asked["engagement"]):
            _note(exact[row.path], row)
            for path in _upwards(row.path):
                _note(own[path], row)
        choices = [self._choice("region", "", _("Everywhere"), {"region": None})]
        for region in self.offered:
            wider: Best = {}
            for path in list(_upwards(region.path))[1:]:
                for career, answer in exact[path].items():
                    wider[career] = min(answer, wider.get(career, answer))
            count = _listed(own[region.path], wider)
            is_asked = region == self.asked["region"]
            choices.append(Choice(region.code, region.name, count, is_asked, region.depth))
        return choices

    def _choices(
        self, name: str, any_of_them: str, choices: Iterable[tuple[str | None, object]]
    ) -> list[Choice]:
        labels = [("", any_of_them), *((value, str(label)) for value, label in choices if value)]
        return [self._choice(name, value, label, {name: value}) for value, label in labels]

    def _choice(self, name: str, value: str, label: str, replaced: dict[str, str | None]) -> Choice:
        asked = {**self.asked, **replaced}
        own: Best = {}
        wider: Best = {}
        region: Region | None = asked["region"]
        for row in self._meeting(asked["level"], asked["engagement"]):
            if region is None or row.path.startswith(region.path):
                _note(own, row)
            elif region.path.startswith(row.path):
                _note(wider, row)
        count = _listed(own, wider)
        if not any(asked[each] for each in ("region", "level", "engagement")):
            # Nobody gives a figure for these: unknown, and listed as such.
            count += self.careers - len(own)
        return Choice(value, label, count, (self.asked[name] or "") == value)

    def _meeting(self, level: str, engagement: str) -> Iterator[Row]:
        for row in self.rows:
            if (not level or row.level == level) and (
                not engagement or row.engagement == engagement
            ):
                yield row


def _note(best: Best, row: Row) -> None:
    best[row.career] = min(row.answer, best.get(row.career, row.answer))


def _listed(own: Best, wider: Best) -> int:
    """How many careers are listed: all but those that answer no."""
    apart = (answer for career, answer in wider.items() if career not in own)
    return sum(answer != Answer.NO for answer in (*own.values(), *apart))


def _upwards(path: str) -> Iterator[str]:
    """The path and those of the wider areas around it: 001/150/FR/, 001/150/, 001/."""
    while path:
        yield path
        path = path.rstrip("/").rpartition("/")[0]
        path = f"{path}/" if path else ""
