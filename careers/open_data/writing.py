"""Tables written as files, in the memory of some hundred rows, and hashed as they are written."""

import gzip
import io
import json
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import IO, Any

from careers import tables
from careers.open_data.contents import Table
from careers.tables import Cells

# Level 9 takes thrice the time of 6 for a fiftieth less.
LEVEL = 6
_ENCODE = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


@dataclass(frozen=True)
class Entry:
    """A file as the manifest knows it; `rows` of a table that is not compressed."""

    name: str
    bytes: int
    sha256: str
    rows: int | None = None


class _Hashed(io.RawIOBase):
    """A new file that knows what was written to it."""

    def __init__(self, path: Path) -> None:
        self.file: IO[bytes] = path.open("xb")
        self.sha256, self.size = sha256(), 0

    def writable(self) -> bool:
        return True

    def write(self, data: bytes) -> int:  # type: ignore[override]
        self.sha256.update(data)
        self.size += len(data)
        return self.file.write(data)

    def close(self) -> None:
        self.file.close()
        super().close()


class Sink:
    """A new file and the same compressed beside it, written at once."""

    def __init__(self, folder: Path, name: str) -> None:
        self.name = name
        self.plain, self.small = _Hashed(folder / name), _Hashed(folder / f"{name}.gz")
        # Without a name and an hour, the same content gives the same file.
        self.compressed = gzip.GzipFile("", "wb", LEVEL, self.small, mtime=0)

    def write(self, data: bytes) -> None:
        self.plain.write(data)
        self.compressed.write(data)

    def __enter__(self) -> "Sink":
        return self

    def __exit__(self, *failure: object) -> None:
        for file in (self.compressed, self.small, self.plain):
            file.close()

    def entries(self, rows: int | None = None) -> list[Entry]:
        """Both files, once they are closed."""
        plain, small = self.plain, self.small
        return [
            Entry(self.name, plain.size, plain.sha256.hexdigest(), rows),
            Entry(f"{self.name}.gz", small.size, small.sha256.hexdigest()),
        ]


def as_json(data: Any) -> bytes:
    return json.dumps(data, ensure_ascii=False, indent=2).encode() + b"\n"


def write_json(folder: Path, name: str, data: Any) -> list[Entry]:
    with Sink(folder, name) as sink:
        sink.write(as_json(data))
    return sink.entries()


def write_table(folder: Path, table: Table) -> list[Entry]:
    """The table as CSV and as JSON Lines, both printed from what is read once."""
    rows = 0
    with Sink(folder, f"{table.name}.csv") as as_csv, Sink(folder, f"{table.name}.jsonl") as lines:

        def chunks() -> Iterator[list[Cells]]:
            nonlocal rows
            for columns in table.chunks():
                rows += len(columns[0])
                lines.write(_lines(table, columns))
                yield columns

        for block in tables.write_columns(table.header, chunks(), tables.DATA):
            as_csv.write(block)
    return [*as_csv.entries(rows), *lines.entries(rows)]


def _lines(table: Table, columns: list[Cells]) -> bytes:
    pairs = zip(table.columns, columns, strict=True)
    values = zip(*(column.in_json(cells) for column, cells in pairs), strict=True)
    names = table.header
    return b"".join(_ENCODE(dict(zip(names, row, strict=True))).encode() + b"\n" for row in values)
