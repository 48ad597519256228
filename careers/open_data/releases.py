"""Releases of the open data: each in a folder of its own, built beside the one that is served.

`current` in OPEN_DATA_ROOT is a symbolic link to the folder that is served; what is built becomes
current in one step, when all of it has been read back.
"""

import json
import shutil
import tempfile
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from time import time
from typing import Any

from django.conf import settings
from django.db.models import Max, Min
from django.utils import timezone

from careers import state
from careers.models import LANGUAGES
from careers.open_data.checking import Damaged, check
from careers.open_data.contents import Table, tables
from careers.open_data.descriptor import descriptor
from careers.open_data.writing import Entry, as_json, write_json, write_table

TRIES = 3
MANIFEST = "manifest.json"
CURRENT = "current"
_BUILT, _BUILDING = "release-", "building-"
# Nobody builds for so long: what is older was left behind. Seconds.
ABANDONED = 24 * 60 * 60


class Unsettled(Exception):
    """The content changed each time while it was written: no file would show one state of it."""


@dataclass(frozen=True)
class Release:
    """What is served: the folder and what its manifest says."""

    folder: Path
    manifest: dict[str, Any]

    @property
    def version(self) -> str:
        """The state of the content that the files show."""
        return str(self.manifest["version"])

    @property
    def built_at(self) -> datetime:
        return datetime.fromisoformat(self.manifest["built_at"])

    @property
    def observed(self) -> tuple[date, date] | None:
        """The first and the last day of a figure; None without any."""
        first, last = self.manifest["observed"]
        return (date.fromisoformat(first), date.fromisoformat(last)) if first else None

    @cached_property
    def entries(self) -> dict[str, Entry]:
        return {each["name"]: Entry(**each) for each in self.manifest["files"]}

    def file(self, name: str) -> Entry | None:
        """The file of that name, the manifest among them, or None."""
        if name == MANIFEST:
            content = (self.folder / MANIFEST).read_bytes()
            return Entry(MANIFEST, len(content), sha256(content).hexdigest())
        return self.entries.get(name)

    def check(self) -> None:
        """Raise Damaged unless the files are those that the manifest names."""
        check(self.folder, self.entries.values(), self.manifest["columns"])


def current() -> Release | None:
    """The release that is served, or None before the first one."""
    try:
        # The folder itself: a release that follows does not mix its files with these.
        folder = (_root() / CURRENT).resolve(strict=True)
        return Release(folder, json.loads((folder / MANIFEST).read_bytes()))
    except FileNotFoundError:
        return None


def publish(site: str = "") -> Release:
    """Build, read back and serve what is public now; `site` begins the addresses of pages.

    Raises Unsettled or Damaged, and what is served stays as it is.
    """
    root = _root()
    root.mkdir(parents=True, exist_ok=True)
    building = Path(tempfile.mkdtemp(prefix=_BUILDING, dir=root))
    building.chmod(0o755)  # for the web server, where it is another user
    try:
        _build(building, site)
        built = building.rename(root / building.name.replace(_BUILDING, _BUILT, 1))
    except BaseException:
        shutil.rmtree(building)
        raise
    _switch(root, built)
    release = current()
    assert release is not None
    return release


def _root() -> Path:
    return Path(settings.OPEN_DATA_ROOT)


def _build(folder: Path, site: str) -> None:
    for _attempt in range(TRIES):
        before, moment = state.now(), timezone.now()
        tables_of_now = tables(moment, site)
        entries = [entry for table in tables_of_now for entry in write_table(folder, table)]
        counts = {table.name: table.rows.count() for table in tables_of_now}
        observed = _observed(tables_of_now)
        if state.now() == before:
            break
        _empty(folder)
    else:
        raise Unsettled(f"The content changed {TRIES} times while it was written.")
    about = {"version": str(before), "built_at": moment.astimezone(UTC).isoformat()}
    for language in LANGUAGES:
        name = "datapackage.json" if language == "en" else f"datapackage.{language}.json"
        described = descriptor(tables_of_now, entries, about, observed, site, language)
        entries += write_json(folder, name, described)
    columns = {table.name: table.header for table in tables_of_now}
    files = [asdict(entry) for entry in entries]
    manifest = {**about, "observed": observed, "files": files, "columns": columns}
    (folder / MANIFEST).write_bytes(as_json(manifest))
    release = Release(folder, json.loads((folder / MANIFEST).read_bytes()))
    release.check()
    _expect_all(release, counts)


def _observed(of_now: Iterable[Table]) -> list[str | None]:
    bands = next(table.rows for table in of_now if table.name == "salary_bands")
    ends = bands.aggregate(first=Min("observed_on"), last=Max("observed_on"))
    return [day and day.isoformat() for day in ends.values()]


def _expect_all(release: Release, counts: dict[str, int]) -> None:
    """The files hold as many rows as the database counts."""
    for name, count in counts.items():
        for ending in ("csv", "jsonl"):
            entry = release.entries[f"{name}.{ending}"]
            if entry.rows != count:
                raise Damaged(f"{entry.name}: {entry.rows} rows, and the database has {count}")


def _switch(root: Path, built: Path) -> None:
    """Serve `built`, keep what was served so far for those who are reading it, remove the rest."""
    link = root / f"{built.name}.link"
    link.symlink_to(built.name)
    served = (root / CURRENT).resolve()
    link.replace(root / CURRENT)
    for folder in root.glob(f"{_BUILT}*"):
        if folder not in (built, served) and folder.is_dir():
            shutil.rmtree(folder)
    for folder in root.glob(f"{_BUILDING}*"):
        if folder.stat().st_mtime < time() - ABANDONED:
            shutil.rmtree(folder)


def _empty(folder: Path) -> None:
    for path in folder.iterdir():
        path.unlink()
