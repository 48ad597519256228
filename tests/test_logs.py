"""One line of JSON a request and event, with its number, and nothing about anybody."""

import json
import logging
import logging.config
import re
import sys

import pytest
from django.http import HttpResponse
from django.test import RequestFactory

from careers.models import Career
from careersite import logs
from tests.factories import create_career
from tests.staff import create_staff

pytestmark = pytest.mark.django_db


class Written(logging.Handler):
    def __init__(self):
        super().__init__()
        self.setFormatter(logs.Json())
        self.lines = []

    def emit(self, record):
        self.lines.append(self.format(record))


@pytest.fixture
def written():
    """The lines that a deployment would write, as JSON."""
    handler = Written()
    levels = {"careersite.requests": {"level": "NOTSET"}}
    levels |= logs.configuration(debug=False)["loggers"]
    for name, each in levels.items():
        logger = logging.getLogger(name)
        # Not by monkeypatch: what a logger has decided once, it remembers.
        logger.setLevel(each["level"]) if name else logger.addHandler(handler)
    yield handler.lines
    logging.getLogger().removeHandler(handler)
    logging.config.dictConfig(logs.configuration(debug=True))
    for name in ("django", "django.request", "django.security.DisallowedHost"):
        logging.getLogger(name).setLevel("INFO" if name == "django" else "NOTSET")


def read(lines):
    """The lines, without what differs each time."""
    told = [json.loads(line) for line in lines]
    for line in told:
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", line.pop("time"))
        if line["event"] == "request":
            assert line.pop("ms") >= 0
    return told


def requests(lines):
    return [each for each in read(lines) if each["logger"] == "careersite.requests"]


def line(route, status=200, method="GET", **more):
    return {
        "level": "INFO",
        "logger": "careersite.requests",
        "event": "request",
        "method": method,
        "route": route,
        "status": status,
        **more,
    }


@pytest.mark.parametrize(
    ("path", "told"),
    [
        ("/metiers/?q=jeanne.doe@example.org", line("careers:career_list", 302)),
        ("/metiers/?region=FR", line("careers:career_list", page="made")),
        ("/en/careers/ethicien-en-ia/", line("careers:career_detail", page="made")),
        ("/metiers", line("none", 301)),
        ("/rien/jeanne.doe@example.org/", line("none", 404)),
        ("/admin/", line("admin:index", 302)),
        ("/static/careers/site.css?q=1", line("static")),
    ],
)
def test_request_is_one_line_with_its_route_and_not_its_question(
    golden, client, written, settings, path, told
):
    settings.WHITENOISE_AUTOREFRESH = settings.WHITENOISE_USE_FINDERS = True
    response = client.get(path, headers={"User-Agent": "Doe's phone"}, REMOTE_ADDR="192.0.2.7")
    response.close()
    assert requests(written) == [{**told, "request_id": response["X-Request-ID"]}]
    assert re.fullmatch("[0-9a-f]{16}", response["X-Request-ID"])
    assert re.findall("doe|192.0.2|phone", "".join(written), re.IGNORECASE) == []


@pytest.mark.shared_pages
def test_line_says_whether_a_page_was_made_kept_or_unchanged(golden, client, written):
    tag = client.get("/metiers/")["ETag"]
    client.get("/metiers/")
    client.get("/metiers/", headers={"If-None-Match": tag})
    told = requests(written)
    assert [(each["route"], each["status"], each["page"]) for each in told] == [
        ("careers:career_list", 200, "made"),
        ("careers:career_list", 200, "kept"),
        ("careers:career_list", 304, "unchanged"),
    ]
    assert len({each["request_id"] for each in told}) == 3


def test_line_names_no_account(client, written):
    user = create_staff()
    client.force_login(user)
    client.get("/metiers/")
    client.logout()
    client.post("/admin/login/", {"username": user.username, "password": "wrong"})
    assert [(each["method"], each["route"]) for each in requests(written)] == [
        ("GET", "careers:career_list"),
        ("POST", "admin:login"),
    ]
    assert user.username not in "".join(written)


@pytest.mark.parametrize(
    ("proxies", "given", "taken"),
    [
        (1, "4bf92f3577b34da6a3ce929d0e0e4736", True),
        (1, "0af7651916cd43dd-8448_eb2", True),
        (0, "4bf92f3577b34da6a3ce929d0e0e4736", False),
        (1, "short", False),
        (1, "x" * 65, False),
        (1, "192.0.2.7", False),
        (1, "jeanne@example.org", False),
        (1, 'abcdefgh" injected', False),
        (1, "", False),
    ],
)
def test_number_of_the_proxy_is_taken_where_it_is_one(client, settings, proxies, given, taken):
    settings.PROXIES = proxies
    answered = client.get("/robots.txt", headers={"X-Request-ID": given})["X-Request-ID"]
    assert (answered == given) is taken
    assert re.fullmatch("[0-9A-Za-z_-]{8,64}", answered)


def test_fault_is_one_line_with_its_trace_and_the_number_that_the_page_shows(
    client, written, monkeypatch
):
    def fail(*arguments, **options):
        try:
            raise KeyError(person + "@example.org")
        except KeyError as error:
            raise ValueError(f"no amount\nKey (username)=({person})") from error

    person = "jeanne.doe"

    create_career(title_fr="Soudeur")
    monkeypatch.setattr(Career.objects.__class__, "published", fail)
    client.raise_request_exception = False
    response = client.get("/metiers/soudeur/?q=secret")
    number = response["X-Request-ID"]
    assert response.status_code == 500
    assert response.content.decode().count(f"<code>{number}</code>") == 2
    fault, request = read(written)
    assert request == line("careers:career_detail", 500, request_id=number)
    trace = fault.pop("error")
    assert fault == {
        "level": "ERROR",
        "logger": "django.request",
        "event": "Internal Server Error: careers:career_detail",
        "request_id": number,
    }
    assert "ValueError: no amount\n" in trace
    assert "KeyError: '…@…'\n" in trace
    assert "in fail\n" in trace
    assert re.findall("jeanne|secret", written[0]) == []


def test_trace_of_errors_that_lead_to_each_other_ends():
    first, second = ValueError("first"), ValueError("second")
    first.__context__, second.__context__ = second, first
    assert list(logs._traced(first)) == ["ValueError: first\n", "ValueError: second\n"]


def test_line_without_a_request_has_no_number():
    logs.request_id.set("")
    record = logging.LogRecord("careers.index", logging.INFO, "", 1, "read %d", (3,), None)
    record.told = {"figures": 3, "seconds": 0.2}
    assert read([logs.Json().format(record)]) == [
        {
            "level": "INFO",
            "logger": "careers.index",
            "event": "read 3",
            "figures": 3,
            "seconds": 0.2,
        }
    ]


def test_line_stays_one_line_whatever_is_told():
    record = logging.LogRecord("a", logging.ERROR, "", 1, "a\nb\x00 « é »", None, None)
    record.told = {"error": "x\ny", "path": sys}
    written = logs.Json().format(record)
    assert len(written.splitlines()) == 1
    assert json.loads(written)["event"] == "a\nb\x00 « é »"


def test_method_that_nobody_knows_is_told_as_other(written):
    request = RequestFactory().generic("Jeanne", "/metiers/")
    logs.Requests(lambda request: HttpResponse("…"))(request)
    assert [each["method"] for each in read(written)] == ["other"]


def test_developer_reads_plain_lines():
    plain = logs.configuration(debug=True)
    assert plain["handlers"]["console"]["formatter"] == "plain"
    assert plain["loggers"]["careersite.requests"]["level"] == "WARNING"
