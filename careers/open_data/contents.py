"""Which tables the open data has, and of each which rows and columns: only what is public.

A region, field or rate is there when public content refers to it, so that every key is found, and
nothing shows what an editor prepares. All sources are there, as on their page: those that give
titles and texts want to be named, and no key says which careers they describe.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from typing import Any

from django.db.models import Model, Q, QuerySet
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override

from careers.models import LANGUAGES, Career, ExchangeRate, Field, Region, SalaryBand, Source
from careers.open_data.columns import Column, each, of
from careers.resources.contracts import in_words
from careers.tables import ROWS_A_CHUNK, Cells, columns_of
from careers.wording import STATED

TITLES = {
    "careers": _("Careers"),
    "salary_bands": _("Salary bands"),
    "regions": _("Regions"),
    "sources": _("Sources"),
    "fields": _("Fields of work"),
    "exchange_rates": _("Exchange rates"),
}
_STATED = (
    *("level", "engagement", "low", "median", "high", "open_ended", "currency", "period", "basis"),
    *("range_kind", "no_figure_reason", "no_figure_note_fr", "no_figure_note_en"),
)


@dataclass(frozen=True)
class Table:
    """A table: its rows in a fixed order, its columns, and the one that names a row."""

    name: str
    rows: "QuerySet[Any]"
    columns: list[Column]

    @property
    def title(self) -> str | Promise:
        return TITLES[self.name]

    @property
    def header(self) -> list[str]:
        return [column.name for column in self.columns]

    @property
    def key(self) -> str:
        return next(column.name for column in self.columns if column.is_key)

    def chunks(self) -> Iterator[list[Cells]]:
        """The cells, some hundred rows at a time, each column by itself: see careers.tables."""
        paths = list(dict.fromkeys(path for column in self.columns for path in column.paths))
        for columns in columns_of(self.rows.values_list(*paths).iterator(ROWS_A_CHUNK)):
            read = dict(zip(paths, columns, strict=True))
            yield [column.cells(read) for column in self.columns]


def tables(moment: datetime, site: str) -> list[Table]:
    """The tables of what is public at `moment`; `site` begins the addresses of pages."""
    careers = Career.objects.published(moment)
    bands = SalaryBand.objects.published(moment)
    read: dict[str, tuple[QuerySet[Any], list[Column]]] = {
        "careers": (careers.order_by("pk"), _careers(site)),
        "salary_bands": (bands.with_is_current().order_by("pk"), _bands(site)),
        "regions": (_around(bands), _regions()),
        "sources": (Source.objects.order_by("pk"), _sources()),
        "fields": (_fields_of(careers), _fields()),
        "exchange_rates": (_rates(bands), _exchange_rates()),
    }
    return [Table(name, *rows_and_columns) for name, rows_and_columns in read.items()]


def _fields_of(careers: "QuerySet[Any]") -> "QuerySet[Any]":
    return Field.objects.filter(pk__in=careers.order_by().values("field")).order_by("pk")


def _around(bands: "QuerySet[Any]") -> "QuerySet[Any]":
    """The regions of the bands and all areas around them, the wide before the narrow."""
    paths = bands.order_by().values_list("region__path", flat=True).distinct()
    return Region.objects.filter(code__in={code for p in paths for code in p.split("/")}).order_by(
        "path"
    )


def _rates(bands: "QuerySet[Any]") -> "QuerySet[Any]":
    """The rates of the bands' currencies on their days, as they were."""
    rate = ("currency", "fixed_on", "euro_rate")
    return bands.filter(~Q(fixed_on=None)).order_by(*rate).values(*rate).distinct()


# --- Columns ----------------------------------------------------------------------------------


def _key(model: type[Model], name: str, **options: Any) -> list[Column]:
    return of(model, name, is_key=True, is_required=True, **options)


def _reference(model: type[Model], name: str, table: str, key: str = "slug") -> list[Column]:
    return of(model, name, paths=(f"{name}__{key}",), refers=table)


def _addresses(site: str, view: str, *paths: str) -> list[Column]:
    """The page of the row in each language."""
    titles = {"fr": _("address of the French page"), "en": _("address of the English page")}
    return [
        Column(f"address_{language}", titles[language], paths, said=each(address), is_required=True)
        for language, address in _makers(site, view, len(paths))
    ]


def _makers(site: str, view: str, count: int) -> Iterator[tuple[str, Callable[..., str]]]:
    """What makes an address of its parts: half a million times `reverse` would take a minute."""
    stand_ins = ("slug-of-a-career", 987_654_321)[:count]
    for language in LANGUAGES:
        with override(language):
            pattern = site + reverse(f"careers:{view}", args=stand_ins).replace("{", "{{")
        for stand_in in stand_ins:
            pattern = pattern.replace(str(stand_in), "{}")
        yield language, pattern.format


def _careers(site: str) -> list[Column]:
    texts = ("alternative_titles", "summary", *Career.SECTIONS)
    return [
        *_key(Career, "slug"),
        *_addresses(site, "career_detail", "slug"),
        *of(Career, "title_fr", is_required=True),
        *of(Career, "title_en"),
        *_reference(Career, "field", "fields"),
        *of(Career, *(f"{text}_{language}" for text in texts for language in LANGUAGES)),
        *of(Career, *Career.CODES, "checked_on"),
        *of(Career, "published_at", is_required=True),
    ]


def _bands(site: str) -> list[Column]:
    return [
        Column("id", _("number"), ("pk",), "integer", is_key=True, is_required=True),
        *_addresses(site, "figure_detail", "career__slug", "pk"),
        *_reference(SalaryBand, "career", "careers"),
        *_reference(SalaryBand, "region", "regions", "code"),
        *of(SalaryBand, *_STATED),
        *(
            Column(
                *(f"figure_{language}", title),
                (*STATED, f"no_figure_note_{language}"),
                said=partial(in_words, language),
            )
            for language, title in (
                ("fr", _("figure in French words")),
                ("en", _("figure in English words")),
            )
        ),
        *_reference(SalaryBand, "source", "sources"),
        *of(SalaryBand, "observed_on", "confirmed_on", "stated_as", "inferred_fr", "inferred_en"),
        Column(
            "is_current",
            _("whether it is the latest statement of its series"),
            ("is_current",),
            "boolean",
            is_required=True,
        ),
        *_yearly(),
    ]


def _yearly() -> Iterator[Column]:
    """What is derived: gross a year in the figure's currency and in euros, and how, or why not."""
    titles = {
        "annual_low": _("low, gross a year"),
        "annual_median": _("median, gross a year"),
        "annual_high": _("high, gross a year"),
        "annual_low_eur": _("low, gross a year, in euros"),
        "annual_median_eur": _("median, gross a year, in euros"),
        "annual_high_eur": _("high, gross a year, in euros"),
    }
    for name, title in titles.items():
        yield Column(name, title, (name,), "number")
    yield from of(
        SalaryBand, "not_comparable", title=_("why it has no gross yearly amount, or none in euros")
    )
    yield from of(SalaryBand, "yearly_hours", title=_("hours that made a year of an hourly wage"))
    yield from of(SalaryBand, "euro_rate", title=_("units of its currency for one euro"))
    yield Column(
        "exchange_rate",
        _("the last rate of its currency fixed on or before its day"),
        ("currency", "fixed_on"),
        said=each(_rate_id),
        refers="exchange_rates",
    )


def _rate_id(currency: str, fixed_on: date | None) -> str:
    return f"{currency}-{fixed_on.isoformat()}" if fixed_on else ""


def _regions() -> list[Column]:
    return [
        *_key(Region, "code"),
        *_reference(Region, "parent", "regions", "code"),
        *of(Region, "kind", "name_fr", "name_en", "yearly_hours"),
    ]


def _sources() -> list[Column]:
    return [
        *_key(Source, "slug"),
        *of(Source, "title", "kind", "publisher", "url", "published_on", "licence"),
        *of(Source, "note_fr", "note_en"),
    ]


def _fields() -> list[Column]:
    return [*_key(Field, "slug"), *of(Field, "name_fr", "name_en", "note_fr", "note_en")]


def _exchange_rates() -> list[Column]:
    return [
        Column(
            "id",
            _("identifier"),
            ("currency", "fixed_on"),
            said=each(_rate_id),
            is_key=True,
            is_required=True,
        ),
        *of(ExchangeRate, "currency", "fixed_on"),
        *of(ExchangeRate, "rate", paths=("euro_rate",)),
    ]
