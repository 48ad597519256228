"""The picture that a shared link shows (Open Graph): the site's look, 1200 × 630, as PNG.

A picture is the SVG of `careers/picture.svg` with the pages' own pay bars, drawn by resvg with the
letters of Source Serif. Its version is a hash of that SVG: whatever changes in the picture changes
its address, and no cache shows an old one.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property, lru_cache
from hashlib import sha256
from importlib.resources import files
from typing import NamedTuple

import resvg_py
from django.template.loader import render_to_string
from django.utils.translation import gettext as _

from careers.models import Career, SalaryBand
from careers.salaries import Engagement, Level
from careers.xml import writable

WIDTH, HEIGHT = 1200, 630
COLUMN = 1080  # what text may take of the width
BESIDE = 480  # what text beside the bars may take
LEGIBLE = 23  # the smallest size of a figure's words
ROWS = 2  # figures shown
KEPT = 128  # drawings in memory, some 25 kB each

_LETTERS = files("font_source_serif_pro") / "files"
FACES = [str(_LETTERS / f"SourceSerifPro-{face}.ttf") for face in ("Regular", "It", "Semibold")]


class Line(NamedTuple):
    """A line of text: its baseline and its size, in pixels."""

    text: str
    y: int
    size: int


class Row(NamedTuple):
    """A figure: what it says and for whom, and where its bar begins."""

    band: SalaryBand
    words: list[Line]
    whom: Line
    bar_y: int


@dataclass(frozen=True)
class Picture:
    """What a picture shows: a title, a sentence, and figures on their scale or else a note."""

    title: str
    summary: str
    bands: tuple[SalaryBand, ...] = ()
    note: str = ""

    @cached_property
    def svg(self) -> str:
        title = _title(self.title)
        summary = _lines(self.summary, 31, 3 if len(title) < 3 else 2, title[-1].y + 22)
        rows = [_row(band, 442 + 82 * number) for number, band in enumerate(self.bands)]
        name, _space, rest = _("Careers, plainly").partition(" ")
        context = {
            **{"name": name, "rest": rest, "basis": _("Gross a year, unless stated.")},
            **{"width": WIDTH, "height": HEIGHT, "title": title, "summary": summary},
            **{"bands": self.bands, "rows": rows, "note": _lines(self.note, 31, 2, 462)},
        }
        return writable(render_to_string("careers/picture.svg", context))

    @cached_property
    def version(self) -> str:
        return sha256(self.svg.encode()).hexdigest()[:16]

    @property
    def words(self) -> str:
        """All that the picture says, for those who do not see it."""
        figures = (f"{band.sentence} ({_whom(band)})" for band in self.bands)
        return " – ".join(filter(None, (self.title, self.summary, *figures, self.note)))

    def png(self) -> bytes:
        return _png(self.svg)


def of_site() -> Picture:
    """The picture of every page that has none of its own, in the language of the page."""
    return Picture(
        _("What a job is and what it pays"),
        _("Where, at which level, according to whom, and how sure that is."),
    )


def of_career(career: Career, bands: Iterable[SalaryBand]) -> Picture:
    """`bands` are the current ones in reading order, with what `with_answer` annotates for euros.

    The first that have a place on the scale are drawn; where none has, the first speaks.
    """
    known = list(bands)
    placed = tuple(band for band in known if band.comparable())[:ROWS]
    if placed:
        return Picture(career.title, career.summary, placed)
    note = known[0].sentence if known else _("No source gives a figure for this job yet.")
    return Picture(career.title, career.summary, note=note[:1].upper() + note[1:])


@lru_cache(maxsize=KEPT)
def _png(svg: str) -> bytes:
    return bytes(resvg_py.svg_to_bytes(svg_string=svg, skip_system_fonts=True, font_files=FACES))


def _whom(band: SalaryBand) -> str:
    """Whom a figure is for, in few words."""
    level = [Level(band.level).label] if band.level else []
    engagement = [Engagement(band.engagement).label] if band.engagement else []
    return " · ".join(map(str, [band.region.name, *level, *engagement]))


# --- Lines of text ----------------------------------------------------------------------------

# What a letter takes of its size, as near as three kinds of letters come to the font's own widths:
# on titles and summaries 2 % too much, at worst 3 % too little, which the margin bears.
_NARROW = frozenset("fijlrtIJ1.,;:!?'’|()[]/-· \u00a0\u202f")
_WIDE = frozenset("mwMWŒœÆæ%@—&")


def _width(text: str, size: int) -> float:
    wide = sum(letter in _WIDE for letter in text)
    narrow = sum(letter in _NARROW for letter in text)
    capital = sum(letter.isupper() for letter in text)
    return size * (0.57 * len(text) + 0.36 * wide - 0.235 * narrow + 0.13 * capital)


def _title(text: str) -> list[Line]:
    """As large as it fits."""
    for size, most in ((68, 1), (60, 2), (46, 3)):
        found = _lines(text, size, most, 108)
        if " ".join(line.text for line in found) == " ".join(text.split()):
            break
    return found


def _row(band: SalaryBand, y: int) -> Row:
    """The words in one line where they can be read so, else in two."""
    said, whom = band.sentence, _whom(band)
    size = _fitting(said, 32)
    words = [Line(said, y, size)] if size >= LEGIBLE else _lines(said, LEGIBLE, 2, y - 36, BESIDE)
    return Row(band, words, Line(whom, words[-1].y + 30, _fitting(whom, 25)), y - 28)


def _fitting(text: str, size: int) -> int:
    """The size, or the smaller one at which the text leaves the bars their room."""
    return min(size, int(size * BESIDE / _width(text, size)))


def _lines(text: str, size: int, most: int, above: int, width: int = COLUMN) -> list[Line]:
    """The text in at most `most` lines below `above`; what has no room becomes an ellipsis."""
    wrapped: list[str] = []
    for word in text.split(" "):
        longer = f"{wrapped[-1]} {word}" if wrapped else word
        if wrapped and _width(longer, size) <= width:
            wrapped[-1] = longer
        else:
            wrapped.append(word)
    if len(wrapped) > most:
        wrapped[most - 1] += " …"
    kept = [_cut(line, size, width) for line in wrapped[:most] if line]
    step = round(size * 1.2)
    return [Line(line, above + step * number, size) for number, line in enumerate(kept, start=1)]


def _cut(line: str, size: int, width: int) -> str:
    """The line, or as much of it as fits."""
    while _width(line, size) > width:
        line = f"{line.removesuffix(' …').removesuffix('…')[:-1].rstrip()}…"
    return line
