"""A missing address offers what its words find."""

import re

import pytest

from careers.models import Career
from tests.factories import create_career
from tests.pages import text_of


def offered(client, path: str) -> tuple[list[str], str]:
    """Where the page for a missing address leads, and the words in its field."""
    response = client.get(path)
    assert response.status_code == 404
    html = response.content.decode().partition("<main")[2]
    section = re.search(r"<section>(.*?)</section>", html, re.DOTALL)
    found = re.findall(r'href="([^"]+)"', section[1]) if section else []
    return found, re.search(r'value="([^"]*)"', html)[1]


@pytest.mark.parametrize(
    ("path", "careers", "words"),
    [
        ("/metiers/ingenieur-promt/", ["ingenieur-prompt"], "ingenieur promt"),
        ("/metiers/prompt/", ["ingenieur-prompt"], "prompt"),
        ("/en/careers/engineers/", ["ingenieur-en-ia", "ingenieur-prompt"], "engineers"),
        ("/metiers/ethicien/chiffres/999/", ["ethicien-en-ia"], "ethicien"),
        ("/jobs/data-scientist/", ["data-scientist"], "data scientist"),
        # Typing errors are looked for only where careers stand.
        ("/ingenieur-promt", [], "ingenieur promt"),
        ("/metiers/zzz/", [], "zzz"),
        ("/metiers/secret/", [], "secret"),
        ("/wp-login.php", [], ""),
        ("/.env", [], ""),
        ("/1234/", [], ""),
    ],
)
def test_missing_address_offers_what_its_words_find(golden, client, path, careers, words):
    create_career(title_fr="Secret", status=Career.Status.DRAFT)
    start = "/en/careers/" if path.startswith("/en/") else "/metiers/"
    assert offered(client, path) == ([f"{start}{slug}/" for slug in careers], words)


def test_missing_address_says_so_in_the_language_of_its_path(golden, client):
    assert "No page has this address" in text_of(client.get("/en/careers/prompt/"))
    assert "Aucune page" in text_of(client.get("/metiers/prompt/"))


@pytest.mark.parametrize(
    ("path", "queries"), [("/wp-login.php", 1), ("/wp-admin/", 4), ("/metiers/prompt/", 6)]
)
def test_missing_address_costs_little(golden, client, path, queries, django_assert_max_num_queries):
    client.get(path)
    with django_assert_max_num_queries(queries):
        client.get(path)
