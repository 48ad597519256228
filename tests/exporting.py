"""The export of the admin as a browser asks for it."""

from urllib.parse import parse_qsl

from django.urls import reverse


def address(view, model="salaryband"):
    return reverse(f"admin:careers_{model}_{view}")


def asked(question):
    return parse_qsl(question.removeprefix("?"))


def download(client, model, question="", profile="data", columns=(), ticked=""):
    """The answer to the export's form, filled in."""
    own = [("export-profile", profile), *(("export-columns", name) for name in columns)]
    own += [("export-ticked", ticked)] if ticked else []
    return client.get(address("export", model), [*asked(question), *own])


def content_of(response):
    return b"".join(response.streaming_content)


def break_off(response):
    """What a server does when its client is gone. The test client's iterator closes the response
    and spares the connection that the test itself still needs."""
    response._iterator.close()
