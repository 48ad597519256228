"""The number of the request, where a page has no context: that of a fault."""

from django import template

from careersite import logs

register = template.Library()


@register.simple_tag
def request_id() -> str:
    return logs.request_id.get()
