"""Parts of a page that are made once, and again when what they depend on is another."""

import re
from collections.abc import Hashable

from django import template
from django.conf import settings
from django.template import Context, NodeList
from django.template.base import FilterExpression, Parser, Token
from django.utils import timezone
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language

from careers.kept import Kept

register = template.Library()

MOST_ONCE = 50
_INDENTED = re.compile(r"\n\s+")


def packed(html: str) -> SafeString:
    """The same without empty lines and indents, which are a quarter of a long page and have to be
    compressed with each; no `pre` may stand in it."""
    return mark_safe(_INDENTED.sub("\n", html))


class OnceNode(template.Node):
    """Remembers what its block was, since a template is loaded once by a process."""

    def __init__(self, nodelist: NodeList, on: list[FilterExpression]) -> None:
        self.nodelist, self.on = nodelist, on
        self.made: dict[tuple[Hashable, ...], SafeString] = {}

    def render(self, context: Context) -> SafeString:
        key = (get_language(), *(each.resolve(context) for each in self.on))
        found = self.made.get(key)
        # While templates are being written, they are read again with each page.
        if found is None or settings.DEBUG:
            found = packed(self.nodelist.render(context))
            if len(self.made) >= MOST_ONCE:
                self.made.clear()
            self.made[key] = found
        return found


@register.tag
def once(parser: Parser, token: Token) -> OnceNode:
    """Make a block once that depends on nothing but the language and these few values.

    {% once %}…{% endonce %}, {% once scale %}…{% endonce %}
    """
    _tag, *on = token.split_contents()
    nodelist = parser.parse(("endonce",))
    parser.delete_first_token()
    return OnceNode(nodelist, [parser.compile_filter(each) for each in on])


class KeptNode(template.Node):
    """Its block, made for a career and these values; each time anew in a context without `kept`
    (a preview shows what is not public) and where a value is None."""

    def __init__(
        self, nodelist: NodeList, name: str, career: FilterExpression, on: list[FilterExpression]
    ) -> None:
        self.nodelist, self.name, self.career, self.on = nodelist, name, career, on

    def render(self, context: Context) -> SafeString:
        kept: Kept | None = context.get("kept")
        values: list[Hashable] = [each.resolve(context) for each in self.on]
        if kept is None or settings.DEBUG or None in values:
            return self._made(context)
        number = self.career.resolve(context).pk
        key = (number, self.name, *values, get_language(), timezone.localdate())
        found: SafeString = kept.of(key, lambda: self._made(context))
        return found

    def _made(self, context: Context) -> SafeString:
        return packed(self.nodelist.render(context))


@register.tag
def kept(parser: Parser, token: Token) -> KeptNode:
    """Keep a block that depends on one career, its figures, the day and these values alone.

    {% kept career "pay" pay.key %}…{% endkept %}
    """
    _tag, career, name, *on = token.split_contents()
    nodelist = parser.parse(("endkept",))
    parser.delete_first_token()
    values = [parser.compile_filter(each) for each in on]
    return KeptNode(nodelist, name, parser.compile_filter(career), values)
