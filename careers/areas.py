"""The regions that have figures of public careers, as pages offer them."""

from collections.abc import Collection
from typing import NamedTuple

from careers import search
from careers.bitmaps import Members
from careers.index import Index
from careers.models import Region, active_language
from careers.models.region import paths_around
from careers.state import State


class Offered(NamedTuple):
    """A region with figures in it or its parts, and how many public careers they are of."""

    region: Region
    careers: int


class Placed(NamedTuple):
    """A region with its name in the language of the page, how deep it lies and the path of what it
    is a part of."""

    region: Region
    name: str
    depth: int
    around: str

    @classmethod
    def of(cls, region: Region) -> "Placed":
        around = region.path.removesuffix(f"{region.code}/")
        return cls(region, region.name, region.depth, around)


def offered(figures: Index, at: State) -> list[Region]:
    """The regions with figures, and the wider areas around them.

    In the order of the tree, siblings by their name in the language of the page.
    """
    return [each.region for each in counted(figures, at)]


def placed(figures: Index, at: State) -> list[Placed]:
    """`offered()`, each with its place in the tree."""
    key = ("placed", active_language(), figures.public(at).tobytes())
    known: list[Placed] = figures.kept(
        key,
        lambda: [Placed.of(region) for region in offered(figures, at)],
    )
    return known


def counted(figures: Index, at: State) -> list[Offered]:
    """`offered()`, each with the number of its careers: its own and those of its parts."""
    public = figures.public(at)
    known: list[Offered] = figures.kept(
        ("areas", active_language(), public.tobytes()), lambda: _counted(figures, public)
    )
    return known


def _counted(figures: Index, public: Members) -> list[Offered]:
    codes = figures.codes
    counts = figures.spread(public, [codes.span(path) for path in codes.paths])
    used = {path: count for path, count in zip(codes.paths, counts, strict=True) if count}
    return [Offered(region, used[region.path]) for region in _in_tree(used)]


def _in_tree(used: Collection[str]) -> list[Region]:
    """The regions of these paths, each after what is around it."""
    regions = {region.path: region for region in Region.objects.all() if region.path in used}

    def names(region: Region) -> list[str]:
        wider = sorted(paths_around([region.path]))
        return [search.fold(regions[path].name) for path in (*wider, region.path)]

    return sorted(regions.values(), key=names)
