"""The index that this process holds, and when it is read again."""

import logging
import threading
import time
from typing import Any, NamedTuple

from careers import state
from careers.index.figures import Index
from careers.models import Change
from careers.models.change import MANY
from careers.state import State

logger = logging.getLogger(__package__)


class _Held(NamedTuple):
    """An index and the changes it knows of, by number and token."""

    content: int
    changes: frozenset[tuple[int, int]]
    figures: Index


_held: _Held | None = None
_renewing = threading.Lock()


def current() -> tuple[Index, State]:
    """The index of this moment, and the state that it answers for."""
    at = state.now()
    held = _held
    if held is None or held.content != at.content:
        # One thread reads; the others wait for it rather than answer from what is out of date.
        with _renewing:
            held = _renew(at)
    return held.figures, at


def _renew(at: State) -> _Held:
    global _held
    if _held is None or _held.content != at.content:
        began = time.perf_counter()
        # Before the content itself: what changes meanwhile is read again next time.
        rows = list(Change.objects.values_list("pk", "token", "career_number", "everything"))
        changes = frozenset((pk, token) for pk, token, _career, _everything in rows)
        content = sum(token for _pk, token in changes)
        careers = _changed(_held, rows, changes)
        known = _held.figures if _held else None
        if known is None or careers is None:
            figures = Index.read()
        else:
            named = {career for career in careers if career is not None}
            figures = known.renewed(named)
            if named == careers:
                figures.kept_parts = known.kept_parts.without(named)
        _held = _Held(content, changes, figures)
        told = {
            "figures": int(figures.table.sizes.sum()),
            "careers": len(figures.holdings) if careers is None else len(careers),
            "seconds": round(time.perf_counter() - began, 3),
        }
        logger.info("index read", extra={"told": told})
    return _held


def _changed(
    held: _Held | None, rows: list[tuple[Any, ...]], changes: frozenset[tuple[int, int]]
) -> set[int | None] | None:
    """The careers that changed since `held` was read; None is among them where anything else
    changed, too. None instead of a set where that is not known, and all has to be read again."""
    if held is None or not held.changes or max(held.changes) not in changes:
        return None
    first = min(changes)
    if any(change >= first for change in held.changes - changes):
        return None  # rolled back, or a backup brought another content
    new = [row for row in rows if (row[0], row[1]) not in held.changes]
    careers = {career for _pk, _token, career, _everything in new}
    too_many = len(careers) > MANY or any(everything for *_row, everything in new)
    return None if too_many else careers
