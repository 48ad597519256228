"""Files as others publish them, row by row as ours: classifications and tables of wages.

A shape says nothing of the database: what comes out goes through the same door as an editor's
file. Where a row is no row of ours, it says why.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from django.utils.translation import gettext as _

from careers import tables
from careers.resources import codes
from careers.resources.classifications import isco_field, rome_field
from careers.resources.resource import Resource
from careers.tables import Row, Table, TableError

Cells = Mapping[str, str]
# What BLS prints as "#" in May 2023 and May 2025: at or above this.
OEWS_CAPS = {"year": "239200", "hour": "115.00"}
_FIRST_SENTENCE = re.compile(r".{20,500}?[.!?](?=\s|$)", re.DOTALL)


class NotOurs(ValueError):
    """A row that states nothing the site keeps; the message says why."""


@dataclass(frozen=True)
class Shape:
    """One kind of file: how it is known, its rows as ours, and who states them.

    A file has this shape when it has the `headings` and its first row names a source that begins
    with `stated_by`. `source` gives the cells of the source's own row; with `by_date` each state of
    the file is a source, and `{date}` is the latest day that its rows name. `field` gives the cells
    of the field of work that a row belongs to, if it says.
    """

    headings: tuple[str, ...]
    row: Callable[[Cells], dict[str, str]]
    source: Mapping[str, str]
    stated_by: str = ""
    by_date: bool = False
    field: Callable[[Cells], dict[str, str]] = lambda _cells: {}

    def fits(self, table: Table) -> bool:
        said = table.rows[0].cells.get("source", "") if table.rows else ""
        return set(self.headings) <= set(table.header) and said.startswith(self.stated_by)

    def source_of(self, table: Table) -> dict[str, str]:
        """The cells of the source's row."""
        days = [row.cells.get("observed_on", "") for row in table.rows] if self.by_date else []
        return {name: text.format(date=max(days, default="")) for name, text in self.source.items()}

    def fields_of(self, table: Table) -> list[dict[str, str]]:
        """The cells of the fields of work that the rows belong to, each once."""
        fields = filter(None, (self.field(row.cells) for row in table.rows))
        return list({field["slug"]: field for field in fields}.values())

    def shaped(self, table: Table, resource: Resource) -> Table:
        """The table with the resource's columns, each row with the file's own number."""
        fixed = {"source": self.source_of(table)["slug"]} if self.by_date else {}
        header = [column.name for column in resource.columns]
        return table._replace(header=header, rows=[self._shaped(row, fixed) for row in table.rows])

    def _shaped(self, row: Row, fixed: dict[str, str]) -> Row:
        try:
            field = self.field(row.cells)
            within = {"field": field["slug"]} if field else {}
            return row._replace(cells=self.row(row.cells) | within | fixed)
        except NotOurs as error:
            return row._replace(cells={}, why=str(error))


Formats = Mapping[str, tuple[Shape, ...]]


def read(content: bytes, formats: Formats, name: str = "") -> tuple[Shape, Table]:
    """The table in a file and its shape: one of the format of that name, or else of any.

    Raises TableError where none fits.
    """
    candidates = [s for format_, shapes in formats.items() for s in shapes if name in ("", format_)]
    known = {heading for shape in candidates for heading in shape.headings}
    table = tables.read(content, known.__contains__)
    for shape in candidates:
        if shape.fits(table):
            return shape, table
    raise TableError(_("The file has none of these formats: %s.") % (name or ", ".join(formats)))


# --- Careers ----------------------------------------------------------------------------------


def _titles(*groups: str) -> list[str]:
    """The titles of several cells, "|" between them, each once."""
    titles = [title.strip() for group in groups for title in group.split("|")]
    return list(dict.fromkeys(filter(None, titles)))


def _career(french: list[str], english: list[str], text_en: str = "") -> dict[str, str]:
    """The cells of a career: of each language the first title, then the others line by line."""
    cells: dict[str, str] = {}
    for language, titles in (("fr", french), ("en", english)):
        if titles:
            title = titles[0][:1].upper() + titles[0][1:]
            others = [other for other in titles[1:] if other.casefold() != title.casefold()]
            cells |= {
                f"title_{language}": title,
                f"alternative_titles_{language}": "\n".join(others),
            }
    first = _FIRST_SENTENCE.match(text_en)
    return cells | {"summary_en": first[0] if first else "", "tasks_en": text_en}


def _whole(half: str, other: str) -> str:
    """« vendeur », of « vendeur/vendeuse en jeux », with the words that it shares."""
    words, others = half.split(), other.split()
    alike = words and others and words[0][:4] == others[0][:4]
    return " ".join([*words, *others[len(words) :]]) if alike else half


def _esco(cells: Cells) -> dict[str, str]:
    his, hers = cells["title_fr_m"], cells["title_fr_f"]
    titles = (_whole(his, hers) or cells["title_fr"], _whole(hers, his))
    french = _titles(*titles, cells["alt_titles_fr"])
    english = _titles(cells["title_en"], cells["alt_titles_en"])
    numbers = {"esco_uri": cells["esco_uri"], "isco_code": cells["isco_code"]}
    return _career(french, english, cells["description_en"]) | numbers


def _rome(cells: Cells) -> dict[str, str]:
    french = _titles(cells["title_fr"], cells["main_label_fr"], cells["alt_titles_fr"])
    return _career(french, []) | {"rome_code": cells["code_rome"]}


def _onet(cells: Cells) -> dict[str, str]:
    english = _titles(cells["title_en"], cells["alt_titles_en"])
    return _career([], english, cells["description_en"]) | {"soc_code": cells["onet_soc_code"]}


_ESCO_SOURCE = {
    "slug": "esco",
    "title": "ESCO",
    "publisher": "European Commission",
    "url": "https://esco.ec.europa.eu/",
    "licence": (
        "This service uses the ESCO classification of the European Commission. "
        "Commission Decision 2011/833/EU"
    ),
    "note_fr": (
        "Donne des intitulés, des descriptions et des codes de métiers, aucun chiffre. ESCO 1.0, "
        "intitulés de 2020. Modifications : champs choisis, intitulés scindés là où ils réunissent "
        "deux genres, première lettre en capitale."
    ),
    "note_en": (
        "Gives titles, descriptions and codes of careers, and no figure. ESCO 1.0, titles as of "
        "2020. Changed: fields selected, titles split where they join two genders, their first "
        "letter in capitals."
    ),
}
_ROME_SOURCE = {
    "slug": "rome-4-0-v460",
    "title": "ROME 4.0 v460",
    "publisher": "France Travail",
    "url": "https://www.francetravail.org/",
    "licence": "Licence Ouverte / Etalab 2.0, France Travail, ROME v460",
    "note_fr": (
        "Donne des intitulés et des codes de métiers, aucun chiffre. Modifications : champs "
        "choisis."
    ),
    "note_en": "Gives titles and codes of careers, and no figure. Changed: fields selected.",
}
_ONET_SOURCE = {
    "slug": "onet-27-0",
    "title": "O*NET 27.0 Database",
    "publisher": "U.S. Department of Labor, Employment and Training Administration",
    "url": "https://www.onetcenter.org/database.html",
    "licence": "CC BY 4.0, O*NET 27.0 Database (August 2022), USDOL/ETA",
    "note_fr": (
        "Donne des intitulés, des descriptions et des codes de métiers, aucun chiffre. Contient "
        "des informations de la base O*NET 27.0 du ministère du Travail des États-Unis "
        "(USDOL/ETA), utilisées sous licence CC BY 4.0. O*NET® est une marque de l’USDOL/ETA. "
        "Modifications : champs choisis et réunis."
    ),
    "note_en": (
        "Gives titles, descriptions and codes of careers, and no figure. Includes information "
        "from the O*NET 27.0 Database by the U.S. Department of Labor, "
        "Employment and Training Administration (USDOL/ETA). Used under the CC BY 4.0 license. "
        "O*NET® is a trademark of USDOL/ETA. Modified: fields selected and joined."
    ),
}

_ESCO_HEADINGS = ("esco_uri", "isco_code", "title_fr", "title_fr_m", "title_fr_f", "title_en")
CAREER_FORMATS: Formats = {
    "esco": (
        Shape(
            _ESCO_HEADINGS,
            _esco,
            _ESCO_SOURCE,
            field=lambda cells: isco_field(cells["isco_code"]),
        ),
    ),
    "rome": (
        Shape(
            ("code_rome", "title_fr", "main_label_fr"),
            _rome,
            _ROME_SOURCE,
            field=lambda cells: rome_field(cells["code_rome"]),
        ),
    ),
    "onet": (Shape(("onet_soc_code", "title_en", "alt_titles_en"), _onet, _ONET_SOURCE),),
}

# --- Salary bands -----------------------------------------------------------------------------

_BLS = {
    "kind": "statistics",
    "publisher": "U.S. Bureau of Labor Statistics",
    "url": "https://www.bls.gov/oes/",
    "licence": "Public domain (United States)",
}


def _as_it_is(cells: Cells) -> dict[str, str]:
    """A row of ours; the pay of these surveys is gross."""
    return {**cells, "engagement": cells["employment_type"], "basis": "gross"}


def _answers(cells: Cells) -> dict[str, str]:
    return _as_it_is(cells) | {"stated_as": cells["source"], "range_kind": "p25_p75"}


def _capped(amounts: Mapping[str, str], period: str) -> dict[str, str]:
    """With "#" as "at least": the cap, or what the row itself says of a lower percentile."""
    plain = [tables.number(text) for text in amounts.values() if text.strip()[:1].isdigit()]
    floor = max([Decimal(OEWS_CAPS[period]), *plain])
    return {
        end: f">={floor}" if text.strip() == codes.CAPPED else text for end, text in amounts.items()
    }


def _percentiles(cells: Cells) -> dict[str, str]:
    """P10, median and P90: a year's where they are published, else an hour's."""
    if cells["occ_level"] != "detailed":
        raise NotOurs(_("a group of occupations, not one career"))
    period, prefix = ("year", "a") if cells["a_median"].strip() else ("hour", "h")
    ends = {"low": "p10", "median": "median", "high": "p90"}
    amounts = _capped({end: cells[f"{prefix}_{at}"] for end, at in ends.items()}, period)
    named = {"career": cells["occupation"], "region": cells["region"]}
    if not named["region"].strip():
        raise NotOurs(_("an area without a code that the site knows"))
    return {**named, **amounts, "period": period, **_OEWS_2025, "range_kind": "p10_p90"}


def _means(cells: Cells) -> dict[str, str]:
    """The mean, of a year where it is published, else of an hour: an average is both ends."""
    if cells["OCC_CODE"].endswith("-0000"):
        raise NotOurs(_("a group of occupations, not one career"))
    a_year, an_hour = (cells[column].strip() != "*" for column in ("A_MEAN", "H_MEAN"))
    period, column = ("hour", "H_MEAN") if an_hour and not a_year else ("year", "A_MEAN")
    mean = dict.fromkeys(("low", "high"), cells[column])
    named = {"career": cells["OCC_TITLE"], "region": cells["AREA_TITLE"], "source": "bls-oews-2023"}
    shown = {**_capped(mean, period), "period": period, "observed_on": "2023-05-31"}
    return {**named, **shown, "currency": "USD", "basis": "gross", "range_kind": "average"}


_OEWS_2025 = {
    "currency": "USD",
    "basis": "gross",
    "source": "bls-oews-2025",
    "observed_on": "2025-05-31",
}
_SOURCE_2025 = _BLS | {
    "slug": "bls-oews-2025",
    "title": "BLS OEWS May 2025",
    "published_on": "2026-05-15",
}
_OURS = (
    *("career", "region", "level", "low", "high", "currency", "period"),
    *("employment_type", "source", "observed_on"),
)

BAND_FORMATS: Formats = {
    "ai-salaries": (
        Shape(
            _OURS,
            _answers,
            {
                "slug": "aijobs-net-{date}",
                "title": "aijobs.net, {date}",
                "kind": "survey",
                "publisher": "foorilla",
                "url": "https://github.com/foorilla/ai-jobs-net-salaries",
                "published_on": "{date}",
                "licence": "CC0 1.0, aijobs.net",
            },
            stated_by="aijobs.net",
            by_date=True,
        ),
    ),
    "oews": (
        Shape(_OURS, _as_it_is, _SOURCE_2025, stated_by="BLS OEWS May 2025"),
        Shape(
            ("area_name", "region", "occupation", "occ_level", "a_p10", "a_p90", "h_p10", "h_p90"),
            _percentiles,
            _SOURCE_2025,
        ),
    ),
    "bls": (
        Shape(
            ("AREA_TITLE", "OCC_CODE", "OCC_TITLE", "H_MEAN", "A_MEAN"),
            _means,
            _BLS | {"slug": "bls-oews-2023", "title": "BLS OEWS May 2023"},
        ),
    ),
}
