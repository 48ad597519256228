"""A reader's report: it reaches the editors bound to its figure, and machines stay outside."""

import re
from datetime import date

import pytest
from django.core import signing
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from careers import state
from careers.models import Career, Report, SalaryBand
from tests.factories import create_band, create_career
from tests.pages import figure_path, text_of

MESSAGE = "En 2026 : 60 000 à 110 000 € en France."


@pytest.fixture(autouse=True)
def nobody_has_reported():
    cache.clear()


@pytest.fixture
def band(golden) -> SalaryBand:
    return SalaryBand.objects.select_related("career").get(career__slug="ethicien-en-ia")


@pytest.fixture
def at(monkeypatch):
    """Set the clock that signs and reads tokens, in seconds."""

    def set_clock(seconds: float) -> None:
        monkeypatch.setattr(signing.time, "time", lambda: 1_800_000_000 + seconds)

    set_clock(0)
    return set_clock


def form_path(band: SalaryBand, language: str = "fr") -> str:
    return figure_path(band, language, "/signaler/" if language == "fr" else "/report/")


def token_on(response) -> str:
    return re.search(r'name="token" value="([^"]+)"', response.content.decode())[1]


def send(client, band, at, **fields):
    """Open the form, wait, and post it."""
    token = token_on(client.get(form_path(band)))
    at(10)
    return client.post(form_path(band), {"token": token, "message": MESSAGE} | fields)


def kept() -> list[tuple[str, ...]]:
    fields = ("band__career__slug", "url", "message", "email", "language", "status")
    return list(Report.objects.order_by("pk").values_list(*fields))


def test_report_reaches_the_editors_bound_to_its_figure(band, client, at):
    sent = send(client, band, at, url="insee.fr/x", email="lectrice@example.org")
    assert (sent.status_code, sent["Location"]) == (302, form_path(band) + "merci/")
    assert kept() == [
        *[
            (
                "ethicien-en-ia",
                "https://insee.fr/x",
                MESSAGE,
                "lectrice@example.org",
                "fr",
                "waiting",
            )
        ]
    ]
    assert Report.objects.get().band == band
    said = text_of(client.get(sent["Location"]))
    assert "Merci : la rédaction l’a reçu" in said
    assert "45 000 à 100 000 € en moyenne" in said


def test_report_needs_only_its_message_and_knows_its_language(band, client, at):
    token = token_on(client.get(form_path(band, "en")))
    at(10)
    sent = client.post(form_path(band, "en"), {"token": token, "message": MESSAGE})
    assert (sent.status_code, sent["Location"]) == (302, form_path(band, "en") + "thanks/")
    assert kept() == [("ethicien-en-ia", "", MESSAGE, "", "en", "waiting")]


def test_report_works_without_a_cookie_where_csrf_is_checked(band, at):
    strict = Client(enforce_csrf_checks=True)
    sent = send(strict, band, at)
    assert (sent.status_code, len(kept()), dict(strict.cookies)) == (302, 1, {})
    assert strict.get(sent["Location"]).cookies == {}


def test_mistakes_are_named_and_what_was_typed_is_kept(band, client, at):
    sent = send(client, band, at, message=" ", url="nowhere", email="moi@")
    html, said = sent.content.decode(), text_of(sent)
    assert (sent.status_code, kept()) == (200, [])
    notice = said.partition("Ce n’est pas encore envoyé :")[2].partition("Le chiffre")[0]
    named = ["Adresse de la source :", "Ce qu’elle dit : Dites ce qu’affirme la source"]
    assert [
        words for words in [*named, "Votre adresse électronique :"] if words not in notice
    ] == []
    assert re.findall(r'<li><a href="#(\w+)">', html) == ["id_url", "id_message", "id_email"]
    assert html.count('aria-invalid="true"') == 3
    assert 'value="nowhere"' in html
    assert 'value="moi@"' in html
    assert "<title>À corriger" in html
    early = client.post(form_path(band), {"token": token_on(sent), "message": ""})
    assert "C’était rapide" not in text_of(early)
    at(0)
    long = send(client, band, at, message="x" * 2_001)
    assert (long.status_code, kept()) == (200, [])
    assert "x" * 2_001 in long.content.decode()


@pytest.mark.parametrize(
    ("seconds", "why"),
    [(0, "C’était rapide"), (2, "C’était rapide"), (24 * 3600 + 1, "plus d’un jour")],
)
def test_form_is_good_after_three_seconds_and_for_a_day(band, client, at, seconds, why):
    token = token_on(client.get(form_path(band)))
    at(seconds)
    sent = client.post(form_path(band), {"token": token, "message": MESSAGE})
    assert (sent.status_code, kept()) == (200, [])
    assert why in text_of(sent)
    assert MESSAGE in sent.content.decode()
    # Sending it again some seconds later is enough, with what the page now holds.
    at(seconds + 10)
    again = client.post(form_path(band), {"token": token_on(sent), "message": MESSAGE})
    assert (again.status_code, len(kept())) == (302, 1)


def test_form_belongs_to_one_figure(band, golden, client, at):
    other = golden["data-scientist"].bands.select_related("career").get()
    forged = signing.TimestampSigner(key="x" * 50, salt="careers.reports").sign(str(band.pk))
    for token in (token_on(client.get(form_path(other))), forged, "", "1:2:3"):
        at(10)
        sent = client.post(form_path(band), {"token": token, "message": MESSAGE})
        assert (sent.status_code, kept()) == (200, [])
        assert "Ce formulaire est celui d’une autre page." in text_of(sent)
        at(0)


@pytest.mark.parametrize("header", ["Origin", "Referer"])
def test_form_is_taken_from_this_site_alone(band, client, at, header):
    token = token_on(client.get(form_path(band)))
    at(10)
    data = {"token": token, "message": MESSAGE}
    for foreign in ("https://elsewhere.example", "null", "http://testserver.example/"):
        sent = client.post(form_path(band), data, headers={header: foreign})
        assert (sent.status_code, kept()) == (200, [])
        assert "vient d’un autre site" in text_of(sent)
    sent = client.post(form_path(band), data, headers={header: "http://testserver"})
    assert (sent.status_code, len(kept())) == (302, 1)


def test_field_that_people_do_not_see_catches_machines_unnoticed(band, client, at):
    html = client.get(form_path(band)).content.decode()
    assert re.search(r"<p hidden>.*?name=\"website\"", html, re.DOTALL)
    sent = send(client, band, at, website="https://spam.example")
    assert (sent.status_code, sent["Location"]) == (302, form_path(band) + "merci/")
    assert kept() == []


def test_five_reports_an_hour_come_from_one_address(band, client, at):
    def report(number, **address):
        token = token_on(client.get(form_path(band)))
        at(10)
        data = {"token": token, "message": f"{MESSAGE} {number}"}
        response = client.post(form_path(band), data, **address)
        at(0)
        return response

    # A mistake is no report.
    assert send(client, band, at, message="").status_code == 200
    at(0)
    assert [report(number).status_code for number in range(6)] == [302] * 5 + [200]
    assert "Plusieurs signalements" in text_of(report(7))
    assert report(8, REMOTE_ADDR="203.0.113.9").status_code == 302
    assert len(kept()) == 6


def test_report_sent_twice_is_one(band, client, at):
    token = token_on(client.get(form_path(band)))
    at(10)
    data = {"token": token, "message": MESSAGE}
    assert [client.post(form_path(band), data).status_code for _time in range(2)] == [302, 302]
    assert len(kept()) == 1
    Report.objects.update(status="used", settled_at=timezone.now())
    client.post(form_path(band), data)
    assert [status for *_rest, status in kept()] == ["used", "waiting"]


@pytest.mark.parametrize("ending", ["/signaler/", "/signaler/merci/"])
def test_pages_of_a_report_follow_their_figure(band, client, ending):
    hidden = create_band(career=create_career(title_fr="Secret", status="draft"), low=1)
    other = create_band(low=1)
    assert client.get(figure_path(hidden, "fr", ending)).status_code == 404
    wrong = figure_path(band, "fr", ending).replace(f"/{band.pk}/", f"/{other.pk}/")
    assert client.get(wrong).status_code == 404
    before = figure_path(band, "fr", ending)
    band.career.slug = "ethicienne-en-ia"
    band.career.save()
    moved = client.get(before)
    assert (moved.status_code, moved["Location"]) == (301, figure_path(band, "fr", ending))
    html = client.get(moved["Location"]).content.decode()
    assert '<meta name="robots" content="noindex">' in html
    assert "canonical" not in html


def test_form_that_was_open_while_the_career_moved_is_taken(band, client, at):
    before, token = form_path(band), token_on(client.get(form_path(band)))
    band.career.slug = "ethicienne-en-ia"
    band.career.save()
    at(10)
    sent = client.post(before, {"token": token, "message": MESSAGE})
    assert (sent.status_code, sent["Location"]) == (302, form_path(band) + "merci/")
    assert [slug for slug, *_rest in kept()] == ["ethicienne-en-ia"]


def test_form_of_a_withdrawn_career_is_gone(band, client, at):
    token = token_on(client.get(form_path(band)))
    Career.objects.filter(pk=band.career_id).update(status="archived")
    at(10)
    sent = client.post(form_path(band), {"token": token, "message": MESSAGE})
    assert (sent.status_code, kept()) == (404, [])


def test_figure_leads_to_its_form(band, regions, client):
    old = create_band(career=band.career, region=regions["FR"], low=1, observed_on=date(2020, 1, 1))
    for each in (band, old):
        for language in ("fr", "en"):
            html = client.get(figure_path(each, language)).content.decode()
            assert f'href="{form_path(each, language)}"' in html


def test_form_asks_few_queries(band, client, at, django_assert_num_queries):
    state.now()  # reads what is planned, once for all pages
    with django_assert_num_queries(2):
        token = token_on(client.get(form_path(band)))
    at(10)
    data = {"token": token, "message": MESSAGE}
    with django_assert_num_queries(3):
        assert client.post(form_path(band), data).status_code == 302
