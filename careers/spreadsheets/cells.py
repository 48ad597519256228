"""Amounts and days as people and offices write them."""

import re
from datetime import date
from decimal import Decimal

# Currency signs, with the spaces around them.
_SIGNS = re.compile(r"[\s¤$£¥฿\u20a0-\u20c0]+")
_PLAIN = re.compile(r"[+-]?\d+(?:\.\d+)?", re.ASCII)
# 45 000,50 in any kind of space and 45'000.50; 53,400 and 1,234,567.89; 1.234.567 and 1.234,5.
# A lone 12.125 has three decimals, and so has 0,125.
_GROUPED_BY_SPACES = re.compile(r"[+-]?\d{1,3}(?:[\s'’]\d{3})+(?:[.,]\d+)?")
_GROUPED = re.compile(r"[+-]?[1-9]\d{0,2}(,\d{3})+(\.\d+)?")
_GROUPED_BY_POINTS = re.compile(r"[+-]?\d{1,3}((\.\d{3}){2,}|(\.\d{3})+,\d+)")
_DAY_FIRST = re.compile(r"(\d{1,2})([/.-])(\d{1,2})\2(\d{4})")
_MIDNIGHT = re.compile(r"[ T]00:00(:00)?$")


def number(text: str) -> Decimal:
    """The amount written in a cell: "45000", "45 000,50 €", "53,400", "45’000", "1.234.567,8".

    A comma before three digits groups thousands, as spreadsheets in English write them; any other
    comma is a decimal comma. Raises ValueError when it is no number.
    """
    if _PLAIN.fullmatch(text):
        return Decimal(text)
    bare = text.strip().replace("\N{MINUS SIGN}", "-")
    sign = bare[:1] if bare[:1] in "+-" else ""
    bare = sign + _trimmed(bare.removeprefix(sign))
    if _GROUPED_BY_SPACES.fullmatch(bare):
        bare = re.sub(r"[\s'’]", "", bare)
    elif _GROUPED.fullmatch(bare):
        bare = bare.replace(",", "")
    elif _GROUPED_BY_POINTS.fullmatch(bare):
        bare = bare.replace(".", "")
    bare = bare.replace(",", ".")
    if not _PLAIN.fullmatch(bare):
        raise ValueError(text)
    return Decimal(bare)


def _trimmed(text: str) -> str:
    """Without the currency sign before or after the digits."""
    start = _SIGNS.match(text)
    text = text[start.end() :] if start else text
    return re.sub(rf"{_SIGNS.pattern}$", "", text)


def day(text: str) -> date:
    """The date written in a cell: 2023-04-30, 2023/04/30, 30/04/2023, 30.04.2023 or 30-04-2023, and
    midnight after it, as programs write a day; ValueError otherwise."""
    bare = _MIDNIGHT.sub("", text.strip())
    if french := _DAY_FIRST.fullmatch(bare):
        return date(int(french[4]), int(french[3]), int(french[1]))
    return date.fromisoformat(bare.replace("/", "-"))
