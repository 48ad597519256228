"""What is derived, made again: only rows where it comes out otherwise are written."""

from collections.abc import Callable, Iterator
from decimal import Decimal
from itertools import islice
from typing import Any, TypeVar

from django.db import models

READ = 2_000  # rows in memory at a time
_Row = TypeVar("_Row", bound=models.Model)


def outdated(
    rows: "models.QuerySet[_Row]", columns: "tuple[str, ...]", derive: Callable[[list[_Row]], None]
) -> Iterator[list[_Row]]:
    """In portions, the rows whose derived columns are not what `derive` makes of the others, with
    what it made."""

    def values(row: _Row) -> list[Any]:
        made = (getattr(row, column) for column in columns)
        # As SQLite keeps them: 15 digits.
        return [float(value) if isinstance(value, Decimal) else value for value in made]

    portions = rows.order_by("pk").iterator(chunk_size=READ)
    while portion := list(islice(portions, READ)):
        before = [values(row) for row in portion]
        derive(portion)
        pairs = zip(portion, before, strict=True)
        if others := [row for row, was in pairs if values(row) != was]:
            yield others
