"""Whatever an editor or a file writes, the page holds text, and links that lead where they say."""

from html.parser import HTMLParser

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from careers.markup import markdown

TAGS = {
    *("p", "br", "hr", "h3", "h4", "h5", "h6", "ul", "ol", "li", "blockquote", "pre"),
    *("strong", "em", "s", "code", "a", "table", "thead", "tbody", "tr", "th", "td"),
}
ATTRIBUTES = {"a": {"href", "rel", "title"}}


class Held(HTMLParser):
    """What of a text a browser would take for markup, as it would read it."""

    def __init__(self, html):
        super().__init__(convert_charrefs=True)
        self.tags, self.attributes, self.addresses = set(), set(), []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        self.attributes |= {(tag, name) for name, _value in attrs}
        self.addresses += [value or "" for name, value in attrs if name in ("href", "src")]

    def handle_decl(self, decl):
        self.tags.add(f"!{decl}")

    handle_comment = handle_pi = unknown_decl = handle_decl


def scheme(address):
    """What a browser takes for the scheme: it drops line ends, tabs and what leads."""
    kept = "".join(sign for sign in address if sign not in "\t\n\r").lstrip(
        "".join(map(chr, range(33)))
    )
    head, colon, _rest = kept.partition(":")
    return head.lower() if colon and not set(head) & set("/?#") else ""


def harmless(html):
    held = Held(html)
    allowed = {(tag, name) for tag, names in ATTRIBUTES.items() for name in names}
    assert held.tags - TAGS == set()
    assert held.attributes - allowed == set()
    assert {scheme(address) for address in held.addresses} <= {"", "http", "https", "mailto"}


PIECES = st.sampled_from(
    [
        *("<script>", "</script>", "<img src=x onerror=alert(1)>", "<svg/onload=alert(1)>"),
        *("<a href='javascript:alert(1)'>", "<style>", "<!--", "-->", "<![CDATA[", "<?php"),
        *("[a](", "![a](", ")", "](javascript:alert(1))", "](jAvAsCrIpT&colon;alert(1))"),
        *("](java\nscript:alert(1))", "](data:text/html;base64,PHNjcmlwdD4=)", "](vbscript:x)"),
        *("<javascript:alert(1)>", '<https://a.example/" onclick="x>', "[a]: javascript:x\n"),
        *("[a]", '"onmouseover="x', "&lt;script&gt;", "&#x6a;avascript:", "\x00", "\x01"),
        *("`", "```", "\n\n", "\n    ", "# ", "> ", "- ", "| ", "\n|-|\n", "~~", "**", "\\"),
    ]
)
TEXTS = st.lists(PIECES | st.text(max_size=6), max_size=14).map("".join)


@given(TEXTS)
@example('[a](<javascript:alert("1")>)')
@example("[a](  javascript:alert(1))")
@example("<https://a.example/<script>alert(1)</script>>")
@example('[a](https://a.example "onclick=x")')
def test_markdown_holds_nothing_that_runs(text):
    harmless(markdown(text))


@pytest.mark.parametrize(
    ("address", "kept"),
    [
        ("https://a.example/b?c=d", True),
        ("mailto:a@b.example", True),
        ("/methode/", True),
        ("javascript:alert(1)", False),
        ("JAVASCRIPT:alert(1)", False),
        ("data:text/html,x", False),
        ("vbscript:x", False),
        ("file:///etc/passwd", False),
    ],
)
def test_link_is_kept_when_its_address_leads_somewhere(address, kept):
    assert Held(markdown(f"[a]({address})")).addresses == ([address] if kept else [])


@pytest.mark.parametrize(
    "html",
    [
        '<a href="javascript:x">a</a>',
        '<a href=" java\tscript:x">a</a>',
        '<p onclick="x">a</p>',
        "<script>x</script>",
        "<!-- a -->",
    ],
)
def test_what_runs_is_seen_by_these_tests(html):
    with pytest.raises(AssertionError):
        harmless(html)
