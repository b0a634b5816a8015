"""Requests as spans, handed to an OpenTelemetry collector. Needs the extra ``telemetry``.

A span tells method, route (its template, never the address itself) and status. It says nothing of
who asked or about whom, and takes neither query, body, header nor client address.
"""

from __future__ import annotations

import logging
from datetime import UTC, datetime
from typing import Final

from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import SpanContext, SpanKind, TraceFlags
from opentelemetry.trace.status import Status, StatusCode

from serving.telemetry import nanoseconds
from serving.trace_context import Trace

PATIENCE: Final = 5.0
"""Seconds that a collector may take; requests never wait for it."""
FAILED: Final = 500
_RESOURCE = Resource({"service.name": "voorzet"})


class RequestTraces:
    """Hands spans on in the background. With a collector that is away, spans are lost and nothing
    else; with one that is slow, what does not fit the queue is.

    Parameters
    ----------
    address
        Where a collector takes traces by OTLP over HTTP: ``http://collector:4318/v1/traces``.
    """

    def __init__(self, address: str) -> None:
        # Nobody's dashboard should fill with one line for each batch that did not arrive.
        logging.getLogger("opentelemetry").setLevel(logging.CRITICAL)
        self._queue = BatchSpanProcessor(OTLPSpanExporter(endpoint=address, timeout=PATIENCE))

    def ended(self, trace: Trace, method: str, route: str, status: int) -> None:
        """A request was answered. A trace that the caller does not record is not handed on."""
        self._queue.on_end(span_of(trace, method, route, status))

    def close(self) -> None:
        """Hand on what is left."""
        self._queue.shutdown()  # type: ignore[no-untyped-call]


def span_of(trace: Trace, method: str, route: str, status: int) -> ReadableSpan:
    """One request as a span under the caller's, with the attributes of OpenTelemetry's
    conventions for HTTP servers."""
    recorded = TraceFlags(TraceFlags.SAMPLED if trace.sampled else TraceFlags.DEFAULT)
    return ReadableSpan(
        name=f"{method} {route}",
        context=SpanContext(int(trace.trace, 16), int(trace.span, 16), False, recorded),
        parent=None
        if trace.parent is None
        else SpanContext(int(trace.trace, 16), int(trace.parent, 16), True, recorded),
        kind=SpanKind.SERVER,
        resource=_RESOURCE,
        attributes={
            "http.request.method": method,
            "http.route": route,
            "http.response.status_code": status,
        },
        status=Status(StatusCode.ERROR if status >= FAILED else StatusCode.UNSET),
        start_time=nanoseconds(trace.began),
        end_time=nanoseconds(datetime.now(UTC)),
    )
