"""What somebody may have looked for at an address where nothing is."""

from collections.abc import Sequence
from typing import NamedTuple
from urllib.parse import urlencode

from django.core.validators import slug_re
from django.http import HttpRequest, QueryDict

from careers.filters import CareerFilter
from careers.models import Career

SHOWN = 5
LONGEST = 100  # letters of an address that are read as words


class Meant(NamedTuple):
    """The words of an address, and the careers that they find."""

    words: str
    careers: Sequence[Career]


def meant(request: HttpRequest) -> Meant:
    """What the list would show first for the words of the missing address.

    Typing errors are looked for only where a career's slug stands in the address: most other
    missing addresses are probes of machines, and comparing with every title has its price.
    """
    match = request.resolver_match
    slug = match.kwargs.get("slug", "") if match else ""
    words = _words(slug or request.path.rstrip("/").rpartition("/")[2])
    if not words:
        return Meant("", [])
    question = _question(words)
    found = question.listed(SHOWN)
    if not found and slug:
        for corrected in question.corrections[:1]:
            found = _question(corrected).listed(SHOWN)
    return Meant(words, found)


def _words(part: str) -> str:
    """A part of an address as words; "" where it can be none."""
    is_slug = slug_re.fullmatch(part) and not part.isdigit()
    return part[:LONGEST].replace("-", " ").replace("_", " ").strip() if is_slug else ""


def _question(words: str) -> CareerFilter:
    return CareerFilter(QueryDict(urlencode({"q": words})))
