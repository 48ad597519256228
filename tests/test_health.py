"""What whoever watches over the process is told, without asking for a host, HTTPS or a session."""

import pytest
from django.db import OperationalError, connection
from django.test.utils import CaptureQueriesContext

from careersite import health

HEADERS = {"Content-Type": "application/json", "Cache-Control": "no-store"}


def told(response):
    assert dict(response.items()) == HEADERS
    assert response.cookies == {}
    return response.status_code, response.json()


@pytest.fixture(autouse=True)
def deployed(settings):
    settings.SECURE_SSL_REDIRECT = True
    settings.ALLOWED_HOSTS = ["careers.example"]


@pytest.fixture
def no_database(monkeypatch):
    def refuse():
        raise OperationalError("connection to 10.1.2.3, user careers, refused")

    monkeypatch.setattr(connection, "cursor", refuse)


@pytest.mark.parametrize("host", ["careers.example", "10.0.0.7", "10.0.0.7:8000", "_"])
@pytest.mark.django_db
def test_health_answers_under_any_name_over_http(client, host):
    assert told(client.get("/health/live", headers={"Host": host})) == (200, {"live": True})
    assert told(client.get("/health/ready", headers={"Host": host})) == (200, {"ready": True})


def test_health_live_asks_no_database(client, no_database):
    assert told(client.get("/health/live")) == (200, {"live": True})


@pytest.mark.django_db
def test_health_ready_is_one_query(client):
    client.get("/health/ready")
    with CaptureQueriesContext(connection) as asked:
        client.get("/health/ready")
    assert len(asked) == 1


def test_health_ready_says_that_the_database_does_not_answer_and_no_more(
    client, no_database, caplog
):
    response = client.get("/health/ready")
    assert told(response) == (503, {"ready": False, "database": "does not answer"})
    assert "10.1.2.3" not in caplog.text


@pytest.mark.django_db
def test_health_ready_names_migrations_that_are_not_applied(client, monkeypatch):
    known = health.known_migrations() | {("careers", "9999_later"), ("careers", "9998_before")}
    monkeypatch.setattr(health, "known_migrations", lambda: known)
    said = "2 not applied: careers.9998_before, careers.9999_later"
    assert told(client.get("/health/ready")) == (503, {"ready": False, "migrations": said})


@pytest.mark.django_db
def test_health_ready_does_not_mind_migrations_of_the_next_release(client):
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO django_migrations (app, name, applied) VALUES (%s, %s, %s)",
            ["careers", "9999_later", "2026-01-01"],
        )
    assert told(client.get("/health/ready")) == (200, {"ready": True})


@pytest.mark.django_db(transaction=True)
def test_health_ready_of_a_new_database_counts_all_migrations(client):
    def elsewhere(execute, sql, *arguments):
        return execute(sql.replace("django_migrations", "not_there"), *arguments)

    with connection.execute_wrapper(elsewhere):
        status, answer = told(client.get("/health/ready"))
    number = len(health.known_migrations())
    assert (status, answer["migrations"].split(":")[0]) == (503, f"{number} not applied")


@pytest.mark.django_db
def test_what_is_no_health_address_is_an_ordinary_request(client):
    assert client.get("/health/", headers={"Host": "10.0.0.7"}).status_code == 400
    found = client.get("/health/", headers={"Host": "careers.example"})
    assert (found.status_code, found["Location"]) == (301, "https://careers.example/health/")
