from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from hashlib import sha256
from typing import TYPE_CHECKING, Any, BinaryIO

from django.db.models import Model, QuerySet
from django.utils.translation import gettext as _

from careers import search, tables
from careers.models.translated import active_language
from careers.resources import cursor
from careers.resources.columns import Ambiguous, Column, Label
from careers.resources.headings import ranked
from careers.tables import Cell, Cells, Table

if TYPE_CHECKING:
    from careers.resources.plan import CellError, PlannedRow

VERSION = "version"
_BETWEEN, _CRLF, _LF = "\x1f", "\r\n", "\n"
# In the file of refused rows; corrected and imported again, it may stay.
WHY_REFUSED = "why_refused"


@dataclass(frozen=True)
class Resource:
    """What a model looks like in a spreadsheet.

    `key` names the columns that tell which row is which object; a file without one of the
    `required` columns is refused as a whole; `finders` find what a row refers
    to, and `missing` may make what they do not find; `complete` may fill a row's cells before
    they are read, `doubts` tells what of them may mean two things (columns and why), and `review`
    refuses rows that are wrong only together.
    """

    model: type[Model]
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    required: tuple[str, ...] = ()
    labels: tuple[Label, ...] = ()
    finders: Callable[[], dict[str, "Finder"]] = dict
    missing: dict[str, Callable[[str], Model]] = field(default_factory=dict)
    complete: Callable[[dict[str, str]], dict[str, str]] = lambda cells: cells
    doubts: Callable[[dict[str, str], dict[str, Any]], Iterable[tuple[str, str]]] = (
        lambda _cells, _values: ()
    )
    review: Callable[[list["PlannedRow"]], Iterable[tuple["PlannedRow", "CellError"]]] | None = None
    in_bulk: bool = False

    @property
    def name(self) -> str:
        name = self.model._meta.model_name
        assert name is not None
        return name

    @property
    def always(self) -> list[str]:
        """The columns that every file has: without them no row comes back to its object, and no
        figure says who stated it."""
        origins = [label.name for label in self.labels if label.is_origin]
        return list(dict.fromkeys([*self.key, *self.required, *origins]))

    def shown(self, chosen: Iterable[str] | None = None) -> list["Column | Label"]:
        """The columns of a file: those chosen (None: all) and those that are always there."""
        every: tuple[Column | Label, ...] = (*self.columns, *self.labels)
        wanted = None if chosen is None else {*self.always, *chosen}
        return [column for column in every if wanted is None or column.name in wanted]

    def header(self, chosen: Iterable[str] | None = None) -> list[str]:
        return [*(column.name for column in self.shown(chosen)), VERSION]

    def chunks(
        self, queryset: "QuerySet[Any]", chosen: Iterable[str] | None = None
    ) -> Iterator[list[Cells]]:
        """The cells below that header, some hundred rows at a time, each column by itself.

        Rows are read as plain values by a server-side cursor: neither objects nor the table are
        ever in memory. Labels are in the language that is active now.
        """
        return self._chunks(queryset, self.shown(chosen), active_language())

    def _chunks(
        self, queryset: "QuerySet[Any]", shown: "list[Column | Label]", language: str
    ) -> Iterator[list[Cells]]:
        # The version is that of the whole row, whatever part of it the file shows.
        paths = list(dict.fromkeys(p for each in (*self.columns, *shown) for p in each.paths))
        for columns in cursor.columns(queryset, paths):
            read = dict(zip(paths, columns, strict=True))
            cells = [
                read[each.paths[0]]
                if isinstance(each, Column)
                else each.said(language, *(read[path] for path in each.paths))
                for each in shown
            ]
            data = (read[path].as_data for column in self.columns for path in column.paths)
            yield [*cells, Cells(map(_version, map(_BETWEEN.join, zip(*data, strict=True))))]

    def rows(
        self, queryset: "QuerySet[Any]", chosen: Iterable[str] | None = None
    ) -> Iterator[Sequence[Cell]]:
        """The header, then the same cells row by row."""
        yield self.header(chosen)
        for columns in self.chunks(queryset, chosen):
            yield from zip(*columns, strict=True)

    def version(self, instance: Model) -> str:
        """What the file said of an object as it is now: another version, and it has changed."""
        return version(tables.printed(column.written(instance)) for column in self.columns)

    # --- Reading --------------------------------------------------------------------------------

    def read(self, content: bytes) -> Table:
        """The table in a file; its header is the row with most of this model's headings."""
        return tables.read(content, self.knows)

    def read_parts(self, file: BinaryIO, size: int) -> Iterator[Table]:
        """The same in tables of `size` rows, for a file that would fill the memory."""
        return tables.read_parts(file, self.knows, size=size)

    def knows(self, heading: str) -> bool:
        """Whether a column of ours, or one that we write beside them, may be called so."""
        return search.fold(heading) in self._headings or heading in self.beside

    @cached_property
    def beside(self) -> set[str]:
        """The columns that are written and never read back."""
        return {VERSION, WHY_REFUSED, *(label.name for label in self.labels)}

    @cached_property
    def _headings(self) -> dict[str, list[tuple[int, Column]]]:
        headings: dict[str, list[tuple[int, Column]]] = {}
        for column in self.columns:
            for name, rank in ranked(self.model, column).items():
                headings.setdefault(name, []).append((rank, column))
        return headings

    def named(self, header: Sequence[str]) -> dict[str, Column]:
        """The columns of a file by its own header: by name, by another name or by label, in
        either language and any case. The surest heading has the column, the others are not read.
        """
        bids = sorted(
            (
                (rank, place, name, column)
                for place, name in enumerate(header)
                if name not in self.beside
                for rank, column in self._headings.get(search.fold(name), ())
            ),
            key=lambda bid: bid[:2],
        )
        named: dict[str, Column] = {}
        for _rank, _place, name, column in bids:
            if name not in named and column not in named.values():
                named[name] = column
        return {name: named[name] for name in header if name in named}


def version(cells: Iterable[str]) -> str:
    """The version of a row by its data cells as DATA prints them: v and twelve hexadecimal digits.

    The v keeps a spreadsheet from reading 12e456789012 as a number. Line ends alone are no change:
    a form and a file write them differently.
    """
    return _version(_BETWEEN.join(cells))


def _version(line: str) -> str:
    return f"v{sha256(line.replace(_CRLF, _LF).encode()).hexdigest()[:12]}"


class Finder:
    """Finds objects by their code or, where no code fits, by one of their titles.

    All are read once: a file of 70,000 rows asks 70,000 times for the same few hundred.
    """

    def __init__(self, objects: Iterable[Model], key: str, titles: Sequence[str]) -> None:
        self._by_key: dict[str, Model] = {}
        self._by_title: dict[str, list[Model]] = {}
        self.all: list[Model] = []
        self._key, self._titles = key, titles
        for each in objects:
            self.add(each)

    def add(self, each: Model) -> None:
        self.all.append(each)
        if key := getattr(each, self._key).casefold():
            self._by_key[key] = each
        for title in self._titles:
            if folded := search.fold(getattr(each, title)):
                namesakes = self._by_title.setdefault(folded, [])
                if each not in namesakes:
                    namesakes.append(each)

    def by_key(self, text: str) -> Model | None:
        return self._by_key.get(text.casefold())

    def __call__(self, text: str) -> Model | None:
        """The object of this code or title, or None; raises Ambiguous, never guesses."""
        if found := self.by_key(text):
            return found
        namesakes = self._by_title.get(search.fold(text), [])
        if len(namesakes) > 1:
            codes = ", ".join(getattr(each, self._key) for each in namesakes)
            raise Ambiguous(_("several have this name, give one of: %s") % codes)
        return namesakes[0] if namesakes else None
