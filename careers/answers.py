"""How every career stands to a question: the four answers, over sets (docs/adr/0004, 0014)."""

from collections.abc import Callable, Collection, Iterable
from datetime import date
from functools import cached_property
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from django.db.models import IntegerChoices
from django.utils.translation import gettext_lazy as _

from careers import index
from careers.bitmaps import Members, Rows
from careers.index import Index
from careers.models import Region
from careers.models.region import paths_around


class Group(IntegerChoices):
    """Where a career stands in the answer, in the order of the page."""

    SURE = 0, _("Sure")
    POSSIBLE = 1, _("Possible")
    UNKNOWN = 2, _("No figure")
    WIDER = 3, _("Wider area only")
    BELOW = 4, _("Below")
    ABSENT = 5, _("Nothing for this choice")


LISTED = (Group.SURE, Group.POSSIBLE, Group.UNKNOWN, Group.WIDER)


class Asked(NamedTuple):
    """The conditions on pay of a question: one figure has to meet them all."""

    threshold: int | None
    currency: str
    levels: Collection[str] = ()
    engagements: Collection[str] = ()
    since: date | None = None
    regions: Collection[Region] = ()

    def narrows(self, but: str = "") -> bool:
        """Whether it asks for figures of certain levels, employments, ages or regions alone; `but`
        is a part not to look at.

        A career without such a figure then is ABSENT; where nothing narrows, it is UNKNOWN.
        """
        parts = ("levels", "engagements", "since", "regions")
        return any(getattr(self, part) for part in parts if part != but)


class CareersByAnswer(NamedTuple):
    """The careers that have any of some figures, that have one which reaches the amount asked or
    may, and that have one below it.

    `said` holds these three as truths, one for each career: its shape is (3, careers), or
    (3, sets, careers) for several sets of figures at once.
    """

    said: npt.NDArray[np.bool_]

    def __or__(self, other: "CareersByAnswer") -> "CareersByAnswer":
        """Each of several sets of figures together with the one set of `other`."""
        return CareersByAnswer(self.said | other.said[:, np.newaxis])

    @property
    def nbytes(self) -> int:
        return self.said.nbytes

    @property
    def held(self) -> Members:
        held: Members = self.said[0]
        return held

    @property
    def not_below(self) -> Members:
        """The careers that have one of the figures, and whose best answer is not no."""
        held, reached, below = self.said
        found: Members = reached | (held > below)
        return found

    def listed(self, wider: "CareersByAnswer", *, narrowed: bool) -> Members:
        """The careers, public or not, that the list shows when these are the figures that count,
        and `wider` those of wider areas, for careers that have none of these."""
        listed = self.not_below | (wider.not_below & ~self.held)
        return listed if narrowed else listed | ~(self.held | wider.held)


class Answers:
    """Where careers stand, in the state of the content at this moment."""

    def __init__(self, asked: Asked) -> None:
        self.index: Index
        self.asked = asked
        self.index, self.state = index.current()
        self.by_answer = self.index.figures_by_answer(asked.threshold, asked.currency)
        self.paths = frozenset(region.path for region in asked.regions)
        self.around = paths_around(self.paths)

    def public(self) -> Members:
        return self.index.public(self.state)

    # --- Figures ------------------------------------------------------------------------------

    def figures(self, but: str = "") -> Rows:
        """Those that meet the level, employment and age asked, or all of these but one."""
        asked, rows = self.asked, self.index.table.rows
        if asked.levels and but != "levels":
            rows = rows & self.index.at_levels(asked.levels)
        if asked.engagements and but != "engagements":
            rows = rows & self.index.with_engagements(asked.engagements)
        if asked.since and but != "since":
            rows = rows & self.index.since(asked.since)
        return rows

    def own(self, rows: Rows) -> Rows:
        """Those of the regions asked and their parts."""
        return rows & self.index.within(self.paths) if self.paths else rows

    def wider(self, rows: Rows) -> Rows:
        """Those of the wider areas around the regions asked: offered apart."""
        return rows & self.index.at(self.around) if self.around else self.index.none

    # --- Careers ------------------------------------------------------------------------------

    def groups(self) -> dict[Group, Members]:
        """All careers, public or not, each in its group."""
        rows = self.figures()
        own, wider = self.own(rows), self.wider(rows)
        having, by_answer = self.index.table.having, self.by_answer
        rest = ~self.index.careers(())
        groups = {}
        for group, figures in (
            (Group.SURE, own & by_answer.sure),
            (Group.POSSIBLE, own & by_answer.possible),
            (Group.BELOW, own & by_answer.below),
            (Group.UNKNOWN, own),
        ):
            groups[group] = rest & having(figures)
            rest = rest & ~groups[group]
        apart = self.careers_of(wider)
        groups[Group.WIDER] = rest & apart.not_below
        groups[Group.BELOW] |= rest & apart.held & ~apart.not_below
        groups[Group.ABSENT] = rest & ~apart.held
        if not self.asked.narrows():
            groups[Group.UNKNOWN] |= groups[Group.ABSENT]
            groups[Group.ABSENT] = self.index.careers(())
        return groups

    @cached_property
    def without_figures(self) -> CareersByAnswer:
        """What no figure at all says of the careers."""
        return CareersByAnswer(np.zeros((3, len(self.index.holdings)), np.bool_))

    def careers_of(self, rows: Rows) -> CareersByAnswer:
        """What these figures say of the careers; of several sets, what each says."""
        if rows is self.index.none:
            return self.without_figures
        having = self.index.table.having
        held = having(rows)
        if not self._some_below:
            return CareersByAnswer(np.stack([held, held, np.zeros_like(held)]))
        return CareersByAnswer(
            np.stack([held, having(rows & self._reached), having(rows & self.by_answer.below)])
        )

    def within_each(self, paths: tuple[str, ...]) -> CareersByAnswer:
        """What the figures asked say that are of each of these areas or its parts."""
        return self._each("within", paths, lambda path: self.index.within([path]))

    def around_each(self, paths: tuple[str, ...]) -> CareersByAnswer:
        """The same of the wider areas around each of these."""
        return self._each("around", paths, lambda path: self.index.at(paths_around([path])))

    def _each(
        self, name: str, paths: tuple[str, ...], rows_of: Callable[[str], Rows]
    ) -> CareersByAnswer:
        """Kept by the index: whoever asks for another region, field or word asks for it again."""
        key = (name, paths, self.asked._replace(regions=()))
        found: CareersByAnswer = self.index.kept(
            key, lambda: self.careers_of(self.figures() & np.array([*map(rows_of, paths)]))
        )
        return found

    @cached_property
    def _some_below(self) -> bool:
        return bool(self.by_answer.below.any())

    @cached_property
    def _reached(self) -> Rows:
        return self.by_answer.sure | self.by_answer.possible

    def best(self, career: int, rows: Rows, most: int | None = None) -> list[int]:
        """The numbers of the career's bands among those figures: the one that answers best, then
        what is said of the regions asked themselves, then of their parts, the best first."""
        return self.index.best(career, rows, self._nearest, self.by_answer, most)

    @cached_property
    def _nearest(self) -> Rows:
        return self.index.at(self.paths) if self.paths else self.index.table.rows

    def by_pay(self, careers: Iterable[int], *, lowest: bool) -> list[int]:
        """Careers by the lowest or the highest amount of their own figures, else of wider ones;
        those of one amount keep their order, and those without any come last."""
        careers = list(careers)
        rows = self.figures()
        pay = self.index.extremes(self.wider(rows), careers, lowest=lowest)
        pay |= self.index.extremes(self.own(rows), careers, lowest=lowest)
        known = [career for career in careers if career in pay]
        known.sort(key=pay.__getitem__, reverse=not lowest)
        return known + [career for career in careers if career not in pay]
