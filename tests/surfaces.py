"""Every place where the public can meet a career: a new one needs a line in SURFACES.

Each takes a client and a career with one figure in France, and tells whether the career shows.
"""

import csv
import json
from collections.abc import Callable
from io import StringIO

from django.test import Client

from careers import open_data
from careers.models import Career
from tests.pages import figure_path


def _answers(address: Callable[[Career], str]) -> Callable[[Client, Career], bool]:
    """A page of the career's own: there or not."""
    return lambda client, career: client.get(address(career), follow=True).status_code == 200


def _names(address: Callable[[Career], str]) -> Callable[[Client, Career], bool]:
    """A page of many careers: the career's title stands on it."""

    def shows(client: Client, career: Career) -> bool:
        response = client.get(address(career))
        return response.status_code == 200 and career.title_fr in response.content.decode()

    return shows


def _linked(path: str) -> Callable[[Client, Career], bool]:
    """A document that leads to the career's own address, whatever it says of it."""

    def shows(client: Client, career: Career) -> bool:
        page = client.get(path.format(start=career.slug[:-1])).content.decode()
        return f"/metiers/{career.slug}/" in page

    return shows


def _body(client: Client, address: str) -> str:
    return b"".join(client.get(address).streaming_content).decode()


def _in_csv(client: Client, career: Career) -> bool:
    rows = csv.DictReader(StringIO(_body(client, "/metiers/export.csv").removeprefix("\ufeff")))
    return career.title_fr in {cell for row in rows for cell in row.values()}


def _in_json(client: Client, career: Career) -> bool:
    return career.title_fr in json.dumps(
        json.loads(_body(client, "/metiers/export.json")), ensure_ascii=False
    )


def _in_open_data(client: Client, career: Career) -> bool:
    """In any file of a release built now."""
    release = open_data.publish()
    files = [path for path in release.folder.iterdir() if path.suffix != ".gz"]
    return any(career.title_fr.encode() in path.read_bytes() for path in files)


def _by_oembed(client: Client, career: Career) -> bool:
    address = f"http://testserver/metiers/{career.slug}/"
    return client.get("/oembed/", {"url": address}).status_code == 200


def _found(client: Client, career: Career) -> bool:
    # By its link: the words of the question are repeated on the page in any case.
    page = client.get("/metiers/", {"q": career.title_fr}, follow=True).content.decode()
    return f'href="/metiers/{career.slug}/"' in page


def _counted(client: Client, career: Career) -> bool:
    """The counts of the list: what is found, and what choosing France would leave."""
    context = client.get("/metiers/").context
    listed = sum(context["question"].listed_counts.values())
    in_france = {choice.value: choice.count for choice in context["facets"].regions}.get("FR", 0)
    assert listed == in_france
    return listed == 1


def _lists_region(client: Client, career: Career) -> bool:
    return "France" in {each.region.name for each in client.get("/regions/").context["regions"]}


def _band(career: Career):
    return career.bands.get()


SURFACES: dict[str, Callable[[Client, Career], bool]] = {
    "list": _names(lambda career: "/metiers/"),
    "list in English": _names(lambda career: "/en/careers/"),
    "search": _found,
    "counts": _counted,
    "detail": _answers(lambda career: f"/metiers/{career.slug}/"),
    "detail in English": _answers(lambda career: f"/en/careers/{career.slug}/"),
    "figure": _answers(lambda career: figure_path(_band(career))),
    "figure as JSON": _answers(lambda career: figure_path(_band(career), ending=".json")),
    "region": _names(lambda career: "/regions/FR/"),
    "regions": _lists_region,
    "source": _names(lambda career: f"/sources/{_band(career).source.slug}/"),
    "compare": _names(lambda career: f"/comparer/?career={career.slug}"),
    "feed": _names(lambda career: "/metiers/atom.xml"),
    "sitemap of careers": _linked("/sitemap-careers.xml"),
    "sitemap of figures": _linked("/sitemap-figures.xml"),
    "picture": _answers(lambda career: f"/metiers/{career.slug}/any.png"),
    "a missing address": _linked("/metiers/{start}/"),
    "careers of the API": _names(lambda career: "/api/v1/careers/"),
    "career of the API": _answers(lambda career: f"/api/v1/careers/{career.slug}/"),
    "bands of the API": _names(lambda career: "/api/v1/bands/?statements=all"),
    "band of the API": _answers(lambda career: f"/api/v1/bands/{_band(career).pk}/"),
    "regions of the API": _answers(lambda career: "/api/v1/regions/FR/"),
    "examples of the API": _names(lambda career: "/api/"),
    "CSV": _in_csv,
    "JSON": _in_json,
    "open data": _in_open_data,
    "chart to embed": _answers(lambda career: f"/metiers/{career.slug}/integrer/"),
    "oEmbed": _by_oembed,
}
