"""What `make bench` serves with gunicorn: the site, and beside it the yardsticks."""

import os

os.environ["DEBUG"] = "0"

from careersite.wsgi import application as site  # noqa: I001
from careersite.urls import urlpatterns as site_urlpatterns
from django.core.handlers.wsgi import WSGIHandler
from django.db import connection
from django.http import HttpResponse
from django.template import engines
from django.test.utils import override_settings
from django.urls import path

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


TEMPLATE = engines["django"].from_string(PAGE)


def bare(request):
    return HttpResponse("bare")


def rows(request):
    return HttpResponse(TEMPLATE.render({"rows": ROWS}))


urlpatterns = [path("bare", bare), path("rows", rows), *site_urlpatterns]


class Yardstick(WSGIHandler):
    """A view of Django's behind an address and this middleware, and nothing of ours."""

    def __init__(self, *middleware):
        with override_settings(MIDDLEWARE=middleware):
            super().__init__()

    def get_response(self, request):
        request.urlconf = __name__
        return super().get_response(request)


YARDSTICKS = {"/bare": Yardstick(), "/rows": Yardstick(*MIDDLEWARE)}


def application(environ, start_response):
    answer = YARDSTICKS.get(environ["PATH_INFO"], site)
    if "HTTP_X_COUNT" not in environ:
        return answer(environ, start_response)
    return counted(answer, environ, start_response)


def counted(answer, environ, start_response):
    """The whole answer and how many queries it took, those of a streamed file among them."""
    asked, head = [], []

    def count(execute, sql, params, many, context):
        asked.append(sql)
        return execute(sql, params, many, context)

    with connection.execute_wrapper(count):
        response = answer(environ, lambda *begun: head.extend(begun))
        body = b"".join(response)
        response.close()
    status, headers = head[:2]
    start_response(status, [*headers, ("X-Queries", str(len(asked)))])
    return [body]
