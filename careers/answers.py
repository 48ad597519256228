"""How every career stands to a question: the four answers, over sets (docs/adr/0004, 0014)."""

from collections.abc import Collection, Iterable
from datetime import date
from typing import NamedTuple

from django.db.models import IntegerChoices
from django.utils.translation import gettext_lazy as _

from careers import index
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
        """Whether it asks for some figures and not for others, apart from that one part.

        A career without any figure has no answer to that; else it is unknown.
        """
        parts = ("levels", "engagements", "since", "regions")
        return any(getattr(self, part) for part in parts if part != but)


class Answers:
    """Where careers stand, in the state of the content at this moment."""

    def __init__(self, asked: Asked) -> None:
        self.index: Index
        self.asked = asked
        self.index, self.state = index.current()
        self.standing = self.index.standing(asked.threshold, asked.currency)
        self.paths = frozenset(region.path for region in asked.regions)
        self.around = paths_around(self.paths)

    def public(self) -> int:
        return self.index.public(self.state)

    # --- Figures ------------------------------------------------------------------------------

    def figures(self, but: str = "") -> int:
        """Those that meet the level, employment and age asked, or all of these but one."""
        asked, rows = self.asked, self.index.groups.rows
        if asked.levels and but != "levels":
            rows &= self.index.at_levels(asked.levels)
        if asked.engagements and but != "engagements":
            rows &= self.index.with_engagements(asked.engagements)
        if asked.since and but != "since":
            rows &= self.index.since(asked.since)
        return rows

    def own(self, rows: int) -> int:
        """Those of the regions asked and their parts."""
        return rows & self.index.within(self.paths) if self.paths else rows

    def wider(self, rows: int) -> int:
        """Those of the wider areas around the regions asked: offered apart."""
        return rows & self.index.at(self.around) if self.paths else 0

    # --- Careers ------------------------------------------------------------------------------

    def listed(self, own: int, wider: int, *, narrowed: bool) -> int:
        """The careers, public or not, that the list shows when these are the figures that count."""
        held = self.index.groups.having(own)
        listed = self._not_below(own, held)
        if wider:
            apart = self.index.groups.having(wider) & ~held
            listed |= self._not_below(wider, apart)
            held |= apart
        return listed if narrowed else listed | self.index.groups.marks & ~held

    def _not_below(self, rows: int, held: int) -> int:
        """Of the careers that hold some of these figures, those whose best answer is not no."""
        having, standing = self.index.groups.having, self.standing
        if not standing.below:
            return held
        reached = having(rows & (standing.sure | standing.possible))
        return held & (reached | ~having(rows & standing.below))

    def groups(self) -> dict[Group, int]:
        """All careers, public or not, each in its group."""
        rows = self.figures()
        own, wider = self.own(rows), self.wider(rows)
        having, standing = self.index.groups.having, self.standing
        rest = self.index.groups.marks
        groups = {}
        for group, figures in (
            (Group.SURE, own & standing.sure),
            (Group.POSSIBLE, own & standing.possible),
            (Group.BELOW, own & standing.below),
            (Group.UNKNOWN, own),
        ):
            groups[group] = rest & having(figures)
            rest ^= groups[group]
        apart = rest & having(wider)
        groups[Group.WIDER] = self._not_below(wider, apart)
        groups[Group.BELOW] |= apart ^ groups[Group.WIDER]
        groups[Group.ABSENT] = rest ^ apart
        if not self.asked.narrows():
            groups[Group.UNKNOWN] |= groups[Group.ABSENT]
            groups[Group.ABSENT] = 0
        return groups

    def best(self, career: int, rows: int, most: int | None = None) -> list[int]:
        """The numbers of the career's bands among those figures, the best first."""
        standing = self.standing
        order = (standing.sure, standing.possible, standing.below, standing.unknown)
        return self.index.best(career, (rows & answer for answer in order), most)

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
