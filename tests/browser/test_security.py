"""Logging in, the second factor and the limits in a real browser, which reports what the policy of
the site forbids: the visitor of these tests fails on any message of its console."""

from base64 import b32decode

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.core.cache import cache
from django_otp.oath import TOTP
from django_otp.plugins.otp_totp.models import TOTPDevice
from playwright.sync_api import Page, expect

from tests.browser.conftest import PASSWORD

LEVELS = {"runOnly": ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa", "best-practice"]}
LOOKS = [(360, "dark"), (1280, "light")]


def is_sound(page: Page) -> None:
    """Within its width, and without a finding of axe."""
    wide = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    assert page.evaluate(wide) <= 0
    found = Axe().run(page, options=LEVELS).response["violations"]
    assert [(each["id"], [node["html"] for node in each["nodes"]]) for each in found] == []


def log_in(page: Page, password: str = PASSWORD) -> None:
    page.fill("#id_username", "editor")
    page.fill("#id_password", password)
    page.click("#login-form [type=submit]")


@pytest.mark.parametrize(
    ("width", "scheme", "java_script"),
    [(360, "dark", True), (1280, "light", True), (1280, "light", False)],
)
def test_editor_sets_up_a_second_factor(visitor, settings, width, scheme, java_script):
    settings.REQUIRE_OTP = True
    page = visitor.open(
        "/admin/", width=width, color_scheme=scheme, java_script_enabled=java_script
    )
    log_in(page)
    expect(page.locator("h1")).to_have_text("Installer votre second facteur")
    if java_script:
        is_sound(page)
    device = TOTPDevice(key=key_of(page.locator(".secret").inner_text()))
    page.fill("#id_code", f"{TOTP(device.bin_key).token():06}")
    page.click("#login-form [type=submit]")
    expect(page.locator(".recovery-codes li")).to_have_count(10)
    if java_script:
        is_sound(page)
    recovery = page.locator(".recovery-codes li").first.inner_text()
    page.click(".button")
    expect(page.locator("#desk")).to_be_visible()

    again = visitor.open("/admin/", width=width, color_scheme=scheme)
    log_in(again)
    expect(again.locator("h1")).to_have_text("Second facteur")
    is_sound(again)
    again.fill("#id_code", recovery)
    again.keyboard.press("Enter")
    expect(again.locator("#desk")).to_be_visible()
    again.click("#user-tools a[href*=second-factor]")
    is_sound(again)


def key_of(secret: str) -> str:
    """The secret as it is kept, in hexadecimal."""
    return b32decode(secret).hex()


@pytest.mark.parametrize(("width", "scheme"), LOOKS)
def test_editor_who_mistypes_too_often_is_told_to_wait(visitor, width, scheme):
    page = visitor.open("/admin/", width=width, color_scheme=scheme)
    for _time in range(5):
        log_in(page, "wrong")
    expect(page.locator("h1").last).to_have_text("Trop de mots de passe")
    is_sound(page)
    # The browser names the answer's status, and nothing else.
    assert {text.partition("(")[2] for text in visitor.complaints} == {"Too Many Requests)"}
    visitor.complaints.clear()


@pytest.mark.parametrize(("width", "scheme"), LOOKS)
def test_reader_who_asks_too_much_is_told_to_wait(visitor, settings, width, scheme):
    settings.RATE_LIMIT = 2
    cache.clear()
    page = visitor.open("/metiers/", width=width, color_scheme=scheme)
    for word in ("a", "b"):
        page.goto(f"{visitor.site}/metiers/?q={word}")
    expect(page.locator("h1")).to_have_text("Trop de questions à la fois")
    is_sound(page)
    assert {text.partition("(")[2] for text in visitor.complaints} == {"Too Many Requests)"}
    visitor.complaints.clear()
    cache.clear()


def test_filter_in_place_leads_to_the_page_of_the_limit(visitor, settings):
    page = visitor.open("/metiers/")
    settings.RATE_LIMIT = 1
    cache.clear()
    page.goto(f"{visitor.site}/metiers/?q=ing")
    page.locator("[type=checkbox][name=region][value=FR]").click()
    expect(page.locator("h1")).to_have_text("Trop de questions à la fois")
    settings.RATE_LIMIT = 0
    page.reload()
    expect(page.locator("#status")).to_be_visible()
    assert {text.partition("(")[2] for text in visitor.complaints} <= {
        *("Too Many Requests)", ""),
    }
    visitor.complaints.clear()


@pytest.mark.parametrize(
    "script",
    [
        "document.head.append(Object.assign(document.createElement('script'), {text: 'x = 1'}))",
        "document.body.insertAdjacentHTML('beforeend', '<p style=\"color: red\">a</p>')",
        "document.body.append(Object.assign(new Image(), {src: 'data:image/gif;base64,R0lGODlh'}))",
    ],
)
def test_what_the_policy_forbids_is_seen_by_these_tests(visitor, script):
    page = visitor.open("/metiers/")
    page.evaluate(script)
    page.wait_for_timeout(200)
    assert any("Content Security Policy" in text for text in visitor.complaints)
    visitor.complaints.clear()
