"""The picture that a shared link to the page shows (careers.pictures)."""

from collections.abc import Iterable
from functools import lru_cache
from typing import NamedTuple

from django import template
from django.template import Context
from django.urls import reverse

from careers import pictures
from careers.models import Career, SalaryBand, active_language

register = template.Library()


class Shown(NamedTuple):
    """A picture's absolute address, its size in pixels, and what it says in words."""

    address: str
    width: int
    height: int
    words: str


def _shown(context: Context, path: str, words: str) -> Shown:
    address = context["request"].build_absolute_uri(path)
    return Shown(address, pictures.WIDTH, pictures.HEIGHT, words)


@register.simple_tag(takes_context=True)
def career_picture(context: Context, career: Career, bands: Iterable[SalaryBand]) -> Shown:
    """The career's own picture.

    {% career_picture career bands as picture %}
    """
    picture = pictures.of_career(career, bands)
    path = reverse("careers:career_picture", args=[career.slug, picture.version])
    return _shown(context, path, picture.words)


@register.simple_tag(takes_context=True)
def site_picture(context: Context) -> Shown:
    """The picture of a page that has none of its own.

    {% site_picture as picture %}
    """
    version, words = _of_site(active_language())
    return _shown(context, reverse("careers:site_picture", args=[version]), words)


@lru_cache
def _of_site(language: str) -> tuple[str, str]:
    """Its version and its words: it stands on every page and never changes."""
    picture = pictures.of_site()
    return picture.version, picture.words
