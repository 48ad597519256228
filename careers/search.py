"""The words of search: how titles are stored to be found, how questions are read and corrected."""

import re
import unicodedata
from collections.abc import Iterable, Mapping, Set
from difflib import SequenceMatcher, get_close_matches
from itertools import islice, product, takewhile

from django.utils.text import slugify

MAX_TERMS = 8
MAX_BEGUN = 3  # letters of a stop word that may be the beginning of another word
# Longer ones are compared with no other word: difflib's cost is that of the product of lengths.
MAX_CORRECTED_LENGTH = 40
MAX_CORRECTIONS = 6
MAX_ALIKE = 4
MAX_LENGTH_APART = 3
# difflib's ratio, 1 for the same word. Short words look alike by chance, and words run together
# have to be what was meant.
LIKENESS, SHORT_LIKENESS, JOINED_LIKENESS = 0.72, 0.8, 0.85

# Letters that Unicode does not decompose, so that NFKD alone would miss them.
_LETTERS = str.maketrans({"œ": "oe", "æ": "ae", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th"})
# « ingénieur·e », « développeur(se) », « infirmier-ère », « chargé/e »: the form before the mark is
# the one people type. Points, hyphens and strokes have other uses, so they need a whole ending.
_INCLUSIVE = re.compile(
    r"[·•‧]\w+(?:[·•‧]s)?|\((?:e|ne|se|euse|rice|trice|ère|ienne)s?\)"
    r"|(?<=\w{3})[./-](?:e|ne|se|euse|rice|trice|ère|ière|ienne|fe|ve)(?:[./-]?s)?\b"
)
# + and # are kept for C++ and C#.
_SEPARATORS = re.compile(r"[^\w+#]+|_+")
# Words that say nothing of a job in either language, « métier » among them; never "it" or "c".
_STOP_WORDS = {
    *("a", "au", "aux", "avec", "chez", "d", "dans", "de", "des", "du", "en", "et", "l", "la"),
    *("le", "les", "metier", "metiers", "ou", "par", "pour", "qu", "s", "sans", "sur", "un", "une"),
    *("an", "and", "at", "by", "for", "from", "in", "of", "on", "or", "the", "to", "with"),
}
# Words of those who ask what a job pays. Titles may have them: "salary" alone is sought.
_ASKING = {
    *("combien", "est", "gagne", "gagnent", "gagner", "quel", "quelle", "salaire", "salaires"),
    *("do", "does", "earn", "earns", "how", "is", "much", "salaries", "salary", "what"),
}
_NOT_SOUGHT = _STOP_WORDS | _ASKING
# What ends a French word in the feminine or in the plural, and how the same word ends without;
# « directrice » and « directeur » both are "directeur". The first that fits counts.
_ENDINGS = (
    ("trice", "teur"),
    ("drice", "deur"),
    ("euse", "eur"),
    ("ieux", "ieur"),
    ("eaux", "eau"),
    ("aux", "al"),
    ("oux", "ou"),
    ("oise", "oi"),
    ("aise", "ai"),
    ("if", "iv"),
)
_FINAL_Y = re.compile(r"(?<=[^aeiou])y$")  # "secretary", whose plural is "secretaries"


def fold(text: str) -> str:
    """`text` in lower case without accents, ligatures, apostrophes or punctuation.

    >>> fold("L’Œuvre d'une INGÉNIEUR·E")
    'l oeuvre d une ingenieur'
    """
    text = _INCLUSIVE.sub("", unicodedata.normalize("NFKC", text).casefold())
    decomposed = unicodedata.normalize("NFKD", text)
    bare = "".join(char for char in decomposed if not unicodedata.combining(char))
    return _SEPARATORS.sub(" ", bare.casefold().translate(_LETTERS)).strip()


def stem(word: str) -> str:
    """A folded word without the marks of gender and number, in French and English.

    It stays as near to the word as it can, so that the beginning of a word is mostly the beginning
    of its stem. Short words and codes stay as they are: IA, RH, C++.

    >>> [stem(word) for word in ("developpeuses", "techniciennes", "secretaries", "c++")]
    ['developpeur', 'technicien', 'secretari', 'c++']
    """
    if len(word) < 4 or not word.isalpha():
        return word
    bare = word[:-1] if word.endswith("s") and not word.endswith("ss") else _FINAL_Y.sub("i", word)
    for ending, other in _ENDINGS:
        if bare.endswith(ending) and len(bare) > len(ending) + 1:
            return bare.removesuffix(ending) + other
    bare = bare.rstrip("e")
    if len(bare) > 2 and bare[-1] == bare[-2]:
        bare = bare[:-1]
    return bare if len(bare) > 2 else word


def slug(title: str, length: int) -> str:
    """The title as the last part of an address, at most `length` characters: "oenologue"."""
    return slugify(fold(title))[:length].strip("-")


# --- Stored and asked -------------------------------------------------------------------------


def _stems(text: str, left_out: Set[str] = _STOP_WORDS) -> list[str]:
    """The stems of a text, each once, without stop words."""
    words = fold(text).split()
    return list(dict.fromkeys(stem(word) for word in words if word not in left_out))


def terms(question: str) -> list[str]:
    """The stems to look for, at most MAX_TERMS; empty when nothing in the question can be sought.

    Stop words do not count, nor does « combien gagne » before a job. Short ones do where there is
    nothing else, since « en » may become « enseignant »; « métier » alone asks nothing.
    """
    begun = (word for word in fold(question).split() if len(word) <= MAX_BEGUN)
    sought = _stems(question, _NOT_SOUGHT) or _stems(question)
    return (sought or list(dict.fromkeys(begun)))[:MAX_TERMS]


def index(*texts: str) -> str:
    """What `Career.search_text` holds: stems, each after a space, so ` ` + term is a prefix.

    Repeated words are kept once: O*NET alone gives one career 2,749 alternative titles.
    """
    words = dict.fromkeys(word for text in texts for word in _stems(text))
    return "".join(f" {word}" for word in words) or " "


def line(words: Iterable[str]) -> str:
    """One title as `lines()` holds it, its stems in alphabetical order: "| ingenieur prompt |"."""
    return f"| {' '.join(sorted(words))} |"


def lines(*texts: str) -> str:
    """Titles, one a line of each text, so that order does not matter and none runs into the next.

    >>> lines("Ingénieure prompt", "Prompt engineer")
    '| ingenieur prompt | engineer prompt |'
    """
    titles = dict.fromkeys(
        " ".join(sorted(_stems(title))) for text in texts for title in text.splitlines()
    )
    return "".join(f"| {title} " for title in titles if title) + "|"


def pattern(words: Iterable[str], *, whole: bool) -> str:
    """The regular expression of a line in which each of these stems is, or begins, a word.

    It means the same to Python and to PostgreSQL.
    """
    between, end = ("(?: [^|]*)? ", " ") if whole else ("[^|]* ", "")
    return " " + between.join(re.escape(word) for word in sorted(words)) + end


# --- Typing errors ----------------------------------------------------------------------------


def vocabulary(titles: Iterable[str]) -> dict[str, str]:
    """Each stem of the titles with the shortest word that has it, in lower case with accents."""
    known: dict[str, str] = {}
    for title in titles:
        text = _INCLUSIVE.sub("", unicodedata.normalize("NFKC", title).lower())
        for word in _SEPARATORS.sub(" ", text).split():
            for each in _stems(word):
                known[each] = min(known.get(each, word), word, key=lambda w: (len(w), w.isascii()))
    return known


def corrections(question: str, known: Mapping[str, str]) -> list[str]:
    """Questions in known words that look like this one, at most MAX_CORRECTIONS.

    `known` is a `vocabulary()`; whether anything answers them is for the caller to see.

    >>> corrections("ingenieur promt", vocabulary(["Ingénieur prompt"]))
    ['ingénieur prompt']
    """
    asked = fold(question).split()
    words = [word for word in asked if word not in _ASKING][:MAX_TERMS] or asked
    choices = [[word] if word in _STOP_WORDS else _alike(word, known) for word in words]
    candidates = [" ".join(chosen) for chosen in islice(product(*choices), MAX_CORRECTIONS)]
    if len(words) > 1:  # "fire figter" for a firefighter
        candidates[:0] = _near("".join(words), known, JOINED_LIKENESS)
    others = (each for each in dict.fromkeys(candidates) if terms(each) != terms(question))
    return list(islice(others, MAX_CORRECTIONS))


def words_alone(question: str, known: Mapping[str, str]) -> list[str]:
    """The words of a sentence that titles have, the longest first, at most MAX_CORRECTIONS.

    >>> words_alone("je cherche infirmière à Lyon", vocabulary(["Infirmière"]))
    ['infirmière']
    """
    words = [word for root, word in vocabulary([question]).items() if root in known]
    words.sort(key=len, reverse=True)
    return words[:MAX_CORRECTIONS] if len(terms(question)) > 1 else []


def _alike(word: str, known: Mapping[str, str]) -> list[str]:
    """The word itself when a title has it or a longer one, else those that look most like it."""
    root = stem(word)
    if root in known:
        return [known[root]]
    if any(each.startswith(root) for each in known):
        return [word]
    return _near(word, known, LIKENESS if len(root) > 4 else SHORT_LIKENESS) or [word]


def _near(word: str, known: Mapping[str, str], likeness: float) -> list[str]:
    """The known words that look this much like this one, the likest first, at most MAX_ALIKE."""
    root = stem(word)
    if not 3 < len(root) <= MAX_CORRECTED_LENGTH:
        return []
    of_this_length = [each for each in known if abs(len(each) - len(root)) <= MAX_LENGTH_APART]
    # People mistype the beginning of a word least: « grafic » is "graphic" before "traffic".
    alike = get_close_matches(root, of_this_length, 2 * MAX_ALIKE, likeness)

    def likest(each: str) -> tuple[float, int]:
        same = takewhile(lambda letters: letters[0] == letters[1], zip(each, root, strict=False))
        return -SequenceMatcher(None, each, root).ratio(), -len(list(same))

    alike.sort(key=likest)
    return [known[each] for each in alike[:MAX_ALIKE]]
