"""Every answer says what the browser may not do, and no public one sets a cookie."""

import logging
import re
from base64 import b64encode
from datetime import UTC, datetime
from hashlib import sha384
from itertools import chain

import pytest
from django.http import HttpResponse
from django.template.loader import render_to_string
from django.test import Client, RequestFactory
from django.urls import get_resolver
from django.urls.resolvers import URLResolver

from careers import headers, pictures
from careers.headers import SecurityHeaders, embeddable, policy
from careers.shared_pages import SharedPages, shared
from tests.factories import create_field
from tests.staff import client_of, create_staff

pytestmark = pytest.mark.django_db

POLICY = {
    **{"default-src": "'none'", "script-src": "'self'", "style-src": "'self'", "img-src": "'self'"},
    **{"connect-src": "'self'", "frame-src": "'self'", "form-action": "'self'"},
    **{"base-uri": "'none'", "frame-ancestors": "'none'"},
}
EMBEDDED = {
    **{"frame-ancestors": "*", "Cross-Origin-Resource-Policy": "cross-origin"},
    **{"script-src": "'none'", "connect-src": "'none'", "form-action": "'none'"},
}
EVERYWHERE = {
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
}


def read(header):
    """The directives of a policy."""
    parts = (directive.partition(" ") for directive in header.split("; "))
    return {name: sources for name, _space, sources in parts}


def said(response):
    """Those of EVERYWHERE that the answer says, and its policy."""
    assert "geolocation=()" in response["Permissions-Policy"]
    return {name: response.get(name) for name in EVERYWHERE} | read(response[headers.POLICY])


@pytest.fixture
def quiet(monkeypatch):
    monkeypatch.setattr(logging.getLogger("django.request"), "disabled", True)
    monkeypatch.setattr(logging.getLogger("django.security.DisallowedHost"), "disabled", True)


# --- The public addresses -----------------------------------------------------------------------


def public_routes():
    """The route of every address outside the admin, as the language in use says it."""

    def walk(resolver, route):
        for pattern in resolver.url_patterns:
            there = route + str(pattern.pattern)
            if not isinstance(pattern, URLResolver):
                yield there
            elif pattern.namespace != "admin":
                yield from walk(pattern, there)

    return sorted(walk(get_resolver(), ""))


def addresses(golden):
    """One address of each public route that answers with a page or a file; the files of the open
    data have tests of their own."""
    career = golden["ingenieur-en-ia"]
    band = career.bands.first()
    career.field = create_field(name_fr="Données")
    career.save()
    values = {"pk": band.pk, "code": "FR", "section": "careers"}
    found = {}
    for route in public_routes():
        slug = career.slug
        if route == "data/<str:name>":
            continue
        if route.startswith(("sources/", "api/v1/sources/")):
            slug = band.source.slug
        elif route.startswith(("domaines/", "fields/", "api/v1/fields/")):
            slug = career.field.slug
        version = pictures.of_site().version
        here = values | {"slug": slug, "version": version}
        found[route] = "/" + re.sub(
            r"<\w+:(\w+)>", lambda name, here=here: str(here[name[1]]), route
        )
    return found


def test_public_addresses_set_no_cookie_and_say_every_header(golden, client, settings):
    settings.SECURITY_CONTACTS = ["mailto:security@careers.example"]
    statuses = {}
    for route, address in addresses(golden).items():
        response = client.get(address)
        statuses[response.status_code] = [*statuses.get(response.status_code, []), route]
        assert (address, dict(response.cookies)) == (address, {})
        expected = EVERYWHERE | POLICY
        if address.endswith(".png") and response.status_code == 200:
            expected |= {"Cross-Origin-Resource-Policy": "cross-origin"}
        is_embedded = address.endswith("/integrer/")
        if is_embedded:
            expected |= EMBEDDED
        assert (address, said(response)) == (address, expected)
        assert response.get("X-Frame-Options") == (None if is_embedded else "DENY")
    # The home leads to the list, and another version of a picture to the present one.
    assert statuses.keys() == {200, 302, 400}
    # It was not told about which page.
    assert statuses[400] == ["oembed/"]
    assert statuses[302] == ["", "metiers/<slug:slug>/<slug:version>.png"]


def test_report_of_a_reader_sets_no_cookie(golden, client):
    band = golden["ingenieur-en-ia"].bands.first()
    sent = client.post(f"/metiers/ingenieur-en-ia/chiffres/{band.pk}/signaler/", {"message": "Non"})
    assert (sent.status_code, dict(sent.cookies)) == (200, {})


# --- Whatever answers ---------------------------------------------------------------------------


@pytest.mark.shared_pages
def test_kept_page_and_304_say_what_the_first_answer_said(golden, client):
    first = client.get("/metiers/")
    kept = client.get("/metiers/")
    unchanged = client.get("/metiers/", headers={"If-None-Match": first["ETag"]})
    assert [each.status_code for each in (first, kept, unchanged)] == [200, 200, 304]
    assert [said(each) for each in (first, kept, unchanged)] == [EVERYWHERE | POLICY] * 3


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("get", "/nothing-here/", 404),
        ("delete", "/metiers/", 405),
        ("get", "/metiers", 301),
        ("get", "/admin/login/", 200),
        ("get", "/admin/", 302),
        ("get", "/static/careers/favicon.svg", 200),
    ],
)
def test_other_answers_say_every_header_too(settings, quiet, method, path, status):
    settings.WHITENOISE_AUTOREFRESH = settings.WHITENOISE_USE_FINDERS = True
    response = getattr(Client(), method)(path)
    response.close()
    assert response.status_code == status
    assert said(response) == EVERYWHERE | POLICY


@pytest.mark.parametrize("name", ["site.css", "site.js"])
def test_parts_of_pages_say_all_but_the_permissions_of_the_page(settings, name):
    settings.WHITENOISE_AUTOREFRESH = settings.WHITENOISE_USE_FINDERS = True
    response = Client().get(f"/static/careers/{name}")
    response.close()
    assert headers.PERMISSIONS not in response
    assert {header: response.get(header) for header in EVERYWHERE} == EVERYWHERE
    assert read(response[headers.POLICY]) == POLICY


def test_refusals_and_failures_say_every_header(settings, quiet, monkeypatch):
    foreign = Client().get("/metiers/", headers={"Host": "elsewhere.example"})
    settings.SECURE_SSL_REDIRECT = True
    to_https = Client().get("/metiers/")
    settings.SECURE_SSL_REDIRECT = False
    unsigned = Client(enforce_csrf_checks=True).post("/admin/login/", {"username": "a"})
    monkeypatch.setattr("careers.views.lists.CareerFilter", None)
    broken = Client(raise_request_exception=False).get("/metiers/")
    answers = (foreign, to_https, unsigned, broken)
    assert [each.status_code for each in answers] == [400, 301, 403, 500]
    assert [said(each) for each in answers] == [EVERYWHERE | POLICY] * 4
    page = unsigned.content.decode()
    assert "Ce formulaire n’a pas été accepté" in page
    assert "This form was not accepted" in page
    assert "<style" not in page


def test_framed_preview_may_stand_on_a_page_of_the_desk_alone(golden):
    career = golden["ingenieur-en-ia"]
    frame = client_of(create_staff("editors")).get(
        f"/admin/careers/career/{career.pk}/preview/frame/"
    )
    assert said(frame) == EVERYWHERE | POLICY | {
        **{"frame-ancestors": "'self'", "Referrer-Policy": "no-referrer"},
    }
    assert frame["X-Frame-Options"] == "SAMEORIGIN"


# --- The words of the headers -------------------------------------------------------------------


def test_policy_changes_the_directives_that_are_named():
    assert read(policy()) == POLICY
    assert read(policy(frame_ancestors=["*"], img_src=["'self'", "data:"])) == POLICY | {
        **{"frame-ancestors": "*", "img-src": "'self' data:"},
    }


def test_policy_names_a_directive_without_sources_alone(settings):
    settings.SECURE_CSP = {"img-src": ["'self'"], "upgrade-insecure-requests": True}
    assert policy() == "img-src 'self'; upgrade-insecure-requests"


@pytest.mark.shared_pages
@pytest.mark.parametrize("order", ["above", "below"])
def test_embeddable_page_may_stand_anywhere_even_when_it_is_kept(db, order):
    def page(request):
        return HttpResponse("a scale")

    view = embeddable(shared(page)) if order == "above" else shared(embeddable(page))
    made = []
    site = SecurityHeaders(SharedPages(lambda request: made.append(1) or view(request)))
    request = RequestFactory().get(f"/embedded-{order}/")
    expected = EVERYWHERE | POLICY
    expected |= EMBEDDED
    for _again in range(2):
        response = site(request)
        assert {**EVERYWHERE, **said(response)} | {
            name: value for name, value in EVERYWHERE.items() if name not in response
        } == expected
    assert made == [1]
    assert view(request).xframe_options_exempt


def test_developers_see_the_error_pages_of_django_as_they_are(settings, rf):
    settings.DEBUG = True
    answer = SecurityHeaders(lambda request: HttpResponse(status=404))(rf.get("/"))
    assert headers.POLICY not in answer
    assert headers.POLICY in SecurityHeaders(lambda request: HttpResponse())(rf.get("/"))


def test_every_script_names_the_digest_of_the_file_that_is_served(golden, client, settings):
    settings.WHITENOISE_AUTOREFRESH = settings.WHITENOISE_USE_FINDERS = True
    files = Client()
    pages = client.get("/metiers/").content.decode(), render_to_string("503.html")
    scripts = [re.findall(r"<script\b([^>]*)>", page) for page in pages]
    for attributes in chain(*scripts):
        path, told = re.search(r'src="([^"]+)" integrity="sha384-([^"]+)"', attributes).groups()
        content = b"".join(files.get(path).streaming_content)
        assert b64encode(sha384(content).digest()).decode() == told
    assert [len(each) for each in scripts] == [3, 1]


# --- security.txt -------------------------------------------------------------------------------


def test_security_txt_names_the_contacts_of_the_deployment(client, settings, monkeypatch):
    settings.SECURITY_CONTACTS = ["mailto:security@careers.example", "https://careers.example/s"]
    settings.SECURITY_DAYS = 30
    noon = datetime(2026, 3, 1, 12, tzinfo=UTC)
    monkeypatch.setattr("careersite.contact.timezone.now", lambda: noon)
    response = client.get("/.well-known/security.txt")
    assert response["Content-Type"] == "text/plain; charset=utf-8"
    assert response.content.decode().splitlines() == [
        "Contact: mailto:security@careers.example",
        "Contact: https://careers.example/s",
        "Expires: 2026-03-31T00:00:00Z",
        "Preferred-Languages: fr, en",
        "Canonical: http://testserver/.well-known/security.txt",
    ]


def test_security_txt_is_missing_where_nobody_is_named(client):
    assert client.get("/.well-known/security.txt").status_code == 404
