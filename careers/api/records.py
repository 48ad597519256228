"""Careers, regions, sources and fields of work as data, and the lists that hold them."""

import json
from decimal import Decimal
from typing import Annotated, Any, Literal, TypedDict, cast

from django.utils.http import urlencode
from django.utils.translation import gettext_noop as _

from careers import results, salaries
from careers.answers import Group
from careers.areas import Offered
from careers.comparison import why_not
from careers.facets import Choice, Facets
from careers.figure_data import (
    CareerName,
    Coded,
    Day,
    Figure,
    Keyword,
    Pages,
    RegionName,
    SourceFacts,
    Texts,
    Url,
)
from careers.filters import CareerFilter
from careers.models import Career, Field, Region, SalaryBand, Source
from careers.salaries import Amounts, NotComparable
from careers.statements import Statements, coded, in_both, texts

GroupName = Literal["sure", "possible", "unknown", "wider", "below", "absent"]
AnswerName = Literal["sure", "possible", "no", "unknown"]
Moment = Annotated[str, Keyword("format", "date-time")]
# Low, median and high, each as text or None, and whether the top is open: what an amount asks.
Compared = tuple[str | None, str | None, str | None, bool]


class FieldName(TypedDict):
    slug: str
    name: Texts
    self: Url
    address: Pages


class FieldRecord(FieldName):
    """A field of work."""

    note: Texts
    careers: Annotated[int, _("how many published careers it has")]


class Titles(TypedDict):
    fr: list[str]
    en: list[str]


class Codes(TypedDict):
    rome_code: str | None
    isco_code: str | None
    esco_uri: Url | None
    soc_code: str | None


class CareerRecord(CareerName):
    """What one does and how to get in; what it pays is in `bands`."""

    alternative_titles: Titles
    summary: Texts
    field: FieldName | None
    bands: Annotated[Url, _("all its current figures")]
    texts: Annotated[dict[str, Texts], _("Markdown, by section")]
    codes: Codes
    published_at: Moment
    checked_on: Annotated[
        Day | None, _("the day on which somebody last read it against its sources")
    ]


class AnsweringFigure(TypedDict):
    area: Annotated[
        Literal["own", "wider"], _("wider: of an area around the regions asked, not of them")
    ]
    answer: Annotated[
        AnswerName | None,
        _("whether it reaches the amount asked; null where none is asked"),
    ]
    why_not_comparable: Annotated[
        Annotated[Coded, NotComparable] | None, _("in the currency asked")
    ]
    figure: Figure


class Result(CareerName):
    """A career that answers, with the figures that say so."""

    group: Annotated[
        GroupName,
        _("where it stands in the answer; sure: it has a figure, where no amount is asked"),
    ]
    summary: Texts
    field: FieldName | None
    bands: Annotated[Url, _("all its current figures")]
    figures: Annotated[list[AnsweringFigure], _("the best three, as on the page")]


class Links(TypedDict):
    self: Url
    first: Url
    prev: Url | None
    next: Url | None
    last: Url


class WalkLinks(TypedDict):
    """Rows never move: whoever follows `next` until it is null has read each once."""

    self: Url
    first: Url
    next: Url | None


class FacetValue(TypedDict):
    value: str
    label: Annotated[str, _("in the language of the answer")]
    count: Annotated[int, _("careers listed once it is chosen, or no longer chosen")]
    is_asked: bool
    depth: Annotated[int, _("of a region: how far down the tree")]


class FacetValues(TypedDict):
    region: list[FacetValue]
    level: list[FacetValue]
    engagement: list[FacetValue]
    field: list[FacetValue]
    age: list[FacetValue]
    language: list[FacetValue]


class CareerList(TypedDict):
    """The answer to a question: the groups of the page, in its order."""

    links: Links
    address: Annotated[Pages, _("the page that answers the same question")]
    question: Annotated[dict[str, list[str]], _("what was asked, defaults included")]
    counts: Annotated[
        dict[GroupName, int], _("careers of each group; those below and absent are not listed")
    ]
    count: Annotated[int, _("careers listed on all pages")]
    results: list[Result]
    facets: Annotated[FacetValues | None, _("null unless asked with `facets=1`")]


class BandList(TypedDict):
    links: WalkLinks
    results: list[Figure]


class RegionRecord(RegionName):
    """A region with figures, or around one that has."""

    kind: Annotated[Coded, Region.Kind]
    parent: Annotated[str | None, _("code of the area that it lies in")]
    path: Annotated[list[str], _("codes from the widest area down to itself")]
    yearly_hours: Annotated[
        int | None, _("working hours a year where the region states them, for hourly wages")
    ]
    careers: Annotated[int, _("how many published careers have a figure in it or its parts")]
    among: Annotated[Url, _("the careers with a figure here")]


class SourceRecord(SourceFacts):
    note: Texts
    figures: Annotated[int, _("how many current figures of published careers it gives")]
    bands: Url


class RegionList(TypedDict):
    links: Links
    count: int
    results: list[RegionRecord]


class SourceList(TypedDict):
    links: Links
    count: int
    results: list[SourceRecord]


class FieldList(TypedDict):
    links: Links
    count: int
    results: list[FieldRecord]


class Home(TypedDict):
    """Where everything is."""

    careers: Url
    bands: Url
    regions: Url
    sources: Url
    fields: Url
    openapi: Url
    address: Annotated[Pages, _("the readable page")]


# --- Printing -------------------------------------------------------------------------------------


class Records:
    """Prints records for the site at `base`; figures with amounts in `currency` too."""

    def __init__(self, base: str, currency: str = "EUR") -> None:
        self.base, self.currency = base, currency
        self.statements = Statements(base, currency)
        self.resource, self.pages = self.statements.resource, self.statements.pages

    def career(self, career: Career) -> CareerRecord:
        other = "alternative_titles"
        return {
            **self.statements.career(career),
            "alternative_titles": {
                "fr": getattr(career, f"{other}_fr").splitlines(),
                "en": getattr(career, f"{other}_en").splitlines(),
            },
            "summary": texts(career, "summary"),
            "field": self._field_of(career),
            "bands": self._asked("band_list", career=career.slug),
            "texts": {name: texts(career, name) for name in Career.SECTIONS},
            "codes": {
                "rome_code": career.rome_code or None,
                "isco_code": career.isco_code or None,
                "esco_uri": career.esco_uri or None,
                "soc_code": career.soc_code or None,
            },
            "published_at": career.published_at.isoformat(),  # type: ignore[union-attr]
            "checked_on": career.checked_on.isoformat() if career.checked_on else None,
        }

    def result(self, result: results.Result, group: Group, threshold: int | None) -> Result | None:
        """None where it was withdrawn meanwhile.

        It is made once and kept as text, with what its figures compare by: that alone has to be
        asked again for another amount.
        """
        key = ("record", self.base, self.currency, group is Group.WIDER)
        text = result.once(key, lambda: json.dumps(self._with_compared(result, group)))
        record: Result | None
        record, compared = json.loads(text)
        if record is None:
            return None
        record["group"] = group_name(group)
        for each, amounts in zip(record["figures"], compared, strict=True):
            each["answer"] = _answer(amounts, threshold)
        return record

    def _with_compared(
        self, result: results.Result, group: Group
    ) -> tuple[Result | None, list[Compared | None]]:
        amounts = [band.comparable(self.currency) for band in result.bands]
        return self._result(result, group), [
            None if each is None else _compared(each) for each in amounts
        ]

    def _result(self, result: results.Result, group: Group) -> Result | None:
        career, is_wider = result.career, group is Group.WIDER
        if career is None:
            return None
        return {
            **self.statements.career(career),
            "group": group_name(group),
            "summary": texts(career, "summary"),
            "field": self._field_of(career),
            "bands": self._asked("band_list", career=career.slug),
            "figures": [self._answering(band, is_wider) for band in result.bands],
        }

    def _answering(self, band: SalaryBand, is_wider: bool) -> AnsweringFigure:
        reason = why_not(band, self.currency)
        return {
            "area": "wider" if is_wider else "own",
            "answer": None,
            "why_not_comparable": coded(NotComparable, reason) if reason else None,
            "figure": self.statements.figure(band, is_latest=True),
        }

    def _field_of(self, career: Career) -> FieldName | None:
        return self._named(career.field) if career.field else None

    def _named(self, field: Field) -> FieldName:
        return {
            "slug": field.slug,
            "name": texts(field, "name"),
            "self": self.resource("field_detail", field.slug),
            "address": self.pages("field_detail", field.slug),
        }

    def field(self, field: Any) -> FieldRecord:
        """Of a Field that `FieldQuerySet.counted` annotated."""
        return {
            **self._named(field),
            "note": texts(field, "note"),
            "careers": field.careers_count,
        }

    def region(self, offered: Offered) -> RegionRecord:
        region = offered.region
        path = [*region.wider_codes, region.code]
        return {
            **self.statements.region(region),
            "kind": coded(Region.Kind, region.kind),
            "parent": path[-2] if len(path) > 1 else None,
            "path": path,
            "yearly_hours": region.yearly_hours,
            "careers": offered.careers,
            "among": self._asked("career_list", region=region.code),
        }

    def source(self, source: Source, figures: int) -> SourceRecord:
        return {
            **self.statements.source(source),
            "note": texts(source, "note"),
            "figures": figures,
            "bands": self._asked("band_list", source=source.slug),
        }

    def home(self) -> Home:
        return {
            "careers": self.resource("career_list"),
            "bands": self.resource("band_list"),
            "regions": self.resource("region_list"),
            "sources": self.resource("source_list"),
            "fields": self.resource("field_list"),
            "openapi": self.resource("openapi"),
            "address": self.pages("api_guide"),
        }

    def _asked(self, name: str, **asked: str) -> str:
        return f"{self.resource(name)}?{urlencode(asked)}"


def group_name(group: Group) -> GroupName:
    return cast(GroupName, group.name.lower())


def _compared(amounts: Amounts) -> Compared:
    low, median, high = (
        None if amount is None else str(amount)
        for amount in (amounts.low, amounts.median, amounts.high)
    )
    return low, median, high, amounts.open_ended


def _answer(compared: Compared | None, threshold: int | None) -> AnswerName | None:
    """The twin of `SalaryBandQuerySet.with_answer`, for amounts already read."""
    if threshold is None:
        return None
    if compared is None:
        return "unknown"
    *amounts, open_ended = compared
    low, median, high = (None if text is None else Decimal(text) for text in amounts)
    found = salaries.answer(low, median, high, open_ended=open_ended, threshold=threshold)
    return cast(AnswerName, found.name.lower())


def facets(question: CareerFilter) -> FacetValues:
    found = Facets(question)
    return {
        "region": _values(found.regions),
        "level": _values(found.levels),
        "engagement": _values(found.engagements),
        "field": _values(found.fields),
        "age": _values(found.ages),
        "language": _values(found.languages),
    }


def _values(choices: list[Choice]) -> list[FacetValue]:
    return [
        {
            "value": choice.value,
            "label": choice.label,
            "count": choice.count,
            "is_asked": choice.is_asked,
            "depth": choice.depth,
        }
        for choice in choices
        if choice.value
    ]


def pages_of(question: CareerFilter, base: str) -> Pages:
    """The list that answers the question, in each language."""
    paths = in_both(question.address)
    return {"fr": base + paths["fr"], "en": base + paths["en"]}
