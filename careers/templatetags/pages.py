"""Addresses of a page: absolute, and the same page in the other language."""

from django import template
from django.http import HttpRequest
from django.template import Context
from django.urls import reverse, translate_url
from django.utils.translation import override

from careers.models import active_language

register = template.Library()


def _request(context: Context) -> HttpRequest:
    request: HttpRequest = context["request"]
    return request


@register.simple_tag(takes_context=True)
def absolute(context: Context, path: str = "") -> str:
    """The absolute address of a path, or of this page without its query.

    {% absolute path %}
    """
    request = _request(context)
    return request.build_absolute_uri(path or request.path)


@register.simple_tag
def in_language(address: str, language: str) -> str:
    """The same page in "fr" or "en"; an address that leads nowhere stays as it is.

    {% in_language address "en" %}
    """
    return translate_url(address, language)


@register.simple_tag(takes_context=True)
def switched(context: Context) -> str:
    """This page with this query in the other language.

    {% switched %}
    """
    return translate_url(_request(context).get_full_path(), other_language())


@register.simple_tag
def other_language() -> str:
    """The language that this page is not in.

    {% other_language %}
    """
    return "fr" if active_language() == "en" else "en"


@register.simple_tag
def list_in(language: str) -> str:
    """The list of careers in "fr" or "en".

    {% list_in "en" %}
    """
    with override(language):
        return reverse("careers:career_list")
