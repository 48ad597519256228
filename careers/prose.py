"""The amounts of money that a text names: pure, for French and English Markdown."""

import re
from decimal import Decimal
from typing import NamedTuple

from careers import salaries

_SPACE = r"[ \u00a0\u202f]"
_GROUPED = rf"\d{{1,3}}(?:(?:{_SPACE}|[,.'’])\d{{3}})+(?:[,.]\d{{1,2}})?(?!\d)"
_NUMBER = rf"(?<![\d.,])(?:{_GROUPED}|\d+(?:[,.]\d+)?)"
_TIMES = r"k|K|M(?!\w)|millions?\b|mille\b|thousand\b"
_CURRENCY = (
    r"US\$|\$US|CA\$|\$CA|C\$|[€$£]|euros?\b|dollars?\b|pounds?\b|livres?\b|(?<![A-Z])[A-Z]{3}\b"
)
_TO = rf"(?:{_SPACE}?[-–—]{_SPACE}?|{_SPACE}(?:à|to|et|and|ou|or){_SPACE})"
_OF = rf"{_SPACE}?(?:d[’']|de{_SPACE})?"


def _one(name: str) -> str:
    return rf"(?P<{name}>{_NUMBER})(?:{_SPACE}?(?P<{name}_times>{_TIMES}))?"


_AFTER = rf"(?:{_one('first')}{_OF}{_TO})?{_one('last')}{_OF}(?P<currency>{_CURRENCY})"
_BEFORE = rf"(?P<currency>{_CURRENCY}){_SPACE}?{_one('first')}(?:{_TO}{_one('last')})?"
_NAMED = {
    "€": "EUR",
    "euro": "EUR",
    "$": "USD",
    "US$": "USD",
    "$US": "USD",
    "dollar": "USD",
    "£": "GBP",
    "pound": "GBP",
    "livre": "GBP",
    "CA$": "CAD",
    "$CA": "CAD",
    "C$": "CAD",
}


class Amount(NamedTuple):
    """Money as a text names it: "45 k€" is 45,000 EUR. A bare dollar is an American one."""

    value: Decimal
    currency: str


def amounts(text: str) -> set[Amount]:
    """Every amount of the text that stands with its currency, both ends of a range.

    "45 000 à 60 000 €", "€45,000 to €60,000", "45–60 k€", "CHF 90'000", "1,5 million d’euros".
    """
    # Markdown escapes with a backslash.
    text = text.replace("\\", "")
    found: set[Amount] = set()
    for pattern in (_AFTER, _BEFORE):
        for match in re.finditer(pattern, text):
            found |= set(_read(match.groupdict()))
    return found


def _read(given: dict[str, str | None]) -> list[Amount]:
    """The one or two amounts of a match; none where three capitals are no currency."""
    said = given["currency"] or ""
    currency = _NAMED.get(said.removesuffix("s")) or said
    if currency not in salaries.CURRENCIES:
        return []
    first, last = given["first"], given["last"]
    times, shared = given["first_times"], given["last_times"]
    ends = [(first, times or shared), (last, shared or (times if not last else None))]
    return [Amount(_value(number) * _factor(word), currency) for number, word in ends if number]


def _value(number: str) -> Decimal:
    digits = re.sub(rf"{_SPACE}|['’]", "", number)
    # A separator before exactly three digits groups; any other begins the decimals.
    digits = re.sub(r"[,.](?=\d{3}(?!\d))", "", digits)
    return Decimal(digits.replace(",", "."))


def _factor(word: str | None) -> int:
    if not word:
        return 1
    return 1_000_000 if word.casefold().startswith("m") and word != "mille" else 1_000
