"""Services of the tests' own, in a folder of their own; what was started is stopped."""

import shutil
import tempfile
from contextlib import ExitStack
from itertools import count
from pathlib import Path

import pytest

from tests.failures.parts import Missing, Nginx, Postgres, Redis, Site, fill, stopping

_numbers = count(1)


@pytest.hookimpl(wrapper=True)
def pytest_fixture_setup(fixturedef, request):
    try:
        return (yield)
    except Missing as missing:
        pytest.skip(str(missing))


@pytest.fixture(scope="session")
def place():
    """Not below pytest's own folder, into which `postgres` may not look."""
    folder = Path(tempfile.mkdtemp(prefix="failures-"))
    folder.chmod(0o711)
    yield folder
    shutil.rmtree(folder)


@pytest.fixture(scope="session")
def cluster(place):
    """PostgreSQL with a database `filled` that holds the starter content, to be copied."""
    postgres = Postgres(place / "postgres")
    with stopping(postgres):
        fill(postgres.create("filled"))
        yield postgres


@pytest.fixture(scope="module")
def database(cluster):
    """The name of a filled database of this module alone."""
    name = f"site_{next(_numbers)}"
    cluster.create(name, "filled")
    return name


@pytest.fixture(scope="module")
def serve(place):
    """Start a part; it is stopped at the end of the module, the last one first."""
    with ExitStack() as stack:

        def started(kind, *words, **options):
            part = kind(place / f"{kind.__name__.lower()}-{next(_numbers)}", *words, **options)
            stack.enter_context(stopping(part))
            return part

        yield started


@pytest.fixture(scope="module")
def site(serve, cluster, database):
    """The site on PostgreSQL, with two processes."""
    return serve(Site, cluster.url(database))


@pytest.fixture(scope="module")
def redis(serve):
    return serve(Redis)


@pytest.fixture(scope="module")
def proxied(serve, cluster, database, redis):
    """Two sites of one process each, behind nginx, with PostgreSQL and Redis."""
    url, alone = cluster.url(database), {"WEB_CONCURRENCY": "1", "REDIS_URL": redis.url}
    sites = [serve(Site, url, wait=False, **alone) for _number in range(2)]
    for site in sites:
        site.wait()
    return serve(Nginx, *sites), sites
