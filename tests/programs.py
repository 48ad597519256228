"""What a program reads of the API, by its own links."""

from tests.consumer import pages
from tests.openapi import wrong

API = "/api/v1/"


def read(client, path, **headers):
    """The answer at `path`, which has to be what the document says."""
    response = client.get(API + path, headers=headers)
    assert (response.status_code, wrong(response)) == (200, []), path
    return response.json()


def each(client, path, **headers):
    """All rows of a list, by its own links."""

    def ask(address):
        return read(client, address.removeprefix("http://testserver").removeprefix(API), **headers)

    return [row for page in pages(ask, API + path) for row in page["results"]]
