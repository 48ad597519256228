"""Folding: the one form in which titles are stored for search and questions are asked."""

import re
import unicodedata
from collections.abc import Callable, Iterable

from django.utils.text import slugify

MAX_TERMS = 8

# Letters that Unicode does not decompose, so that NFKD alone would miss them.
_LETTERS = str.maketrans({"œ": "oe", "æ": "ae", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th"})
# « ingénieur·e », « développeur(se) »: the form before the mark is the one people type.
_INCLUSIVE = re.compile(r"[·•‧]\w+(?:[·•‧]s)?|\((?:e|ne|se|euse|rice|trice|ère|ienne)s?\)")
# + and # are kept for C++ and C#.
_SEPARATORS = re.compile(r"[^\w+#]+|_+")


def fold(text: str) -> str:
    """`text` in lower case without accents, ligatures, apostrophes or punctuation.

    >>> fold("L’Œuvre d'une INGÉNIEUR·E")
    'l oeuvre d une ingenieur'
    """
    text = _INCLUSIVE.sub("", unicodedata.normalize("NFKC", text).casefold())
    decomposed = unicodedata.normalize("NFKD", text)
    bare = "".join(char for char in decomposed if not unicodedata.combining(char))
    return _SEPARATORS.sub(" ", bare.casefold().translate(_LETTERS)).strip()


def slug(title: str, length: int) -> str:
    """The title as the last part of an address, at most `length` characters: "oenologue"."""
    return slugify(fold(title))[:length].strip("-")


def free_slug(
    title: str, length: int, taken: Callable[[str], Iterable[str]], *, otherwise: str
) -> str:
    """A slug of the title that nobody has; `taken(start)` gives the slugs that begin so.

    A title without a letter of ours ("労働") takes `otherwise`, numbered.
    """
    start = slug(title, length - len("-9999")) or otherwise
    others = set(taken(start))
    numbered = (f"{start}-{number}" for number in range(2, len(others) + 3))
    return start if start not in others else next(each for each in numbered if each not in others)


def terms(question: str) -> list[str]:
    """The folded words of a question, at most MAX_TERMS; empty when nothing in it can be sought."""
    return fold(question).split()[:MAX_TERMS]


def index(*texts: str) -> str:
    """What `Career.search_text` holds: folded words, each after a space, so ` ` + term is a prefix.

    Repeated words are kept once: O*NET alone gives one career 2,749 alternative titles.
    """
    words = dict.fromkeys(word for text in texts for word in fold(text).split())
    return " " + " ".join(words)
