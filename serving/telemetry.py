"""Handing records of processing on as spans, by OpenTelemetry. Needs the extra ``telemetry``."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import SpanExporter, SpanExportResult
from opentelemetry.trace import SpanContext, TraceFlags
from opentelemetry.trace.status import Status, StatusCode

from features.errors import VoorzetError
from serving.processing import Deliver, ProcessingRecord

_STATUS = {"Ok": StatusCode.OK, "Error": StatusCode.ERROR}


def by_opentelemetry(exporter: SpanExporter) -> Deliver:
    """Delivers each record as one span, none left out by sampling.

    What is returned raises VoorzetError when the exporter says that they did not arrive.
    """

    def deliver(records: Sequence[ProcessingRecord]) -> None:
        if exporter.export([span_of(record) for record in records]) is not SpanExportResult.SUCCESS:
            raise VoorzetError("The records of processing did not arrive; they are kept.")

    return deliver


def span_of(record: ProcessingRecord) -> ReadableSpan:
    """One record as a span."""
    return ReadableSpan(
        name=record.name,
        context=SpanContext(
            trace_id=int(record.trace, 16),
            span_id=int(record.span, 16),
            is_remote=False,
            trace_flags=TraceFlags(TraceFlags.SAMPLED),
        ),
        resource=Resource(dict(record.resource)),
        attributes=record.attributes(),
        status=Status(_STATUS.get(record.status, StatusCode.UNSET)),
        start_time=nanoseconds(record.began),
        end_time=nanoseconds(record.ended),
    )


def nanoseconds(moment: datetime) -> int:
    """A moment as OpenTelemetry counts it."""
    return int(moment.timestamp() * 1_000_000) * 1000
