"""The forms of pages, as browsers read them."""

from html.parser import HTMLParser
from typing import Protocol


class _Form(HTMLParser):
    """The fields of the forms of a page as a browser would send them untouched."""

    def __init__(self) -> None:
        super().__init__()
        self.fields: dict[str, str] = {}
        self._open = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        name, value = given.get("name") or "", given.get("value") or ""
        if tag == "input" and name and given.get("type") not in ("submit", "file"):
            if given.get("type") != "checkbox":
                self.fields[name] = value
            elif "checked" in given:
                self.fields[name] = value or "on"
        elif tag in ("textarea", "select") and name:
            self._open, self.fields[name] = name, ""
        elif tag == "option" and "selected" in given:
            self.fields[self._open] = value

    def handle_data(self, data: str) -> None:
        if self._open and self.lasttag == "textarea":
            self.fields[self._open] += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea":
            # HTML drops the line end that Django puts first.
            self.fields[self._open] = self.fields[self._open].removeprefix("\n")
        if tag in ("textarea", "select"):
            self._open = ""


class Page(Protocol):
    @property
    def content(self) -> bytes: ...


def form_of(response: Page) -> dict[str, str]:
    """The names and values of the change form of an admin page."""
    page = response.content.decode()
    parser = _Form()
    parser.feed(page[page.index('<div id="content-main">') :])
    return {name: value for name, value in parser.fields.items() if "__prefix__" not in name}
