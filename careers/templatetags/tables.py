"""Tables of the admin's own screens."""

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

register = template.Library()


@register.simple_block_tag
def table(content: SafeString, label: str, *headings: str) -> SafeString:
    """The rows inside under these headings; where the table is too wide, it scrolls.

    {% table verdict.label _("Row") _("Why") %}<tr>…</tr>{% endtable %}
    """
    columns = format_html_join("", '<th scope="col">{}</th>', ((words,) for words in headings))
    frame = (
        '<div class="transfer-scroll" tabindex="0" role="region" aria-label="{}">\n'
        '<table class="transfer-rows">\n<thead><tr>{}</tr></thead>\n'
        "<tbody>{}</tbody>\n</table>\n</div>"
    )
    return format_html(frame, label, columns, content)
