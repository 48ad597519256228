"""What was made of single careers, kept by a process for as long as they stay as they are."""

from collections.abc import Callable, Collection, Hashable
from itertools import islice
from typing import Any

MOST = 6_000  # a result with its three figures is some 3 KB


class Kept:
    """Anything made of one career's content, by the number of the career and a key.

    Nothing in it is ever out of date: what has changed is left out of the next one.
    """

    def __init__(self, made: dict[tuple[int, Hashable], Any] | None = None) -> None:
        self._made = made or {}

    def of(self, career: int, key: Hashable, make: Callable[[], Any]) -> Any:
        """What `make` makes of the career; the key names all else that it depends on."""
        name = (career, key)
        found = self._made.get(name)
        if found is None:
            found = make()
            if len(self._made) >= MOST:
                # The oldest make room; of a copy, since other threads add meanwhile.
                for old in islice(self._made.copy(), MOST // 4):
                    self._made.pop(old, None)
            self._made[name] = found
        return found

    def without(self, careers: Collection[int]) -> "Kept":
        """The same without what was made of these careers."""
        made = self._made.copy()
        return Kept({name: each for name, each in made.items() if name[0] not in careers})
