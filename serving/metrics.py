"""Metrics for Prometheus: how much is asked, how fast it is answered, what comes in and what waits.

No label says who asked or about whom: a route is its template, a source is one of the pack. With
several workers each keeps its figures in files of ``PROMETHEUS_MULTIPROC_DIR`` (`voorzet serve`
sees to that), and whichever is asked adds them up.
"""

from __future__ import annotations

import os

from prometheus_client import (
    CONTENT_TYPE_LATEST,
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    generate_latest,
    multiprocess,
)

SHARED = "PROMETHEUS_MULTIPROC_DIR"
MEDIA_TYPE = CONTENT_TYPE_LATEST

_registry = CollectorRegistry()
_BUCKETS = (0.005, 0.01, 0.015, 0.025, 0.04, 0.06, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)

REQUESTS = Counter(
    "voorzet_requests", "Requests answered.", ["method", "route", "status"], registry=_registry
)
SECONDS = Histogram(
    "voorzet_request_seconds",
    "How long an answer took.",
    ["route"],
    buckets=_BUCKETS,
    registry=_registry,
)
MESSAGES = Counter(
    "voorzet_messages",
    "Messages of sources, by what became of them.",
    ["source", "outcome"],
    registry=_registry,
)
LANDED = Counter("voorzet_landed_messages", "Messages landed in the lake.", registry=_registry)
WAITING = Gauge(
    "voorzet_inbox_waiting",
    "Messages that wait to land.",
    registry=_registry,
    multiprocess_mode="mostrecent",
)
READY = Gauge(
    "voorzet_ready",
    "Whether requests can be answered.",
    registry=_registry,
    multiprocess_mode="min",
)
OTHER = "-"


def observe(method: str, route: str, status: int, seconds: float) -> None:
    """Note that a request was answered."""
    REQUESTS.labels(method, route, str(status)).inc()
    SECONDS.labels(route).observe(seconds)


def exposed() -> bytes:
    """The metrics of all workers, as Prometheus reads them."""
    if SHARED not in os.environ:
        return generate_latest(_registry)
    every = CollectorRegistry()
    multiprocess.MultiProcessCollector(every)  # type: ignore[no-untyped-call]
    return generate_latest(every)
