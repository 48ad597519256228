"""The environment is read strictly, and a deployment does not start half configured."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from careersite import env

ROOT = Path(__file__).parent.parent
CONFIGURED = {
    **{"SECRET_KEY": "x" * 50, "ALLOWED_HOSTS": "careers.example"},
    "DATABASE_URL": "sqlite://:memory:",
}


@pytest.mark.parametrize(
    ("value", "read"), [(None, "default"), ("", "default"), ("  ", "default"), (" a b ", "a b")]
)
def test_env_text_is_trimmed_and_blank_means_the_default(monkeypatch, value, read):
    monkeypatch.delenv("NAME", raising=False)
    if value is not None:
        monkeypatch.setenv("NAME", value)
    assert env.text("NAME", "default") == read


@pytest.mark.parametrize(
    ("value", "read"),
    [
        *((yes, True) for yes in ("1", "true", "TRUE", "yes", " 1 ")),
        *((no, False) for no in ("0", "false", "False", "no")),
    ],
)
@pytest.mark.parametrize("default", [True, False])
def test_env_boolean_is_true_or_false(monkeypatch, value, read, default):
    monkeypatch.setenv("NAME", value)
    assert env.boolean("NAME", default=default) is read


@pytest.mark.parametrize("default", [True, False])
def test_env_boolean_that_is_blank_is_the_default(monkeypatch, default):
    monkeypatch.setenv("NAME", " ")
    assert env.boolean("NAME", default=default) is default
    monkeypatch.delenv("NAME")
    assert env.boolean("NAME", default=default) is default


@pytest.mark.parametrize("value", ["maybe", "2", "on", "falsch", "1,0"])
def test_env_boolean_that_is_neither_is_refused_by_name(monkeypatch, value):
    monkeypatch.setenv("NAME", value)
    with pytest.raises(ImproperlyConfigured, match=f"^NAME='{value}' is neither true nor false"):
        env.boolean("NAME", default=True)


@pytest.mark.parametrize(
    ("value", "read"),
    [
        ("a.example", ["a.example"]),
        ("a.example, b.example,", ["a.example", "b.example"]),
        (" , ,", []),
        ("", ["localhost"]),
    ],
)
def test_env_words_are_trimmed_and_empty_ones_dropped(monkeypatch, value, read):
    monkeypatch.setenv("NAME", value)
    assert env.words("NAME", "localhost") == read


@pytest.mark.parametrize("value", [None, "", "  "])
def test_env_required_names_what_is_missing_and_why(monkeypatch, value):
    monkeypatch.delenv("NAME", raising=False)
    if value is not None:
        monkeypatch.setenv("NAME", value)
    with pytest.raises(ImproperlyConfigured) as missing:
        env.required("NAME", "it opens the door")
    assert str(missing.value) == "Set the environment variable NAME: it opens the door."


# --- Starting ---------------------------------------------------------------------------------


def start(code, **variables):
    """Run `code` in a new Python whose environment holds these variables of ours alone."""
    inherited = {name: os.environ[name] for name in ("PATH", "LANG") if name in os.environ}
    return subprocess.run(  # a settings module is read once in a process
        [sys.executable, "-c", code],
        cwd=ROOT,
        env=inherited | variables,
        capture_output=True,
        text=True,
        check=False,
    )


WSGI = "import careersite.wsgi"
SETTING = "from careersite import settings; print(settings.{})"


@pytest.mark.parametrize(
    ("variables", "named"),
    [
        ({}, "SECRET_KEY"),
        ({"ALLOWED_HOSTS": "careers.example"}, "SECRET_KEY"),
        (CONFIGURED | {"SECRET_KEY": " "}, "SECRET_KEY"),
        (CONFIGURED | {"SECRET_KEY": "x" * 49}, "SECRET_KEY"),
        ({"SECRET_KEY": "x" * 50}, "ALLOWED_HOSTS"),
        (CONFIGURED | {"ALLOWED_HOSTS": ""}, "ALLOWED_HOSTS"),
        (CONFIGURED | {"ALLOWED_HOSTS": " , "}, "ALLOWED_HOSTS"),
        (CONFIGURED | {"ALLOWED_HOSTS": "careers.example, *"}, "ALLOWED_HOSTS"),
        (CONFIGURED | {"DATABASE_URL": ""}, "DATABASE_URL"),
        (CONFIGURED | {"DEBUG": "off"}, "DEBUG"),
        (CONFIGURED | {"HTTPS": "off"}, "HTTPS"),
        (CONFIGURED | {"BEHIND_PROXY": "yes"}, "BEHIND_PROXY"),
        (CONFIGURED | {"REQUIRE_OTP": "off"}, "REQUIRE_OTP"),
        (CONFIGURED | {"RATE_LIMIT": "-1"}, "RATE_LIMIT"),
        (CONFIGURED | {"SECURITY_CONTACT": "security@careers.example"}, "SECURITY_CONTACT"),
        (CONFIGURED | {"SECURITY_CONTACT": "mailto:a@b.example\nX: y"}, "SECURITY_CONTACT"),
    ],
)
def test_wsgi_refuses_to_start_and_names_the_variable(variables, named):
    refused = start(WSGI, **variables)
    assert refused.returncode == 1
    reason = refused.stderr.strip().splitlines()[-1]
    assert "x" * 40 not in refused.stderr
    assert "ImproperlyConfigured" in reason
    assert named in reason


def test_wsgi_starts_when_configured():
    started = start(f"{WSGI}; print(careersite.wsgi.application)", **CONFIGURED)
    assert started.returncode == 0
    assert "WSGIHandler" in started.stdout


def test_settings_of_a_clone_need_no_environment():
    assert start(SETTING.format("DEBUG, settings.ALLOWED_HOSTS, settings.HTTPS")).stdout == (
        "True ['localhost', '127.0.0.1', '[::1]'] False\n"
    )


SAFE = (
    "SECURE_SSL_REDIRECT, settings.SESSION_COOKIE_SECURE, settings.SESSION_COOKIE_NAME, "
    "settings.CSRF_COOKIE_NAME, settings.REQUIRE_OTP, settings.RATE_LIMIT, settings.DEBUG"
)


@pytest.mark.parametrize(
    ("variables", "safe"),
    [
        ({}, (True, True, "__Host-sessionid", "__Host-csrftoken", True, 300, False)),
        ({"HTTPS": "0"}, (False, False, "sessionid", "csrftoken", False, 300, False)),
        (
            {"REQUIRE_OTP": "0", "RATE_LIMIT": "60"},
            (True, True, "__Host-sessionid", "__Host-csrftoken", False, 60, False),
        ),
    ],
)
def test_settings_of_a_deployment_are_safe_by_default(variables, safe):
    told = start(SETTING.format(SAFE), DEBUG="0", **CONFIGURED, **variables)
    assert told.stdout == " ".join(map(str, safe)) + "\n"


@pytest.mark.parametrize(
    ("variables", "trusted"),
    [
        ({}, "0 False"),
        ({"BEHIND_PROXY": "2"}, "2 True"),
        ({"BEHIND_PROXY": "1", "HTTPS": "0"}, "1 False"),
    ],
)
def test_settings_trust_the_proxies_that_are_counted(variables, trusted):
    code = SETTING.format("PROXIES, hasattr(settings, 'SECURE_PROXY_SSL_HEADER')")
    assert start(code, DEBUG="0", **CONFIGURED, **variables).stdout == f"{trusted}\n"


def test_settings_read_the_hosts_one_by_one():
    hosts = CONFIGURED | {"ALLOWED_HOSTS": "careers.example, www.careers.example,"}
    assert start(SETTING.format("ALLOWED_HOSTS"), DEBUG="0", **hosts).stdout == (
        "['careers.example', 'www.careers.example']\n"
    )


POSTGRES = {"DATABASE_URL": "postgres://a@127.0.0.1/a"}
LIMITS = "print(settings.DATABASES['default']['OPTIONS'].get('options'), settings.REQUEST_SECONDS)"


def test_limits_hold_for_the_web_and_not_for_commands():
    pytest.importorskip("psycopg", reason="psycopg is not installed")
    web = f"import careersite.wsgi; from django.conf import settings; {LIMITS}"
    limits = "statement_timeout=20s lock_timeout=10s idle_in_transaction_session_timeout=60s"
    given = " ".join(f"-c {limit}" for limit in limits.split())
    assert start(web, **{**CONFIGURED, **POSTGRES}).stdout == f"{given} 60\n"
    command = f"from careersite import settings; {LIMITS}"
    assert start(command, **POSTGRES).stdout == "None 0\n"


def test_address_of_the_database_may_set_other_limits():
    given = {"DATABASE_URL": POSTGRES["DATABASE_URL"] + "?connect_timeout=30"}
    code = SETTING.format("DATABASES['default']['OPTIONS']['connect_timeout']")
    assert [start(code, **each).stdout for each in (POSTGRES, given)] == ["3\n", "30\n"]


def test_redis_url_without_the_module_refuses_to_start_and_names_the_lock(monkeypatch):
    monkeypatch.setattr(env, "find_spec", lambda module: None)
    with pytest.raises(ImproperlyConfigured) as missing:
        env.required_module("redis", "REDIS_URL", "requirements/redis.txt")
    assert str(missing.value) == (
        "REDIS_URL needs the module redis: install requirements/redis.txt."
    )
