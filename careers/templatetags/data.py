"""The page of the open data: its tables with their files, and how to cite it."""

from collections.abc import Iterator
from typing import NamedTuple

from django import template
from django.template import Context
from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from careers.open_data import Entry, Release
from careers.open_data.contents import TITLES
from careers.templatetags.texts import day

register = template.Library()


class File(NamedTuple):
    """A file, and the same compressed."""

    name: str
    bytes: int
    sha256: str
    compressed: Entry


class Shown(NamedTuple):
    """A table of the release, in each of its forms."""

    title: str | Promise
    rows: int
    files: list[File]


@register.simple_tag
def data_tables(release: Release) -> list[Shown]:
    """{% data_tables release as tables %}"""
    return list(_tables(release))


def _tables(release: Release) -> Iterator[Shown]:
    for name, title in TITLES.items():
        entries = [release.entries[f"{name}.{ending}"] for ending in ("csv", "jsonl")]
        files = [
            File(each.name, each.bytes, each.sha256, release.entries[f"{each.name}.gz"])
            for each in entries
        ]
        yield Shown(title, entries[0].rows or 0, files)


@register.simple_tag(takes_context=True)
def data_citation(context: Context, release: Release) -> SafeString:
    """One sentence to cite the data with: its version, its day, its address.

    {% data_citation release %}
    """
    address = context["request"].build_absolute_uri(context["request"].path)
    return format_html(
        _("Careers, plainly, open data, version {version} of {day}, {address}."),
        version=release.version,
        day=day(release.built_at),
        address=address,
    )
