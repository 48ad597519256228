"""How often search shows the career meant among the first five: `make bench-search`.

Loads the careers of ESCO, ROME and O*NET into an SQLite database of its own, and asks each pair of
search_pairs.csv: a question, the titles that would do (either language, `|` between), and a kind.
A question that finds nothing is asked again in the first words that the site offers instead, which
costs the visitor one click; the table counts those apart. Measures, and asserts nothing.
"""

import csv
import os
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from statistics import median
from time import process_time
from urllib.parse import urlencode

from django.http import QueryDict

ROOT = Path(__file__).resolve().parents[2]
DATA = ROOT.parent / "shared" / "data" / "careers"
PAIRS = Path(__file__).with_name("search_pairs.csv")
FILES = ("careers_esco.csv", "careers_rome.csv", "careers_onet.csv")
SHOWN = 5
Row = dict[str, str]
Ask = Callable[[str], tuple[list[set[str]], str]]  # the titles of each career, the words offered


@dataclass(frozen=True)
class Asked:
    """A pair and what became of it; `offered` are the words asked instead, if any."""

    query: str
    expected: str
    kind: str
    is_found: bool
    offered: str
    seconds: float


def rows(name: str) -> Iterator[Row]:
    with (DATA / name).open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


def titles() -> Iterator[Row]:
    """The fields of each career of ESCO, of ROME, then of O*NET."""
    for row in rows("careers_esco.csv"):
        yield {
            "title_fr": (row["title_fr_m"] or row["title_fr"])[:255],
            "title_en": row["title_en"],
            "alternative_titles_fr": "\n".join([row["title_fr"], *row["alt_titles_fr"].split("|")]),
            "alternative_titles_en": "\n".join(row["alt_titles_en"].split("|")),
        }
    for row in rows("careers_rome.csv"):
        others = "\n".join(row["alt_titles_fr"].split("|"))
        yield {"title_fr": row["title_fr"], "alternative_titles_fr": others}
    for row in rows("careers_onet.csv"):
        others = "\n".join(row["alt_titles_en"].split("|"))
        # Nobody has translated these: a published career has a title in French, whatever it says.
        both = dict.fromkeys(("title_fr", "title_en"), row["title_en"])
        yield {**both, "alternative_titles_en": others}


def load() -> int:
    """Fill the database of this process with published careers; how many."""
    from careers.models import Career  # noqa: PLC0415 - Django has to be set up first

    careers = []
    for number, fields in enumerate(titles()):
        career = Career(**fields, status="published", slug=f"career-{number}")
        career.prepare()
        careers.append(career)
    return len(Career.objects.bulk_create(careers, batch_size=500))


def ask(words: str, *, may_correct: bool = True) -> tuple[list[set[str]], str]:
    """The first careers listed, as sets of folded titles and a slug, and the words offered."""
    from careers import search  # noqa: PLC0415
    from careers.filters import CareerFilter  # noqa: PLC0415

    question = CareerFilter(QueryDict(urlencode({"q": words})))
    found = [
        {search.fold(career.title_fr), search.fold(career.title_en), career.slug}
        for career in question.listed(SHOWN)
    ]
    if not found and may_correct and question.corrections:
        offered = question.corrections[0]
        return ask(offered, may_correct=False)[0], offered
    return found, ""


def run(pair: Row, fold: Callable[[str], str]) -> Asked:
    started = process_time()
    found, offered = ask(pair["query"])
    seconds = process_time() - started
    expected = {fold(title) for title in pair["expected"].split("|")} | {pair["expected"]}
    is_found = any(titles & expected for titles in found)
    return Asked(pair["query"], pair["expected"], pair["kind"], is_found, offered, seconds)


def table(results: list[Asked]) -> Iterator[str]:
    yield "| kind | asked | in the first five | of these after one click | share |"
    yield "|---|--:|--:|--:|--:|"
    kinds = list(dict.fromkeys(each.kind for each in results))
    for kind in (*kinds, "all"):
        asked = [each for each in results if kind in (each.kind, "all")]
        found = [each for each in asked if each.is_found]
        clicked = sum(bool(each.offered) for each in found)
        share = len(found) / len(asked)
        yield f"| {kind} | {len(asked)} | {len(found)} | {clicked} | {share:.1%} |"


def main() -> None:
    say = partial(print, file=sys.stdout)
    if not all((DATA / name).exists() for name in FILES):
        say(f"Nothing measured: no careers in {DATA}.")
        return
    with tempfile.TemporaryDirectory() as folder:
        os.environ["DATABASE_URL"] = f"sqlite:///{folder}/search.sqlite3"
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "careersite.settings")
        import django  # noqa: PLC0415

        django.setup()
        from django.core.management import call_command  # noqa: PLC0415
        from django.utils.translation import override  # noqa: PLC0415

        from careers import search  # noqa: PLC0415

        call_command("migrate", verbosity=0)
        say(f"{load()} careers")
        with PAIRS.open(encoding="utf-8", newline="") as file, override("fr"):
            results = [run(pair, search.fold) for pair in csv.DictReader(file)]
    say(*table(results), sep="\n")
    times = sorted(each.seconds * 1000 for each in results)
    say(f"One question: median {median(times):.0f} ms of CPU, slowest {times[-1]:.0f} ms.")
    for each in results:
        if not each.is_found:
            instead = f", offered {each.offered!r}" if each.offered else ""
            say(f"missed ({each.kind}): {each.query!r} for {each.expected!r}{instead}")


if __name__ == "__main__":
    main()
