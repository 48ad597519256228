"""Rules of the house that no linter knows (CONTRIBUTING.md)."""

import ast
import re
import tomllib
from pathlib import Path

import pytest
from django.apps import apps
from django.contrib import admin
from django.core.management import call_command
from django.template import TemplateDoesNotExist
from django.template.loader import get_template

ROOT = Path(__file__).resolve().parent.parent
PYTHON = [
    path
    for folder in ("careers", "careersite", "tests")
    for path in sorted((ROOT / folder).rglob("*.py"))
]
WRITTEN = [path for path in PYTHON if path.parent.name != "migrations"]
TEMPLATES = {
    str(path.relative_to(ROOT / "templates")): path.read_text()
    for path in sorted((ROOT / "templates").rglob("*.html"))
}
# simple-history names the columns of a model's versions.
OUR_MODELS = [
    model
    for model in apps.get_app_config("careers").get_models()
    if not hasattr(model, "instance_type")
]


def shown(path):
    return str(path.relative_to(ROOT))


# --- Files ------------------------------------------------------------------------------------


def test_house_has_its_papers():
    papers = ("README.md", "CHANGELOG.md", "CONTRIBUTING.md", "LICENSE")
    assert [paper for paper in papers if not (ROOT / paper).read_text().strip()] == []


def test_modules_stay_under_400_lines():
    lengths = {shown(path): len(path.read_text().splitlines()) for path in WRITTEN}
    assert {name: length for name, length in lengths.items() if length >= 400} == {}


def test_functions_stay_under_40_lines():
    long = {}
    for path in WRITTEN:
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                length = node.end_lineno - node.lineno + 1
                long |= {f"{shown(path)}:{node.name}": length} if length >= 40 else {}
    assert long == {}


def test_files_are_named_by_what_they_do():
    said_nothing = {"utils", "util", "helpers", "common", "services", "managers", "signals", "misc"}
    named = {part for path in PYTHON for part in (path.stem, *path.relative_to(ROOT).parts)}
    assert named & said_nothing == set()


def test_map_of_the_code_shows_the_levels_of_the_import_linter():
    """CONTRIBUTING.md says of each module of the app what it is, a paragraph for each level."""
    page = (ROOT / "CONTRIBUTING.md").read_text()
    app = page.partition("\ncareers/ ")[2].partition("  content/ ")[0]
    mapped = [
        set(re.findall(r"^  (\w+)(?:\.py|/) ", paragraph, re.MULTILINE))
        for paragraph in app.split("\n\n")[1:-1]
    ]
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]
    levels = settings["contracts"][0]["layers"]
    assert mapped == [set(level.split(" | ")) for level in levels]


def test_migrations_are_named():
    names = {path.stem for path in PYTHON if path.parent.name == "migrations"} - {"__init__"}
    assert "0001_initial" in names
    unnamed = re.compile(r"auto|and_more|^\d+_alter_|^\d+_(add|remove)_field")
    assert {name for name in names if unnamed.search(name)} == set()
    assert {name for name in names if not re.fullmatch(r"\d{4}_[a-z0-9_]+", name)} == set()


def requirements(path):
    """The logical lines of a lock."""
    text = re.sub(r"\\\n", " ", path.read_text())
    return [line for line in text.splitlines() if line.strip() and not line.startswith("#")]


@pytest.mark.parametrize("path", sorted((ROOT / "requirements").glob("*.txt")), ids=shown)
def test_locks_hold_pins_with_hashes_and_no_address(path):
    lines = requirements(path)
    assert lines
    pinned = re.compile(r"[a-z0-9._-]+(\[[a-z,]+\])?==\S+ .*--hash=sha256:[0-9a-f]{64}")
    assert [line for line in lines if not pinned.match(line)] == []
    assert re.findall(r"//|--(?!hash)\S+", path.read_text()) == []


# --- Models -----------------------------------------------------------------------------------


@pytest.mark.django_db
def test_migrations_say_what_the_models_say():
    call_command("makemigrations", check_changes=True, dry_run=True, verbosity=0)


def test_orders_end_with_the_primary_key():
    orders = {model.__name__: list(model._meta.ordering) for model in OUR_MODELS}
    orders |= {
        type(each).__name__: list(each.ordering or [])
        for model, each in admin.site._registry.items()
        if model in OUR_MODELS
    }
    ordered = {name: order for name, order in orders.items() if order}
    assert ordered.keys() >= {"Career", "CareerAdmin", "SalaryBand", "SalaryBandAdmin", "Region"}
    assert {name: order for name, order in ordered.items() if order[-1].lstrip("-") != "pk"} == {}


def test_names_of_constraints_and_times_follow_the_house():
    odd = set()
    for model in OUR_MODELS:
        prefix = f"careers_{model._meta.model_name}_"
        for rule in (*model._meta.constraints, *model._meta.indexes):
            odd |= set() if rule.name.startswith(prefix) else {rule.name}
        for field in model._meta.concrete_fields:
            ending = {"DateTimeField": "_at", "DateField": "_on"}.get(field.get_internal_type(), "")
            odd |= set() if field.name.endswith(ending) else {f"{model.__name__}.{field.name}"}
    assert odd == set()


# --- Templates --------------------------------------------------------------------------------

# Django itself asks for these by name.
BY_DJANGO = {"400.html", "403.html", "403_csrf.html", "404.html", "500.html"}
INLINE = {
    "style attribute": r"\sstyle\s*=",
    "style element": r"<style\b",
    "script without src": r"<script\b(?![^>]*\bsrc=)(?![^>]*type=\"application/(ld\+)?json\")",
    "event attribute": r"<[^>]*\son[a-z]+\s*=\s*[\"']",
    "script address": r"javascript:",
}


def included(text):
    return set(re.findall(r"{%\s*include\s+[\"']([^\"']+)[\"']", text))


def extended(text):
    return set(re.findall(r"{%\s*extends\s+[\"']([^\"']+)[\"']", text))


def is_partial(name):
    return Path(name).name.startswith("_")


def named_in_python():
    code = "\n".join(path.read_text() for path in WRITTEN if "tests" not in path.parts)
    return {name for name in TEMPLATES if f'"{name}"' in code}


def overrides_django(name):
    template = get_template(name).template
    loader = template.engine.template_loaders[0]
    try:
        skip = [template.origin]
        loader.get_template(name, skip=skip)
    except TemplateDoesNotExist:
        return False
    return True


@pytest.mark.parametrize("name", TEMPLATES)
def test_template_compiles(name):
    assert get_template(name).template.origin.name == str(ROOT / "templates" / name)


@pytest.mark.parametrize("name", TEMPLATES)
def test_template_holds_no_inline_style_or_script(name):
    found = {rule for rule, pattern in INLINE.items() if re.search(pattern, TEMPLATES[name])}
    assert found == set()


def test_templates_are_all_used():
    used = BY_DJANGO | named_in_python()
    for text in TEMPLATES.values():
        used |= included(text) | extended(text)
    unused = TEMPLATES.keys() - used
    assert {name for name in unused if not overrides_django(name)} == set()


def test_partials_are_included_and_what_is_included_is_a_partial():
    inside = set().union(*map(included, TEMPLATES.values()))
    assert {name for name in inside if not is_partial(name)} == set()
    inside |= set().union(*map(extended, TEMPLATES.values())) | named_in_python()
    assert {name for name in TEMPLATES if is_partial(name)} - inside == set()


def test_partials_lie_beside_the_pages_that_use_them():
    """In the folder of the page, or above it when pages of several folders share them."""
    far = {
        (name, partial)
        for name, text in TEMPLATES.items()
        for partial in included(text)
        if not Path(name).is_relative_to(Path(partial).parent)
    }
    assert far == set()


def test_stylesheets_close_what_they_open():
    """A rule left open swallows all that follow, and no browser says so."""
    open_rules = {}
    for sheet in (ROOT / "careers" / "static").rglob("*.css"):
        text = re.sub(r"/\*.*?\*/", "", sheet.read_text(), flags=re.DOTALL)
        open_rules[sheet.name] = text.count("{") - text.count("}")
    assert open_rules
    assert set(open_rules.values()) == {0}, open_rules
