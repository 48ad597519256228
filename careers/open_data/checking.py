"""Files read back as a stranger would: nothing is taken from the memory of who wrote them."""

import csv
import gzip
import json
from collections.abc import Iterable, Iterator
from hashlib import sha256
from pathlib import Path
from typing import IO, Any

from careers.open_data.writing import Entry

BLOCK = 1 << 20


class Damaged(Exception):
    """A file is not what the manifest says; the message names it and how."""


def check(folder: Path, entries: Iterable[Entry], headers: dict[str, list[str]]) -> None:
    """Raise Damaged unless all files are as their entries say: bytes, hashes, rows and columns.

    `headers` are the columns by the name of the table.
    """
    plain: dict[str, Entry] = {}
    for entry in entries:
        plain[entry.name] = entry
        try:
            _check(folder / entry.name, entry, plain, headers)
        except (OSError, EOFError, ValueError, csv.Error) as error:
            raise Damaged(f"{entry.name}: {error}") from error


def _check(
    path: Path, entry: Entry, plain: dict[str, Entry], headers: dict[str, list[str]]
) -> None:
    with path.open("rb") as file:
        _expect(_digest(file), (entry.sha256, entry.bytes), "its bytes")
    if path.suffix == ".gz":
        packed = plain[path.stem]
        with gzip.open(path) as unpacked:
            _expect(_digest(unpacked), (packed.sha256, packed.bytes), "what unpacking gives")
    elif entry.rows is not None:
        _check_rows(path, entry.rows, headers[path.stem])
    else:
        json.loads(path.read_bytes())


def _digest(file: IO[bytes] | gzip.GzipFile) -> tuple[str, int]:
    digest, size = sha256(), 0
    while block := file.read(BLOCK):
        digest.update(block)
        size += len(block)
    return digest.hexdigest(), size


def _check_rows(path: Path, rows: int, header: list[str]) -> None:
    read = _of_csv if path.suffix == ".csv" else _of_lines
    count = 0
    for names in read(path, header):
        count += 1
        if names != header:
            raise ValueError(f"row {count} has other columns")
    _expect(count, rows, "its rows")


def _of_csv(path: Path, header: list[str]) -> Iterator[list[str]]:
    """For each row the columns that it fills."""
    with path.open(encoding="utf-8", newline="") as file:
        rows = csv.reader(file, strict=True)
        _expect(next(rows), header, "its header")
        for row in rows:
            yield header if len(row) == len(header) else row


def _of_lines(path: Path, header: list[str]) -> Iterator[list[str]]:
    with path.open("rb") as file:
        for line in file:
            yield list(json.loads(line))


def _expect(found: Any, expected: Any, what: str) -> None:
    if found != expected:
        raise ValueError(f"{what}: {found} where {expected} is expected")
