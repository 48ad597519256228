"""Redis gone, hung, and back: it costs speed, not pages."""

import os
import re
import signal
from time import sleep

import pytest

from careers.reports import MOST, SOONEST
from tests.failures.browsing import Browser
from tests.failures.parts import Site, until

pytestmark = pytest.mark.failures

PATHS = ["/metiers/", "/en/careers/", "/regions/FR/", "/metiers/ethicien-ia/"]


@pytest.fixture(scope="module")
def site(serve, cluster, database, redis):
    return serve(Site, cluster.url(database), REDIS_URL=redis.url)


def warnings(site):
    return re.findall("Redis is (?:away|back)", site.process.said)


def pages(port):
    return [(answer.status, answer.text) for answer in map(Browser(port).get, PATHS)]


def test_pages_are_kept_for_all_processes_in_redis(site, redis):
    fresh = pages(site.port)
    kept = redis.keys()
    assert kept >= len(PATHS)
    assert [pages(site.port) for _time in range(4)] == [fresh] * 4
    assert redis.keys() == kept


def test_redis_killed_and_back_is_no_page_less(site, redis):
    fresh = pages(site.port)
    redis.process.kill()
    # More turns than there are processes and threads.
    assert [pages(site.port) for _time in range(12)] == [fresh] * 12
    away = warnings(site)
    assert set(away) == {"Redis is away"}
    assert len(away) <= 2  # once for each process, however many pages are asked for
    redis.process.start()
    redis.wait()
    until(lambda: pages(site.port) == fresh and redis.keys(), "Redis is used again")
    assert "Redis is back" in warnings(site)


def test_redis_that_hangs_is_asked_once_in_a_while(site, redis):
    """Whoever waits for it is one request, not each."""
    fresh, before = pages(site.port), warnings(site).count("Redis is away")
    os.kill(redis.process.running.pid, signal.SIGSTOP)
    try:
        assert [pages(site.port) for _time in range(6)] == [fresh] * 6
    finally:
        os.kill(redis.process.running.pid, signal.SIGCONT)
    assert warnings(site).count("Redis is away") <= before + 2


def test_counts_go_on_without_redis(serve, cluster, database, redis):
    """Five reports an hour from one address: counted by each process, and none breaks."""
    site = serve(Site, cluster.url(database), REDIS_URL=redis.url, WEB_CONCURRENCY="1")
    path, visitor = "/en/careers/ethicien-ia/figures/3/report/", Browser(site.port)
    visitor.get(path)
    redis.process.kill()
    try:
        token = re.search('name="token" value="([^"]+)"', visitor.get(path).text)[1]
        sleep(SOONEST + 1)
        said = [visitor.post(path, {"token": token, "message": f"Newer {n}."}) for n in range(6)]
    finally:
        redis.process.start()
        redis.wait()
    assert [answer.status for answer in said] == [302] * MOST + [200]
    assert "Several reports have come from your connection" in said[-1].text
    reports = "SELECT message FROM careers_report ORDER BY id"
    assert cluster.ask(database, reports) == [(f"Newer {n}.",) for n in range(MOST)]
