"""What a program reads of the API, by its own links."""

from tests.openapi import wrong

API = "/api/v1/"


def read(client, path, **headers):
    """The answer at `path`, which has to be what the document says."""
    response = client.get(API + path, headers=headers)
    assert (response.status_code, wrong(response)) == (200, []), path
    return response.json()


def each(client, path, **headers):
    """All rows of a list, by its own links."""
    rows, address = [], API + path
    while address:
        page = read(client, address.removeprefix("http://testserver").removeprefix(API), **headers)
        rows += page["results"]
        address = page["links"]["next"]
    return rows
