from typing import Self, overload

from django.db.models import Model
from django.utils.translation import get_language


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
