# Needs GNU make and Python 3.11 or newer. The rest is installed into .venv/, nothing outside it.

PYTHON ?= python3
PORT ?= 8000
# Not from the environment, where some shells put the machine's name.
HOST = 127.0.0.1
# More words for pytest: make test ARGS="-k salary -x"
ARGS ?=
# How many tests at once: one for each core.
WORKERS ?= auto
POSTGRES_URL ?= postgres://postgres@127.0.0.1:5432/postgres
CHROMIUM ?= /usr/bin/chromium

export CHROMIUM
export PIP_DISABLE_PIP_VERSION_CHECK := 1

BIN := .venv/bin
MANAGE := $(BIN)/python manage.py
CATALOGUE := careers/locale/fr/LC_MESSAGES/django
MANIFEST := staticfiles/staticfiles.json

# Production on one machine, without a certificate.
AS_SERVED := env DEBUG=0 HTTPS=0 ALLOWED_HOSTS=localhost,127.0.0.1 SECRET_KEY="$$(cat var/secret_key)" \
	DATABASE_URL="$${DATABASE_URL:-sqlite:///db.sqlite3}" RATE_LIMIT="$${RATE_LIMIT:-0}"
# Production as `check --deploy` wants to see it, on a database that leaves no file behind.
AS_DEPLOYED := env DEBUG=0 HTTPS=1 ALLOWED_HOSTS=careers.example DATABASE_URL=sqlite://:memory: \
	SECRET_KEY="$$(cat var/secret_key)"

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
# Two targets would otherwise run pip in one .venv at the same time.
.NOTPARALLEL:
.PHONY: help run dev test test-postgres test-browser test-api test-formats test-failures matrix audit screens \
	bench bench-search bench-export bench-import bench-api bench-data load-test lint format messages catalogue \
	lock clean

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-14s %s\n", $$1, $$2 }' Makefile

run: .venv/.core var/secret_key $(MANIFEST) ## Set up, fill and serve the site as in production, on SQLite
	@$(AS_SERVED) $(MANAGE) migrate --verbosity 0
	@$(AS_SERVED) $(MANAGE) load_demo --site-url http://$(HOST):$(PORT)
	@$(AS_SERVED) $(MANAGE) publish_data --verbosity 0 --site-url http://$(HOST):$(PORT)
	@exec $(AS_SERVED) BIND=$(HOST):$(PORT) $(BIN)/gunicorn

dev: export DEBUG := 1
dev: .venv/.core ## The same with Django's development server, which reloads changed code
	@$(MANAGE) migrate --verbosity 0
	@$(MANAGE) load_demo --site-url http://$(HOST):$(PORT)
	@exec $(MANAGE) runserver $(HOST):$(PORT)

test: .venv/.test .venv/.metrics .venv/.redis ## Run the tests on SQLite, without a browser
	$(BIN)/pytest -n $(WORKERS) $(ARGS)

test-postgres: export DATABASE_URL = $(POSTGRES_URL)
test-postgres: .venv/.test .venv/.metrics .venv/.redis .venv/.postgres ## Run the same tests on PostgreSQL (POSTGRES_URL)
	$(BIN)/pytest -n $(WORKERS) $(ARGS)

test-browser: .venv/.test .venv/.browser ## Run the tests that drive a real Chromium (CHROMIUM)
	$(BIN)/pytest -m browser tests/browser $(ARGS)

matrix: export POSTGRES_URL := $(POSTGRES_URL)
matrix: export ARGS := $(ARGS)
matrix: ## Run the tests on every Python here and both releases of Django (CELLS="3.13 next sqlite")
	@$(PYTHON) .ci/matrix.py $(CELLS)

audit: .venv/.audit ## Look the pinned versions up among known holes, at the package index
	@.ci/audit

test-failures: .venv/.test .venv/.postgres .venv/.redis $(MANIFEST) ## Break PostgreSQL, Redis, disk and processes (needs them, and nginx)
	$(BIN)/pytest -m failures tests/failures $(ARGS)

test-api: .venv/.test .venv/.api ## Ask the API whatever its document allows, and much that it does not
	$(BIN)/pytest -m contract tests/contract $(ARGS)

test-formats: .venv/.test .venv/.formats ## Read what we publish with the tools of others
	$(BIN)/pytest -m formats tests/formats $(ARGS)

screens: .venv/.test .venv/.browser ## Take the pictures of docs/screens with a real Chromium
	@$(BIN)/python -m tests.browser.screens

bench: .venv/.core .venv/.postgres $(MANIFEST) ## Measure every page on 5,000 to 2 million bands (SIZES, ENGINES, ROUNDS)
	@$(BIN)/python -m tests.benchmarks.speed

bench-search: .venv/.core ## Measure search on ESCO and ROME (docs/benchmarks.md)
	@$(BIN)/python -m tests.benchmarks.search_quality

bench-export: .venv/.core .venv/.postgres ## Measure exports of 500,000 bands, on DATABASE_URL if set (docs/benchmarks.md)
	@$(BIN)/python -m tests.benchmarks.exports

bench-api: .venv/.core ## Read 500,000 bands through the API, and ask it beside the list (SIZE, ROUNDS)
	@$(BIN)/python -W ignore -m tests.benchmarks.walk

bench-data: .venv/.core .venv/.postgres ## Measure the open data of 500,000 bands (SIZES, ENGINES; docs/benchmarks.md)
	@$(BIN)/python -m tests.benchmarks.open_data

bench-import: .venv/.core ## Measure an import of 70,062 bands (docs/benchmarks.md)
	@$(BIN)/python -m tests.benchmarks.imports

load-test: .venv/.test .venv/.postgres .venv/.redis $(MANIFEST) ## Hold the highest rate while parts fail (DURATION=300, RATE)
	@$(BIN)/python -m tests.benchmarks.load

lint: .venv/.lint .venv/.metrics var/secret_key ## Check layout, code, types, imports, templates, messages, settings
	$(BIN)/ruff format --check --output-format concise
	$(BIN)/ruff check
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/djlint --check templates
	$(BIN)/djlint --lint templates
	$(BIN)/pybabel --quiet compile --locale fr -i $(CATALOGUE).po -o var/django.mo
	@cmp var/django.mo $(CATALOGUE).mo || { echo "The .mo is older than the .po: run make catalogue."; exit 1; }
	@echo manage.py makemigrations --check
	@$(AS_DEPLOYED) $(MANAGE) makemigrations --check --dry-run
	@echo manage.py check --deploy
	@$(AS_DEPLOYED) $(MANAGE) check --deploy --fail-level WARNING

format: .venv/.lint ## Lay out code and templates, and mend what the linter can
	$(BIN)/ruff check --fix-only
	$(BIN)/ruff format
	$(BIN)/djlint --reformat --quiet templates

messages: .venv/.core ## Collect the texts into the .po, then write the .mo (needs GNU gettext)
	$(MANAGE) makemessages --locale fr --add-location file --no-wrap --ignore tests --ignore var
	@$(MAKE) --no-print-directory catalogue

catalogue: .venv/.core ## Write the .mo from the .po (no gettext needed)
	$(BIN)/pybabel compile --locale fr -i $(CATALOGUE).po -o $(CATALOGUE).mo

# Each file is bound to those before it, so that any of them install together.
lock: COMPILE := var/uv/bin/uv pip compile --quiet --universal \
	--generate-hashes --no-header --no-annotate $(if $(UPGRADE),--upgrade)
lock: UV = $(COMPILE) --python-version 3.11
lock: var/uv/bin/uv ## Make requirements/*.txt from pyproject.toml (UPGRADE=1: newest allowed versions)
	$(UV) pyproject.toml --group lts -o requirements/core.txt
	$(UV) pyproject.toml --group lts --extra postgres -c requirements/core.txt -o requirements/postgres.txt
	$(UV) pyproject.toml --group lts --extra redis -c requirements/core.txt -o requirements/redis.txt
	$(UV) pyproject.toml --group lts --extra metrics -c requirements/core.txt -o requirements/metrics.txt
	$(UV) --group test -c requirements/postgres.txt -o requirements/test.txt
	$(UV) --group lint -c requirements/postgres.txt -c requirements/test.txt -o requirements/lint.txt
	$(UV) --group browser -c requirements/postgres.txt -c requirements/test.txt -c requirements/lint.txt \
		-o requirements/browser.txt
	$(COMPILE) --python-version 3.12 pyproject.toml --extra postgres --group test --group next \
		-o requirements/next.txt
	$(UV) --group audit -c requirements/postgres.txt -c requirements/test.txt -c requirements/lint.txt \
		-o requirements/audit.txt
	$(UV) --group api -c requirements/postgres.txt -c requirements/test.txt -c requirements/lint.txt \
		-c requirements/browser.txt -o requirements/api.txt
	$(UV) --group formats -c requirements/postgres.txt -c requirements/test.txt -c requirements/lint.txt \
		-c requirements/browser.txt -o requirements/formats.txt
	@! grep -nE '//|^ *-[^-]|^ *--(index|extra|find)' requirements/*.txt

clean: ## Remove what the other targets made, but for the database
	rm -rf .venv var staticfiles .hypothesis .mypy_cache .pytest_cache .ruff_cache .import_linter_cache
	find . -name __pycache__ -prune -exec rm -rf {} +

# Made last by the venv module, so that a half-made environment does not count.
$(BIN)/pip:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Python 3.11 or newer is needed, and $(PYTHON) is not. Try make PYTHON=python3.13"; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || \
		{ echo "$(PYTHON) has no venv module. On Debian and Ubuntu: apt install python3-venv"; exit 1; }
	@$(PYTHON) -m venv .venv

.venv/.core: requirements/core.txt | $(BIN)/pip
	@echo "Installing $< into .venv"
	@$(BIN)/pip install -qq --require-hashes --requirement $<
	@touch $@

.venv/.%: requirements/%.txt .venv/.core
	@echo "Installing $< into .venv"
	@$(BIN)/pip install -qq --require-hashes --requirement $<
	@touch $@

# Compressing the admin's files takes seconds, so only when there is something new.
$(MANIFEST): .venv/.core careersite/settings.py $(shell find careers/static 2>/dev/null) | var/secret_key
	@$(AS_SERVED) $(MANAGE) collectstatic --noinput --verbosity 0

# Sessions and signed links outlive a restart; nobody else on the machine reads it.
var/secret_key: | $(BIN)/pip
	@mkdir -p var
	@umask 077 && $(BIN)/python -c 'import secrets; print(secrets.token_urlsafe(50))' >$@

# Maintainers only; kept out of .venv so that no lock depends on what made it.
var/uv/bin/uv: | $(BIN)/pip
	@$(PYTHON) -m venv var/uv
	@var/uv/bin/pip install -qq 'uv>=0.13.9,<0.14'
