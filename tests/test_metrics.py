"""What Prometheus is told: closed without the token, and the sum of all workers with it."""

import re

import pytest

from tests import layout

pytest.importorskip("prometheus_client", reason="the extra `metrics` is not installed")

TOKEN = "a-token-of-the-scraper"


@pytest.fixture(scope="module")
def site(tmp_path_factory, django_db_setup, django_db_blocker):
    """One site of two workers that counts, with the starter content, and its environment."""
    folder = tmp_path_factory.mktemp("metrics")
    (folder / "counts").mkdir()
    counting = {"METRICS_TOKEN": TOKEN, "PROMETHEUS_MULTIPROC_DIR": str(folder / "counts")}
    with django_db_blocker.unblock(), layout.database(folder, "metrics") as url:
        env = layout.environment(url, HTTPS="0", **counting)
        layout.manage(env, "migrate", "--verbosity", "0")
        layout.manage(env, "load_demo")
        port = layout.free_port()
        with layout.gunicorn(env, port, folder / "log", workers=2):
            yield f"http://127.0.0.1:{port}", env, folder


def metrics(address):
    with layout.ask(f"{address}/metrics", Authorization=f"Bearer {TOKEN}") as answer:
        assert (answer.status, answer.headers["Cache-Control"]) == (200, "no-store")
        text = answer.read().decode()
    return {
        name: float(value) for name, value in re.findall(r"^([^#\s].*) (\S+)$", text, re.MULTILINE)
    }


@pytest.mark.parametrize(
    "authorization", ["", TOKEN, f"Bearer {TOKEN[:-1]}", f"Bearer {TOKEN}x", "Bearer é", "Bearer "]
)
def test_metrics_are_closed_without_the_token(site, authorization):
    with layout.ask(f"{site[0]}/metrics", Authorization=authorization.encode()) as answer:
        assert (answer.status, answer.read()) == (401, b"")
        assert answer.headers["WWW-Authenticate"] == "Bearer"


def test_metrics_are_the_sum_of_all_workers(site):
    address, _env, folder = site

    def workers():
        """The processes that have counted something."""
        return {path.stem for path in (folder / "counts").glob("counter_*.db")}

    asked, before = 0, metrics(address)
    name = 'careersite_requests_total{method="GET",route="careers:career_list",status="200"}'
    while len(workers()) < 2 or asked < 20:
        layout.ask(f"{address}/metiers/").close()
        asked += 1
        assert asked < 500, "one worker has answered everything"
    layout.ask(f"{address}/rien/").close()
    after = metrics(address)
    assert after[name] - before.get(name, 0) == asked
    seconds = 'careersite_request_seconds_{}{{route="careers:career_list"{}}}'
    assert after[seconds.format("count", "")] - before.get(seconds.format("count", ""), 0) == asked
    assert (
        after[seconds.replace("{{", '{{le="+Inf",').format("bucket", "")]
        == (after[seconds.format("count", "")])
    )
    pages = {how: after[f'careersite_pages_total{{how="{how}"}}'] for how in ("made", "kept")}
    assert sum(pages.values()) == after[name]
    assert 1 <= pages["made"] <= len(workers())
    lost = 'careersite_requests_total{method="GET",route="none",status="404"}'
    assert after[lost] - before.get(lost, 0) == 1
    # As many as the starter content has, not as many as there are workers.
    assert after["careersite_index_figures"] == 8
    assert 1 <= after["careersite_index_read_seconds_count"] <= len(workers())


def test_metrics_count_imports_by_command(site, tmp_path):
    address, env, _folder = site
    name = 'careersite_imports_total{resource="career"}'
    before = metrics(address)
    assert before['careersite_careers{status="published"}'] == 5
    assert before["careersite_salary_bands"] == 8
    create = "from careers.models import Import; Import.objects.create({})"
    row = 'username="", resource="career", name="f.csv", sha256="0" * 64'
    layout.manage(env, "shell", "-c", create.format(row))
    assert metrics(address)[name] - before.get(name, 0) == 1


def test_metrics_are_not_there_without_a_token(client, db):
    assert client.get("/metrics", headers={"Authorization": "Bearer "}).status_code in (301, 404)


def test_metrics_need_a_folder_where_the_workers_count(monkeypatch):
    variables = layout.environment("sqlite://:memory:", METRICS_TOKEN=TOKEN)
    refused = layout.manage(variables, "check", check=False)
    assert refused.returncode == 1
    assert "Set the environment variable PROMETHEUS_MULTIPROC_DIR" in refused.stderr
