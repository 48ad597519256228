"""Folding: the one form in which titles are stored for search and questions are asked."""

import re
import unicodedata

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
    text = _INCLUSIVE.sub("", text.casefold()).translate(_LETTERS)
    decomposed = unicodedata.normalize("NFKD", text)
    bare = "".join(char for char in decomposed if not unicodedata.combining(char))
    return _SEPARATORS.sub(" ", bare).strip()


def terms(question: str) -> list[str]:
    """The folded words of a question, at most MAX_TERMS; empty when nothing in it can be sought."""
    return fold(question).split()[:MAX_TERMS]


def index(*texts: str) -> str:
    """What `Career.search_text` holds: folded words, each after a space, so ` ` + term is a prefix.

    Repeated words are kept once: O*NET alone gives one career 2,749 alternative titles.
    """
    words = dict.fromkeys(word for text in texts for word in fold(text).split())
    return " " + " ".join(words)
