"""The words of a figure: its digits, its currency, its sentence. Pure: texts and numbers alone."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import cache, partial
from operator import eq, not_
from typing import Any

from babel import numbers as cldr

NARROW = "\u202f"  # the narrow no-break space of French typography
NO_BREAK = "\u00a0"
# Digits remembered for each language: an export says the same amounts again and again.
REMEMBERED = 2**14


@dataclass(frozen=True)
class _Words:
    """How one language says a figure. `{low}` carries its currency, `{low_number}` does not."""

    span: str
    span_open: str
    over: str
    and_over: str
    up_to: str
    can_exceed: str
    median: str
    with_median: str
    net: str
    average: str
    periods: dict[str, str]
    reasons: dict[str, str]


_WORDS = {
    "fr": _Words(
        span="{low_number} à {high}",
        span_open="de {low_number} à plus de {high}",
        over="plus de {low}",
        and_over="{low} et plus",
        up_to="jusqu’à {high}",
        can_exceed="peut dépasser {high}",
        median="médiane de {median}",
        with_median=", médiane {median}",
        net=" nets",
        average=" en moyenne",
        periods={"month": " par mois", "week": " par semaine", "day": " par jour"}
        | {"hour": " de l’heure"},
        reasons={
            "varies": "la rémunération varie trop pour tenir en un chiffre",
            "not_published": "aucun chiffre n’est publié",
            "suppressed": "la source ne communique pas ce chiffre",
        },
    ),
    "en": _Words(
        span="{low} to {high}",
        span_open="from {low} to over {high}",
        over="over {low}",
        and_over="{low} and over",
        up_to="up to {high}",
        can_exceed="can exceed {high}",
        median="median of {median}",
        with_median=", median {median}",
        net=" net",
        average=" on average",
        periods={"month": " a month", "week": " a week", "day": " a day", "hour": " an hour"},
        reasons={
            "varies": "pay varies too much for one figure",
            "not_published": "no figure is published",
            "suppressed": "the source withholds this figure",
        },
    ),
}


# Babel looks these up anew each time.
_symbol = cache(cldr.get_currency_symbol)
_between = cache(cldr.get_group_symbol)
_point = cache(cldr.get_decimal_symbol)


def number(amount: Decimal | int, language: str, *, cents: bool = False) -> str:
    """`amount` grouped as the language does, with two to four decimals when `cents`."""
    units = int(amount)
    if units == amount and not cents:
        return f"{units:,}".replace(",", _between(language))
    whole, _dot, decimals = f"{amount:,.4f}".partition(".")
    decimals = decimals.rstrip("0").ljust(2 if cents else 0, "0")
    return whole.replace(",", _between(language)) + (decimals and _point(language) + decimals)


def money(amount: Decimal | int, currency: str, language: str, *, cents: bool = False) -> str:
    """`amount` with its currency: « 45 000 € », "€45,000", "CHF 45,000"."""
    return _money(number(amount, language, cents=cents), currency, language)


def _money(digits: str, currency: str, language: str) -> str:
    symbol = _symbol(currency, language)
    if language == "fr":
        return f"{digits}{NARROW}{symbol.replace(' ', NARROW)}"
    return f"{symbol}{NO_BREAK if symbol[-1].isalpha() else ''}{digits}"


def plain(amount: Decimal | int | None) -> str:
    """The amount as `sentences` takes it: 45000, 12.5; "" for none."""
    if amount is None:
        return ""
    whole, _point, decimals = f"{amount:f}".partition(".")
    decimals = decimals.rstrip("0")
    return f"{whole}.{decimals}" if decimals else whole


# What a sentence is made of, beside the note in its language.
STATED = (
    *("low", "median", "high", "open_ended", "currency"),
    *("period", "basis", "range_kind", "no_figure_reason"),
)


def sentences(language: str, *columns: Iterable[Any]) -> list[str]:
    """Figures in words, each by what the columns of STATED and the notes say of it.

    An export asks for half a million of them: what the sentences of a kind of figure share is
    composed once. Amounts are texts, "" for none; equal amounts are equal texts (`plain`).
    """
    digits_whole, digits_with_cents = _DIGITS[language, False], _DIGITS[language, True]
    low, median, high = map(list, columns[:3])
    lacks = (map(not_, ends) for ends in (low, median, high))
    kinds = zip(*columns[3:9], map(eq, low, high), *lacks, strict=True)
    said = []
    for at_least, middle, at_most, form, reason, note in zip(
        low, median, high, map(_FORMS[language].__getitem__, kinds), *columns[8:], strict=True
    ):
        begin, between, ahead, end = form
        if reason:
            said.append(note or begin)
            continue
        # One amount with cents gives them to all: « 12,50 à 20,00 € ».
        has_cents = "." in at_least or "." in middle or "." in at_most
        digits = digits_with_cents if has_cents else digits_whole
        top = digits[at_most] if between else ""
        said.append(f"{begin}{digits[at_least]}{between}{top}{ahead}{digits[middle]}{end}")
    return said


class _Known(dict[Any, Any]):
    """What `make` says of a key, once for each; begun anew when there are too many."""

    def __init__(self, make: Callable[[Any], Any]) -> None:
        self.make = make

    def __missing__(self, key: Any) -> Any:
        if len(self) >= REMEMBERED:
            self.clear()
        said = self[key] = self.make(key)
        return said


def _digits(language: str, cents: bool, text: str) -> str:
    if text.isdecimal() and not cents:
        return f"{int(text):,}".replace(",", _between(language))
    return text and number(Decimal(text), language, cents=cents)


def _form(
    language: str, asked: tuple[bool, str, str, str, str, str, bool, bool, bool, bool]
) -> tuple[str, ...]:
    """What stands before, between and after the digits of such figures: low, high, median."""
    open_ended, currency, period, basis, range_kind, reason, is_one, *lacks = asked
    no_low, no_median, no_high = lacks
    words = _WORDS[language]
    if reason:
        return words.reasons[reason], "", "", ""
    if no_low and no_high:
        pattern = words.median
    else:
        pattern = _ends(words, not no_low, not no_high, is_one, open_ended)
        pattern += "" if no_median else words.with_median
    pattern += words.net if basis == "net" else ""
    pattern += words.periods.get(period, "")
    pattern += words.average if range_kind == "average" else ""
    said = {end: _money(place, currency, language) for end, place in _PLACES.items()}
    return tuple(_around(pattern.format(low_number=_PLACES["low"], **said)))


# Where the digits come; no word of a sentence holds these.
_PLACES = {"low": "\0", "high": "\1", "median": "\2"}


def _around(text: str) -> Iterator[str]:
    """The text cut at its places; "" before one that it lacks."""
    for place in _PLACES.values():
        before, found, after = text.partition(place)
        yield before if found else ""
        text = after if found else text
    yield text


_DIGITS = {
    (language, cents): _Known(partial(_digits, language, cents))
    for language in _WORDS
    for cents in (False, True)
}
_FORMS = {language: _Known(partial(_form, language)) for language in _WORDS}


def _ends(words: _Words, has_low: bool, has_high: bool, is_one: bool, open_ended: bool) -> str:
    """Which of the language's patterns says the ends of a figure that has one or both."""
    if not has_low:
        return words.can_exceed if open_ended else words.up_to
    if not has_high:
        return words.over
    if is_one:
        return words.and_over if open_ended else "{low}"
    return words.span_open if open_ended else words.span
