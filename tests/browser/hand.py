"""A hand that clicks and counts: what a task costs a person."""

from playwright.sync_api import Locator, Page, expect


class Hand:
    """A person's hand in one page, and how often it clicked."""

    def __init__(self, page: Page) -> None:
        self.page, self.clicks = page, 0

    def click(self, what: str | Locator) -> None:
        found = self.page.locator(what) if isinstance(what, str) else what
        found.first.click()
        self.clicks += 1

    def follow(self, name: str) -> None:
        """Click the link, or the button, of this name."""
        links = self.page.get_by_role("link", name=name, exact=True)
        self.click(links.or_(self.page.get_by_role("button", name=name, exact=True)))

    def open(self, row: str) -> None:
        """Click the row of this name in a list."""
        self.click(self.page.locator("#result_list").get_by_role("link", name=row, exact=True))

    def type(self, field: str, text: str) -> None:
        where = self.page.locator(field)
        where.wait_for()
        self.page.wait_for_load_state()  # a script may put the cursor there
        if not where.evaluate("field => field === document.activeElement"):
            self.click(where)
        where.fill(text)

    def choose(self, field: str, label: str) -> None:
        self.page.select_option(field, label=label)
        self.clicks += 2

    def look_up(self, field: str, words: str) -> None:
        """Choose in one of the admin's selects that search."""
        self.click(f"{field} + .select2 .select2-selection")
        self.page.locator(".select2-search__field").last.fill(words)
        self.click(self.page.locator(".select2-results__option", has_text=words))

    def save(self, button: str = "_save") -> None:
        self.click(f"[name={button}]")
        self.see_success()

    def see_success(self) -> None:
        expect(self.page.locator(".messagelist .success").first).to_be_visible()
