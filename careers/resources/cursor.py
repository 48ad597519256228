"""Rows as the database hands them over, column by column."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from django.db.models import DecimalField, QuerySet
from django.db.models.query import BaseIterable

from careers.tables import ROWS_A_CHUNK, Cells


def columns(queryset: "QuerySet[Any]", paths: list[str]) -> Iterator[list[Cells]]:
    """The values at `paths`, some hundred rows at a time, each column by itself.

    The same values as `values_list` gives, by the same server-side cursor; but a whole number that
    SQLite gives for a decimal stays one.
    """
    asked = queryset.values_list(*paths)
    asked._iterable_class = _Columns
    return asked.iterator(ROWS_A_CHUNK)


class _Columns(BaseIterable):  # type: ignore[type-arg]
    def __iter__(self) -> Iterator[list[Cells]]:
        compiler = self.queryset.query.get_compiler(self.queryset.db)
        chunks = compiler.execute_sql(chunked_fetch=self.chunked_fetch, chunk_size=self.chunk_size)
        converters = {
            place: _converted(functions, expression, compiler.connection)
            for place, (functions, expression) in compiler.get_converters(
                selected for selected, _sql, _alias in compiler.select
            ).items()
        }
        for rows in chunks:
            yield [
                Cells(converters[place](column) if place in converters else column)
                for place, column in enumerate(zip(*rows, strict=True))
            ]


def _converted(
    functions: list[Callable[..., Any]], expression: Any, connection: Any
) -> Callable[[Sequence[Any]], Iterator[Any]]:
    """Converts a column; what is there several times, once."""
    exact = int if isinstance(expression.output_field, DecimalField) else None

    def converted(value: Any) -> Any:
        if type(value) is exact:
            return value
        for function in functions:
            value = function(value, expression, connection)
        return value

    def column(values: Sequence[Any]) -> Iterator[Any]:
        known = {value: converted(value) for value in set(values)}
        return map(known.__getitem__, values)

    return column
