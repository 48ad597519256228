"""Clients that ask for much are slowed down, one by one; nobody else, and no kept page."""

import time
from datetime import timedelta

import pytest
from axes.models import AccessAttempt
from django.core.cache import cache, caches
from django.core.cache.backends.base import BaseCache
from django.db.models import F
from django.test import Client

from careers import limits
from tests.pages import text_of
from tests.staff import client_of, create_staff

MOST = 3


@pytest.fixture(autouse=True)
def limited(settings, db):
    settings.RATE_LIMIT = MOST
    cache.clear()
    caches["pages"].clear()


def statuses(client, path, times=MOST + 1, **extra):
    return [client.get(path, **extra).status_code for _time in range(times)]


@pytest.mark.parametrize(
    "path",
    [
        "/metiers/?q=ingenieur",
        "/metiers/export.csv?q=ingenieur",
        "/metiers/export.json",
        "/metiers/atom.xml",
        "/regions/FR/",
        "/admin/login/",
    ],
)
def test_client_that_asks_too_much_is_told_to_wait(golden, client, path):
    assert statuses(client, path) == [200] * MOST + [429]
    told = client.get(path)
    assert told["Retry-After"] == "60"
    assert told["Cache-Control"] == "no-store"
    assert dict(told.cookies) == {}


def test_missing_addresses_count_as_well(golden, client):
    assert statuses(client, "/metiers/inconnu/") == [404] * MOST + [429]


@pytest.mark.parametrize(
    ("path", "language", "words"),
    [
        ("/metiers/?q=a", "fr", "Trop de questions à la fois"),
        ("/en/careers/?q=a", "en", "Too many questions at once"),
    ],
)
def test_page_of_the_limit_speaks_the_language_of_the_address(
    golden, client, path, language, words
):
    statuses(client, path, times=MOST)
    told = client.get(path)
    assert told["Content-Language"] == language
    assert f'<html lang="{language}">' in told.content.decode()
    assert words in text_of(told)


def test_htmx_is_led_to_the_page_that_says_so(golden, client):
    statuses(client, "/metiers/?q=a", times=MOST)
    told = client.get("/metiers/?q=a", headers={"HX-Request": "true"})
    assert (told.status_code, told["HX-Redirect"]) == (429, "/metiers/?q=a")


@pytest.mark.shared_pages
def test_kept_pages_and_unchanged_ones_are_not_counted(golden, client):
    first = client.get("/metiers/")
    assert statuses(client, "/metiers/", times=3 * MOST) == [200] * 3 * MOST
    unchanged = {"headers": {"If-None-Match": first["ETag"]}}
    assert statuses(client, "/metiers/", times=3 * MOST, **unchanged) == [304] * 3 * MOST
    # Two more are made; then what is kept is still there for who may ask for no other.
    assert statuses(client, "/metiers/?q=a", times=2) == [200, 200]
    assert [client.get(f"/metiers/?q={word}").status_code for word in "bc"] == [200, 429]
    assert statuses(client, "/metiers/?q=a", times=1) == [200]


@pytest.mark.shared_pages
def test_cookie_that_keeps_a_client_from_kept_pages_does_not_uncount_it(golden, client):
    client.cookies["sessionid"] = "made-up"
    assert statuses(client, "/metiers/") == [200] * MOST + [429]


def test_clients_are_counted_apart(golden, client):
    assert statuses(client, "/metiers/?q=a") == [200] * MOST + [429]
    assert statuses(client, "/metiers/?q=a", times=1, REMOTE_ADDR="203.0.113.9") == [200]


def test_limit_of_zero_is_none(golden, client, settings):
    settings.RATE_LIMIT = 0
    assert statuses(client, "/metiers/?q=a", times=3 * MOST) == [200] * 3 * MOST


def test_limit_ends_with_its_minute(golden, client, monkeypatch):
    assert statuses(client, "/metiers/?q=a") == [200] * MOST + [429]
    later = time.time() + limits.A_MINUTE + 1
    monkeypatch.setattr("django.core.cache.backends.locmem.time.time", lambda: later)
    assert statuses(client, "/metiers/?q=a") == [200] * MOST + [429]


class Down(BaseCache):
    """A cache whose server has gone."""

    def __init__(self, *args, **kwargs):
        super().__init__({})

    def add(self, *args, **kwargs):
        raise ConnectionError

    get = set = touch = delete = incr = add


def test_cache_that_is_down_keeps_nobody_out(golden, settings):
    down = {"BACKEND": f"{__name__}.Down"}
    settings.CACHES = {**settings.CACHES, "default": down}
    assert statuses(Client(), "/metiers/?q=a", times=3 * MOST) == [200] * 3 * MOST


# --- Who asks -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("proxies", "forwarded", "found"),
    [
        (0, "203.0.113.9", "192.0.2.1"),
        (1, "203.0.113.9", "203.0.113.9"),
        (1, "spoofed, 203.0.113.9", "203.0.113.9"),
        (1, "198.51.100.7, 203.0.113.9", "203.0.113.9"),
        (2, "198.51.100.7, 203.0.113.9", "198.51.100.7"),
        (2, "1.2.3.4, 198.51.100.7, 203.0.113.9", "198.51.100.7"),
        # Whoever came past a proxy is known by the connection alone.
        (2, "203.0.113.9", "192.0.2.1"),
        (1, "", "192.0.2.1"),
        (1, "not an address", "192.0.2.1"),
        (1, "::ffff:203.0.113.9", "203.0.113.9"),
        (1, "2001:db8:1:2:3:4:5:6", "2001:db8:1:2::"),
    ],
)
def test_address_is_the_one_that_the_outermost_proxy_of_ours_saw(
    rf, settings, proxies, forwarded, found
):
    settings.PROXIES = proxies
    request = rf.get("/", headers={"X-Forwarded-For": forwarded}, REMOTE_ADDR="192.0.2.1")
    assert limits.client_address(request) == found


def test_client_without_an_address_has_nobodys(rf):
    assert limits.client_address(rf.get("/", REMOTE_ADDR="")) == "0.0.0.0"


# --- Passwords ----------------------------------------------------------------------------------

PASSWORD = "a long walk by the sea"
HERE, THERE = {"REMOTE_ADDR": "192.0.2.1"}, {"REMOTE_ADDR": "203.0.113.9"}


@pytest.fixture
def staff(staff, settings):
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    settings.RATE_LIMIT = 0
    staff.set_password(PASSWORD)
    staff.save()
    return staff


def log_in(user, password, path="/admin/login/", **where):
    return Client().post(path, {"username": user.username, "password": password}, **where)


@pytest.mark.parametrize(
    ("path", "words", "back"),
    [
        ("/admin/login/", "Trop de mots de passe", "/admin/login/"),
        ("/en/admin/login/", "Too many passwords", "/en/admin/login/"),
    ],
)
def test_password_is_guessed_five_times_and_no_more(staff, path, words, back):
    guesses = [log_in(staff, "wrong", path, **HERE) for _guess in range(5)]
    assert [guess.status_code for guess in guesses] == [200] * 4 + [429]
    refused = log_in(staff, PASSWORD, path, **HERE)
    assert (refused.status_code, refused["Retry-After"]) == (429, "900")
    page = text_of(refused)
    assert words in page
    assert "15" in page
    assert f'href="{back}"' in refused.content.decode()


def test_editor_logs_in_while_somebody_else_is_locked_out_in_their_name(staff):
    for _guess in range(10):
        log_in(staff, "wrong", **HERE)
    assert log_in(staff, PASSWORD, **HERE).status_code == 429
    assert log_in(staff, PASSWORD, **THERE).status_code == 302
    other = create_staff("contributors")
    other.set_password(PASSWORD)
    other.save()
    assert log_in(other, PASSWORD, **HERE).status_code == 302


def test_lock_opens_after_a_quarter_of_an_hour_even_when_tried_meanwhile(staff):
    for _guess in range(5):
        log_in(staff, "wrong", **HERE)
    locked = AccessAttempt.objects.get()
    AccessAttempt.objects.update(attempt_time=locked.attempt_time - timedelta(minutes=14))
    assert log_in(staff, PASSWORD, **HERE).status_code == 429
    AccessAttempt.objects.update(attempt_time=F("attempt_time") - timedelta(minutes=2))
    assert log_in(staff, PASSWORD, **HERE).status_code == 302


def test_right_password_ends_the_count_of_wrong_ones(staff):
    for _round in range(2):
        assert [log_in(staff, "wrong", **HERE).status_code for _guess in range(4)] == [200] * 4
        assert log_in(staff, PASSWORD, **HERE).status_code == 302


def test_passwords_for_many_users_from_one_address_are_limited_together(staff, settings):
    settings.RATE_LIMIT = 30
    tries = [
        Client().post("/admin/login/", {"username": f"user {i}", "password": "password"}, **HERE)
        for i in range(4)
    ]
    assert [each.status_code for each in tries] == [200] * 3 + [429]
    assert log_in(staff, PASSWORD, **THERE).status_code == 302


# --- Sessions -----------------------------------------------------------------------------------


def test_sessions_elsewhere_end_when_the_password_changes(staff):
    here, elsewhere = client_of(staff), client_of(staff)
    new = dict.fromkeys(("new_password1", "new_password2"), PASSWORD[::-1])
    changed = here.post("/admin/password_change/", {"old_password": PASSWORD, **new})
    assert changed.status_code == 302
    assert here.get("/admin/").status_code == 200
    assert elsewhere.get("/admin/").status_code == 302


@pytest.mark.parametrize(
    "weak", ["short-one-1", "123456789012345", "password1234", "editors-12345"]
)
def test_weak_passwords_are_refused(staff, weak):
    new = dict.fromkeys(("new_password1", "new_password2"), weak)
    page = client_of(staff).post("/admin/password_change/", {"old_password": PASSWORD, **new})
    assert page.status_code == 200
    assert set(page.context["form"].errors) == {"new_password2"}


def test_session_lasts_a_working_day_and_ends_with_logging_out(staff):
    client = Client()
    sent = client.post("/admin/login/", {"username": staff.username, "password": PASSWORD})
    cookie = sent.cookies["sessionid"]
    assert (cookie["max-age"], cookie["httponly"], cookie["samesite"]) == (43_200, True, "Lax")
    copy = Client()
    copy.cookies["sessionid"] = cookie.value
    assert copy.get("/admin/").status_code == 200
    client.post("/admin/logout/")
    assert copy.get("/admin/").status_code == 302
