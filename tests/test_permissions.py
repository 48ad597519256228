"""Who may do what in the admin: every address and list action, compared with two tables.

Read tests/permissions.txt and tests/permissions_actions.txt first: they say what should be.
"""

import logging
import re
from pathlib import Path

import pytest
from django.contrib import admin
from django.urls import get_resolver
from django.urls.resolvers import URLResolver

from careers.lifecycle import TRANSITIONS
from tests.admin_site import Site

ROLES = ("anonymous", "viewer", "contributor", "editor", "superuser")
METHODS = ("GET", "POST")
TABLES = Path(__file__).parent

# Regular expressions among the routes, as a path() would write them.
AS_PATHS = {
    "^([^/]+)/history/([^/]+)/$": "<path:object_id>/history/<moment>/",
    "^(?P<app_label>careers|auth)/$": "<app_label>/",
    "(?P<url>.*)$": "<url>",
}


# --- The addresses and the tables ---------------------------------------------------------------


def routes():
    """Every address below admin/ of the running site: its name, or its route, and its route."""

    def walk(resolver, name, route):
        for pattern in resolver.url_patterns:
            there = route + AS_PATHS.get(str(pattern.pattern), str(pattern.pattern))
            if isinstance(pattern, URLResolver):
                yield from walk(pattern, pattern.namespace or name, there)
            elif name == "admin":
                yield (pattern.name or there), there

    return dict(walk(get_resolver(), "", ""))


def table(name):
    """The rows of a table: what stands before two spaces, and the cells after them."""
    lines = (TABLES / name).read_text().splitlines()
    rows = [re.split(r" {2,}", line) for line in lines if line and line[0] not in "#="]
    assert len({head for head, *_cells in rows}) == len(rows)
    return {head: cells for head, *cells in rows}


def line(head, cells):
    return head.ljust(46) + "".join(f"  {cell:<5}" for cell in cells).rstrip()


def differences(name, found):
    """The lines of the table that say something else than what was found."""
    expected = table(name)
    return "\n".join(
        f"table: {line(head, expected[head])}\nfound: {line(head, cells)}"
        for head, cells in found.items()
        if cells != expected[head]
    )


@pytest.fixture
def site(db, settings, monkeypatch):
    # A refusal is no news here, and a page of its traceback each takes its time.
    monkeypatch.setattr(logging.getLogger("django.request"), "disabled", True)
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    return Site()


# --- Addresses ----------------------------------------------------------------------------------


def test_every_address_has_a_row_and_every_row_an_address():
    known = {row.partition(" ")[0] for row in table("permissions.txt")}
    assert routes().keys() - known == set(), "tests/permissions.txt lacks a row for these"
    assert known - routes().keys() == set(), "no address is left for these rows"


def test_every_step_in_the_life_of_a_career_has_a_row():
    rows = (row.partition(" ") for row in table("permissions.txt"))
    assert {word for name, _, word in rows if name == "careers_career_move"} == {*TRANSITIONS}


def test_addresses_answer_each_role_as_the_table_says(site):
    names = routes()
    found = {}
    for row in table("permissions.txt"):
        found[row] = []
        for role in ROLES:
            path = site.address(row, names[row.partition(" ")[0]], role)
            for method in METHODS:
                data = site.posted(row, path) if method == "POST" else None
                found[row].append(site.answer(role, method, path, data)[1])
    if told := differences("permissions.txt", found):
        pytest.fail(f"Not what tests/permissions.txt says:\n{told}", pytrace=False)


# --- List actions -------------------------------------------------------------------------------


def actions():
    """Every list action of every list, whoever may take it: "career publish"."""
    return {
        f"{model._meta.model_name} {name}"
        for model, model_admin in admin.site._registry.items()
        for name in (*dict(admin.site.actions), *model_admin.actions)
    }


def test_every_list_action_has_a_row_and_every_row_an_action():
    known = {" ".join(row.split()[:2]) for row in table("permissions_actions.txt")}
    assert actions() - known == set(), "tests/permissions_actions.txt lacks a row for these"
    assert known - actions() == set(), "no action is left for these rows"


def taken(site, role, model, action, word):
    """ "done"; "offered" where it refuses this row; "–" where it is neither offered nor done."""
    label = site.objects[model, ""]._meta.app_label
    path = f"/admin/{label}/{model}/"
    data = {"action": action, "_selected_action": site.objects[model, word].pk, "index": "0"}
    data |= {"post": "yes", "_asked": "1", "reason": "Relu.", "field": site.objects["field", ""].pk}
    is_offered = action in site.offered(role, path)
    _response, code = site.answer(role, "POST", path, data)
    if code.endswith("*"):
        return "done" if is_offered else "done though not offered"
    return "offered" if is_offered else "–"


def test_list_actions_are_offered_and_taken_as_the_table_says(site):
    found = {}
    for row in table("permissions_actions.txt"):
        model, action, word = row.split(" ", 2) if row.count(" ") > 1 else [*row.split(), ""]
        found[row] = [taken(site, role, model, action, word) for role in ROLES]
    if told := differences("permissions_actions.txt", found):
        pytest.fail(f"Not what tests/permissions_actions.txt says:\n{told}", pytrace=False)
