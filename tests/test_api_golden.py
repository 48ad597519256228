"""The golden case: five careers, read as JSON without a change of meaning."""

import pytest

from tests.pages import figures_on
from tests.programs import each, read
from tests.test_journeys import spaced
from tests.test_load_demo import load_demo

pytestmark = pytest.mark.django_db


def stated(**said):
    """The amounts of a figure with their conditions, in codes; a test names what is special."""
    usual = {"low": None, "median": None, "high": None, "open_ended": False, "currency": "EUR"}
    return usual | {"period": "year", "basis": None, "range_kind": "published"} | said


def meaning(figure):
    """All that a figure says, without the words of its codes and where it stands."""
    amounts, none = figure["stated"], figure["no_figure"]
    coded = ("period", "basis", "range_kind")
    return {
        "where": (figure["region"]["code"], figure["level"]["code"], figure["engagement"]["code"]),
        "words": (figure["sentence"]["fr"], figure["sentence"]["en"]),
        "stated": amounts and {k: v["code"] if k in coded else v for k, v in amounts.items()},
        "no_figure": none and (none["code"], none["note"]["fr"], none["note"]["en"]),
        "inferred": (figure["inferred"]["fr"], figure["inferred"]["en"]),
        "euros": [(y["low"], y["high"]) for y in figure["yearly"] if y["currency"] == "EUR"],
        "rates": [(r["units_for_one_euro"], r["fixed_on"]) for r in figure["yearly"][-1]["rates"]]
        if figure["yearly"]
        else [],
        "not_comparable": figure["not_comparable"],
        "said": (figure["stated_as"], figure["source"]["slug"], figure["observed_on"]),
    }


def golden_figure(where, words, said_as, euros=(), rates=(), inferred=(None, None), **said):
    amounts = stated(**said) if euros else None
    return {
        "where": where,
        "words": (spaced(words[0]), words[1]),
        "stated": amounts,
        "no_figure": None if amounts else (said["reason"], *words),
        "inferred": inferred,
        "euros": list(euros),
        "rates": list(rates),
        "not_comparable": None,
        "said": (said_as, "article-metiers-ia-2023-04", "2023-04-30"),
    }


N = "\u202f"
PROMPT_EUROPE = golden_figure(
    ("150", None, None),
    ("peut dépasser 100 000 €", "can exceed €100,000"),
    f"peut dépasser 100{N}000{N}€ par an en Europe",
    [(None, "100000")],
    high="100000",
    open_ended=True,
)
PROMPT_STATES = golden_figure(
    ("US", None, None),
    ("peut dépasser 300 000 $US", "can exceed $300,000"),
    f"peut dépasser 300{N}000{N}$US par an outre-Atlantique",
    [(None, "273199.16")],
    [("1.0981", "2023-04-28")],
    (
        f"«{N}Outre-Atlantique{N}» est lu comme les États-Unis.",
        "“Across the Atlantic” is read as the United States.",
    ),
    high="300000",
    open_ended=True,
    currency="USD",
)
ETHICIST = golden_figure(
    ("FR", None, None),
    ("45 000 à 100 000 € en moyenne", "€45,000 to €100,000 on average"),
    f"en France, fourchette moyenne de 45{N}000 à 100{N}000{N}€ par an",
    [("45000", "100000")],
    low="45000",
    high="100000",
    range_kind="average",
)
ETHICIST_FREELANCE = golden_figure(
    ("FR", None, "freelance"),
    (
        "L’exercice en indépendant est possible, aucun tarif n’est donné",
        "Freelance work is possible, no rate is given",
    ),
    "exerce aussi en indépendant",
    reason="not_published",
)
ENGINEER_ENTRY = golden_figure(
    ("FR", "entry", None),
    ("50 000 € en moyenne", "€50,000 on average"),
    f"en France, en moyenne 50{N}000{N}€ par an en début de carrière",
    [("50000", "50000")],
    low="50000",
    high="50000",
    range_kind="average",
)
ENGINEER_SENIOR = golden_figure(
    ("FR", "senior", None),
    ("plus de 108 000 €", "over €108,000"),
    f"plus de 108{N}000{N}€ par an pour les profils expérimentés",
    [("108000", None)],
    inferred=(
        f"«{N}Profils expérimentés{N}» est lu comme le niveau expérimenté.",
        "“Experienced people” is read as the senior level.",
    ),
    low="108000",
)
SCIENTIST = golden_figure(
    ("FR", None, None),
    ("35 000 à 70 000 € en moyenne", "€35,000 to €70,000 on average"),
    f"en moyenne de 35{N}000 à 70{N}000{N}€ par an",
    [("35000", "70000")],
    inferred=(
        f"L’article ne nomme pas le pays{N}: nous lisons la France.",
        "The article names no country: we read France.",
    ),
    low="35000",
    high="70000",
    range_kind="average",
)
CHATBOT = golden_figure(
    ("001", None, None),
    (
        "Rémunération variable selon le profil, le lieu, le secteur et la taille de l’employeur",
        "Pay varies by profile, location, sector and size of employer",
    ),
    "rémunération variable selon le profil, le lieu, le secteur et la taille de l’employeur",
    reason="varies",
)
GOLDEN = {
    "ingenieur-prompt": [PROMPT_EUROPE, PROMPT_STATES],
    "ethicien-ia": [ETHICIST, ETHICIST_FREELANCE],
    "ingenieur-ia": [ENGINEER_ENTRY, ENGINEER_SENIOR],
    "data-scientist-data-analyst": [SCIENTIST],
    "chef-de-projet-chatbot": [CHATBOT],
}


def test_golden_case_is_read_without_a_change_of_meaning(db, client):
    load_demo()
    bands = each(client, "bands/?size=3")
    found = {slug: [] for slug in GOLDEN}
    for band in bands:
        found[band["career"]["slug"]].append(meaning(band))
    assert found == GOLDEN
    for band in bands:
        alone = read(client, f"bands/{band['id']}/")
        assert alone == band | {"series": alone["series"]}


def test_golden_case_answers_as_its_page_does(db, client):
    load_demo()
    found = read(client, "careers/?region=FR&salary_min=80000")
    assert [
        (
            career["group"],
            career["slug"],
            [(f["area"], f["answer"], meaning(f["figure"])) for f in career["figures"]],
        )
        for career in found["results"]
    ] == [
        (
            "sure",
            "ingenieur-ia",
            [("own", "sure", ENGINEER_SENIOR), ("own", "no", ENGINEER_ENTRY)],
        ),
        (
            "possible",
            "ethicien-ia",
            [("own", "possible", ETHICIST), ("own", "unknown", ETHICIST_FREELANCE)],
        ),
        ("wider", "chef-de-projet-chatbot", [("wider", "unknown", CHATBOT)]),
        ("wider", "ingenieur-prompt", [("wider", "possible", PROMPT_EUROPE)]),
    ]
    counts = {"sure": 1, "possible": 1, "unknown": 0, "wider": 2, "below": 1, "absent": 0}
    assert (found["counts"], found["count"]) == (counts, 4)
    assert found["address"] == {
        "fr": "http://testserver/metiers/?region=FR&salary_min=80000",
        "en": "http://testserver/en/careers/?region=FR&salary_min=80000",
    }
    page = client.get("/metiers/?region=FR&salary_min=80000")
    shown = {int(f["figure"]["id"]) for career in found["results"] for f in career["figures"]}
    assert figures_on(page) == shown
