from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from django.db.models import Model, QuerySet
from django.utils.translation import gettext as _

from careers import search, tables
from careers.resources.columns import Ambiguous, Column, Label, Reference
from careers.resources.headings import ranked
from careers.tables import Cell, Table

if TYPE_CHECKING:
    from careers.resources.plan import CellError, PlannedRow

CHUNK = 2000
VERSION = "version"
# In the file of refused rows; corrected and imported again, it may stay.
WHY_REFUSED = "why_refused"


@dataclass(frozen=True)
class Resource:
    """What a model looks like in a spreadsheet.

    `key` names the columns that tell which row is which object; a file without one of the
    `required` columns is refused as a whole; `finders` find what a row refers
    to, and `missing` may make what they do not find; `complete` may fill a row's cells before
    they are read, and `review` refuses rows that are wrong only together.
    """

    model: type[Model]
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    required: tuple[str, ...] = ()
    labels: tuple[Label, ...] = ()
    finders: Callable[[], dict[str, "Finder"]] = dict
    missing: dict[str, Callable[[str], Model]] = field(default_factory=dict)
    complete: Callable[[dict[str, str]], dict[str, str]] = lambda cells: cells
    review: Callable[[list["PlannedRow"]], Iterable[tuple["PlannedRow", "CellError"]]] = (
        lambda rows: ()
    )
    in_bulk: bool = False

    @property
    def name(self) -> str:
        name = self.model._meta.model_name
        assert name is not None
        return name

    def rows(self, queryset: "QuerySet[Any]") -> Iterator[Sequence[Cell]]:
        """The header, then one row for each object, read from the database in chunks."""
        related = [column.name for column in self.columns if isinstance(column, Reference)]
        columns: tuple[Column | Label, ...] = (*self.columns, *self.labels)
        yield [column.name for column in columns]
        if related:
            queryset = queryset.select_related(*related)
        for instance in queryset.iterator(chunk_size=CHUNK):
            yield [column.written(instance) for column in columns]

    def version(self, instance: Model) -> str:
        """What the file said of an object as it is now: another version, and it has changed."""
        return version(tables.printed(column.written(instance)) for column in self.columns)

    # --- Reading --------------------------------------------------------------------------------

    def read(self, content: bytes) -> Table:
        """The table in a file; its header is the row with most of this model's headings."""
        return tables.read(content, self.knows)

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
    """The version of a row by its data cells as DATA prints them. It begins with a letter: a
    spreadsheet would take some of 12 hexadecimal digits for a number."""
    return "v" + sha256("\x1f".join(cells).encode()).hexdigest()[:12]


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
