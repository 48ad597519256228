"""The French messages: all there, compiled, and set as French is."""

import io
import re
from html import unescape
from pathlib import Path

import pytest
from babel.messages.mofile import read_mo, write_mo
from babel.messages.pofile import read_po

FOLDER = Path(__file__).resolve().parent.parent / "careers" / "locale" / "fr" / "LC_MESSAGES"
PO, MO = FOLDER / "django.po", FOLDER / "django.mo"
NARROW = "\u202f"
pytestmark = pytest.mark.skipif(not PO.exists(), reason=f"there is no catalogue yet: {PO}")


@pytest.fixture(scope="module")
def catalogue():
    with PO.open("rb") as file:
        return read_po(file, locale="fr")


def strings(message):
    """The French of a message: one string, or one for each plural."""
    return [message.string] if isinstance(message.string, str) else list(message.string)


def said(message):
    return message.id if isinstance(message.id, str) else message.id[0]


def bare(text):
    """The words that a reader sees: without tags, with something in each placeholder."""
    text = re.sub(r"%(\(\w+\))?[sd]|{\w*}", "0", text).replace("%%", "%")
    return unescape(re.sub(r"<[^>]+>", "", text))


def test_catalogue_is_compiled_as_it_stands(catalogue):
    compiled = io.BytesIO()
    write_mo(compiled, catalogue)
    compiled.seek(0)
    with MO.open("rb") as file:
        assert pairs(read_mo(file)) == pairs(read_mo(compiled)), "run make catalogue"


def pairs(catalogue):
    """Its texts and what they become, without the header: that names the release of Babel."""
    return {(each.context, said(each)): strings(each) for each in catalogue if each.id}


def test_catalogue_lacks_nothing(catalogue):
    messages = [message for message in catalogue if message.id]
    assert len(messages) > 100
    assert [said(each) for each in messages if not all(strings(each))] == []
    assert [said(each) for each in messages if each.fuzzy] == []
    assert list(catalogue.obsolete) == []


def test_catalogue_keeps_every_placeholder(catalogue):
    def placeholders(text):
        return set(re.findall(r"%\(\w+\)[sd]|%[sd]|{\w*}", text))

    lost = {
        said(message): text
        for message in catalogue
        for text in strings(message)
        if message.id
        and placeholders(text) != placeholders(said(message))
        # A plural of one may say « une » rather than the number.
        and not (message.pluralizable and placeholders(text) < placeholders(message.id[1]))
    }
    assert lost == {}


# U+202F before ; : ! ? % € » and after «; a colon inside an hour or an address stands alone.
RULES = {
    "narrow space before": rf"[^{NARROW}](?=[;!?%€»]|:(?!//|\d))",
    "narrow space after «": rf"«(?!{NARROW})",
    "apostrophe": "'",
    "quotes": '[“”"]',
    "three points": r"\.\.\.",
}


@pytest.mark.parametrize("rule", RULES)
def test_catalogue_is_set_as_french_is(catalogue, rule):
    broken = {
        text
        for message in catalogue
        for text in strings(message)
        if message.id and re.search(RULES[rule], bare(text))
    }
    assert broken == set()
