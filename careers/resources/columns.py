"""Columns: how one field of a model is written into a cell and read out of one."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from django.db.models import Field, Model
from django.utils import timezone, translation
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from careers import search, tables
from careers.resources import codes
from careers.tables import Cell, Cells

Lookups = Mapping[str, Callable[[str], Model | None]]
# Days since 1900, from 1927 to 2173.
_DAYS_COUNTED = re.compile(r"[1-9]\d{4}")
UNKNOWN = gettext_lazy("the site knows none of this name or code")


class Unreadable(ValueError):
    """A cell that does not fit its column; the message says what is allowed."""


class Ambiguous(Unreadable):
    """A name that several objects have."""


@dataclass(frozen=True)
class Column:
    """A column that is written and read back."""

    name: str
    aliases: Iterable[str] = ()

    @property
    def paths(self) -> tuple[str, ...]:
        """Where a query finds what the cell holds."""
        return (self.name,)

    def written(self, instance: Model) -> Cell:
        """The cell of an object; `Resource.rows` reads the same by its paths."""
        value: Cell = getattr(instance, self.name)
        return value

    def read(self, text: str, lookups: Lookups) -> Any:
        """The field's value; raises Unreadable."""
        return text.replace("\r\n", "\n")

    def assigned(self, instance: Model) -> Any:
        """The value as `read` would give it: line ends alone are no change."""
        value = getattr(instance, self.name)
        return value.replace("\r\n", "\n") if isinstance(value, str) else value

    def told(self, value: Any, messages: list[str]) -> list[str]:
        """What is wrong with a value that its field refuses, given the field's own messages."""
        return messages


@dataclass(frozen=True)
class Label:
    """A column for the reader alone, never read back: what `said` makes of a language and of the
    columns at `paths`.

    `title` is what an editor calls it; `is_origin` says that a figure never goes without it.
    """

    name: str
    title: str | Promise
    paths: tuple[str, ...]
    said: Callable[..., Cells] = lambda _language, cells: cells
    is_origin: bool = False


def code(text: str) -> str:
    """A code however it was typed: in capitals, and 001 (UN M49: the world) where a spreadsheet
    took it for the number 1."""
    bare = text.strip().upper()
    return bare.zfill(3) if bare.isdecimal() else bare


class Code(Column):
    """The code of a region or a currency: FR, 001, EUR."""

    def read(self, text: str, lookups: Lookups) -> str:
        return code(text)


class Currency(Code):
    def told(self, value: Any, messages: list[str]) -> list[str]:
        message = _("“%(code)s” is not an ISO 4217 currency code such as EUR or USD.")
        return [message % {"code": value}]


class Amount(Column):
    def read(self, text: str, lookups: Lookups) -> Decimal | None:
        if not text.strip():
            return None
        try:
            return tables.number(text)
        except ValueError as error:
            if codes.mark_of(text) or codes.at_least(text):
                raise Unreadable(
                    _("a mark beside an amount: leave this end empty, or all of them")
                ) from error
            raise Unreadable(_("a number is expected, such as 45000 or 45 000,50")) from error


class Whole(Amount):
    def read(self, text: str, lookups: Lookups) -> Any:
        amount = super().read(text, lookups)
        if amount is not None and amount != int(amount):
            raise Unreadable(_("a whole number is expected"))
        return None if amount is None else int(amount)


class Day(Column):
    def read(self, text: str, lookups: Lookups) -> Any:
        if not text.strip():
            return None
        try:
            return tables.day(text)
        except ValueError as error:
            if _DAYS_COUNTED.fullmatch(text.strip()):
                raise Unreadable(
                    _("a spreadsheet’s count of days: let the column show dates, and save again")
                ) from error
            raise Unreadable(_("a date is expected, such as 2023-04-30 or 30/04/2023")) from error


class Moment(Column):
    def read(self, text: str, lookups: Lookups) -> datetime | None:
        if not text.strip():
            return None
        try:
            moment = datetime.fromisoformat(text.strip())
            aware = moment if timezone.is_aware(moment) else timezone.make_aware(moment)
            return aware.astimezone(UTC)
        except (ValueError, OverflowError) as error:
            raise Unreadable(_("a date and time is expected: 2023-04-30T09:00+02:00")) from error


class Flag(Column):
    words = {
        **dict.fromkeys(("1", "true", "yes", "vrai", "oui", "x"), True),
        **dict.fromkeys(("", "0", "false", "no", "faux", "non"), False),
    }

    def read(self, text: str, lookups: Lookups) -> bool:
        try:
            return self.words[text.strip().lower()]
        except KeyError as error:
            raise Unreadable(_("1 or 0 is expected")) from error


@dataclass(frozen=True)
class Choice(Column):
    """One of the field's values; its labels in both languages and `codes` of others work too.

    `refused` gives the reason for codes that no value can state.
    """

    choices: Iterable[tuple[str | None, str | Promise]] = ()
    codes: Mapping[str, str] = field(default_factory=dict)
    refused: Mapping[str, str | Promise] = field(default_factory=dict)

    def read(self, text: str, lookups: Lookups) -> str:
        asked = search.fold(text)
        known = self._known()
        if why := next((why for c, why in self.refused.items() if search.fold(c) == asked), ""):
            raise Unreadable(str(why))
        if asked not in known:
            allowed = ", ".join(value for value, _label in self.choices if value)
            raise Unreadable(_("allowed: %s") % allowed)
        return known[asked]

    def _known(self) -> dict[str, str]:
        known = {"": "", **{search.fold(code): value for code, value in self.codes.items()}}
        for language in ("fr", "en"):
            with translation.override(language):
                known |= {search.fold(str(label)): value or "" for value, label in self.choices}
        return known | {search.fold(value): value for value, _label in self.choices if value}


@dataclass(frozen=True)
class Reference(Column):
    """Another object by its natural key; `lookups[name]` finds it by key or by title."""

    key: str = "slug"
    optional: bool = False

    @property
    def paths(self) -> tuple[str, ...]:
        return (f"{self.name}__{self.key}",)

    def written(self, instance: Model) -> Cell:
        other = getattr(instance, self.name)
        return getattr(other, self.key) if other else ""

    def read(self, text: str, lookups: Lookups) -> Model | None:
        if not text.strip():
            if self.optional:
                return None
            raise Unreadable(_("this cell cannot be empty"))
        found = lookups[self.name](code(text) if self.key == "code" else text.strip())
        if found is None:
            raise Unreadable(str(UNKNOWN))
        return found


def column_for(model_field: "Field[Any, Any]", **options: Any) -> Column:
    """The plain column of a field, by the field's own type."""
    kinds: dict[str, type[Column]] = {
        "DecimalField": Amount,
        "PositiveSmallIntegerField": Whole,
        "DateField": Day,
        "DateTimeField": Moment,
        "BooleanField": Flag,
    }
    if model_field.choices:
        return Choice(model_field.name, choices=tuple(model_field.flatchoices), **options)
    return kinds.get(model_field.get_internal_type(), Column)(model_field.name, **options)
