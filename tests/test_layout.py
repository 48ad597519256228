"""What compose.yaml describes, as processes on loopback: two sites behind nginx, one database."""

import gzip
import os
import re
import shutil
import signal
import socket
import ssl
import subprocess
import time
from http.cookiejar import CookieJar
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, HTTPSHandler, Request, build_opener

import pytest

from tests import layout
from tests.layout import NAME, ROOT

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(not shutil.which("nginx"), reason="nginx is not installed"),
    pytest.mark.skipif(not shutil.which("openssl"), reason="openssl is not installed"),
]


class Layout:
    """Two sites of one worker behind nginx; the address of each, and their logs."""

    def __init__(self, folder, env, sites, secure, plain, nginx_log, running):
        self.folder, self.env, self.sites, self.running = folder, env, sites, running
        self.plain = f"http://127.0.0.1:{plain}"
        self.secure = f"https://localhost:{secure}"
        self.nginx_log = nginx_log
        self.trusted = ssl.create_default_context(cafile=str(folder / "certificates/site.crt"))

    def browser(self):
        """Keeps cookies, as one browser does, and stays where it is sent."""
        cookies = HTTPCookieProcessor(CookieJar())
        return build_opener(HTTPSHandler(context=self.trusted), cookies, layout._Stay())

    def get(self, path, opener=None, **headers):
        return layout.ask(self.secure + path, opener or self.browser(), **headers)

    def status(self, path):
        with self.get(path) as answer:
            return answer.status

    def post(self, path, opener, **fields):
        """As a browser would send a form: with where it comes from."""
        headers = {"Referer": self.secure + path, "Origin": self.secure}
        data = urlencode(fields).encode()
        try:
            return opener.open(Request(self.secure + path, data=data, headers=headers), timeout=20)
        except layout.HTTPError as answer:
            return answer

    def line_of(self, answer):
        """What nginx wrote about it; it does so after it has sent it."""
        answer.close()
        until = time.monotonic() + 20
        while time.monotonic() < until:
            for line in layout.lines(self.nginx_log):
                if line["request_id"] == answer.headers["X-Request-ID"]:
                    return line
            time.sleep(0.05)
        raise AssertionError("nginx wrote nothing about it")

    def told(self):
        """The lines of both sites about requests."""
        logs = [line for number in (1, 2) for line in layout.lines(self.folder / f"web{number}")]
        return [line for line in logs if line["event"] == "request"]


@pytest.fixture(scope="module")
def site(tmp_path_factory, django_db_setup, django_db_blocker):
    folder = tmp_path_factory.mktemp("layout")
    sites, secure, plain = (
        [layout.free_port(), layout.free_port()],
        *(layout.free_port() for _number in range(2)),
    )
    with (
        django_db_blocker.unblock(),
        layout.database(folder, "layout") as url,
        layout.redis(folder) as redis,
    ):
        proxied = {"HTTPS": "1", "BEHIND_PROXY": "1", "SHARED_SECONDS": "60", "REQUIRE_OTP": "0"}
        proxied["OPEN_DATA_ROOT"] = str(folder / "data")
        hosts = {"ALLOWED_HOSTS": f"{NAME},localhost"}
        env = layout.environment(url, **proxied, **hosts, **redis)
        layout.manage(env, "migrate", "--verbosity", "0")
        layout.manage(env, "load_demo")
        layout.manage(env, "publish_data", "--site-url", f"https://{NAME}")
        with (
            layout.gunicorn(env, sites[0], folder / "web1") as first,
            layout.gunicorn(env, sites[1], folder / "web2") as second,
            layout.nginx(folder, sites, plain, secure) as log,
        ):
            layout.manage(env, "write_error_pages", str(folder / "pages"))
            yield Layout(folder, env, sites, secure, plain, log, (first, second))


def test_nginx_accepts_its_configuration(tmp_path):
    ports = [layout.free_port() for _number in range(4)]
    path = layout.nginx_configuration(tmp_path, ports[:2], *ports[2:])
    checked = subprocess.run(
        ["nginx", "-t", "-p", str(tmp_path), "-c", str(path)], capture_output=True, text=True
    )
    assert checked.returncode == 0, checked.stderr


def test_plain_http_leads_to_https(site):
    with layout.ask(f"{site.plain}/metiers/?region=FR", Host=NAME) as answer:
        assert answer.status == 301
        assert answer.headers["Location"] == f"https://{NAME}/metiers/?region=FR"


def test_pages_come_over_https_without_a_cookie(site):
    for path in ("/metiers/", "/en/careers/", "/metiers/ethicien-ia/"):
        with site.get(path) as page:
            text = page.read().decode()
            assert page.status == 200
            assert page.headers["Set-Cookie"] is None
            assert "max-age=63072000" in page.headers["Strict-Transport-Security"]
            # The site knows under which name and how it is asked.
            assert f'href="{site.secure}{path}"' in text


def test_static_files_are_hashed_compressed_and_kept_for_good(site):
    with site.get("/metiers/") as page:
        (path,) = set(re.findall(r'"(/static/careers/site\.[0-9a-f]{12}\.css)"', str(page.read())))
    for _time in range(2):
        with site.get(path, Accept_Encoding="gzip") as file:
            assert file.headers["Content-Encoding"] == "gzip"
            assert "immutable" in file.headers["Cache-Control"]
            assert b"{" in gzip.decompress(file.read())
    assert site.line_of(file)["cache"] == "HIT"


def test_static_file_that_one_site_lacks_is_asked_of_the_other(site):
    """In the minute of an upgrade."""
    with site.get("/static/careers/site.000000000000.css") as answer:
        number = answer.headers["X-Request-ID"]
        assert answer.status == 404
    asked = [each for each in site.told() if each["request_id"] == number]
    assert [(each["route"], each["status"]) for each in asked] == [("static", 404)] * 2


def test_each_request_has_one_number_all_the_way(site):
    with site.get("/metiers/?region=DE", X_Request_ID="chosen-by-a-visitor") as page:
        number = page.headers.get_all("X-Request-ID")
    assert len(number) == 1
    assert re.fullmatch("[0-9a-f]{32}", number[0])
    of_nginx = site.line_of(page)
    of_sites = [each for each in site.told() if each["request_id"] == number[0]]
    assert (of_nginx["status"], of_nginx["method"]) == (200, "GET")
    assert [(each["status"], each["route"]) for each in of_sites] == [(200, "careers:career_list")]
    # Kept by nginx, and yet under a number of its own.
    with site.get("/metiers/?region=DE") as page:
        assert page.headers["X-Request-ID"] != number[0]


def test_editor_signs_in_through_nginx(site):
    editor = site.browser()
    with site.get("/admin/login/", editor) as page:
        token = re.search('name="csrfmiddlewaretoken" value="(.+?)"', page.read().decode())[1]
    named = {"username": "editor", "password": "demo-password", "next": "/admin/"}
    with site.post("/admin/login/", editor, csrfmiddlewaretoken=token, **named) as sent_on:
        assert (sent_on.status, sent_on.headers["Location"]) == (302, "/admin/")
        cookies = sent_on.headers.get_all("Set-Cookie")
    assert len([each for each in cookies if "sessionid=" in each]) == 1
    assert ["Secure" in each for each in cookies] == [True] * len(cookies)
    with site.get("/admin/", editor) as desk:
        assert desk.status == 200
        assert (
            "no-store" in desk.headers["Cache-Control"]
            or "private" in desk.headers["Cache-Control"]
        )
    # Whoever is signed in is answered by the site, and nobody else gets that answer.
    answers = [site.get("/metiers/", editor) for _time in range(2)]
    assert [site.line_of(each)["cache"] for each in answers] == ["BYPASS"] * 2


def test_pages_are_kept_by_nginx_for_the_seconds_that_the_site_allows(site):
    path = "/metiers/?region=US"
    answers = [site.get(path) for _time in range(2)]
    assert [site.line_of(each)["cache"] for each in answers] == ["MISS", "HIT"]


def test_metrics_are_not_reached_through_nginx(site):
    assert site.status("/metrics") == 404
    assert site.status("/health/live") == 200


def test_logs_name_nobody(site):
    site.get("/metiers/?q=jeanne%40example.org", User_Agent="Jeanne's phone").close()
    written = [path.read_text() for path in site.folder.glob("web?")]
    written.append(site.nginx_log.read_text())
    assert all(written)
    written.append((site.folder / "nginx.errors").read_text())
    assert re.findall("jeanne|127.0.0.1 |::1|phone", "\n".join(written), re.IGNORECASE) == []
    for line in layout.lines(site.nginx_log):
        assert line.keys() == {
            *("time", "logger", "request_id", "method", "status", "seconds", "octets", "cache")
        }


def test_lines_of_gunicorn_are_json_and_name_nobody(site):
    with socket.create_connection(("127.0.0.1", site.sites[0])) as visitor:
        visitor.sendall(b"GET /metiers/?q=jeanne HTTP/1.1\r\nHost: a\r\nno colon: \x00\r\n\r\n")
        assert b" 400 " in visitor.recv(1000)
    lines = layout.lines(site.folder / "web1")
    said = [line for line in lines if line["logger"] == "gunicorn.error"]
    assert {line["event"].partition(" ")[0] for line in said} == {
        *("Starting", "Listening", "Using", "Booting", "Invalid")
    }
    assert [line["event"] for line in said if line["level"] == "WARNING"] == ["Invalid request"]


def test_file_is_asked_for_in_parts_and_anew_only_when_it_changed(site):
    path = "/data/careers.csv"
    with site.get(path) as whole:
        content, tag = whole.read(), whole.headers["ETag"]
    with site.get(path, Range="bytes=3-9", If_Range=tag) as part:
        assert (part.status, part.read()) == (206, content[3:10])
    with site.get(path, If_None_Match=tag) as same:
        assert same.status == 304


def test_page_that_the_reader_has_is_not_sent_again(site):
    with site.get("/metiers/?region=ES") as page:
        tag = page.headers["ETag"]
    with site.get("/metiers/?region=ES", If_None_Match=tag) as same:
        assert (same.status, same.read()) == (304, b"")
    # Nor is "unchanged" kept for those who have nothing.
    with site.get("/metiers/?region=ES") as page:
        assert page.status == 200


def test_one_site_killed_is_not_noticed(site):
    """One process is gone for good."""
    os.killpg(site.running[1].pid, signal.SIGKILL)
    site.running[1].wait()
    answers = [site.status(f"/metiers/?region=FR&salary_min={n}0000") for n in range(20, 60)]
    assert answers == [200] * 40
    with pytest.raises(layout.URLError):
        layout.ask(f"http://127.0.0.1:{site.sites[1]}/health/live")


def test_both_sites_killed_is_said_in_the_language_of_the_reader(site):
    """The last test of this layout: nothing answers any more."""
    assert site.status("/metiers/?region=ES") == 200
    # Which of them the tests before have killed, if they ran here at all, does not matter.
    for process in site.running:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
    for path, said in (("/metiers/?q=x", "De retour dans un instant"), ("/en/x/", "Back in a")):
        with site.get(path) as page:
            assert said in page.read().decode()
            assert (page.status, page.headers["Retry-After"]) == (503, "10")
            assert page.headers["Cache-Control"] == "no-store"
    # What nginx keeps is there all the same.
    assert site.status("/metiers/?region=ES") == 200


def test_configuration_has_nothing_but_what_the_test_replaces(tmp_path):
    """The lines that differ from deploy/nginx.conf are addresses and folders."""
    path = layout.nginx_configuration(tmp_path, [1, 2], 3, 4)
    ours = (ROOT / "deploy" / "nginx.conf").read_text().splitlines()
    theirs = path.read_text().removeprefix("user root;\n").splitlines()
    changed = [old.split()[0] for old, new in zip(ours, theirs, strict=True) if old != new]
    assert sorted(set(changed)) == sorted(
        {
            *("pid", "error_log", "http", "include", "access_log", "proxy_cache_path", "server"),
            *("listen", "root", "ssl_certificate", "ssl_certificate_key"),
        }
    )
