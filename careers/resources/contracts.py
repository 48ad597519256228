"""The columns of each model that travels in spreadsheets."""

import re
from collections.abc import Iterator
from functools import partial

from django.db.models import Model
from django.utils.translation import gettext, override
from django.utils.translation import gettext_lazy as _

from careers import salaries, search
from careers.models import Career, ExchangeRate, Field, Region, SalaryBand, Source
from careers.models.career import SLUG_LENGTH
from careers.models.translated import in_language
from careers.resources.codes import AIJOBS_ENGAGEMENTS, AIJOBS_LEVELS, PART_TIME, doubts, read_marks
from careers.resources.columns import Choice, Code, Column, Currency, Label, Reference, column_for
from careers.resources.plan import CellError, PlannedRow
from careers.resources.resource import Finder, Resource
from careers.tables import Cells
from careers.wording import STATED, sentences

_PERCENTILES = (("p25_p75", r"P25\s*[-–]\s*P75"), ("p10_p90", r"P10\s*[-–]\s*P90"))


def _columns(model: type[Model], *names: str, **aliases: tuple[str, ...]) -> tuple[Column, ...]:
    fields = {field.name: field for field in model._meta.concrete_fields}
    return tuple(column_for(fields[name], aliases=aliases.get(name, ())) for name in names)


def in_words(words: str, low: Cells, median: Cells, high: Cells, *said: Cells) -> Cells:
    """`salaries.sentence` of each row, in the language `words` whatever that of the page."""
    ends = (low.as_data, median.as_data, high.as_data)
    return Cells(sentences(words, *ends, *said))


def _in_french(_language: str, *columns: Cells) -> Cells:
    return in_words("fr", *columns)


def _in_english(_language: str, *columns: Cells) -> Cells:
    return in_words("en", *columns)


def _named(language: str, french: Cells, english: Cells) -> Cells:
    """The name in the language, else in the other: drafts of an English file have no French one."""
    names = map(partial(in_language, language), french, english)
    return Cells(name or other for name, other in zip(names, english, strict=True))


def _addresses(language: str, slugs: Cells) -> Cells:
    with override(language):
        return Cells(Career(slug=str(slug)).get_absolute_url() for slug in slugs)


def _source_cells(cells: dict[str, str]) -> dict[str, str]:
    """A row without a slug has the one its title gives, so that it is found again next time."""
    return {**cells, "slug": cells.get("slug") or search.slug(cells.get("title", ""), 100)}


def _field_cells(cells: dict[str, str]) -> dict[str, str]:
    return {**cells, "slug": cells.get("slug") or search.slug(cells.get("name_fr", ""), 100)}


def _career_cells(cells: dict[str, str]) -> dict[str, str]:
    title = cells.get("title_fr") or cells.get("title_en", "")
    return {**cells, "slug": cells.get("slug") or search.slug(title, SLUG_LENGTH)}


def _band_cells(cells: dict[str, str]) -> dict[str, str]:
    """A source given as « Name (detail) » is the source « Name »; the detail is what it states.

    « P25-P75 » or « P10–P90 » in it tells the kind of range where no column does.
    """
    cells = read_marks(cells)
    source = cells.get("source", "").strip()
    name, bracket, _detail = source.partition("(")
    if not (bracket and name.strip() and source.endswith(")")):
        return cells
    filled = {**cells, "source": name.strip(), "stated_as": cells.get("stated_as") or source}
    kind = next((kind for kind, label in _PERCENTILES if re.search(label, source)), "")
    if kind and not cells.get("range_kind"):
        filled["range_kind"] = kind
    return filled


def _cycles(rows: list[PlannedRow]) -> Iterator[tuple[PlannedRow, CellError]]:
    """Two rows may each be right and together put a region within itself."""
    parents: dict[str, str | None] = dict(Region.objects.values_list("code", "parent__code"))
    planned = {row.instance.code: row for row in rows if isinstance(row.instance, Region)}
    for code, row in planned.items():
        parent = row.instance.parent if isinstance(row.instance, Region) else None
        parents[code] = parent.code if parent else None
    for code, row in planned.items():
        above = parents[code]
        climbed: set[str] = set()
        while above and above != code and above not in climbed:
            climbed.add(above)
            above = parents.get(above)
        if above == code:
            yield (
                row,
                CellError(
                    "parent", parents[code] or "", gettext("A region cannot lie within itself.")
                ),
            )


REGIONS = Resource(
    model=Region,
    key=("code",),
    required=("code", "name_fr"),
    columns=(
        Code("code"),
        Reference("parent", aliases=("parent_code",), key="code", optional=True),
        *_columns(Region, "kind", "name_fr", "name_en", "yearly_hours", kind=("level",)),
    ),
    finders=lambda: {"parent": Finder(Region.objects.all(), "code", ("name_fr", "name_en"))},
    review=_cycles,
)

SOURCES = Resource(
    model=Source,
    key=("slug",),
    required=("title",),
    columns=_columns(
        Source,
        *("slug", "title", "kind", "publisher", "url", "published_on", "licence"),
        *("note_fr", "note_en"),
    ),
    complete=_source_cells,
)

EXCHANGE_RATES = Resource(
    model=ExchangeRate,
    key=("currency", "fixed_on"),
    required=("currency", "fixed_on", "rate"),
    columns=(Currency("currency"), *_columns(ExchangeRate, "fixed_on", "rate")),
)

FIELDS = Resource(
    model=Field,
    key=("slug",),
    required=("name_fr",),
    columns=_columns(Field, "slug", "name_fr", "name_en", "note_fr", "note_en"),
    complete=_field_cells,
)

CAREERS = Resource(
    model=Career,
    key=("slug",),
    columns=(
        *_columns(Career, "slug", "status", "published_at", "unpublished_at"),
        *_columns(Career, "title_fr", "title_en"),
        Reference("field", optional=True),
        *_columns(
            Career,
            *("alternative_titles_fr", "alternative_titles_en", "summary_fr", "summary_en"),
            *(f"{section}_{language}" for section in Career.SECTIONS for language in ("fr", "en")),
            *(*Career.CODES, "checked_on"),
        ),
    ),
    finders=lambda: {"field": Finder(Field.objects.all(), "slug", ("name_fr", "name_en"))},
    labels=(Label("address", _("address of the page"), ("slug",), _addresses),),
    complete=_career_cells,
)

SALARY_BANDS = Resource(
    model=SalaryBand,
    key=(
        *("career", "region", "level", "engagement"),
        *("currency", "period", "source", "observed_on"),
    ),
    required=("career", "region", "source", "observed_on"),
    columns=(
        Reference("career"),
        Reference("region", key="code"),
        Choice("level", choices=salaries.Level.choices, codes=AIJOBS_LEVELS),
        Choice(
            "engagement",
            aliases=("employment_type",),
            choices=salaries.Engagement.choices,
            codes=AIJOBS_ENGAGEMENTS,
            refused=PART_TIME,
        ),
        *_columns(
            SalaryBand,
            *("low", "median", "high", "open_ended"),
        ),
        Currency("currency"),
        *_columns(
            SalaryBand,
            *("period", "basis", "range_kind"),
            *("no_figure_reason", "no_figure_note_fr", "no_figure_note_en"),
        ),
        Reference("source"),
        *_columns(SalaryBand, "observed_on", "stated_as", "inferred_fr", "inferred_en"),
        *_columns(SalaryBand, "confirmed_on"),
    ),
    labels=(
        Label(
            "career_title",
            _("career’s title"),
            ("career__title_fr", "career__title_en"),
            _named,
        ),
        Label(
            "region_name",
            _("region’s name"),
            ("region__name_fr", "region__name_en"),
            _named,
        ),
        Label(
            *("figure_fr", _("figure in French words")),
            *((*STATED, "no_figure_note_fr"), _in_french),
        ),
        Label(
            *("figure_en", _("figure in English words")),
            *((*STATED, "no_figure_note_en"), _in_english),
        ),
        *(
            Label(f"source_{name}", title, (f"source__{name}",), is_origin=True)
            for name, title in (
                ("title", _("source’s title")),
                ("licence", _("source’s licence")),
                ("published_on", _("day the source was published")),
                ("url", _("source’s address")),
            )
        ),
    ),
    finders=lambda: {
        "career": Finder(Career.objects.all(), "slug", ("title_fr", "title_en")),
        "region": Finder(Region.objects.all(), "code", ("name_fr", "name_en")),
        "source": Finder(Source.objects.all(), "slug", ("title",)),
    },
    missing={
        "career": lambda title: Career(title_fr=title),
        "source": lambda title: Source(title=title),
    },
    complete=_band_cells,
    doubts=doubts,
    in_bulk=True,
)

# In the order in which an empty site is filled.
RESOURCES = {
    resource.name: resource
    for resource in (REGIONS, SOURCES, EXCHANGE_RATES, FIELDS, CAREERS, SALARY_BANDS)
}


def resource_for(model: type[Model]) -> Resource:
    name = model._meta.model_name
    assert name is not None
    return RESOURCES[name]
