"""The pay chart of one career as pages of others show it: few figures, each with its conditions.

It stands in an iframe of fixed height and any width, so that the page around it needs no script.
"""

from collections import Counter
from functools import cached_property
from typing import NamedTuple

from django.utils.html import format_html
from django.utils.http import urlencode
from django.utils.safestring import SafeString

from careers.career_question import CareerQuestion
from careers.filters import CareerFilter
from careers.models import SalaryBand
from careers.models.salary_band import SalaryBandQuerySet
from careers.salaries import Engagement

THEMES = ("light", "dark")
SHOWN = 3
WIDTH = 720  # where nobody says
NARROW, WIDE = 276, 456  # what a phone leaves a frame; a column of a page on anything larger


class Chart(CareerQuestion):
    """The figures of a career for the question that the chart's address asks.

    Those of the region asked and its parts; where it has none, those of the wider areas around it.
    What is not understood is named on the chart itself.
    """

    # The page of a career knows all but the level.
    conditions = ("region", "level", "salary_min", "currency")
    words = {"theme": THEMES}

    @property
    def theme(self) -> str:
        """ "light" or "dark" where the page around asks for one, else "": the reader's own."""
        return self.word("theme")

    @cached_property
    def _own(self) -> list[SalaryBand]:
        return self._read(self.question.own_bands)

    @cached_property
    def bands(self) -> list[SalaryBand]:
        return self._own or self._read(self.question.wider_bands)

    def _read(self, bands: SalaryBandQuerySet) -> list[SalaryBand]:
        found = list(bands.filter(career=self.career).in_reading_order())
        for band in found:
            band.career = self.career
        return ordered(found)

    @property
    def is_wider(self) -> bool:
        """Whether the figures are for a wider area than the one asked."""
        return not self._own and bool(self.bands)

    @property
    def shown(self) -> list[SalaryBand]:
        return self.bands[:SHOWN]

    @property
    def rest(self) -> int:
        return len(self.bands) - len(self.shown)

    @property
    def query(self) -> str:
        return query_of(self.question, self.theme)


def ordered(bands: list[SalaryBand]) -> list[SalaryBand]:
    """Bands in reading order as a chart has them: first the regions whose parts have the most
    figures, and last those for freelances."""
    parts = Counter(code for band in bands for code in band.region.wider_codes)
    return sorted(
        bands,
        key=lambda band: (band.engagement == Engagement.FREELANCE, -parts[band.region.code]),
    )


def query_of(question: CareerFilter, theme: str = "") -> str:
    """What is understood of a question, to be asked again: "?region=FR", or ""."""
    known = [*question.parameters, *([("theme", theme)] if theme else [])]
    return f"?{urlencode(known)}" if known else ""


class Heights(NamedTuple):
    """Pixels that hold a chart in a frame as narrow as a phone's, and in one of WIDE at least."""

    narrow: int
    wide: int

    def within(self, most: int) -> "Heights":
        return Heights(min(self.narrow, most), min(self.wide, most))

    def at(self, width: str | int) -> int:
        """The one for a frame of that width; the larger where nobody knows it."""
        return self.wide if isinstance(width, int) and width >= WIDE else self.narrow


def frame(address: str, title: str, heights: Heights, width: str | int = "100%") -> SafeString:
    """The snippet that an article pastes: no script, and nothing of the site outside the frame.

    Its height is one of two, by the width of the window, or for a frame known to be narrow the one
    for that; the attribute is for an article that allows no style.
    """
    least = heights.narrow if isinstance(width, int) and width < WIDE else heights.wide
    return format_html(
        '<iframe src="{}" title="{}" width="{}" height="{}" loading="lazy"'
        ' style="border:0;max-width:100%;height:clamp({}px,(560px - 100vw)*9999,{}px)"></iframe>',
        *(address, title, width, heights.at(width), least, heights.narrow),
    )
