"""A cache in the memory of a process, of things made of content (docs/adr/0018)."""

import sys
from collections.abc import Callable, Collection, Hashable
from typing import Any

_ENTRY = 500  # octets of a key and its place


class Kept:
    """Things made of content, by keys that name all they were made of. The oldest make room.

    It belongs to an index, which is never changed but replaced; the next one takes over what is
    left `without` the careers that changed. So nothing in it is ever out of date.
    """

    def __init__(self, most: int) -> None:
        """`most` is how many octets it may hold, as far as they can be counted."""
        self._most, self._octets = most, 0
        self._made: dict[Hashable, Any] = {}

    def of(self, key: Hashable, make: Callable[[], Any]) -> Any:
        """What `make` makes, never None; the key names all that it depends on."""
        found = self._made.get(key)
        if found is None:
            found = make()
            octets = _octets(found)
            if self._octets + octets > self._most:
                self._make_room()
            self._octets += octets
            self._made[key] = found
        return found

    def _make_room(self) -> None:
        # Of a copy, since other threads add meanwhile; what they did to the sum is put right here.
        entries = [(key, _octets(each)) for key, each in self._made.copy().items()]
        self._octets = sum(octets for _key, octets in entries)
        for key, octets in entries:
            if self._octets <= self._most * 3 // 4:
                break
            self._made.pop(key, None)
            self._octets -= octets

    def without(self, careers: Collection[int]) -> "Kept":
        """The same without what was made of these careers, where keys begin with a career."""
        kept = Kept(self._most)
        for key, each in self._made.copy().items():
            if key[0] not in careers:  # type: ignore[index]
                kept._made[key] = each
                kept._octets += _octets(each)
        return kept


def _octets(made: Any) -> int:
    """How much memory it takes: all of an array or a text, of a list its places alone."""
    return _ENTRY + (getattr(made, "nbytes", 0) or sys.getsizeof(made))
