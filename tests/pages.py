"""What tests read from a public page."""

import re
from html import unescape

from django.utils.html import strip_tags

from careers.models import SalaryBand

NARROW = "\u202f"


def text_of(response) -> str:
    main = response.content.decode().partition("<main")[2].partition("</main>")[0]
    return " ".join(unescape(strip_tags(f"<main{main}")).replace(NARROW, " ").split())


def figure_path(band: SalaryBand, language: str = "fr", ending: str = "/") -> str:
    start = "/metiers/{}/chiffres/{}" if language == "fr" else "/en/careers/{}/figures/{}"
    return start.format(band.career.slug, band.pk) + ending


def figures_on(response) -> set[int]:
    """The numbers of the figures that the page links to."""
    linked = re.findall(r"href=\"[^\"]*/(?:chiffres|figures)/(\d+)/\"", response.content.decode())
    return {int(number) for number in linked}


def head_of(response) -> tuple[str, str]:
    html = response.content.decode()
    title = re.search(r"<title>(.*?)</title>", html, re.DOTALL)
    description = re.search(r'<meta name="description"\s+content="([^"]*)"', html)
    return title[1], description[1]
