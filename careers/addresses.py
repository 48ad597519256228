"""The paths of pages, remembered: a list links to hundreds, and Django makes each anew."""

from functools import lru_cache

from django.urls import reverse
from django.utils.translation import get_language

# Where programs ask. These addresses tell no language: who asks says which words it wants.
API = "/api/v1/"


def address(view: str, *arguments: object) -> str:
    """`reverse()` of one of the app's views in the active language."""
    return _address(get_language(), f"careers:{view}", *arguments)


def resource(name: str, *arguments: object) -> str:
    """The path of something in the API."""
    return _address(None, f"api:{name}", *arguments)


def numbered(path: str, number: int) -> str:
    """The path of number 0 with this number instead: to remember each would push out all others."""
    start, _zero, end = path.rpartition("0")
    return f"{start}{number}{end}"


@lru_cache(maxsize=20_000)
def _address(_language: str | None, view: str, *arguments: object) -> str:
    return reverse(view, args=arguments)
