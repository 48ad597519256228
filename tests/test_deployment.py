"""Dockerfile, compose.yaml and what they pass on, checked without an engine."""

import ast
import re
from fnmatch import fnmatch
from pathlib import Path

import pytest
import yaml

from tests.layout import ROOT

DOCKERFILE = (ROOT / "Dockerfile").read_text()
COMPOSE = yaml.safe_load((ROOT / "compose.yaml").read_text())
SERVICES = COMPOSE["services"]
JOBS = {"migrate", "pages", "backup", "publish"}
OURS = JOBS | {"web1", "web2"}
EXAMPLE = (ROOT / "deploy" / "env.example").read_text()
PINNED = re.compile(r"[a-z/]+:\d+(\.\d+)?-[a-z-]*[a-z]")


def instructions():
    """Those of the Dockerfile, each with its words, continued lines joined."""
    text = re.sub(r"^#.*\n", "", DOCKERFILE, flags=re.MULTILINE)
    lines = re.sub(r"\\\n\s*", "", text).splitlines()
    return [tuple(line.split(None, 1)) for line in lines if line.strip()]


def said(name):
    return [words for each, words in instructions() if each == name]


# --- Dockerfile: the rules of hadolint that fit it ------------------------------------------------


def test_image_is_made_in_two_stages_from_one_pinned_base():
    bases = [words.split()[0] for words in said("FROM")]
    assert len(bases) == 2
    assert len(set(bases)) == 1
    assert PINNED.fullmatch(bases[0])
    # The last stage takes what was built, not what built it.
    assert {words.split()[0] for words in said("COPY")[-2:]} == {"--from=build"}


def test_image_holds_only_what_is_locked_or_of_the_release():
    assert said("ADD") == []
    runs = " && ".join(said("RUN"))
    installs = re.findall(r"pip install (.*?)(?= &&|$)", runs)
    assert len(installs) == 3
    locks = {
        re.fullmatch(r"--require-hashes -r (requirements/\S+\.txt)", each) for each in installs
    }
    assert None not in locks
    copied = {
        source
        for words in said("COPY")
        if not words.startswith("--from")
        for source in words.split()[:-1]
    }
    assert {each[1] for each in locks} <= copied
    assert {source for source in copied if not (ROOT / source).exists()} == set()
    assert re.findall(r"curl|wget|git |pip install (?!--require-hashes)", runs) == []


def test_image_keeps_no_lists_and_no_more_than_was_asked_for():
    (apt,) = [words for words in said("RUN") if "apt-get" in words]
    assert "--no-install-recommends" in apt
    assert "rm -rf /var/lib/apt/lists/*" in apt
    assert not re.search(r"apt-get (dist-)?upgrade", apt)


def test_image_runs_as_nobody_who_could_change_it():
    names = [name for name, _words in instructions()]
    assert said("USER") == ["site"]
    assert "--chown" not in " ".join(said("COPY"))
    # Whatever runs after it runs as that user.
    assert set(names[names.index("USER") + 1 :]) == {"EXPOSE", "HEALTHCHECK", "CMD"}


def test_image_starts_and_is_watched_without_a_shell():
    (start,) = said("CMD")
    assert yaml.safe_load(start)[:4] == [
        "gunicorn",
        "careersite.wsgi",
        "--config",
        "gunicorn.conf.py",
    ]
    (health,) = said("HEALTHCHECK")
    program = yaml.safe_load(health.split("CMD", 1)[1])
    assert program[:2] == ["python", "-c"]
    assert "/health/live" in program[2]
    compile(program[2], "HEALTHCHECK", "exec")


def test_image_holds_no_secret():
    environment = " ".join(said("ENV") + said("ARG"))
    assert re.findall(r"SECRET|PASSWORD|TOKEN|DATABASE_URL", environment) == []
    (build,) = [words for words in said("RUN") if "SECRET_KEY" in words]
    # Django refuses a deployment with it if somebody takes it for a real one.
    assert "for-the-build-alone" in build
    assert "DEBUG=0" in " ".join(said("ENV"))


def test_context_of_the_image_is_what_it_copies_and_nothing_else():
    rules = [
        line
        for line in (ROOT / ".dockerignore").read_text().splitlines()
        if line and not line.startswith("#")
    ]
    assert rules[0] == "*"
    admitted = {rule[1:] for rule in rules if rule.startswith("!")}
    copied = {
        source.split("/")[0]
        for words in said("COPY")
        if not words.startswith("--from")
        for source in words.split()[:-1]
    }
    assert admitted == copied
    assert not any(fnmatch(name, rule) for name in (".env", "db.sqlite3") for rule in admitted)


# --- compose.yaml ---------------------------------------------------------------------------------


def test_compose_has_two_sites_and_what_they_need():
    assert SERVICES.keys() == OURS | {"postgres", "redis", "nginx"}
    assert SERVICES["web1"].keys() == SERVICES["web2"].keys()
    differing = {key for key in SERVICES["web1"] if SERVICES["web1"][key] != SERVICES["web2"][key]}
    assert differing == {"networks"}


def test_compose_pins_what_it_did_not_build():
    images = {name: SERVICES[name]["image"] for name in SERVICES.keys() - OURS}
    assert {name for name, image in images.items() if not PINNED.fullmatch(image)} == set()
    assert {SERVICES[name]["image"] for name in OURS} == {"careersite:${RELEASE:-dev}"}


def test_compose_watches_and_restarts_all_that_runs_on():
    lasting = SERVICES.keys() - JOBS
    for name in lasting:
        service = SERVICES[name]
        assert service["restart"] == "unless-stopped", name
        assert service["healthcheck"]["test"][0] == "CMD", name
        assert service["logging"]["options"].keys() == {"max-size", "max-file"}, name
    assert {SERVICES[name]["restart"] for name in JOBS} == {"no"}
    for name in ("web1", "web2"):
        assert "/health/ready" in SERVICES[name]["healthcheck"]["test"][3]


def test_compose_migrates_once_before_any_site_starts():
    assert SERVICES["migrate"]["command"] == ["python", "manage.py", "migrate", "--noinput"]
    for name in ("web1", "web2"):
        waits = SERVICES[name]["depends_on"]
        assert waits["migrate"] == {"condition": "service_completed_successfully"}
        assert waits["redis"] == {"condition": "service_healthy"}
    healthy = {"condition": "service_healthy"}
    assert SERVICES["migrate"]["depends_on"] == {"postgres": healthy}
    done = {"condition": "service_completed_successfully"}
    assert SERVICES["nginx"]["depends_on"] == {"pages": done, "web1": healthy, "web2": healthy}


def test_compose_opens_nginx_alone_and_gives_the_sites_no_rights():
    assert {name for name in SERVICES if "ports" in SERVICES[name]} == {"nginx"}
    for name in OURS:
        service = SERVICES[name]
        assert (service["read_only"], service["cap_drop"]) == (True, ["ALL"])
        assert service["security_opt"] == ["no-new-privileges:true"]


def test_compose_holds_no_secret_and_refuses_to_start_without_them():
    text = (ROOT / "compose.yaml").read_text()
    assert {SERVICES[name]["env_file"] for name in OURS} == {".env"}
    assert set(re.findall(r"\$\{(\w+)([^}]*)\}", text)) == {
        ("POSTGRES_PASSWORD", ":?set it in .env"),
        ("SITE_URL", ":?set it in .env"),
        ("RELEASE", ":-dev"),
    }
    secrets = dict(re.findall(r"^(SECRET_KEY|\w*PASSWORD|\w*TOKEN)=(.*)$", EXAMPLE, re.MULTILINE))
    assert secrets == {"SECRET_KEY": "", "POSTGRES_PASSWORD": "", "METRICS_TOKEN": ""}
    assert ".env" in (ROOT / ".gitignore").read_text().splitlines()


def test_compose_keeps_what_must_outlive_its_containers():
    assert COMPOSE["volumes"].keys() == {"postgres", "backups", "open-data", "pages", "nginx"}
    assert SERVICES["postgres"]["volumes"] == ["postgres:/var/lib/postgresql/data"]
    for folder, (writer, command) in {
        "/backups": ("backup", ["backup", "/backups", "--keep", "14"]),
        "/pages": ("pages", ["write_error_pages", "/pages"]),
        "/open-data": ("publish", ["publish_data", "--site-url", "${SITE_URL:?set it in .env}"]),
    }.items():
        assert SERVICES[writer]["volumes"] == [f"{folder[1:]}:{folder}"]
        assert SERVICES[writer]["command"] == ["python", "manage.py", *command]
        # A new volume takes its owner from the image.
        assert re.search(rf"install --directory --owner=site [^&]*{folder}\b", DOCKERFILE)
    assert SERVICES["web1"]["volumes"] == ["open-data:/open-data:ro"]
    assert SERVICES["web1"]["environment"]["OPEN_DATA_ROOT"] == "/open-data"
    assert "pages:/var/www/pages:ro" in SERVICES["nginx"]["volumes"]
    assert "root /var/www/pages;" in (ROOT / "deploy" / "nginx.conf").read_text()
    for volume in SERVICES["nginx"]["volumes"]:
        source = volume.split(":")[0]
        if source.startswith("./") and source not in ("./deploy/certificates", "./deploy/acme"):
            assert (ROOT / source).is_file()


def test_nginx_names_the_sites_as_compose_does():
    configuration = (ROOT / "deploy" / "nginx.conf").read_text()
    named = re.findall(r"^\s*server (\w+):(\d+)", configuration, re.MULTILINE)
    assert named == [("web1", "8000"), ("web2", "8000")]
    addresses = {
        f"{name}:{SERVICES[name]['networks']['site']['ipv4_address']}" for name in ("web1", "web2")
    }
    assert set(SERVICES["nginx"]["extra_hosts"]) == addresses
    assert said("EXPOSE") == ["8000"]


# --- Variables ------------------------------------------------------------------------------------

# Read by the tests or by make, or by what Django and its servers are started with.
NOT_OF_A_DEPLOYMENT = {"DJANGO_SETTINGS_MODULE"}


def read_by(path: Path):
    """The variables that a module reads: env.word("NAME"), os.environ.get("NAME"), ["NAME"]."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.args:
            owner = ast.unparse(node.func.value)
            name = ast.unparse(node.args[0]).strip("'")
            if owner in ("env", "os.environ") and re.fullmatch("[A-Z_]+", name):
                found.add(name)
    return found


@pytest.fixture(scope="module")
def variables():
    modules = [ROOT / "gunicorn.conf.py", *(ROOT / "careersite").glob("*.py")]
    modules += (ROOT / "careers" / "management" / "commands").glob("*.py")
    return set().union(*map(read_by, modules)) - NOT_OF_A_DEPLOYMENT


def test_variables_of_compose_and_of_its_example_are_read(variables):
    given = {name for service in OURS for name in SERVICES[service]["environment"]}
    given |= set(re.findall(r"^#?\s?([A-Z_]+)=", EXAMPLE, re.MULTILINE))
    # For the server of the database and in DATABASE_URL; in the command of a job.
    assert given - variables == {"POSTGRES_PASSWORD", "SITE_URL"}
    assert {"SECRET_KEY", "ALLOWED_HOSTS", "DATABASE_URL", "REDIS_URL"} <= given


def test_variables_are_all_documented_and_no_others(variables):
    text = (ROOT / "docs" / "operations.md").read_text()
    table = text.split("## Variables", 1)[1].split("\n## ", 1)[0]
    assert set(re.findall(r"^\| `([A-Z_]+)`", table, re.MULTILINE)) == variables
