import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Locator, Page, Route, expect

from careers.models import Career, Region, Report, SalaryBand
from tests.factories import create_band, create_region

GROUPS_AT_80000 = {
    "Ingénieur en IA": 0,
    "Éthicien en IA": 1,
    "Ingénieur prompt": 1,
    "Chef de projet chatbot": 2,
}


def groups(page: Page) -> list[list[str]]:
    """The titles in each group of results, in the order of the page."""
    return [
        section.locator("h3").all_inner_texts() for section in page.locator("section.group").all()
    ]


def ask(page: Page, **fields: str) -> None:
    for name, value in fields.items():
        box = page.locator(f"[type=checkbox][name={name}][value='{value}']")
        if box.count():
            box.check()
        else:
            page.locator(f"#{name}").fill(value)


def count_beside(page: Page, name: str, value: str) -> Locator:
    return page.locator(f"#n-{name}-{value}")


def test_visitor_filters_opens_and_comes_back(visitor):
    page = visitor.open("/")
    expect(page).to_have_url(f"{visitor.site}/metiers/")
    assert len([title for group in groups(page) for title in group]) == 5

    ask(page, salary_min="80 000")
    page.wait_for_url("**/metiers/?salary_min=80*")
    expect(page.locator("section.group")).to_have_count(3)
    assert {title: i for i, group in enumerate(groups(page)) for title in group} == GROUPS_AT_80000
    expect(page.locator("#results")).to_contain_text("1 métier")

    ask(page, region="FR")
    page.wait_for_url("**region=FR**")
    expect(page.locator("section.group").last).to_contain_text("Ingénieur prompt")
    assert groups(page) == [
        ["Ingénieur en IA"],
        ["Éthicien en IA"],
        ["Chef de projet chatbot", "Ingénieur prompt"],
    ]

    # Each choice says what it would leave, and goes on saying it as the question changes.
    expect(count_beside(page, "level", "senior")).to_have_text("1")
    expect(count_beside(page, "region", "US")).to_have_text("4")
    expect(count_beside(page, "region", "FR")).to_have_text("")
    expect(page.get_by_role("button", name="Voir 4 métiers")).to_be_visible()
    expect(page.get_by_label("France")).to_be_checked()

    page.get_by_role("link", name="Ingénieur en IA").first.click()
    expect(page.locator("h1")).to_have_text("Ingénieur en IA")
    expect(page.locator("main")).to_contain_text("plus de 108 000 €")
    page.go_back()
    expect(page.get_by_label("France")).to_be_checked()
    assert [len(group) for group in groups(page)] == [1, 1, 2]


def test_what_is_ticked_before_the_answer_comes_stays_ticked(visitor, monkeypatch):
    # A tree of more regions comes anew with each answer.
    monkeypatch.setattr("careers.facets.MOST_REGIONS", 3)
    page = visitor.open("/metiers/")
    held: list[Route] = []
    page.route("**/metiers/?salary_min=80000", lambda route: held.append(route))
    with page.expect_request("**/metiers/?salary_min=80000"):
        ask(page, salary_min="80 000")
    ask(page, region="150", level="senior")
    held[0].continue_()
    page.wait_for_url("**/metiers/?region=150&salary_min=80000&level=senior")
    expect(page.get_by_label("Europe")).to_be_checked()
    expect(page.get_by_label("Monde")).not_to_be_checked()


def test_visitor_switches_language_on_the_same_question(visitor):
    page = visitor.open("/metiers/?region=FR&salary_min=80000")
    page.get_by_role("link", name="English").click()
    page.wait_for_url("**/en/careers/?**")
    expect(page.locator("html")).to_have_attribute("lang", "en")
    assert groups(page) == [
        ["AI engineer"],
        ["AI ethicist"],
        ["Chatbot project manager", "Prompt engineer"],
    ]
    expect(page.locator("#results")).to_contain_text("€45,000 to €100,000 on average")


def test_visitor_without_javascript_gets_the_same_answer(visitor):
    page = visitor.open("/metiers/", java_script_enabled=False)
    ask(page, salary_min="80000", region="FR")
    page.get_by_role("button", name="Voir 5 métiers").click()
    without = groups(page)
    assert page.url == f"{visitor.site}/metiers/?region=FR&salary_min=80000"

    page = visitor.open("/metiers/")
    ask(page, salary_min="80000", region="FR")
    page.wait_for_url("**region=FR**")
    expect(page.locator("section.group")).to_have_count(3)
    assert groups(page) == without
    assert [len(group) for group in without] == [1, 1, 2]


def test_visitor_goes_back_through_questions_to_the_whole_page(visitor):
    page = visitor.open("/metiers/?region=FR")
    ask(page, level="senior")
    page.wait_for_url("**level=senior**")
    expect(page.locator("section.group h3")).to_have_text(["Ingénieur en IA"])
    page.go_back()
    expect(page.locator("[name=level]:checked")).to_have_count(0)
    expect(page.locator("h1")).to_have_count(1)
    assert sum(len(group) for group in groups(page)) == 5


def test_back_from_a_career_shows_the_whole_page_of_a_question_asked_twice(visitor):
    page = visitor.open("/metiers/")
    ask(page, region="FR")
    page.wait_for_url("**/metiers/?region=FR")
    with page.expect_response("**/metiers/?region=FR") as again:
        page.get_by_role("button", name="Voir 5 métiers").click()
    assert again.value.finished() is None
    page.get_by_role("link", name="Ingénieur en IA").first.click()
    expect(page.locator("h1")).to_have_text("Ingénieur en IA")
    page.go_back()
    expect(page.locator("h1")).to_contain_text("Ce qu’est un métier")
    expect(page.get_by_label("France")).to_be_checked()


def test_phone_has_the_words_in_sight_and_closes_its_sheet_on_the_answer(visitor):
    page = visitor.open("/metiers/", width=360)
    expect(page.get_by_label("Métier ou mot")).to_be_in_viewport()
    expect(page.get_by_label("France")).not_to_be_visible()
    ask(page, q="prompt")
    page.wait_for_url("**/metiers/?q=prompt")
    expect(page.locator("#applied")).to_have_text("")
    page.get_by_text("Région, rémunération, niveau…").click()
    ask(page, region="FR")
    page.wait_for_url("**/metiers/?q=prompt&region=FR")
    expect(page.locator("#applied")).to_have_text("1 choisi")
    page.get_by_role("button", name="Voir 1 métier").click()
    expect(page.get_by_label("France")).not_to_be_visible()
    expect(page.locator("#status")).to_be_in_viewport()


def test_visitor_ticks_several_values_of_a_facet(visitor):
    page = visitor.open("/metiers/?level=senior")
    ask(page, level="entry", region="FR")
    page.wait_for_url("**/metiers/?region=FR&level=entry&level=senior")
    expect(page.locator(".chips li")).to_have_count(4)
    page.locator("#presets").get_by_role("link", name="50 000").click()
    page.wait_for_url("**/metiers/?region=FR&salary_min=50000&level=entry&level=senior")
    expect(page.locator("#salary_min")).to_have_value("50000")
    page.get_by_role("link", name="Retirer : France").click()
    page.wait_for_url("**/metiers/?salary_min=50000&level=entry&level=senior")
    assert groups(page) == [["Ingénieur en IA"]]


def test_what_is_ticked_is_in_sight_in_its_box(visitor):
    france, career = Region.objects.get(code="FR"), Career.objects.get(slug="ingenieur-ia")
    for number in range(10, 25):
        part = create_region(
            code=f"FR-{number}",
            parent=france,
            kind=Region.Kind.SUBDIVISION1,
            name_fr=f"Région {number}",
            name_en=f"Region {number}",
        )
        create_band(career=career, region=part, low=40_000)
    page = visitor.open("/metiers/")
    expect(page.get_by_label("Région 24")).not_to_be_in_viewport()
    page = visitor.open("/metiers/?region=FR-24")
    expect(page.get_by_label("Région 24")).to_be_in_viewport()


def test_broken_question_is_named_and_answered(visitor):
    page = visitor.open("/metiers/?region=xx&salary_min=80000&page=abc")
    expect(page.locator("#results")).to_contain_text("region=xx")
    expect(page.locator("#results")).to_contain_text("page=abc")
    assert {title: i for i, group in enumerate(groups(page)) for title in group} == GROUPS_AT_80000


def test_visitor_reports_a_newer_source_without_javascript(visitor):
    figure = SalaryBand.objects.get(currency="USD")
    page = visitor.open(
        f"/metiers/ingenieur-prompt/chiffres/{figure.pk}/", java_script_enabled=False
    )
    page.get_by_role("link", name="La signaler pour ce chiffre").click()
    page.get_by_label("Adresse de la source").fill("https://example.org/2026")
    page.get_by_role("button", name="Envoyer à la rédaction").click()
    expect(page.get_by_role("alert")).to_contain_text("Dites ce qu’affirme la source")
    page.get_by_label("Ce qu’elle dit").fill("350 000 dollars en 2026.")
    page.wait_for_timeout(3_500)  # what a machine does not take
    page.get_by_role("button", name="Envoyer à la rédaction").click()
    expect(page.locator("h1")).to_contain_text("Merci")
    report = Report.objects.get()
    assert (report.band, report.message) == (figure, "350 000 dollars en 2026.")
    assert report.url == "https://example.org/2026"
    assert page.context.cookies() == []


PAGES = [
    "/metiers/",
    "/en/careers/?region=FR&salary_min=80000",
    "/metiers/?q=zzz&region=xx",
    "/metiers/ingenieur-ia/",
    "/en/careers/chef-de-projet-chatbot/",
    "/metiers/ingenieur-prompt/chiffres/{figure}/",
    "/metiers/ingenieur-prompt/?region=FR&salary_min=80000",
    "/metiers/ingenieur-prompt/chiffres/{figure}/signaler/",
    "/en/careers/ingenieur-prompt/figures/{figure}/report/thanks/",
    "/domaines/",
    "/en/fields/ia-et-donnees/",
    "/en/sources/article-metiers-ia-2023-04/",
    "/sources/",
    "/regions/",
    "/regions/FR/",
    "/en/method/",
    "/api/",
    "/en/api/",
    "/comparer/",
    "/comparer/?career=ingenieur-ia&career=ethicien-ia&career=ingenieur-prompt&region=FR",
    "/en/compare/?career=ingenieur-ia&career=zzz&currency=USD",
]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 1280])
@pytest.mark.parametrize("path", PAGES)
def test_page_is_accessible_and_fits(visitor, path, width, scheme):
    if "{figure}" in path:
        path = path.format(figure=SalaryBand.objects.get(currency="USD").pk)
    page = visitor.open(path, width=width, color_scheme=scheme, reduced_motion="reduce")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    found = Axe().run(page, options={"runOnly": ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa"]})
    assert found.violations_count == 0, found.generate_report()


PAPER = {"light": "rgb(251, 249, 243)", "dark": "rgb(20, 26, 36)"}


def look(page: Page) -> tuple[str, list[str], str]:
    """The colour of the paper, the colours of the browser's frame that count, and the control."""
    return page.evaluate(
        """() => [
          getComputedStyle(document.body).backgroundColor,
          [...document.querySelectorAll("meta[name=theme-color]")]
            .filter((meta) => matchMedia(meta.media).matches).map((meta) => meta.content),
          document.getElementById("theme").value,
        ]"""
    )


LIGHT, DARK = [PAPER["light"], ["#fbf9f3"]], [PAPER["dark"], ["#141a24"]]


@pytest.mark.parametrize(
    ("system", "seen"), [("light", [LIGHT, LIGHT, DARK]), ("dark", [DARK, LIGHT, DARK])]
)
def test_appearance_follows_the_system_until_it_is_chosen(visitor, system, seen):
    page = visitor.open("/metiers/", color_scheme=system)
    choices = ["auto", "light", "dark"]
    for choice, expected in zip(choices, seen, strict=True):
        page.locator("#theme").select_option(choice)
        assert look(page) == [*expected, choice]
        # On the next page before anything is painted: the choice stands in the document at once.
        page.goto(f"{visitor.site}/methode/")
        assert look(page) == [*expected, choice]
        page.goto(f"{visitor.site}/metiers/")
    ask(page, salary_min="80000")
    page.wait_for_url("**salary_min=80000**")
    page.go_back()
    expect(page.locator("#salary_min")).to_have_value("")
    assert look(page) == [*DARK, "dark"]
    assert page.context.cookies() == []


def test_appearance_is_the_systems_where_nothing_can_be_chosen(visitor):
    page = visitor.open("/metiers/", color_scheme="dark", java_script_enabled=False)
    expect(page.locator("#theme")).to_be_hidden()
    assert (
        page.locator("body").evaluate("body => getComputedStyle(body).backgroundColor")
        == (PAPER["dark"])
    )


def test_skip_link_comes_first_and_leads_to_the_content(visitor):
    page = visitor.open("/metiers/ingenieur-ia/")
    page.keyboard.press("Tab")
    expect(page.locator(":focus")).to_have_text(re.compile("Aller au contenu"))
    assert page.locator(":focus").bounding_box()["width"] > 100
    page.keyboard.press("Enter")
    expect(page.locator(":focus")).to_have_id("content")


@pytest.mark.parametrize("path", ["/metiers/", "/metiers/ingenieur-ia/", "/comparer/"])
def test_nothing_moves_where_reduced_motion_is_asked(visitor, path):
    page = visitor.open(path, reduced_motion="reduce")
    moving = page.evaluate(
        """() => [...document.querySelectorAll("*")].filter((element) => {
          const { transitionDuration, animationName, scrollBehavior } = getComputedStyle(element);
          element.classList.add("htmx-request");
          const during = getComputedStyle(element).transitionDuration;
          element.classList.remove("htmx-request");
          return transitionDuration !== "0s" || during !== "0s" || animationName !== "none"
            || scrollBehavior === "smooth";
        }).map((element) => element.outerHTML.slice(0, 80))"""
    )
    assert moving == []


def test_keyboard_goes_past_the_choices_to_the_careers(visitor):
    page = visitor.open("/metiers/?level=senior")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Aller aux métiers")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#status")).to_be_focused()
    page.keyboard.press("Tab")
    expect(page.locator(".chips a").first).to_be_focused()


def test_list_prints_what_was_asked(visitor):
    page = visitor.open("/metiers/?region=FR&salary_min=50000")
    page.emulate_media(media="print")
    expect(page.locator(".chips a:visible")).to_have_text(
        ["Retirer : France", re.compile("au moins 50.000.€")]
    )
    expect(page.locator(".chips svg:visible")).to_have_count(0)


@pytest.mark.parametrize("path", ["/metiers/ingenieur-ia/", "/en/careers/ingenieur-prompt/"])
def test_career_prints_on_one_sheet_in_ink(visitor, path):
    page = visitor.open(path, color_scheme="dark")
    page.locator("#theme").select_option("dark")
    printed = page.pdf(prefer_css_page_size=True, format="A4")
    assert len(re.findall(rb"/Type\s*/Page\b", printed)) == 1
    page.emulate_media(media="print")
    assert page.locator("body").evaluate("body => getComputedStyle(body).backgroundColor") == (
        "rgb(255, 255, 255)"
    )
    for hidden in (".skip", ".theme", ".masthead nav", ".side"):
        expect(page.locator(hidden).first).to_be_hidden()
