"""What the data of a figure hold, as types: a program's reader and mypy hold us to them.

The API's document and its readable page are made from them (careers.api.schemas): what stands
beside a type says what the key means, which codes there are, or what JSON Schema knows of it.
"""

from typing import Annotated, Literal, NamedTuple, TypedDict

from django.utils.translation import gettext_noop as _

from careers.models import Source
from careers.salaries import (
    Basis,
    Engagement,
    Level,
    NoFigureReason,
    NotComparable,
    Period,
    RangeKind,
)


class Keyword(NamedTuple):
    """A word of JSON Schema."""

    name: str
    value: str


Url = Annotated[str, Keyword("format", "uri")]
Day = Annotated[str, Keyword("format", "date")]
Amount = Annotated[str, Keyword("pattern", r"^\d+(\.\d+)?$")]
Currency = Annotated[str, Keyword("pattern", "^[A-Z]{3}$")]


class Both(TypedDict):
    """Generated words, in each language."""

    fr: str
    en: str


class Texts(TypedDict):
    """A text of the content as it is written in each language; null where it is not."""

    fr: str | None
    en: str | None


class Pages(TypedDict):
    """The page that says the same, in each language."""

    fr: Url
    en: Url


class Coded(TypedDict):
    """A value of a fixed list and its words; null where the source does not say."""

    code: str | None
    words: Both


class CareerName(TypedDict):
    slug: str
    title: Texts
    self: Url
    address: Pages


class RegionName(TypedDict):
    code: str
    name: Texts
    self: Url
    address: Pages


class SourceFacts(TypedDict):
    slug: str
    title: Annotated[str, _("in the source’s own language")]
    publisher: str | None
    kind: Annotated[Coded, Source.Kind]
    licence: Annotated[str | None, _("as the source states it; null where it does not")]
    published_on: Day | None
    original: Annotated[Url | None, _("where the source itself stands")]
    self: Url
    address: Pages


class Ends(TypedDict):
    low: Amount | None
    median: Amount | None
    high: Amount | None
    open_ended: Annotated[bool, _("the true top lies above `high`")]
    currency: Currency


class Stated(Ends):
    period: Annotated[Coded, Period]
    basis: Annotated[Coded, Basis]
    range_kind: Annotated[Coded, RangeKind]


class NoFigure(Coded):
    note: Annotated[Texts, _("the editors’ words for it")]


class Rate(TypedDict):
    publisher: Literal["ECB"]
    currency: Currency
    units_for_one_euro: Amount
    fixed_on: Day


class MadeFrom(TypedDict):
    period: str
    yearly_hours: Annotated[Amount | None, _("by which an hourly wage was multiplied")]


class Yearly(Ends):
    period: Literal["year"]
    basis: Literal["gross"]
    basis_is_stated: Annotated[bool, _("false: read as gross, the source leaves it open")]
    range_kind: str
    made_from: MadeFrom
    rates: Annotated[list[Rate], _("the rates by which it was converted, in order")]


class Figure(TypedDict):
    """One statement by one source about the pay of one career in one region."""

    id: Annotated[str, _("stays the same for as long as the statement exists")]
    self: Url
    address: Pages
    career: CareerName
    region: RegionName
    level: Annotated[Coded, Level]
    engagement: Annotated[Coded, Engagement]
    sentence: Annotated[Both, _("the figure in words, as every page says it")]
    stated: Annotated[
        Stated | None, _("the amounts as the source states them; null where it has none")
    ]
    no_figure: Annotated[
        Annotated[NoFigure, NoFigureReason] | None,
        _("why there is no figure; null where there is one"),
    ]
    stated_as: Annotated[str | None, _("the source’s own words")]
    inferred: Annotated[Texts, _("what was read into it that the source does not say")]
    yearly: Annotated[
        list[Yearly],
        _("gross a year, derived: in its own currency, in euros, in the currency asked"),
    ]
    not_comparable: Annotated[
        Annotated[Coded, NotComparable] | None,
        _("why no gross yearly amount in euros is derived; null where one is"),
    ]
    source: SourceFacts
    observed_on: Annotated[Day, _("the day on which the figure stood")]
    confirmed_on: Annotated[
        Day | None, _("the last day on which somebody checked it against its source")
    ]
    is_latest: Annotated[
        bool, _("whether its source has said nothing newer; if it has, the newer figure counts")
    ]


class Statement(TypedDict):
    observed_on: Day
    sentence: Both
    self: Url
    address: Pages


class FigureInSeries(Figure):
    """A figure with what its source said before and since."""

    series: Annotated[list[Statement], _("all statements of the series, latest first")]
