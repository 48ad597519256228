"""A change of a public page from its first word to the public, in a real browser."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from careers.models import Career
from tests.browser.test_editor import log_in

SLUG = "ingenieur-ia"


def at(view: str) -> str:
    return f"/admin/careers/career/{Career.objects.get(slug=SLUG).pk}/{view}/"


def preview(visitor, page) -> None:
    """Open the page of the frames without what they frame: four answers at once."""
    page.route("**/preview/frame/", lambda route: route.fulfill(body=""))
    page.goto(visitor.site + at("preview"))


def broken_rules(page) -> list[str]:
    return [rule["id"] for rule in Axe().run(page).response["violations"]]


def test_editor_drafts_previews_shares_and_publishes_a_change(visitor):
    page = visitor.open(at("change"))
    log_in(page, "editor")
    page.fill("#id_summary_fr", "Un résumé en préparation.")
    words = page.locator(".in-words").first
    # One answer after the other: the live server has one connection to its database in memory.
    for name, amount in (("low", "51 000"), ("high", "60 000")):
        with page.expect_response("**/said/"):
            page.fill(f"[name=bands-0-{name}]", amount)
    expect(words).to_contain_text("€51,000 to €60,000")
    with page.expect_response("**/rendered/"):
        page.locator("details.rendered summary").first.click()
    with page.expect_response("**/rendered/"):
        page.fill("#id_tasks_fr", "- **Observer**")
    expect(page.locator("details.rendered li strong").first).to_have_text("Observer")
    page.locator("[name=_draft]").first.click()
    expect(page.locator("[data-changed]")).to_have_count(4)

    preview(visitor, page)
    link = page.locator("#shared").input_value()
    frame = page.locator("section[lang=fr] iframe").first.get_attribute("src")
    shown = visitor.open(frame, storage_state=page.context.storage_state())
    expect(shown.locator("main")).to_contain_text("Un résumé en préparation.")
    colleague = visitor.open(link.removeprefix(visitor.site), width=360)
    expect(colleague.locator(".preview-banner")).to_be_visible()
    expect(colleague.locator("main")).to_contain_text("Un résumé en préparation.")
    public = visitor.open(f"/metiers/{SLUG}/")
    expect(public.locator("main")).not_to_contain_text("Un résumé en préparation.")

    page.goto(visitor.site + at("draft"))
    page.locator("[name=_publish_draft]").first.click()
    expect(page.locator(".messagelist .success")).to_be_visible()
    public.reload()
    expect(public.locator("main")).to_contain_text("Un résumé en préparation.")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_screens_of_a_career_break_no_rule_of_accessibility(visitor, scheme):
    # axe puts styles of its own into a page.
    page = visitor.open(at("change"), color_scheme=scheme, bypass_csp=True)
    log_in(page, "editor")
    expect(page.locator("#career_form .submit-row").last).to_be_visible()
    found = {"change": broken_rules(page)}
    other = page.context.new_page()
    other.goto(visitor.site + at("change"))
    other.fill("#id_summary_fr", "Un.")
    other.locator("[name=_continue]").first.click()
    page.fill("#id_summary_fr", "Deux.")
    page.locator("[name=_continue]").first.click()
    expect(page.locator(".meanwhile tbody tr")).to_have_count(1)
    found["conflict"] = broken_rules(page)
    page.locator("[name=_draft]").first.click()
    expect(page.locator("section.draft tbody tr")).to_have_count(1)
    found["draft"] = broken_rules(page)
    for view in ("draft/discard", "move/withdraw", "move/expire"):
        page.goto(visitor.site + at(view))
        found[view] = broken_rules(page)
    preview(visitor, page)
    found["preview"] = broken_rules(page)
    assert found == {screen: [] for screen in found}
