"""JSON-LD in the head of a page (careers.structured_data)."""

import json
from collections.abc import Iterable

from django import template
from django.template import Context
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from careers import structured_data
from careers.models import Career, Region, SalaryBand
from careers.open_data import Release
from careers.open_data.licences import Licence

register = template.Library()

# As Django's json_script does, whose type of script cannot be chosen: no text closes the element.
ESCAPES = {ord(sign): f"\\u{ord(sign):04X}" for sign in "<>&"}


@register.simple_tag(takes_context=True)
def occupation(context: Context, career: Career, bands: Iterable[SalaryBand]) -> SafeString:
    """The career and its pay for other programs.

    {% occupation career bands %}
    """
    absolute = context["request"].build_absolute_uri
    return _script(structured_data.occupations(career, bands, absolute))


@register.simple_tag(takes_context=True)
def dataset(context: Context, release: Release, licence: Licence) -> SafeString:
    """The open data for other programs.

    {% dataset release licence %}
    """
    absolute = context["request"].build_absolute_uri
    return _script(structured_data.dataset(release, licence, absolute))


@register.simple_tag(takes_context=True)
def breadcrumbs(
    context: Context, page: structured_data.Page, around: Iterable[Region] = ()
) -> SafeString:
    """Where the page of a career, a field, a figure, a source, a region or "data" stands.

    {% breadcrumbs region around %}
    """
    steps = structured_data.trail(page, around)
    absolute = context["request"].build_absolute_uri
    return _script(structured_data.breadcrumbs(steps, absolute))


def _script(data: structured_data.Data) -> SafeString:
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":")).translate(ESCAPES)
    return format_html('<script type="application/ld+json">{}</script>', mark_safe(text))
