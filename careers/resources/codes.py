"""What others write where they have no plain figure or word of ours: marks, codes, part-time."""

import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from babel.numbers import get_currency_symbol
from django.utils.translation import gettext_lazy as _

from careers.models import LANGUAGES
from careers.models.salary_band import ENDS
from careers.salaries import NoFigureReason, Period

# How aijobs.net codes its answers; a contractor's status (CT) says neither employee nor freelance.
AIJOBS_LEVELS = {"EN": "entry", "MI": "mid", "SE": "senior", "EX": "lead"}
AIJOBS_ENGAGEMENTS = {"FT": "employee", "FL": "freelance", "CT": ""}
# A year at half time is no year's pay: it stands in no column, and beside full time it misleads.
PART_TIME = dict.fromkeys(
    ("PT", "part-time", "part time", "temps partiel", "à temps partiel"),
    _("part-time pay: the site states pay for full time alone, so this row is left out"),
)

# Marks of statistical offices, by what they say: Eurostat, BLS, Statistics Canada, Insee, MESR.
CAPPED = "#"
_WITHHELD = dict.fromkeys(
    ("*", "**", CAPPED, "x", "ns", "n.s.", "(s)"), NoFigureReason.SUPPRESSED.value
)
_NOT_PUBLISHED = dict.fromkeys(("nd", "n.d.", "..", "…", "..."), NoFigureReason.NOT_PUBLISHED.value)
MARKS = _WITHHELD | _NOT_PUBLISHED
_AT_LEAST = re.compile(r"\s*(?:>=?|≥)\s*(?=\S)")


def mark_of(text: str) -> str:
    """The reason that a mark in place of an amount gives, or ""."""
    return MARKS.get(text.strip().lower(), "")


def at_least(text: str) -> str:
    """The amount in ">=239,200", or ""."""
    begun = _AT_LEAST.match(text)
    return text[begun.end() :].strip() if begun else ""


def read_marks(cells: Mapping[str, str]) -> dict[str, str]:
    """A row's cells with its marks read as what a band can state.

    Marks alone are a reason why there is no figure. "#" or ">=239,200" at the top is an open end:
    never 0, and never the cap as a plain amount. What contradicts itself stays, to be refused.
    """
    written = {end: text for end in ENDS if (text := cells.get(end, "").strip())}
    marks = {end: reason for end, text in written.items() if (reason := mark_of(text))}
    floors = {end: floor for end, text in written.items() if (floor := at_least(text))}
    if not (marks or floors):
        return dict(cells)
    if marks.keys() == written.keys():
        reason = cells.get("no_figure_reason") or next(iter(marks.values()))
        return {**cells, **dict.fromkeys(written, ""), "no_figure_reason": reason}
    return {**cells, **_open_end(written, marks, floors)}


def _open_end(
    written: Mapping[str, str], marks: Mapping[str, str], floors: Mapping[str, str]
) -> dict[str, str]:
    """The cells that state what lies at or above a cap; none where they contradict each other."""
    capped = {end for end in marks if written[end] == CAPPED} | floors.keys()
    plain = written.keys() - marks.keys() - floors.keys()
    rising = [end for end in ENDS if end in written]
    # All below a cap is plain, all above it is capped, and other marks stand nowhere.
    in_order = rising[len(plain) :] == [end for end in rising if end in capped]
    if marks.keys() - capped or not in_order:
        return {}
    stated = dict.fromkeys(capped, "")
    if not plain:
        first = next(end for end in rising if end in floors)
        return {**stated, "low": floors[first]} if "low" in floors else {}
    if "high" in floors:
        stated |= {"high": floors["high"], "open_ended": "1"}
    return stated


_SIGN = re.compile("[€$£¥]")
# 45 000 in German and in Spanish, and 45 to a program.
_POINT_OR_THOUSAND = re.compile(r"[€$£¥\s]*[+-]?[1-9]\d{0,2}\.\d{3}[€$£¥\s]*")


def doubts(cells: Mapping[str, str], values: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """The columns of a row whose amount may mean two things, each with why: its sign is that of
    another currency, or its point may group thousands.

    `values` are those of the cells. An hour's pay may well have three decimals.
    """
    currency, is_hourly = values.get("currency"), values.get("period") == Period.HOUR
    for end in ENDS:
        if values.get(end) is None:
            continue
        text = cells[end].strip()
        sign = _SIGN.search(text)
        if sign and currency and sign[0] not in _signs(currency):
            why = _("%(sign)s is not a sign of the currency %(currency)s")
            yield end, why % {"sign": sign[0], "currency": currency}
        elif not is_hourly and _POINT_OR_THOUSAND.fullmatch(text):
            why = _("the point may stand for thousands or for decimals: write %(one)s or %(other)s")
            # With four decimals it is read in one way.
            yield end, why % {"one": text.replace(".", ""), "other": f"{values[end]:.4f}"}


@cache
def _signs(currency: str) -> str:
    """How the currency is written in French and in English: « $US »."""
    return "".join(get_currency_symbol(currency, language) for language in LANGUAGES)
