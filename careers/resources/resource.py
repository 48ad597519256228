from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from django.db.models import Model, QuerySet
from django.utils.translation import gettext as _

from careers import search
from careers.resources.columns import Ambiguous, Column, Label, Reference
from careers.tables import Cell

if TYPE_CHECKING:
    from careers.resources.plan import CellError, PlannedRow

CHUNK = 2000


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

    def named(self, header: Iterable[str]) -> dict[str, Column]:
        """The columns of a file by its own header: by name, alias, or either in any case."""
        known = {
            search.fold(name): column
            for column in self.columns
            for name in (column.name, *column.aliases)
        }
        return {name: known[search.fold(name)] for name in header if search.fold(name) in known}


class Finder:
    """Finds objects by their code or, where no code fits, by one of their titles.

    All are read once: a file of 70,000 rows asks 70,000 times for the same few hundred.
    """

    def __init__(self, objects: Iterable[Model], key: str, titles: Sequence[str]) -> None:
        self._by_key: dict[str, Model] = {}
        self._by_title: dict[str, list[Model]] = {}
        self._key, self._titles = key, titles
        for each in objects:
            self.add(each)

    def add(self, each: Model) -> None:
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
