"""The starter content, as `load_demo` fills an empty site with it; and `rebuild`."""

import re
from decimal import Decimal
from io import StringIO

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command

from careers.models import Career, ExchangeRate, Region, SalaryBand, Source
from careers.models.salary_band import DERIVED

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english")]
LANGUAGES = ("fr", "en")
NARROW = "\u202f"


@pytest.fixture(autouse=True)
def no_password(monkeypatch, settings):
    monkeypatch.delenv("DEMO_PASSWORD", raising=False)
    # The real one takes a second a password, by design.
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


def load_demo():
    said = StringIO()
    call_command("load_demo", site_url="http://site.example/", stdout=said)
    return said.getvalue()


@pytest.fixture
def demo(db):
    return load_demo()


def kept():
    """Every row of every table of the site, but for the times of saving."""
    return {
        model: list(model.objects.order_by("pk").values())
        for model in (Region, Source, ExchangeRate, Career, SalaryBand, User)
    }


# --- The five careers -------------------------------------------------------------------------

TITLES = {
    ("ingenieur-prompt", "Ingénieur prompt", "Prompt engineer"),
    ("ethicien-ia", "Éthicien en IA", "AI ethicist"),
    ("ingenieur-ia", "Ingénieur en IA", "AI engineer"),
    (
        "data-scientist-data-analyst",
        "Data scientist / data analyst",
        "Data scientist / data analyst",
    ),
    ("chef-de-projet-chatbot", "Chef de projet chatbot", "Chatbot project manager"),
}
# What the source says, as the product's description has it:
# career, region, level, engagement, low, high, open ended, currency, kind of range, no figure.
BANDS = {
    ("ingenieur-prompt", "150", "", "", None, 100_000, True, "EUR", "published", ""),
    ("ingenieur-prompt", "US", "", "", None, 300_000, True, "USD", "published", ""),
    ("ethicien-ia", "FR", "", "", 45_000, 100_000, False, "EUR", "average", ""),
    ("ethicien-ia", "FR", "", "freelance", None, None, False, "", "published", "not_published"),
    ("ingenieur-ia", "FR", "entry", "", 50_000, 50_000, False, "EUR", "average", ""),
    ("ingenieur-ia", "FR", "senior", "", 108_000, None, False, "EUR", "published", ""),
    ("data-scientist-data-analyst", "FR", "", "", 35_000, 70_000, False, "EUR", "average", ""),
    ("chef-de-projet-chatbot", "001", "", "", None, None, False, "", "published", "varies"),
}
INFERRED = {
    ("ingenieur-prompt", "US", ""),
    ("ingenieur-ia", "FR", "senior"),
    ("data-scientist-data-analyst", "FR", ""),
}


def test_demo_holds_the_five_careers_published(demo):
    values = Career.objects.published().values_list("slug", "title_fr", "title_en")
    assert set(values) == TITLES
    assert Career.objects.count() == 5


def test_demo_holds_what_the_source_says_and_no_more(demo):
    bands = SalaryBand.objects.all()
    said = bands.values_list(
        *("career__slug", "region__code", "level", "engagement", "low", "high", "open_ended"),
        *("currency", "range_kind", "no_figure_reason"),
    )
    assert set(said) == BANDS
    assert set(bands.values_list("median", "period", "basis", "source__slug")) == {
        (None, "year", "", "article-metiers-ia-2023-04")
    }
    assert {str(day) for day in bands.values_list("observed_on", flat=True)} == {"2023-04-30"}
    assert not bands.filter(stated_as="").exists()
    assert Source.objects.get().kind == "article"


def test_demo_says_what_was_inferred(demo):
    inferred = SalaryBand.objects.exclude(inferred_fr="").exclude(inferred_en="")
    assert set(inferred.values_list("career__slug", "region__code", "level")) == INFERRED
    assert SalaryBand.objects.filter(inferred_fr="", inferred_en="").count() == 5


def test_demo_makes_amounts_comparable(demo):
    prompt = SalaryBand.objects.get(currency="USD")
    assert prompt.annual_high_eur == Decimal("273199.16")
    assert str(prompt.fixed_on) == "2023-04-28"
    assert SalaryBand.objects.filter(currency="EUR", annual_high_eur=100_000).count() == 2


# --- Its prose --------------------------------------------------------------------------------

TEXTS = ("title", "alternative_titles", "summary", *Career.SECTIONS)


def texts(language):
    """Every text of the demo in a language, by where it stands."""
    found = {
        (career.slug, text): getattr(career, f"{text}_{language}")
        for career in Career.objects.all()
        for text in TEXTS
    }
    notes = [(band, "no_figure_note") for band in SalaryBand.objects.exclude(no_figure_reason="")]
    notes += [(band, "inferred") for band in SalaryBand.objects.exclude(inferred_fr="")]
    notes += [(source, "note") for source in Source.objects.all()]
    notes += [(region, "name") for region in Region.objects.all()]
    return found | {(each, text): getattr(each, f"{text}_{language}") for each, text in notes}


@pytest.mark.parametrize("language", LANGUAGES)
def test_demo_is_written_in_both_languages(demo, language):
    assert {place for place, text in texts(language).items() if not text.strip()} == set()


@pytest.mark.parametrize("language", LANGUAGES)
def test_demo_translates_rather_than_copies(demo, language):
    other = texts("en" if language == "fr" else "fr")
    same = {place for place, text in texts(language).items() if text == other[place]}
    same = {place for place in same if isinstance(place[0], str)}
    assert same == {("data-scientist-data-analyst", "title")}


@pytest.mark.parametrize("language", LANGUAGES)
def test_demo_tells_a_career_in_150_to_400_words(demo, language):
    counts = {
        career.slug: sum(
            len(re.findall(r"\w[\w’'-]*", getattr(career, f"{text}_{language}")))
            for text in Career.SECTIONS
        )
        for career in Career.objects.all()
    }
    assert {slug: count for slug, count in counts.items() if not 150 <= count <= 400} == {}


# A narrow no-break space belongs before ; : ! ? % € » and after «, and nothing else there.
UNTYPOGRAPHIC = re.compile(rf"'|[^{NARROW}](?=[;!?%€»]|:(?!//))|«(?!{NARROW})")


def test_demo_keeps_french_typography(demo):
    stated = {(band, "stated_as"): band.stated_as for band in SalaryBand.objects.all()}
    broken = {
        place: UNTYPOGRAPHIC.findall(text)
        for place, text in (texts("fr") | stated).items()
        if UNTYPOGRAPHIC.search(text)
    }
    assert broken == {}


def test_demo_keeps_english_typography(demo):
    assert {place for place, text in texts("en").items() if re.search(r"['\"«»]", text)} == set()


# --- Loading it -------------------------------------------------------------------------------


def test_load_demo_twice_changes_nothing(demo):
    before = kept()
    said = load_demo()
    assert "The site has careers: its content stays as it is." in said
    assert kept() == before


def test_load_demo_keeps_what_editors_changed(demo):
    career = Career.objects.get(slug="ethicien-ia")
    career.title_fr, career.status = "Éthicienne", "draft"
    career.save()
    SalaryBand.objects.filter(career=career).delete()
    Career.objects.get(slug="ingenieur-ia").delete()
    before = kept()
    load_demo()
    assert kept() == before


def test_load_demo_keeps_the_regions_of_the_site(db):
    Region.objects.create(code="001", kind="world", name_fr="Le monde", name_en="The world")
    load_demo()
    assert Region.objects.get(code="001").name_fr == "Le monde"
    assert set(SalaryBand.objects.filter(region__path__startswith="001/")) == set(
        SalaryBand.objects.all()
    )


def accounts():
    return {
        (user.username, user.is_staff, user.is_superuser, *user.groups.values_list("name"))
        for user in User.objects.all()
    }


TWO = {("editor", True, False, ("editors",)), ("contributor", True, False, ("contributors",))}


def has_password(username, password):
    return User.objects.get(username=username).check_password(password)


def test_load_demo_prints_a_password_it_made_up(demo):
    said = dict(re.findall(r"Account (\w+) \(\w+\), password (\S+)", demo))
    assert said.keys() == {"editor", "contributor"}
    for username, password in said.items():
        assert len(password) >= 12
        assert has_password(username, password)
    assert accounts() == TWO
    again = load_demo()
    assert "password " + said["editor"] not in again
    assert has_password("editor", said["editor"])


def test_load_demo_takes_the_password_of_the_environment(demo, monkeypatch):
    monkeypatch.setenv("DEMO_PASSWORD", "correct horse battery staple")
    load_demo()
    for username in ("editor", "contributor"):
        assert has_password(username, "correct horse battery staple")
    assert accounts() == TWO


def test_load_demo_prints_where_the_site_is(demo):
    assert set(re.findall(r"http\S+", demo)) == {
        "http://site.example/metiers/",
        "http://site.example/en/careers/",
        "http://site.example/admin/",
    }


# --- Rebuild ----------------------------------------------------------------------------------


def test_rebuild_restores_what_is_derived_and_touches_nothing_else(demo):
    Region.objects.create(code="FR-75", kind="subdivision2", name_fr="Paris", parent_id=None)
    before = kept()
    amounts = dict.fromkeys((field for field in DERIVED if field.startswith("annual")), 1)
    rate = {"yearly_hours": 1, "euro_rate": 1, "fixed_on": "1999-01-01"}
    wrong = amounts | rate | {"not_comparable": "net"}
    assert set(wrong) == set(DERIVED)
    SalaryBand.objects.update(**wrong)
    Career.objects.update(**dict.fromkeys(Career.DERIVED, "x"))
    for region in Region.objects.all():
        Region.objects.filter(pk=region.pk).update(path=f"x/{region.code}/")
    assert kept() != before

    said = StringIO()
    with pytest.raises(CommandError, match=f"^{len(before[Region]) + 5 + 8} not as derived: "):
        call_command("rebuild", check=True)
    assert kept() != before
    call_command("rebuild", stdout=said)
    assert kept() == before
    call_command("rebuild", stdout=said)
    call_command("rebuild", check=True, stdout=said)
    assert said.getvalue().splitlines() == [
        f"Derived again: {len(before[Region])} regions, 5 careers and 8 bands changed",
        "Derived again: 0 regions, 0 careers and 0 bands changed",
        "All that is derived is as it should be",
    ]
    assert kept() == before
