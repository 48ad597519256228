"""The page of the open data and its files over HTTP."""

import gzip
import json

import pytest

from careers import open_data
from tests.factories import create_career
from tests.pages import text_of

SITE = "http://testserver"


@pytest.fixture
def release(golden) -> open_data.Release:
    return open_data.publish(SITE)


def body(response) -> bytes:
    # Django's test client closes it then; closed by hand, it takes the database's connection along.
    return b"".join(response.streaming_content)


def test_page_names_every_file_with_its_size_and_checksum(release, client):
    html = client.get("/en/data/").content.decode()
    tabular = [name for name in release.entries if not name.startswith("datapackage")]
    linked = {name for name in tabular if f'href="/data/{name}"' in html}
    assert linked == set(tabular)
    hashes = {e.sha256 for name, e in release.entries.items() if name.endswith(("csv", "jsonl"))}
    assert {each for each in hashes if each in html} == hashes
    text = text_of(client.get("/en/data/"))
    assert "Salary bands 7 rows" in text
    assert f"version {release.version}" in text
    assert "published under CC BY 4.0" in text
    assert f"{SITE}/en/data/." in text


def test_page_says_the_same_in_french(release, client):
    text = text_of(client.get("/donnees/"))
    assert "Fourchettes de salaire 7 lignes" in text
    assert "publiés sous CC BY 4.0" in text
    assert f"version {release.version}" in text


def test_page_is_honest_before_anything_was_built(golden, client):
    response = client.get("/en/data/")
    assert "The files have not been built yet on this site." in text_of(response)
    assert 'href="/data/' not in response.content.decode()
    assert "Dataset" not in response.content.decode()
    assert client.get("/data/careers.csv").status_code == 404


def test_page_is_not_sent_twice(release, client):
    first = client.get("/donnees/")
    again = client.get("/donnees/", headers={"If-None-Match": first["ETag"]})
    assert again.status_code == 304


def test_every_file_is_sent_as_it_was_built(release, client):
    for name in [*release.entries, "manifest.json"]:
        response = client.get(f"/data/{name}")
        content = (release.folder / name).read_bytes()
        assert body(response) == content
        assert response["Content-Length"] == str(len(content))
        assert response["ETag"] == f'"{release.file(name).sha256}"'
        assert response["Access-Control-Allow-Origin"] == "*"
        english, french = "datapackage.json" in name, "datapackage.fr.json" in name
        assert response["Content-Language"] == ("en" if english else "fr" if french else "fr, en")
        assert "Content-Encoding" not in response
        assert response.cookies == {}


def test_kinds_of_files(release, client):
    kinds = {
        "careers.csv": "text/csv; charset=utf-8",
        "careers.jsonl": "application/jsonl; charset=utf-8",
        "datapackage.json": "application/json",
        "careers.csv.gz": "application/gzip",
    }
    found = {}
    for name in kinds:
        response = client.get(f"/data/{name}")
        found[name] = response["Content-Type"]
        body(response)
    assert found == kinds


def test_who_accepts_it_is_sent_what_was_compressed(release, client):
    for accepted in ("gzip", "br, gzip;q=0.5", "deflate,gzip ; q=1.0"):
        response = client.get("/data/careers.csv", headers={"Accept-Encoding": accepted})
        assert response["Content-Encoding"] == "gzip"
        assert response["ETag"] == f'"{release.file("careers.csv.gz").sha256}"'
        assert "Accept-Encoding" in response["Vary"].split(", ")
        assert gzip.decompress(body(response)) == (release.folder / "careers.csv").read_bytes()
    for accepted in ("", "br", "gzip;q=0", "x-gzipped"):
        response = client.get("/data/careers.csv", headers={"Accept-Encoding": accepted})
        assert "Content-Encoding" not in response
        assert body(response) == (release.folder / "careers.csv").read_bytes()


@pytest.mark.parametrize("accepted", ["", "gzip"])
@pytest.mark.parametrize("name", ["careers.csv", "careers.csv.gz", "manifest.json"])
def test_parts_of_a_file_are_of_the_bytes_that_are_sent(release, client, name, accepted):
    headers = {"Accept-Encoding": accepted}
    whole = client.get(f"/data/{name}", headers=headers)
    assert whole.status_code == 200
    content = body(whole)
    part = client.get(f"/data/{name}", headers={**headers, "Range": "bytes=10-19"})
    assert (part.status_code, body(part)) == (206, content[10:20])
    assert part["Content-Range"] == f"bytes 10-19/{len(content)}"
    rest = {**headers, "Range": "bytes=20-", "If-Range": whole["ETag"]}
    assert body(client.get(f"/data/{name}", headers=rest)) == content[20:]
    beyond = client.get(f"/data/{name}", headers={**headers, "Range": f"bytes={len(content)}-"})
    assert (beyond.status_code, beyond["Content-Range"]) == (416, f"bytes */{len(content)}")
    head = client.head(f"/data/{name}", headers=headers)
    assert (head.content, head["Content-Length"]) == (b"", str(len(content)))
    known = client.get(f"/data/{name}", headers={**headers, "If-None-Match": whole["ETag"]})
    assert (known.status_code, known.content) == (304, b"")


def test_a_download_that_broke_off_begins_again_after_a_new_release(release, client):
    first = client.get("/data/careers.csv")
    body(first)
    create_career(title_fr="Nouveau")
    newer = open_data.publish(SITE)
    rest = {"Range": "bytes=20-", "If-Range": first["ETag"]}
    response = client.get("/data/careers.csv", headers=rest)
    assert response.status_code == 200
    assert body(response) == (newer.folder / "careers.csv").read_bytes()


@pytest.mark.parametrize(
    "name", ["x.csv", "manifest.json.gz", "..%2Fmanifest.json", "%2Fetc%2Fpasswd", "current"]
)
def test_no_other_file_is_sent(release, client, name):
    (release.folder / "x.csv").write_text("secret")
    assert client.get(f"/data/{name}").status_code == 404


def test_files_are_only_read(release, client):
    assert client.post("/data/careers.csv").status_code == 405
    assert client.post("/donnees/").status_code == 405


def told(client) -> list[dict]:
    html = client.get("/en/data/").content.decode()
    scripts = html.split('<script type="application/ld+json">')[1:]
    return [json.loads(each.partition("</script>")[0]) for each in scripts]


def test_page_tells_programs_of_each_file(release, client):
    data, trail = told(client)
    downloads = {each["contentUrl"]: each for each in data.pop("distribution")}
    assert downloads.keys() == {
        f"{SITE}/data/{name}" for name in release.entries if not name.endswith(".gz")
    }
    entry = release.entries["salary_bands.csv"]
    assert downloads[f"{SITE}/data/salary_bands.csv"] == {
        "@type": "DataDownload",
        "name": "salary_bands.csv",
        "contentUrl": f"{SITE}/data/salary_bands.csv",
        "encodingFormat": "text/csv",
        "contentSize": f"{entry.bytes} B",
        "sha256": entry.sha256,
    }
    assert [step["item"] for step in trail["itemListElement"]] == [
        f"{SITE}/en/careers/",
        f"{SITE}/en/data/",
    ]


def test_page_is_a_dataset_for_programs(release, client):
    data = told(client)[0]
    del data["distribution"]
    description = data.pop("description")
    assert 50 <= len(description) <= 5000  # what Google's dataset search accepts
    assert data == {
        "@context": "https://schema.org",
        "@type": "Dataset",
        "name": "Careers, plainly: jobs and what they pay",
        "url": f"{SITE}/en/data/",
        "identifier": f"{SITE}/en/data/",
        "version": release.version,
        "dateModified": release.built_at.isoformat(),
        "inLanguage": ["fr", "en"],
        "isAccessibleForFree": True,
        "license": "https://creativecommons.org/licenses/by/4.0/",
        "creator": {"@type": "Organization", "name": "Careers, plainly", "url": f"{SITE}/"},
        "spatialCoverage": {"@type": "AdministrativeArea", "name": "World"},
        "variableMeasured": [
            *("Careers", "Salary bands", "Regions", "Sources", "Fields of work"),
            "Exchange rates",
        ],
        "temporalCoverage": "2023-04-30/2023-04-30",
    }
