"""Requests as OpenTelemetry spans, at a real collector over HTTP: routes, and nobody's identity."""

from __future__ import annotations

import gzip
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span
from starlette.testclient import TestClient

from serving.api.app import app_of
from serving.request_traces import RequestTraces
from serving.trace_context import begin
from tests.serving.office import JANSEN, KIM, PURPOSE, Office

TRACE, PARENT = "ab" * 16, "12" * 8


class Collector(HTTPServer):
    """Keeps the spans that it is sent, and all of it as it came."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Receiver)
        self.spans: list[Span] = []
        self.raw = b""

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/v1/traces"


class Receiver(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self.headers.get("Content-Encoding") == "gzip":
            body = gzip.decompress(body)
        assert isinstance(self.server, Collector)
        self.server.raw += body
        told = ExportTraceServiceRequest.FromString(body)
        for resource in told.resource_spans:
            for scope in resource.scope_spans:
                self.server.spans.extend(scope.spans)
        self.send_response(200)
        self.end_headers()

    def log_message(self, format: str, *arguments: object) -> None:
        """Quiet."""


@pytest.fixture
def collector() -> Iterator[Collector]:
    server = Collector()
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def asked(office: Office, address: str, *parents: str | None) -> None:
    """A search that names somebody, once for each ``traceparent``, and an address that is none."""
    traces = RequestTraces(address)
    client = TestClient(app_of(office.application, traces=traces))
    sent = {"Authorization": f"Bearer {office.token(KIM)}"}
    for parent in parents:
        client.post(
            "/v1/citizens/_search?who=Jansen",
            json={"query": JANSEN.number, "purpose": PURPOSE},
            headers=sent | ({"traceparent": parent} if parent else {}),
        )
    client.get("/jansen")
    traces.close()


def attributes(span: Span) -> dict[str, str | int]:
    return {one.key: one.value.string_value or one.value.int_value for one in span.attributes}


def test_a_request_is_a_span_under_the_callers_trace(office: Office, collector: Collector) -> None:
    asked(office, collector.address, f"00-{TRACE}-{PARENT}-01")
    span = collector.spans[0]
    assert (span.trace_id.hex(), span.parent_span_id.hex()) == (TRACE, PARENT)
    assert span.name == "POST /v1/citizens/_search"
    assert attributes(span) == {
        "http.request.method": "POST",
        "http.route": "/v1/citizens/_search",
        "http.response.status_code": 200,
    }
    assert 0 < span.end_time_unix_nano - span.start_time_unix_nano < 60 * 10**9


def test_no_span_tells_who_asked_or_about_whom(office: Office, collector: Collector) -> None:
    asked(office, collector.address, None)
    assert len(collector.spans) == 2
    raw = collector.raw.decode("latin1").casefold()
    citizen = str(office.citizen(JANSEN))
    for secret in ("jansen", JANSEN.number, citizen, KIM.subject, "testclient", PURPOSE):
        assert secret.casefold() not in raw


def test_a_trace_that_the_caller_does_not_record_is_not_handed_on(
    office: Office, collector: Collector
) -> None:
    asked(office, collector.address, f"00-{TRACE}-{PARENT}-00")
    assert TRACE not in {span.trace_id.hex() for span in collector.spans}
    assert len(collector.spans) == 1


def test_without_a_collector_requests_are_answered(office: Office) -> None:
    traces = RequestTraces("http://127.0.0.1:9/v1/traces")
    client = TestClient(app_of(office.application, traces=traces))
    assert client.get("/healthz").status_code == 200
    traces.close()


@pytest.mark.parametrize(
    ("parent", "trace"),
    [
        (f"00-{TRACE}-{PARENT}-01", TRACE),
        (f"01-{TRACE}-{PARENT}-01-later", TRACE),
        (f"00-{TRACE}-{PARENT}-01-more", None),
        (f"ff-{TRACE}-{PARENT}-01", None),
        (f"00-{'0' * 32}-{PARENT}-01", None),
        (f"00-{TRACE}-{'0' * 16}-01", None),
        (f"00-{TRACE.upper()}-{PARENT}-01", None),
        ("nonsense", None),
    ],
)
def test_a_traceparent_counts_as_the_standard_says(parent: str, trace: str | None) -> None:
    """W3C Trace Context, section 3.2: what cannot be read is as if it were not there."""
    begun = begin(parent)
    assert (begun.trace == TRACE) is (trace is not None)
    assert begun.parent == (PARENT if trace else None)
