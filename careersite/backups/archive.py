"""The file of a backup: a ZIP with the database as its own tools write it, and a manifest."""

import hashlib
import json
import os
import platform
import re
import shutil
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any

import django

FORMAT = 1
NAMED = re.compile(r"careersite-\d{8}T\d{6}Z\.zip")
# By table: how many rows it has, and the sum of their digests, in whatever order they stand.
Tables = dict[str, tuple[int, str]]
# Who is signed in is nobody's to restore, and a stolen backup opens no session.
EMPTIED = frozenset({"django_session"})


class BackupError(Exception):
    """Said to whoever runs the command, in one sentence."""


@dataclass(frozen=True)
class Manifest:
    engine: str  # as Django's `connection.vendor`
    database: str  # its version
    migrations: list[str]
    tables: Tables
    sha256: str
    size: int  # octets of the database's own file, as is the digest
    made_at: str
    django: str
    python: str
    program: str = "careersite"
    format: int = FORMAT


def name_of(moment: datetime) -> str:
    return f"careersite-{moment.astimezone(UTC):%Y%m%dT%H%M%SZ}.zip"


@contextmanager
def new(path: Path) -> Iterator[Path]:
    """A file that only its owner reads, under a name that says it is not finished; it gets its own
    name, once it is on the disk, if all goes well, and is removed if not."""
    part = path.with_name(f".{path.name}.part")
    os.close(os.open(part, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    try:
        yield part
        with part.open("rb") as written:
            os.fsync(written.fileno())
        part.rename(path)
        _sync(path.parent)
    finally:
        part.unlink(missing_ok=True)


def _sync(folder: Path) -> None:
    """A new name is on the disk when its folder is."""
    number = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(number)
    finally:
        os.close(number)


def write(path: Path, dump: Path, **facts: Any) -> Manifest:
    """Pack `dump`; `facts` are those of the manifest that are not about the file."""
    digest, size = hashlib.sha256(), 0
    # PostgreSQL compresses by itself.
    packing = zipfile.ZIP_STORED if facts["engine"] == "postgresql" else zipfile.ZIP_DEFLATED
    with zipfile.ZipFile(path, "w", packing, allowZip64=True) as packed:
        with dump.open("rb") as read, packed.open("database", "w", force_zip64=True) as member:
            while block := read.read(1 << 20):
                digest.update(block)
                size += len(block)
                member.write(block)
        manifest = Manifest(
            **facts,
            sha256=digest.hexdigest(),
            size=size,
            made_at=datetime.now(UTC).isoformat(timespec="seconds"),
            django=django.__version__,
            python=platform.python_version(),
        )
        packed.writestr("manifest.json", json.dumps(asdict(manifest), indent=1), zipfile.ZIP_STORED)
    return manifest


def unpack(path: Path, folder: Path) -> tuple[Manifest, Path]:
    """The manifest and the database's own file, in `folder`; raises BackupError on a file that is
    not a whole backup of this program, exactly as it was written."""
    try:
        with zipfile.ZipFile(path) as packed:
            if sorted(packed.namelist()) != ["database", "manifest.json"]:
                raise BackupError(f"{path} is no backup of this site: it holds other files.")
            manifest = _manifest(path, packed.read("manifest.json"))
            _has_room(folder, manifest.size)
            dump = folder / "database"
            with packed.open("database") as member, dump.open("xb") as written:
                found = _copied(member, written, manifest.size)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError) as error:
        raise BackupError(f"{path} is no backup, or a part of one: {error}.") from error
    if found != manifest.sha256:
        raise BackupError(f"{path} is damaged: its SHA-256 is not the one in its manifest.")
    return manifest, dump


def _copied(read: IO[bytes], written: IO[bytes], size: int) -> str:
    """The SHA-256 of what is copied, which ends where more comes than the manifest says."""
    digest = hashlib.sha256()
    while (block := read.read(1 << 20)) and written.tell() <= size:
        digest.update(block)
        written.write(block)
    return digest.hexdigest()


def _manifest(path: Path, text: bytes) -> Manifest:
    try:
        read = json.loads(text)
        program, version = read["program"], read["format"]
        if (program, version) == ("careersite", FORMAT):
            read["tables"] = {
                name: (rows, digest) for name, (rows, digest) in read["tables"].items()
            }
            return Manifest(**read)
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise BackupError(f"{path} has a manifest that cannot be read.") from error
    raise BackupError(f"{path} is of {program}, format {version}; this is careersite, {FORMAT}.")


def _has_room(folder: Path, size: int) -> None:
    if shutil.disk_usage(folder).free < size:
        raise BackupError(f"{folder} has no room for the {size:,} octets of the database.")


def keep(folder: Path, number: int) -> list[Path]:
    """Remove all but the newest backups in the folder, and no other file; those removed."""
    # Their names order them by time.
    ours = sorted(path for path in folder.iterdir() if NAMED.fullmatch(path.name))
    old = ours[:-number]
    for path in old:
        path.unlink()
    return old
