"""The answer to a question as a file: the careers of the page, in its groups and its order.

`Download` asks CareerFilter what the page asks it, and gives each career every current figure
that meets the question. CSV and JSON print the same cells under the same names.
"""

import json
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import override

from careers import tables
from careers.answers import LISTED, Group
from careers.comparison import mark, why_not
from careers.filters import CareerFilter
from careers.models import Career, SalaryBand, active_language
from careers.salaries import Answer, NotComparable, Period
from careers.tables import Cell, Profile

CHUNK = 200  # careers read at a time


class Line(NamedTuple):
    """A figure of a listed career; `area` is "own" or "wider", "" where nobody gives a figure."""

    area: str
    band: SalaryBand | None


@dataclass(frozen=True)
class ListedCareer:
    """One listed career, its group, and its figures: those of the region asked first."""

    career: Career
    group: Group
    lines: list[Line]


class Download:
    """All pages of the answer to `asked`, in the language that is active when it is made.

    `absolute` makes a whole address of a path. Careers are read in chunks, each with the same few
    queries.
    """

    def __init__(self, asked: QueryDict, absolute: Callable[[str], str]) -> None:
        self.question = CareerFilter(asked)
        self.language, self.absolute = active_language(), absolute
        asks_for_amount = self.question.asked["salary_min"] is not None
        self.titles = {group: _title(group, asks_for_amount) for group in LISTED}
        # Read now: what is wrong with the question shows before the first byte is sent.
        self.listed = list(self.question.numbers(LISTED).items())

    def as_csv(self, profile: Profile, *, every_figure: bool = False) -> Iterator[bytes]:
        """A row for each career with the figure that answers for it, or one for each figure."""
        return tables.write(self._rows(every_figure), profile)

    def as_json(self) -> Iterator[bytes]:
        yield _dumped(self._head())[:-1].encode() + b', "careers": ['
        for number, career in enumerate(self._each(self._object)):
            yield (b", " if number else b"") + _dumped(career).encode()
        yield b"]}\n"

    def _rows(self, every_figure: bool) -> Iterator[Sequence[Cell]]:
        yield [*CAREER_COLUMNS, *FIGURE_COLUMNS]
        most = None if every_figure else 1
        for rows in self._each(self._table, most):
            yield from rows[:most]

    def _each(
        self, printed: Callable[[ListedCareer], Any], most: int | None = None
    ) -> Iterator[Any]:
        """What `printed` makes of each listed career, in the order of the page, with `most` of its
        own figures and of those of wider areas."""
        for start in range(0, len(self.listed), CHUNK):
            # A server may send the rest of a stream when the request's language is gone.
            with override(self.language):
                results = [printed(each) for each in self._chunk(start, most)]
            yield from results

    def _chunk(self, start: int, most: int | None) -> Iterator[ListedCareer]:
        groups = dict(self.listed[start : start + CHUNK])
        careers = Career.objects.published().in_bulk(groups)
        lines = self._lines(careers, most)
        for pk, group in groups.items():
            if pk in careers:  # or withdrawn since the question was asked
                yield ListedCareer(careers[pk], group, lines[pk] or [Line("", None)])

    def _lines(self, careers: dict[int, Career], most: int | None) -> dict[int, list[Line]]:
        """Of each career the figures that meet the question, the best first, then wider ones."""
        question, answers = self.question, self.question.answers
        rows = answers.figures()
        areas = {"own": answers.own(rows), "wider": answers.wider(rows)}
        numbers = [
            (area, number)
            for pk in careers
            for area, figures in areas.items()
            for number in answers.best(pk, figures, most)
        ]
        bands = SalaryBand.objects.with_answer(
            question.asked["salary_min"], question.asked["currency"]
        ).select_related("region", "source")
        found = bands.in_bulk([number for _area, number in numbers])
        lines: dict[int, list[Line]] = defaultdict(list)
        for area, number in numbers:
            if band := found.get(number):
                band.career = careers[band.career_id]
                lines[band.career_id].append(Line(area, band))
        return lines

    # --- Cells ------------------------------------------------------------------------------------

    def _head(self) -> dict[str, Any]:
        """What the JSON says before its careers."""
        question = self.question
        asked = {
            name: question.written(name) if isinstance(value, list) else value
            for name, value in question.asked.items()
            if value not in (None, "", [])
        }
        counts = {group.name.lower(): count for group, count in question.counts.items()}
        ignored = [part._asdict() for part in question.ignored]
        return {"language": self.language, "question": asked, "counts": counts, "ignored": ignored}

    def _table(self, listed: ListedCareer) -> list[list[Cell]]:
        """The rows of one career, one a figure; the first answers for it."""
        career = list(self._career_cells(listed).values())
        return [career + list(self._figure_cells(line).values()) for line in listed.lines]

    def _object(self, listed: ListedCareer) -> dict[str, Any]:
        figures = [self._figure_cells(line) for line in listed.lines if line.band]
        return {**self._career_cells(listed), "figures": figures}

    def _career_cells(self, listed: ListedCareer) -> dict[str, Cell]:
        career, group = listed.career, listed.group
        values = (
            career.slug,
            career.title,
            self.absolute(career.get_absolute_url()),
            group.name.lower(),
            self.titles[group],
        )
        return dict(zip(CAREER_COLUMNS, values, strict=True))

    def _figure_cells(self, line: Line) -> dict[str, Cell]:
        band = line.band
        if band is None:
            return {**dict.fromkeys(FIGURE_COLUMNS), "figure": _("No source gives a figure.")}
        asked = self.question.asked
        answer = "" if asked["salary_min"] is None else Answer(band.answer).name.lower()  # type: ignore[attr-defined]
        cells = {
            "area": line.area,
            "answer": answer,
            "figure_url": self.absolute(band.get_absolute_url()),
            **_stated(band),
            **_made_comparable(band, asked["currency"]),
            **_origin(band),
        }
        return {name: cells[name] for name in FIGURE_COLUMNS}


def _title(group: Group, asks_for_amount: bool) -> str:
    """The heading of the group on the page."""
    if group is Group.WIDER:
        return _("For a wider area only")
    if not asks_for_amount:
        return _("Without a figure") if group is Group.UNKNOWN else _("With a figure")
    titles = {
        Group.SURE: _("Sure"),
        Group.POSSIBLE: _("Possible"),
        Group.UNKNOWN: _("Without a comparable figure"),
    }
    return titles[group]


CAREER_COLUMNS = ("career", "career_title", "career_url", "group", "group_title")
_STATED = (
    *("level", "engagement", "low", "median", "high", "open_ended", "currency", "period", "basis"),
    *("range_kind", "no_figure_reason", "no_figure_note", "observed_on", "stated_as", "inferred"),
)
_COMPARABLE = (
    *("comparable", "why_not_comparable"),
    *("yearly_low", "yearly_median", "yearly_high", "yearly_currency", "yearly_hours"),
    # Units of the figure's, then of the asked currency for one euro: ECB, with their days.
    *("euro_rate", "euro_rate_on", "asked_rate", "asked_rate_on"),
)
_SOURCE = ("title", "publisher", "url", "licence", "published_on")
FIGURE_COLUMNS = (
    *("area", "region", "region_name", "figure", "figure_url", "answer"),
    *_STATED,
    *_COMPARABLE,
    *("source", *(f"source_{name}" for name in _SOURCE)),
)


def _stated(band: SalaryBand) -> dict[str, Cell]:
    """What the source says, in words and in parts."""
    said = {name: getattr(band, name) for name in _STATED}
    return {
        "region": band.region.code,
        "region_name": band.region.name,
        "figure": band.sentence,
        **said,
    }


def _made_comparable(band: SalaryBand, currency: str) -> dict[str, Cell]:
    """Gross a year in `currency`, by which hours and which rates of which days, or why not."""
    cells: dict[str, Cell] = dict.fromkeys(_COMPARABLE)
    amounts, reason = band.comparable(currency), why_not(band, currency)
    cells["comparable"] = mark(band, currency).value
    cells["why_not_comparable"] = str(NotComparable(reason).label) if reason else ""
    if amounts is None:
        return cells
    cells["yearly_low"], cells["yearly_high"] = amounts.low, amounts.high
    cells["yearly_median"], cells["yearly_currency"] = amounts.median, currency
    if band.period == Period.HOUR:
        cells["yearly_hours"] = band.yearly_hours
    if band.currency != currency:
        cells["euro_rate"], cells["euro_rate_on"] = band.euro_rate, band.fixed_on
        if currency != "EUR":  # annotated by SalaryBandQuerySet.with_answer
            cells["asked_rate"] = band.rate_asked  # type: ignore[attr-defined]
            cells["asked_rate_on"] = band.rate_asked_on  # type: ignore[attr-defined]
    return cells


def _origin(band: SalaryBand) -> dict[str, Cell]:
    source = band.source
    return {"source": source.slug} | {f"source_{name}": getattr(source, name) for name in _SOURCE}


def _dumped(value: object) -> str:
    """JSON; amounts as strings, so that no reader rounds them, and days as ISO 8601."""
    return json.dumps(value, ensure_ascii=False, default=tables.printed)
