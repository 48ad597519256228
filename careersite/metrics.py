"""/metrics for Prometheus: counts of what the site logs, and of what its database keeps.

The workers of one machine count together, in the files of PROMETHEUS_MULTIPROC_DIR; what the
database keeps, imports by command among it, is counted when asked (docs/adr/0024).
"""

import logging
from collections.abc import Callable, Iterable
from typing import Any

from django.apps import apps
from django.conf import settings
from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.crypto import constant_time_compare
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, Summary
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest
from prometheus_client.metrics_core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

REQUESTS = Counter(
    "careersite_requests", "Requests answered", ["method", "route", "status"], registry=None
)
SECONDS = Histogram(
    "careersite_request_seconds",
    "Time until the first byte of an answer",
    ["route"],
    buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10),
    registry=None,
)
PAGES = Counter(
    "careersite_pages", "Pages for everybody: made, kept or unchanged", ["how"], registry=None
)
INDEX_SECONDS = Summary(
    "careersite_index_read_seconds", "Reading the index, or what changed of it", registry=None
)
INDEX_FIGURES = Gauge(
    "careersite_index_figures",
    "Figures in the index that was read last",
    multiprocess_mode="mostrecent",
    registry=None,
)


class Counting(logging.Handler):
    """Counts the lines about requests and about the index."""

    def emit(self, record: logging.LogRecord) -> None:
        told: dict[str, Any] = getattr(record, "told", {})
        if record.name == "careersite.requests":
            REQUESTS.labels(told["method"], told["route"], told["status"]).inc()
            SECONDS.labels(told["route"]).observe(told["ms"] / 1000)
            if "page" in told:
                PAGES.labels(told["page"]).inc()
        elif record.name == "careers.index":
            INDEX_SECONDS.observe(told["seconds"])
            INDEX_FIGURES.set(told["figures"])


class Kept(Collector):
    """What the database keeps: the same whichever worker, machine or command wrote it."""

    def collect(self) -> Iterable[Metric]:
        yield self._counted(CounterMetricFamily, "exports", "Export", "resource", "outcome")
        yield self._counted(CounterMetricFamily, "imports", "Import", "resource")
        yield self._counted(GaugeMetricFamily, "careers", "Career", "status")
        yield self._counted(GaugeMetricFamily, "salary_bands", "SalaryBand")

    @staticmethod
    def _counted(
        kind: type[CounterMetricFamily] | type[GaugeMetricFamily],
        name: str,
        model: str,
        *labels: str,
    ) -> Metric:
        family = kind(f"careersite_{name}", f"{name} in the database", labels=labels)
        # Logging is set up before there are models.
        rows = apps.get_model("careers", model)._default_manager.order_by().values_list(*labels)
        if not labels:
            family.add_metric([], rows.count())
            return family
        for *values, number in rows.annotate(number=Count("pk")).order_by(*labels):
            family.add_metric(values, number)
        return family


class Metrics:
    """Middleware: answers /metrics to whoever sends `Authorization: Bearer METRICS_TOKEN`."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if request.path_info != "/metrics":
            return self.get_response(request)
        given = request.headers.get("Authorization", "")
        if not constant_time_compare(given, f"Bearer {settings.METRICS_TOKEN}"):
            refused = HttpResponse(status=401)
            refused["WWW-Authenticate"] = "Bearer"
            return refused
        registry = CollectorRegistry()
        MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
        registry.register(Kept())
        answer = HttpResponse(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)
        answer["Cache-Control"] = "no-store"
        return answer
