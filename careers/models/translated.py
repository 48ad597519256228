from collections.abc import Iterable
from hashlib import blake2b
from typing import Self, overload

from django.db.models import Model
from django.utils.translation import get_language

# Of the columns that hold texts, and of the pages.
LANGUAGES = ("fr", "en")


def active_language() -> str:
    """ "fr" or "en": the language of the page, French where none is active."""
    return "en" if (get_language() or "fr").startswith("en") else "fr"


def in_language(language: str, french: str, english: str) -> str:
    """The text in "fr" or "en"; French where English is missing."""
    return (english if language == "en" else french) or french


class Translated:
    """Reads `<name>_fr` or `<name>_en` by the active language; French where English is missing.

    `models` keep explicit columns; this only reads. Templates mark the French shown on an English
    page with the `translated` tag.
    """

    def __set_name__(self, owner: type[Model], name: str) -> None:
        self.name = name

    @overload
    def __get__(self, instance: None, owner: type[Model]) -> Self: ...
    @overload
    def __get__(self, instance: Model, owner: type[Model]) -> str: ...
    def __get__(self, instance: Model | None, owner: type[Model]) -> Self | str:
        if instance is None:
            return self
        return in_language(
            active_language(),
            getattr(instance, f"{self.name}_fr"),
            getattr(instance, f"{self.name}_en"),
        )


Pairs = dict[str, list[str]]


def pairs(instance: Model, names: Iterable[str], known: Pairs) -> Pairs:
    """For each text that has English: digests of the French that it was made from, and of itself.

    `known` are the pairs so far. A text keeps its pair until its English changes; that is taken to
    be made from the French of now.
    """
    found: Pairs = {}
    for name in names:
        if english := getattr(instance, f"{name}_en"):
            of, made = known.get(name, ("", ""))
            is_same = made == _digest(english)
            found[name] = [of if is_same else _digest(_french(instance, name)), _digest(english)]
    return found


def stale(instance: Model, pairs: Pairs) -> list[str]:
    """The texts whose French is no longer what their English was made from."""
    return [name for name, (of, _) in pairs.items() if of != _digest(_french(instance, name))]


def _french(instance: Model, name: str) -> str:
    french: str = getattr(instance, f"{name}_fr")
    return french


def _digest(text: str) -> str:
    # A form sends the line ends of the web; they are no change.
    return blake2b(text.replace("\r\n", "\n").encode(), digest_size=8).hexdigest()
