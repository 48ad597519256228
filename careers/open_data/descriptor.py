"""The data package: what its files are, by Data Package and Table Schema 1.

https://specs.frictionlessdata.io/data-package/ and /table-schema/
"""

from collections.abc import Iterable, Iterator
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import override

from careers.open_data.columns import Column
from careers.open_data.contents import Table
from careers.open_data.licences import licence
from careers.open_data.writing import Entry

Data = dict[str, Any]
# Who reads as many has them in sources.csv, each with its licence.
SOURCES_NAMED = 200


def descriptor(
    tables: list[Table],
    entries: list[Entry],
    about: dict[str, str],
    observed: list[str | None],
    site: str,
    language: str,
) -> Data:
    """datapackage.json in one language; `about` has the version and the moment of the release."""
    with override(language):
        described: Data = {
            "profile": "tabular-data-package",
            "name": "careers-plainly",
            "title": _("Careers, plainly: jobs and what they pay"),
            "description": "\n\n".join(notes()),
            "version": about["version"],
            "created": about["built_at"],
            "licenses": [licence(settings.OPEN_DATA_LICENCE).as_data()],
            "sources": list(_sources(tables)),
            "resources": list(_resources(tables, entries)),
        }
        if site:
            described["homepage"] = f"{site}{reverse('careers:data')}"
        if observed[0]:
            described["temporal"] = {"start": observed[0], "end": observed[1]}
    return described


def notes() -> list[str]:
    """What has to be known before any number is used."""
    return [
        _(
            "Each salary band is what one source says about one job in one region on one day. Its "
            "amounts are those of the source, in its currency and for its period, and mean nothing "
            "without the columns beside them: an open end, the kind of range, gross or net, or the "
            "reason why there is no figure."
        ),
        _(
            "The amounts called annual are derived: gross a year, in the figure’s currency and in "
            "euros at the European Central Bank’s rate of its day. Where one would mislead, there "
            "is none, and a column says why. A figure that its source calls neither gross nor net "
            "is read as gross, and its column basis is empty."
        ),
        _(
            "An empty cell means that the source does not say. In the CSV files, a text that a "
            "spreadsheet would run as a formula begins with one apostrophe more; in the JSON Lines "
            "it does not."
        ),
    ]


def _sources(tables: Iterable[Table]) -> Iterator[Data]:
    rows = next(table.rows for table in tables if table.name == "sources")
    for source in rows[:SOURCES_NAMED]:
        said = {"title": source.title, "path": source.url, "licence": source.licence}
        yield {name: text for name, text in said.items() if text}


def _resources(tables: list[Table], entries: list[Entry]) -> Iterator[Data]:
    written = {entry.name: entry for entry in entries}
    keys = {table.name: table.key for table in tables}
    # JSON Lines without a line has no columns: readers of packages cannot open it.
    empty = {f"{table.name}_lines" for table in tables if not written[f"{table.name}.csv"].rows}
    for ending, kind, suffix in (("csv", "text/csv", ""), ("jsonl", "application/jsonl", "_lines")):
        for table in tables:
            entry = written[f"{table.name}.{ending}"]
            if f"{table.name}{suffix}" in empty:
                continue
            yield {
                "profile": "tabular-data-resource",
                "name": f"{table.name}{suffix}",
                "title": str(table.title),
                "path": entry.name,
                "format": ending,
                "mediatype": kind,
                "encoding": "utf-8",
                "bytes": entry.bytes,
                "hash": f"sha256:{entry.sha256}",
                "rows": entry.rows,
                "schema": _schema(table, suffix, empty, keys),
            }


def _schema(table: Table, suffix: str, empty: set[str], keys: dict[str, str]) -> Data:
    """`keys` are the columns that name a row, by the names of the tables."""
    foreign_keys = [
        {
            "fields": column.name,
            "reference": {
                # "" is the table itself.
                "resource": "" if column.refers == table.name else f"{column.refers}{suffix}",
                "fields": keys[column.refers],
            },
        }
        for column in table.columns
        if column.refers and f"{column.refers}{suffix}" not in empty
    ]
    schema = {
        "fields": [_field(column) for column in table.columns],
        "primaryKey": table.key,
        "missingValues": [""],
    }
    return {**schema, "foreignKeys": foreign_keys} if foreign_keys else schema


def _field(column: Column) -> Data:
    field: Data = {"name": column.name, "type": column.kind, "title": str(column.title)}
    if column.kind == "boolean":
        field |= {"trueValues": ["1"], "falseValues": ["0"]}
    if column.values:
        field["description"] = ", ".join(f"{value}: {label}" for value, label in column.values)
    if constraints := dict(_constraints(column)):
        field["constraints"] = constraints
    return field


def _constraints(column: Column) -> Iterator[tuple[str, Any]]:
    if column.is_required:
        yield "required", True
    if column.is_key:
        yield "unique", True
    if column.values:
        yield "enum", [value for value, _label in column.values]
    if column.most:
        yield "maxLength", column.most
    if column.kind in ("number", "integer"):
        yield "minimum", 0
