"""Careers side by side: which ones, for which region, and which of their figures are alike."""

from collections import Counter
from collections.abc import Iterable, Iterator
from functools import cached_property
from itertools import chain
from typing import NamedTuple

from django.core.validators import slug_re
from django.db.models import QuerySet, TextChoices
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from careers.filters import CareerFilter
from careers.models import Career, FormerSlug, SalaryBand, active_language
from careers.models.salary_band import SalaryBandQuerySet
from careers.parameters import Ignored, last_of_each, unknown
from careers.salaries import Level, NotComparable, Period

FEWEST, MOST = 2, 4
CONDITIONS = ("region", "currency", "q")
FIGURES_OF_A_LEVEL = 6
SUGGESTED = 12
_LEVELS = ["", *(level.value for level in Level)]


class Mark(TextChoices):
    """Whether a figure may stand beside others: gross, for a year, in the currency asked."""

    AS_STATED = "as_stated", gettext_lazy("Comparable as stated")
    CONVERTED = "converted", gettext_lazy("Comparable after conversion")
    NOT_COMPARABLE = "not_comparable", gettext_lazy("Not comparable")


def mark(band: SalaryBand, currency: str) -> Mark:
    """The mark of a band that `SalaryBandQuerySet.with_answer` annotated for `currency`."""
    if band.comparable(currency) is None:
        return Mark.NOT_COMPARABLE
    as_stated = band.period == Period.YEAR and band.currency == currency
    return Mark.AS_STATED if as_stated else Mark.CONVERTED


def why_not(band: SalaryBand, currency: str) -> str:
    """The NotComparable value that keeps a figure from the scale; "" for any other, and for none.

    Where the source gives no figure, `no_figure_reason` says why.
    """
    if band.no_figure_reason or band.comparable(currency) is not None:
        return ""
    return band.not_comparable or NotComparable.NO_FIXING


class Row(NamedTuple):
    """The figures of one career at one level; `more` stand on the career's own page."""

    career: Career
    bands: list[SalaryBand]
    more: int


class LevelGroup(NamedTuple):
    """What stands side by side: one level, a row for each career with figures; the others after."""

    level: str
    rows: list[Row]
    without: list[Career]


class Comparison:
    """The careers that an address names (`career`, repeated) and their figures.

    `region`, `currency` and `q` (words to find one more career by) are CareerFilter's own. What
    is not understood is named in `ignored`; the rest is compared.
    """

    def __init__(self, data: QueryDict) -> None:
        asked, twice = last_of_each(data, CONDITIONS)
        self.question = CareerFilter(asked)
        self.careers: list[Career] = []
        self.ignored = [*self._unknown(data), *self._chosen(data.getlist("career"))]
        self.ignored += [*twice, *self.question.ignored]

    def _unknown(self, data: QueryDict) -> Iterator[Ignored]:
        for name, values in data.lists():
            if name not in ("career", *CONDITIONS):
                yield from unknown(name, values[-1])

    def _chosen(self, slugs: list[str]) -> Iterator[Ignored]:
        """Fill `careers` in the order asked; yield what cannot be compared."""
        found = _by_slug(slugs)
        for slug in filter(None, slugs):
            career = found.get(slug)
            if career is None:
                yield Ignored("career", slug, _("no published career has this address"))
            elif career in self.careers:
                yield Ignored("career", slug, _("this career is already in the comparison"))
            elif len(self.careers) == MOST:
                yield Ignored("career", slug, _("a comparison holds %d careers at most") % MOST)
            else:
                self.careers.append(career)

    @property
    def region(self) -> str:
        """The code of the region asked, "" for everywhere."""
        region = self.question.only_region
        return region.code if region else ""

    @property
    def currency(self) -> str:
        currency: str = self.question.asked["currency"]
        return currency

    @property
    def lacks(self) -> int:
        """How many careers it takes until there is something to compare."""
        return max(0, FEWEST - len(self.careers))

    @property
    def is_full(self) -> bool:
        return len(self.careers) == MOST

    @cached_property
    def own(self) -> list[LevelGroup]:
        """Figures of the region asked and its parts: each level names every career."""
        return self._by_level(self.question.own_bands)

    @cached_property
    def wider(self) -> list[LevelGroup]:
        """Figures of the areas around it, apart."""
        return self._by_level(self.question.wider_bands)

    @property
    def bands(self) -> list[SalaryBand]:
        """All figures shown: what the scale has to hold."""
        groups = (*self.own, *self.wider)
        return [band for group in groups for row in group.rows for band in row.bands]

    @cached_property
    def suggestions(self) -> "QuerySet[Career]":
        """The careers that the words match best and that are not chosen yet; without any word,
        those nearest to the first one chosen."""
        rest = self.question.matched.exclude(pk__in=[career.pk for career in self.careers])
        words = self.question.asked["q"] or ""
        if self.careers and not words:
            order = ("-kinship", f"sort_title_{active_language()}", "pk")
            return rest.with_kinship(self.careers[0]).order_by(*order)[:SUGGESTED]
        return rest.by_relevance(words)[:SUGGESTED]

    def _by_level(self, bands: SalaryBandQuerySet) -> list[LevelGroup]:
        """The first figures of each career at each level: those of regions that most of the
        careers share, since only they lie side by side, and of these the widest first."""
        bands = bands.filter(career__in=self.careers).in_reading_order()
        rows = list(bands.values_list("pk", "career", "level", "region__path"))
        sharing = Counter(path for _career, path in {(row[1], row[3]) for row in rows})
        rows.sort(key=lambda row: (-sharing[row[3]], row[3].count("/")))
        # Of a thousand figures a page shows a hundred: only those are read whole.
        numbers: dict[str, dict[int, list[int]]] = {}
        for pk, career, level, _path in rows:
            numbers.setdefault(level, {}).setdefault(career, []).append(pk)
        by_career = chain.from_iterable(each.values() for each in numbers.values())
        shown = chain.from_iterable(each[:FIGURES_OF_A_LEVEL] for each in by_career)
        found = bands.in_bulk(shown)
        levels = sorted(numbers, key=_LEVELS.index)
        return [self._group(level, numbers[level], found) for level in levels]

    def _group(
        self, level: str, numbers: dict[int, list[int]], found: dict[int, SalaryBand]
    ) -> LevelGroup:
        rows = [_row(career, numbers.get(career.pk, []), found) for career in self.careers]
        without = [row.career for row in rows if not row.bands]
        return LevelGroup(level, [row for row in rows if row.bands], without)


def _row(career: Career, numbers: list[int], found: dict[int, SalaryBand]) -> Row:
    bands = [found[pk] for pk in numbers[:FIGURES_OF_A_LEVEL] if pk in found]
    for band in bands:
        band.career = career
    return Row(career, bands, len(numbers) - len(bands))


def _by_slug(slugs: Iterable[str]) -> dict[str, Career]:
    """The published careers that have, or once had, these addresses."""
    asked = {slug for slug in slugs if slug_re.fullmatch(slug)}
    published = Career.objects.published()
    found = {career.slug: career for career in published.filter(slug__in=asked)}
    if missing := asked - found.keys():
        former = FormerSlug.objects.filter(slug__in=missing, career__in=published)
        found |= {each.slug: each.career for each in former.select_related("career")}
    return found
