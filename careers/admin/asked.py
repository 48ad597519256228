"""What a change list shows, in words: for the export's screen, its file's name and its log."""

import re
import unicodedata
from collections.abc import Iterator
from datetime import datetime
from typing import Any
from urllib.parse import quote

from django.contrib.admin.utils import label_for_field
from django.contrib.admin.views.main import ORDER_VAR, ChangeList
from django.db.models import ForeignKey
from django.utils.text import capfirst, slugify
from django.utils.translation import gettext as _

LONGEST_PART = 40
LONGEST_NAME = 140


def narrowed(changelist: ChangeList) -> list[str]:
    """The filters and the search, each in the words of the page."""
    said = [*_filters(changelist), *_others(changelist)]
    return [*said, _("“%s”") % changelist.query] if changelist.query else said


def ordered(changelist: ChangeList) -> str:
    """The order that whoever looks at the list has chosen, or ""."""
    if ORDER_VAR not in changelist.params:
        return ""
    shown = dict(enumerate(changelist.list_display))
    # As the list itself does: a place that no column has, or that has no order, says nothing.
    columns = [
        f"{_label(changelist, shown[place])} {'↓' if direction == 'desc' else '↑'}"
        for place, direction in changelist.get_ordering_field_columns().items()
        if place in shown and changelist.get_ordering_field(shown[place])
    ]
    return _("by %s") % ", ".join(columns) if columns else ""


def _label(changelist: ChangeList, name: Any) -> str:
    return str(label_for_field(name, changelist.model, changelist.model_admin))


def _filters(changelist: ChangeList) -> Iterator[str]:
    # Counting each choice is for the page alone.
    changelist.add_facets = False
    for spec in changelist.filter_specs:
        used = getattr(spec, "used_parameters", {})
        if not used:
            continue
        chosen = [
            str(choice["display"]) for choice in spec.choices(changelist) if choice["selected"]
        ]
        value = ", ".join(chosen) or _raw(changelist, used)
        yield _("%(name)s: %(value)s") % {"name": spec.title, "value": value}


def _others(changelist: ChangeList) -> Iterator[str]:
    """Conditions that came by a link and that no filter beside the list offers."""
    offered = {name for spec in changelist.filter_specs for name in spec.expected_parameters()}
    for name in changelist.get_filters_params():
        if name in offered:
            continue
        value = changelist.params[name]
        field = changelist.opts.get_field(name.partition("__")[0])
        if isinstance(field, ForeignKey) and name.endswith(("__id__exact", "__pk__exact")):
            found = field.related_model._default_manager.filter(pk=value).first()
            yield _("%(name)s: %(value)s") % {"name": field.verbose_name, "value": found or "?"}
        else:
            yield f"{name}={value}"


def _raw(changelist: ChangeList, names: dict[str, object]) -> str:
    return ", ".join(f"{name}={changelist.params.get(name, '')}" for name in names)


def file_name(parts: list[str], moment: datetime, suffix: str) -> tuple[str, str]:
    """The name of a file of that content: in ASCII for every program, and as people write it."""
    plain = [slugify(part)[:LONGEST_PART].strip("-_") for part in parts]
    ascii_name = "_".join(filter(None, plain))[:LONGEST_NAME]
    clean = (" ".join(_printable(part).split())[:LONGEST_PART] for part in parts)
    name = ", ".join(filter(None, clean))[:LONGEST_NAME]
    return (
        f"{ascii_name}_{moment:%Y-%m-%d_%Hh%M}.{suffix}",
        f"{capfirst(name)}, {moment:%Y-%m-%d %Hh%M}.{suffix}",
    )


def _printable(text: str) -> str:
    """Without what file systems refuse, and without what turns the direction of a name round."""
    bare = re.sub(r'[\\/:*?"<>|]', " ", text)
    return "".join(each for each in bare if unicodedata.category(each)[0] != "C")


def disposition(ascii_name: str, name: str) -> str:
    """The header of a download (RFC 6266): the second name is for those who can read it."""
    return f"attachment; filename=\"{ascii_name}\"; filename*=UTF-8''{quote(name, safe='')}"
