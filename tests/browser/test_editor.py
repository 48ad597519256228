import csv

from playwright.sync_api import Page, expect

from tests.browser.conftest import PASSWORD


def log_in(page: Page, username: str) -> None:
    page.fill("#id_username", username)
    page.fill("#id_password", PASSWORD)
    page.press("#id_password", "Enter")


def test_editor_corrects_a_career_sees_it_in_public_and_exports_the_list(visitor, tmp_path):
    page = visitor.open("/admin/careers/career/")
    log_in(page, "editor")
    page.fill("#searchbar", "INGENIEUR")
    page.press("#searchbar", "Enter")
    expect(page.locator("#result_list tbody tr")).to_have_count(2)
    page.get_by_role("link", name="Ingénieur prompt").click()
    expect(page.locator("main")).to_contain_text("peut dépasser 300 000 $US")
    page.fill("#id_summary_fr", "Un résumé corrigé.")
    page.locator("[name=_continue]").first.click()
    expect(page.locator(".messagelist .success")).to_be_visible()
    # Each figure has such a link too.
    page.locator(".object-tools").get_by_role("link", name="Voir sur le site").click()
    expect(page.locator("main")).to_contain_text("Un résumé corrigé.")

    page.goto(f"{visitor.site}/admin/careers/career/?q=INGENIEUR")
    page.get_by_role("link", name="Exporter 2 lignes").click()
    page.get_by_label("Données").check()
    with page.expect_download() as download:
        page.get_by_role("button", name="Exporter 2 lignes").click()
    path = tmp_path / "careers.csv"
    download.value.save_as(path)
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert {row["slug"]: row["summary_fr"] == "Un résumé corrigé." for row in rows} == {
        "ingenieur-ia": False,
        "ingenieur-prompt": True,
    }

    page.goto(f"{visitor.site}/admin/careers/career/")
    page.get_by_role("link", name="Importer", exact=True).click()
    page.set_input_files("#id_file", path)
    page.get_by_role("button", name="Aperçu").click()
    expect(page.locator(".transfer-counts .unchanged strong")).to_have_text("2")
    page.get_by_role("button", name="Importer").click()
    expect(page.locator(".messagelist .success")).to_contain_text("inchangés 2")


def test_contributor_writes_a_draft_that_stays_one(visitor):
    page = visitor.open("/admin/careers/career/add/")
    log_in(page, "contributor")
    page.fill("#id_title_fr", "Annotatrice de données")
    expect(page.locator("select[name=status]")).to_have_count(0)
    page.locator("[name=_continue]").first.click()
    expect(page.locator(".messagelist .success")).to_be_visible()
    answer = page.goto(f"{visitor.site}/metiers/annotatrice-de-donnees/")
    assert answer is not None
    assert answer.status == 404
    visitor.complaints.clear()  # Chromium reports the 404 itself
    page.goto(f"{visitor.site}/metiers/?q=annotatrice")
    expect(page.locator("section.group")).to_have_count(0)
