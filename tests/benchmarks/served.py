"""What `make bench` serves with gunicorn: the site, and beside it the yardsticks."""

import os

os.environ["DEBUG"] = "0"

from careersite.wsgi import application as site  # noqa: I001
from django.core.handlers.wsgi import WSGIHandler
from django.http import HttpResponse
from django.template import engines
from django.test.utils import override_settings

ROWS = [
    {"name": f"Métier {n}", "summary": "Ce qu’on y fait.", "pay": 30_000 + n} for n in range(20)
]
PAGE = """{% load i18n %}<!DOCTYPE html><title>Rows</title><ul>{% for row in rows %}<li>
<a href="{% url "careers:career_detail" "metier" %}">{{ row.name }}</a> {{ row.summary }}
{% translate "Compare" %} {{ row.pay }}</li>{% endfor %}</ul>"""
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]


def bare(get_response):
    return lambda request: HttpResponse("bare")


def rows(get_response):
    template = engines["django"].from_string(PAGE)
    return lambda request: HttpResponse(template.render({"rows": ROWS}))


def _handler(*middleware: str) -> WSGIHandler:
    with override_settings(MIDDLEWARE=middleware):
        return WSGIHandler()


YARDSTICKS = {
    "/bare": _handler(f"{__name__}.bare"),
    "/rows": _handler(*MIDDLEWARE, f"{__name__}.rows"),
}


def application(environ, start_response):
    return YARDSTICKS.get(environ["PATH_INFO"], site)(environ, start_response)
