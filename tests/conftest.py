"""Every test starts in French, whatever language the test before it left active."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import translation
from hypothesis import settings as hypothesis_settings
from hypothesis.configuration import set_hypothesis_home_dir

from careers.models import Career, Region
from tests.factories import (
    create_career,
    create_golden_careers,
    create_rate,
    create_region,
    create_regions,
    create_source,
)
from tests.staff import client_of, create_staff

# With all else that is made. pytest would trip over a .hypothesis/ beside pyproject.toml.
set_hypothesis_home_dir(Path(__file__).parent.parent / "var" / "hypothesis")

# The same examples on every machine; `pytest --hypothesis-profile=thorough` looks for new ones.
hypothesis_settings.register_profile("suite", deadline=None, derandomize=True, max_examples=60)
hypothesis_settings.register_profile("thorough", deadline=None, max_examples=1000)
hypothesis_settings.load_profile("suite")


@pytest.fixture(autouse=True)
def french() -> Iterator[None]:
    with translation.override("fr"):
        yield


@pytest.fixture(autouse=True)
def nothing_kept(request: pytest.FixtureRequest, settings: Any) -> None:
    """Pages are made anew, with their context, except where tests are about pages that are kept."""
    if not request.node.get_closest_marker("shared_pages"):
        dummy = {"BACKEND": "django.core.cache.backends.dummy.DummyCache"}
        settings.CACHES = {**settings.CACHES, "pages": dummy}


@pytest.fixture(autouse=True)
def nothing_pruned(monkeypatch: pytest.MonkeyPatch) -> None:
    """PostgreSQL goes on counting from test to test: a hundred-odd changes later one of them would
    ask once more than the others, and any test that counts queries might meet it."""
    monkeypatch.setattr("careers.models.change.PRUNED_EVERY", 10**9)


@pytest.fixture(autouse=True)
def open_data_root(tmp_path: Path, settings: Any) -> Path:
    """No test shows or changes the open data that was built on this machine."""
    settings.OPEN_DATA_ROOT = tmp_path / "open-data"
    return tmp_path / "open-data"


@pytest.fixture(autouse=True)
def nothing_collected(settings: Any) -> None:
    """Each client would go through all files that `make run` has collected: a tenth of a second."""
    settings.STATIC_ROOT = Path(__file__).parent / "nothing-is-collected-here"


@pytest.fixture
def english(french: None) -> Iterator[None]:
    with translation.override("en"):
        yield


@pytest.fixture
def regions(db: None) -> dict[str, Region]:
    """World > Europe > France > Île-de-France > Paris, Germany, United States; by code."""
    return create_regions()


@pytest.fixture
def golden(regions: dict[str, Region]) -> dict[str, Career]:
    """The five careers of April 2023 with their figures and the dollar's fixing; by slug."""
    create_rate()
    return create_golden_careers(regions=regions)


@pytest.fixture
def france(db: None) -> Region:
    """The only region there is."""
    return create_region(code="FR", name_fr="France", name_en="France")


@pytest.fixture
def engineer(france: Region) -> Career:
    """A career without figures, beside a region and a source to give it some."""
    create_source()
    return create_career(title_fr="Ingénieur en IA", title_en="AI engineer", slug="ingenieur-ia")


@pytest.fixture
def staff(db: None) -> User:
    """The account of the `editor`."""
    return create_staff("editors")


@pytest.fixture
def editor(staff: User) -> Client:
    """The browser of one of the editors, logged in."""
    return client_of(staff)


@pytest.fixture
def contributor(db: None) -> Client:
    """The browser of one of the contributors, logged in."""
    return client_of(create_staff("contributors"))
