"""The pay chart of one career as pages of others show it: few figures, each with its conditions.

It stands in an iframe of fixed height and any width, so that the page around it needs no script.
"""

from collections import Counter
from collections.abc import Iterator
from functools import cached_property

from django.http import QueryDict
from django.utils.html import format_html
from django.utils.http import urlencode
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from careers.filters import TRACKING, CareerFilter
from careers.models import Career, Region, SalaryBand
from careers.models.salary_band import SalaryBandQuerySet
from careers.parameters import Ignored, last_of_each
from careers.salaries import Engagement

# Of CareerFilter's own parts; the page of a career knows all but the level.
CONDITIONS = ("region", "level", "salary_min", "currency")
THEMES = ("light", "dark")
SHOWN = 3
WIDTH = 720  # where nobody says
# Pixels that suffice at a width of 320: what stands around the figures, and one of them.
AROUND, FIGURE = 310, 215


class Chart:
    """The figures of a career for the question that the chart's address asks.

    Those of the region asked and its parts; where it has none, those of the wider areas around it.
    What is not understood is named in `ignored`, on the chart itself.
    """

    def __init__(self, career: Career, data: QueryDict) -> None:
        self.career, self.data = career, data
        asked, self.twice = last_of_each(data, CONDITIONS)
        self.question = CareerFilter(asked)

    @property
    def ignored(self) -> list[Ignored]:
        return [*self._unknown(), *self.twice, *self.question.ignored]

    def _unknown(self) -> Iterator[Ignored]:
        for name in self.data:
            value = self.data.getlist(name)[-1]
            if name == "theme" and value not in THEMES:
                yield Ignored(name, value, _("this is not one of the choices"))
            elif name not in ("theme", *CONDITIONS) and not name.startswith(TRACKING):
                yield Ignored(name, value, _("this is not a part of the question"))

    @property
    def theme(self) -> str:
        """ "light" or "dark" where the page around asks for one, else "": the reader's own."""
        theme = self.data.get("theme", "")
        return theme if theme in THEMES else ""

    @property
    def region(self) -> Region | None:
        return self.question.only_region

    @property
    def threshold(self) -> int | None:
        threshold: int | None = self.question.asked["salary_min"]
        return threshold

    @property
    def currency(self) -> str:
        currency: str = self.question.asked["currency"]
        return currency

    @cached_property
    def _own(self) -> list[SalaryBand]:
        return self._read(self.question.own_bands)

    @cached_property
    def bands(self) -> list[SalaryBand]:
        return self._own or self._read(self.question.wider_bands)

    def _read(self, bands: SalaryBandQuerySet) -> list[SalaryBand]:
        """In reading order, but first the regions whose parts have the most figures, and last those
        for freelances."""
        found = list(bands.filter(career=self.career).in_reading_order())
        for band in found:
            band.career = self.career
        parts = Counter(code for band in found for code in band.region.wider_codes)
        return sorted(
            found,
            key=lambda band: (band.engagement == Engagement.FREELANCE, -parts[band.region.code]),
        )

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
    def height(self) -> int:
        return height_of(len(self.bands))

    @property
    def query(self) -> str:
        return query_of(self.question, self.theme)


def query_of(question: CareerFilter, theme: str = "") -> str:
    """What is understood of a question, to be asked again: "?region=FR", or ""."""
    known = [*question.parameters, *([("theme", theme)] if theme else [])]
    return f"?{urlencode(known)}" if known else ""


def height_of(figures: int) -> int:
    """The height of a chart of so many figures, in pixels; no more than SHOWN stand on it."""
    return AROUND + FIGURE * max(min(figures, SHOWN), 1)


def frame(address: str, title: str, height: int, width: str | int = "100%") -> SafeString:
    """The snippet that an article pastes: no script, and nothing of the site outside the frame."""
    return format_html(
        '<iframe src="{}" title="{}" width="{}" height="{}" loading="lazy"'
        ' style="border:0;max-width:100%"></iframe>',
        *(address, title, width, height),
    )
