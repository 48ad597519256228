"""The chart of a career in an article of somebody else's."""

import pytest
from axe_playwright_python.sync_playwright import Axe

ARTICLE = "<!DOCTYPE html><html lang='fr'><title>Article</title><body><h1>Article</h1>{}</body>"


CHARTS = (
    "ingenieur-prompt/",
    "ingenieur-prompt/?region=FR-75C&salary_min=80000&currency=CHF",
    "data-scientist-data-analyst/",
    "chef-de-projet-chatbot/",
)


@pytest.mark.parametrize("width", [300, 360, 470, 600, 760])
def test_chart_fits_the_frame_of_its_snippet(visitor, width):
    page = visitor.open("/methode/", width=width)
    left = {}
    for chart in CHARTS:
        page.goto(f"{visitor.site}/metiers/{chart}")
        snippet = page.locator("#snippet").input_value()
        # An article of another site: ours forbids the style that a snippet carries.
        page.goto("about:blank")
        page.set_content(ARTICLE.format(snippet.replace(' loading="lazy"', "")))
        frame = page.locator("iframe").element_handle().content_frame()
        frame.wait_for_load_state()
        left[chart] = frame.evaluate(
            "() => { const root = document.documentElement;"
            " return [root.scrollHeight - innerHeight, root.scrollWidth - innerWidth] }"
        )
    assert left == {chart: [0, 0] for chart in CHARTS}


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_chart_passes_the_rules_of_accessibility(visitor, scheme):
    page = visitor.open("/metiers/ingenieur-prompt/integrer/", color_scheme=scheme)
    assert Axe().run(page).response["violations"] == []


def test_theme_asked_by_the_article_wins_over_the_readers(visitor):
    paper = "() => getComputedStyle(document.body).backgroundColor"
    page = visitor.open("/metiers/ingenieur-prompt/integrer/", color_scheme="dark")
    dark = page.evaluate(paper)
    page.goto(f"{visitor.site}/metiers/ingenieur-prompt/integrer/?theme=light")
    assert page.evaluate(paper) == "rgb(251, 249, 243)" != dark
    page = visitor.open("/metiers/ingenieur-prompt/integrer/?theme=dark", color_scheme="light")
    assert page.evaluate(paper) == dark
