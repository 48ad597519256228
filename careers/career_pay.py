"""What one career pays, as its page shows it: where the reader asked first, then the rest.

Two figures or five hundred read alike: a page opens the first groups and says of each other one
how many figures it has, between which amounts, and of when.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from itertools import groupby
from operator import attrgetter

from careers import salaries, search
from careers.career_question import CareerQuestion
from careers.models import Region, SalaryBand
from careers.salaries import Amounts, Engagement

ALL_OPEN = 24  # up to so many figures nothing is closed
GROUPS_OPEN = 4
LINES = 100  # groups that are not open; of more, those of one wider area are summed up together
FIGURES_OPEN = 6  # of a group, where not all is open
_SERIES = attrgetter("region_id", "level", "engagement", "currency", "period", "source_id")


@dataclass(frozen=True)
class PayGroup:
    """The figures of one region, or of several summed up as those of a wider area, those for
    freelances apart; `shown` of them stand open."""

    region: Region
    freelance: bool
    bands: list[SalaryBand]
    shown: list[SalaryBand]

    @property
    def anchor(self) -> str:
        kind = "freelance" if self.freelance else "pay"
        parts = "-parts" if self.is_sum else ""
        return f"{kind}-{self.region.code.lower()}{parts}"

    @property
    def is_sum(self) -> bool:
        """Whether some of its figures are of a part of the region."""
        return any(band.region_id != self.region.pk for band in self.bands)

    @property
    def rest(self) -> int:
        """How many of its figures do not stand open."""
        return len(self.bands) - len(self.shown)

    @property
    def latest_on(self) -> date:
        return max(band.observed_on for band in self.bands)

    def span(self, currency: str) -> Amounts | None:
        """From the smallest to the largest yearly amount that any comparable figure names.

        Open where the largest is: "to over". It bounds what is said, not what is paid.
        """
        amounts = [each for band in self.bands if (each := band.comparable(currency))]
        named = [amount for each in amounts for amount in salaries.amounts(each)]
        if not named:
            return None
        low, high = min(named), max(named)
        tops = [each for each in amounts if high in salaries.amounts(each)]
        is_open = any(
            each.open_ended or (each.high is None and each.low is not None) for each in tops
        )
        return Amounts(low, None, high, is_open, currency=currency)


@dataclass(frozen=True)
class Area:
    """Groups that stand together: those `opened` with their figures, the others by a summary."""

    opened: list[PayGroup]
    closed: list[PayGroup]

    def __bool__(self) -> bool:
        return bool(self.opened or self.closed)


class CareerPay(CareerQuestion):
    """The current figures of a career for the question that its page's address asks: `all=1` opens
    everything."""

    conditions = ("region", "salary_min", "currency")
    words = {"all": ("1",)}

    @property
    def everything(self) -> bool:
        return bool(self.word("all"))

    @property
    def key(self) -> tuple[object, ...] | None:
        """What the figures of the page depend on besides the career; None where a part of the
        address is named that was not understood."""
        place = self.region.code if self.region else ""
        asked = (place, self.threshold or 0, self.currency, self.everything)
        return None if self.ignored else asked

    @cached_property
    def bands(self) -> list[SalaryBand]:
        """All current figures in reading order, each with what its source said before."""
        bands = list(self.question.bands.filter(career=self.career).in_reading_order())
        earlier: dict[object, list[SalaryBand]] = {}
        for each in self.career.bands.superseded():
            earlier.setdefault(_SERIES(each), []).append(each)
        for band in bands:
            band.career = self.career
            band.earlier = earlier.get(_SERIES(band), [])
        return bands

    @property
    def in_euros(self) -> Iterable[SalaryBand]:
        """The same figures whatever currency the address asks: what a shared picture draws."""
        if self.currency == "EUR":
            return self.bands
        return self.career.bands.current().with_answer(None).in_reading_order()

    @property
    def places(self) -> list[Region]:
        """The regions that the page can begin with, those with figures and the one asked: the wide
        before the narrow, and by name."""
        regions = {band.region_id: band.region for band in self.bands}
        if self.region:
            regions.setdefault(self.region.pk, self.region)
        return sorted(regions.values(), key=lambda each: (each.depth, search.fold(each.name)))

    @property
    def is_cut(self) -> bool:
        """Whether some figures do not stand open on this page."""
        return len(self.bands) > ALL_OPEN and not self.everything

    @property
    def own_bands(self) -> list[SalaryBand]:
        """Of the region asked and its parts, or of everywhere."""
        region = self.region
        return [band for band in self.bands if not region or region.contains(band.region)]

    @property
    def wider_bands(self) -> list[SalaryBand]:
        """Of the areas around the region asked: they do not say what is paid there."""
        return [band for band in self.bands if self._is_wider(band.region)]

    @cached_property
    def own(self) -> Area:
        return self._area(self.own_bands)

    @cached_property
    def wider(self) -> Area:
        return self._area(self.wider_bands)

    @cached_property
    def elsewhere(self) -> Area:
        """Everything that is neither in the region asked nor around it."""
        region = self.region
        if not region:
            return Area([], [])
        rest = [
            band
            for band in self.bands
            if not region.contains(band.region) and not self._is_wider(band.region)
        ]
        return self._area(rest, most=0)

    def _is_wider(self, region: Region) -> bool:
        asked = self.region
        return asked is not None and region != asked and region.contains(asked)

    def _area(self, bands: Iterable[SalaryBand], most: int = GROUPS_OPEN) -> Area:
        """The bands by region, those for freelances after.

        Where not all can be open, the `most` groups with the most figures are, and come first,
        the region asked before its parts, and of equal ones those with the most parts; what is
        equal in that, too, and all others follow by name.
        """
        ordered = sorted(bands, key=_is_freelance)
        members = [list(each) for _key, each in groupby(ordered, key=_place)]
        if not self.is_cut:
            return Area([_group(each, each) for each in members], [])
        parts = Counter(code for each in members for code in each[0].region.wider_codes)

        def rank(bands: list[SalaryBand]) -> tuple[bool, int, int, str]:
            region = bands[0].region
            name = search.fold(region.name)
            return region != self.region, -len(bands), -parts[region.code], name

        members.sort(key=rank)
        opened = [_group(each, each[:FIGURES_OPEN]) for each in members[:most]]
        return Area(opened, sorted(_summed_up(members[most:]), key=_name))


def _is_freelance(band: SalaryBand) -> bool:
    return band.engagement == Engagement.FREELANCE


def _place(band: SalaryBand) -> tuple[bool, int]:
    return _is_freelance(band), band.region_id


def _summed_up(members: list[list[SalaryBand]]) -> list[PayGroup]:
    """A group of each; of more than LINES, one of each wider area, as narrow as that allows."""
    if len(members) <= LINES:
        return [_group(each, []) for each in members]
    found: dict[tuple[bool, str], list[SalaryBand]] = {}
    for depth in range(max(bands[0].region.depth for bands in members), -1, -1):
        found.clear()
        for bands in members:
            place = _is_freelance(bands[0]), bands[0].region.path_at(depth)
            found.setdefault(place, []).extend(bands)
        if len(found) <= LINES:
            break
    regions = Region.objects.filter(path__in={path for _freelance, path in found})
    known = {region.path: region for region in regions}
    return [PayGroup(known[path], is_free, each, []) for (is_free, path), each in found.items()]


def _name(group: PayGroup) -> tuple[bool, str]:
    return group.freelance, search.fold(group.region.name)


def _group(bands: list[SalaryBand], shown: list[SalaryBand]) -> PayGroup:
    return PayGroup(bands[0].region, _is_freelance(bands[0]), bands, shown)
