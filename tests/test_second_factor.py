"""Staff give a second factor where it is required: set up, asked for, replaced; nothing before."""

import re
import time

import pytest
from django.contrib import admin
from django.contrib.auth.models import User
from django.core.management import call_command
from django.test import Client
from django_otp.oath import TOTP
from django_otp.plugins.otp_static.models import StaticDevice, StaticToken
from django_otp.plugins.otp_totp.models import TOTPDevice

from tests.admin_site import PASSWORD, Site
from tests.staff import create_staff
from tests.test_permissions import routes, table

pytestmark = pytest.mark.django_db
HERE = "/admin/second-factor/"


@pytest.fixture(autouse=True)
def required(settings):
    settings.REQUIRE_OTP = True
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture
def clock(monkeypatch):
    """Sets how many steps of 30 seconds it is later than now, for codes."""
    start = time.time()

    def later(steps):
        monkeypatch.setattr(time, "time", lambda: start + 30 * steps)

    later(0)
    return later


@pytest.fixture
def staff(staff):
    return with_password(staff)


def with_password(user):
    user.set_password(PASSWORD)
    user.save()
    return user


def browser(user, path="/admin/login/", then=""):
    """Somebody who has given the password, and the page that this led to."""
    client = Client()
    data = {"username": user.username, "password": PASSWORD, "next": then or "/admin/"}
    return client, client.post(path, data, follow=True)


def secret_on(page):
    return re.search(r'class="secret">([A-Z2-7]+)<', page.content.decode())[1]


def code_of(device, offset=0):
    """The code that the phone shows now."""
    reckoned = TOTP(device.bin_key, device.step, device.t0, device.digits)
    reckoned.time = time.time() + 30 * offset
    return f"{reckoned.token():06}"


def set_up(client):
    """Set the phone up that the page offers; the page with the recovery codes."""
    page = client.get(HERE)
    key = client.session["second_factor_offered"]
    device = TOTPDevice(key=key)
    assert secret_on(page)
    return client.post(HERE, {"code": code_of(device), "next": "/admin/"})


def codes_on(page):
    return re.findall(r"<li><code>(\w+)</code></li>", page.content.decode())


def opens(client):
    return client.get("/admin/").status_code == 200


# --- Setting up ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("start", "title", "word"),
    [
        ("/admin/", "Installer votre second facteur", "Continuer"),
        ("/en/admin/", "Set up your second factor", "Continue"),
    ],
)
def test_password_alone_leads_to_setting_up(staff, start, title, word):
    client, page = browser(staff, f"{start}login/", then=f"{start}careers/career/?q=a")
    assert page.request["PATH_INFO"] == f"{start}second-factor/"
    html = page.content.decode()
    assert f"<h1>{title}</h1>" in html
    assert f'value="{word}"' in html
    assert f'name="next" value="{start}careers/career/?q=a"' in html
    assert "no-store" in page["Cache-Control"]
    # Drawn without style and script: the policy of the site lets it through.
    picture = html[html.index("<svg") : html.index("</svg>")]
    assert "<path" in picture
    assert re.findall(r"style|script|href", picture) == []
    assert not opens(client)


def test_phone_is_set_up_by_its_code_and_recovery_codes_are_shown_once(staff, clock):
    client, _page = browser(staff)
    shown = set_up(client)
    codes = codes_on(shown)
    assert len(set(codes)) == 10
    assert "Imprimez ces codes de secours" in shown.content.decode()
    assert "no-store" in shown["Cache-Control"]
    assert opens(client)
    again = client.get(HERE)
    assert codes_on(again) == []
    assert "10 codes de secours" in again.content.decode()
    assert "second_factor_offered" not in client.session
    assert {device.user for device in TOTPDevice.objects.all()} == {staff}


def test_wrong_code_sets_nothing_up_and_keeps_the_secret(staff, clock):
    client, page = browser(staff)
    secret = secret_on(page)
    for wrong in ("000000", "", "abcdef", "１２３４５６", "9" * 40):
        refused = client.post(HERE, {"code": wrong})
        assert refused.status_code == 200
        assert secret_on(refused) == secret
    assert not TOTPDevice.objects.exists()
    assert not opens(client)


def test_somebody_else_with_the_password_is_offered_another_secret(staff):
    (_client, here), (_other, there) = browser(staff), browser(staff)
    assert secret_on(here) != secret_on(there)


def test_two_windows_that_set_up_leave_one_phone(staff, clock):
    (first, _page), (second, _other) = browser(staff), browser(staff)
    second.get(HERE)
    set_up(first)
    # The second now has to know the first's code.
    assert second.post(HERE, {"code": code_of(TOTPDevice(key="00" * 20))}).status_code == 200
    assert TOTPDevice.objects.count() == 1
    assert not opens(second)


# --- Nothing else before ------------------------------------------------------------------------


def test_superuser_without_the_second_factor_reaches_no_address_of_the_admin(settings):
    settings.REQUIRE_OTP = False
    site = Site()
    settings.REQUIRE_OTP = True
    clients, names = (Client(), site.clients["superuser"]), routes()
    # A stranger's answers are the measure: the login page, and what needs no account.
    reached = set()
    for row in table("permissions.txt"):
        name = row.partition(" ")[0]
        path = site.address(row, names[name], "superuser")
        for ask in ("get", "post"):
            answers = [getattr(client, ask)(path) for client in clients]
            if len({(each.status_code, each.get("Location")) for each in answers}) > 1:
                reached.add((name, ask))
    assert reached == {("login", "get"), ("second_factor", "get"), ("second_factor", "post")}


def test_session_that_gave_the_password_can_log_out(staff):
    client, _page = browser(staff)
    left = client.post(HERE, {"leave": "1"})
    assert (left.status_code, left["Location"]) == (302, "/admin/login/")
    assert "_auth_user_id" not in client.session


def test_strangers_and_readers_are_led_to_the_login(staff):
    reader = with_password(User.objects.create_user("reader"))
    signed_in = Client()
    signed_in.force_login(reader)
    for client in (Client(), signed_in):
        led = client.get(HERE)
        assert (led.status_code, led["Location"]) == (302, f"/admin/login/?next={HERE}")


def test_second_factor_is_not_there_where_it_is_not_required(staff, settings):
    settings.REQUIRE_OTP = False
    client, page = browser(staff)
    assert page.request["PATH_INFO"] == "/admin/"
    assert "second-factor" not in page.content.decode()
    assert client.get(HERE).status_code == 404


# --- Asked for ----------------------------------------------------------------------------------


@pytest.fixture
def phone(staff, clock):
    """The phone of the editor, set up a while ago."""
    client, _page = browser(staff)
    set_up(client)
    clock(10)
    return TOTPDevice.objects.get()


def test_code_of_the_phone_opens_what_was_asked_for(staff, phone):
    client, page = browser(staff, then="/admin/careers/career/")
    assert "Installer" not in page.content.decode()
    key = client.session.session_key
    led = client.post(
        HERE, {"code": f" {code_of(phone)[:3]} {code_of(phone)[3:]}", "next": "/admin/x/"}
    )
    assert (led.status_code, led["Location"]) == (302, "/admin/x/")
    assert opens(client)
    assert client.session.session_key != key


def test_code_leads_to_no_other_site(staff, phone):
    client, _page = browser(staff)
    led = client.post(HERE, {"code": code_of(phone), "next": "https://elsewhere.example/"})
    assert led["Location"] == "/admin/"


def test_code_is_good_once(staff, phone):
    code = code_of(phone)
    first, _page = browser(staff)
    second, _page = browser(staff)
    assert first.post(HERE, {"code": code}).status_code == 302
    refused = second.post(HERE, {"code": code})
    assert refused.status_code == 200
    assert "il a déjà servi" in refused.content.decode()
    assert (opens(first), opens(second)) == (True, False)


def test_code_of_another_phone_opens_nothing(staff, phone):
    stranger = TOTPDevice.objects.create(user=create_staff("editors"))
    client, _page = browser(staff)
    assert client.post(HERE, {"code": code_of(stranger)}).status_code == 200
    assert not opens(client)


def test_wrong_codes_are_slowed_down_and_say_for_how_long(staff, phone):
    client, _page = browser(staff)
    wrong = f"{(int(code_of(phone)) + 500_000) % 1_000_000:06}"
    assert client.post(HERE, {"code": wrong}).status_code == 200
    told = client.post(HERE, {"code": code_of(phone)})
    assert (told.status_code, told["Retry-After"]) == (429, "1")
    assert "Attendez 1 seconde." in told.content.decode()
    TOTPDevice.objects.update(throttling_failure_timestamp="2020-01-01T00:00Z")
    assert client.post(HERE, {"code": code_of(phone)}).status_code == 302


def test_recovery_code_opens_once(staff, clock):
    client, _page = browser(staff)
    code = codes_on(set_up(client))[0]
    first, _page = browser(staff)
    second, _page = browser(staff)
    assert first.post(HERE, {"code": f"{code[:4]}-{code[4:].upper()}"}).status_code == 302
    assert second.post(HERE, {"code": code}).status_code == 200
    assert (opens(first), opens(second)) == (True, False)
    assert StaticToken.objects.count() == 9


def test_removed_phone_closes_the_session_that_it_opened(staff, clock):
    client, _page = browser(staff)
    set_up(client)
    assert opens(client)
    TOTPDevice.objects.all().delete()
    assert not opens(client)


# --- Replaced -----------------------------------------------------------------------------------


def test_recovery_codes_are_replaced_by_a_code(staff, phone):
    before = set(StaticToken.objects.values_list("token", flat=True))
    client, _page = browser(staff)
    code = before.pop()
    client.post(HERE, {"code": code})
    assert codes_on(client.post(HERE, {"code": "000000", "codes": "1"})) == []
    phone.throttle_reset()
    shown = codes_on(client.post(HERE, {"code": code_of(phone), "codes": "1"}))
    assert set(shown) == set(StaticToken.objects.values_list("token", flat=True))
    assert (len(shown), set(shown) & before) == (10, set())


def test_another_phone_takes_the_place_of_the_first_once_it_shows_a_code(staff, phone, clock):
    client, _page = browser(staff)
    client.post(HERE, {"code": code_of(phone)})
    clock(20)
    led = client.post(HERE, {"code": code_of(phone), "phone": "1"}, follow=True)
    assert secret_on(led)
    assert TOTPDevice.objects.get() == phone
    assert len(codes_on(set_up(client))) == 10
    assert TOTPDevice.objects.get() != phone
    assert StaticDevice.objects.count() == 1
    assert opens(client)


def test_who_lost_everything_comes_back_by_a_code_from_the_command_line(staff, phone, capsys):
    call_command("addstatictoken", staff.username, token="helloagain")
    client, _page = browser(staff)
    assert client.post(HERE, {"code": "helloagain"}).status_code == 302
    assert opens(client)


def test_code_given_before_the_first_login_keeps_others_from_setting_up(staff, clock):
    call_command("addstatictoken", staff.username, token="welcome")
    client, page = browser(staff)
    assert "Installer" not in page.content.decode()
    assert client.post(HERE, {"code": "welcome"}).status_code == 302
    assert len(codes_on(set_up(client))) == 10


def test_second_factor_survives_a_new_password_and_no_other_session_does(staff, phone):
    here, _page = browser(staff)
    here.post(HERE, {"code": code_of(phone)})
    new = dict.fromkeys(("new_password1", "new_password2"), PASSWORD[::-1])
    here.post("/admin/password_change/", {"old_password": PASSWORD, **new})
    assert opens(here)


def test_secrets_are_on_no_screen_of_the_admin():
    labels = {model._meta.app_label for model in admin.site._registry}
    assert labels == {"auth", "careers"}
