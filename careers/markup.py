"""Markdown, as editors write it, made into HTML that is safe to show."""

from functools import lru_cache

import nh3
from django.utils.safestring import SafeString, mark_safe
from markdown_it import MarkdownIt

_MARKDOWN = MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"])
_TAGS = {
    *("p", "br", "hr", "h3", "h4", "h5", "h6", "ul", "ol", "li", "blockquote", "pre"),
    *("strong", "em", "s", "code", "a", "table", "thead", "tbody", "tr", "th", "td"),
}
_SECTION_LEVEL = 2  # the heading of the page's section: those of the text go below it
_DEEPEST_LEVEL = 6


@lru_cache(maxsize=512)
def markdown(text: str) -> SafeString:
    """Markdown as HTML that holds no script, no style and no dangerous address.

    Editors write their own headings: each is kept at most one level below the one before it, the
    first under the section's, so that the outline of the page has no gap.
    """
    tokens = _MARKDOWN.parse(text.strip())
    level = _SECTION_LEVEL
    for token in tokens:
        if token.type == "heading_open":
            level = min(int(token.tag[1]) + _SECTION_LEVEL, level + 1, _DEEPEST_LEVEL)
        if token.type in ("heading_open", "heading_close"):
            token.tag = f"h{level}"
    html = _MARKDOWN.renderer.render(tokens, _MARKDOWN.options, {})
    return mark_safe(
        nh3.clean(
            html,
            tags=_TAGS,
            attributes={"a": {"href"}},
            url_schemes={"http", "https", "mailto"},
            link_rel="noopener nofollow",
        )
    )
