"""Records of processing: the standard's fields, one per person, none lost, and log lines."""

from __future__ import annotations

import gzip
import json
import logging
import threading
from collections.abc import Iterator, Sequence
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.sdk.trace.export import SpanExporter, SpanExportResult
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from features.errors import VoorzetError
from serving.application import Application
from serving.bootstrap import bootstrap
from serving.cli import main
from serving.erased_rows import erase_rows
from serving.log_lines import JsonLines, TextLines
from serving.processing import ProcessingRecord, subject_of
from serving.telemetry import by_opentelemetry
from serving.trace_context import begin
from serving.workspace import Workspace
from tests.serving.office import KIM, PACK, PURPOSE

TRACE = "ab" * 16


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return Workspace.init(tmp_path / "office", PACK)


@pytest.fixture
def parts(workspace: Workspace) -> Iterator[Application]:
    parts = bootstrap(workspace)
    begin(f"00-{TRACE}-{'12' * 8}-01")
    parts.audit.record("suggest", by=KIM, citizens=[11, -22], purpose=PURPOSE)
    parts.audit.record("refused", by=KIM, citizens=[11], purpose=PURPOSE, status="Error")
    parts.audit.record("object", by=KIM, citizens=[11])
    parts.audit.record("retention", by=KIM)  # about nobody
    yield parts
    parts.database.close()


def handed(parts: Application, to: str = "test") -> list[ProcessingRecord]:
    told: list[ProcessingRecord] = []
    parts.processing.hand_on(to, told.extend)
    return told


def test_each_person_and_action_is_one_record_with_the_fields_of_the_standard(
    parts: Application,
) -> None:
    told = [record.as_dict() for record in handed(parts)]
    assert [(one["name"], one["status"]) for one in told] == [
        ("suggest", "Ok"), ("suggest", "Ok"), ("refused", "Error"), ("object", "Ok"),
    ]  # fmt: skip
    assert set(told[0]) == {
        "trace_id", "span_id", "status", "name", "start_time", "end_time", "resource", "attributes",
    }  # fmt: skip
    assert {one["trace_id"] for one in told} == {TRACE}
    assert len({one["span_id"] for one in told}) == 4
    assert all(0 <= one["end_time"] - one["start_time"] < 60_000 for one in told)
    attributes = told[0]["attributes"]
    assert attributes["dpl.core.processing_activity_id"] == f"urn:voorzet:purpose:{PURPOSE}"
    assert attributes["dpl.core.data_subject_id_type"] == "voorzet:pseudonym"
    subjects = [subject_of(one["attributes"], parts.sealing) for one in told]
    assert subjects == [11, -22, 11, 11]
    assert "11" not in attributes["dpl.core.data_subject_id"][:3]


def test_each_record_is_handed_on_once_and_again_when_it_did_not_arrive(
    parts: Application,
) -> None:
    def lost(records: Sequence[ProcessingRecord]) -> None:
        raise VoorzetError("away")

    with pytest.raises(VoorzetError):
        parts.processing.hand_on("test", lost)
    assert len(handed(parts)) == 4
    assert handed(parts) == []
    parts.audit.record("look", by=KIM, citizens=[5], purpose=PURPOSE)
    assert [record.name for record in handed(parts)] == ["look"]
    assert len(handed(parts, "another")) == 5


def test_of_whoever_was_erased_no_subject_is_handed_on(parts: Application) -> None:
    with parts.database.write() as connection:
        erase_rows(connection, [11])
    told = [record.attributes() for record in handed(parts)]
    assert [subject_of(one, parts.sealing) for one in told if len(one) > 1] == [-22]


def test_records_become_spans(parts: Application) -> None:
    exporter = InMemorySpanExporter()
    assert parts.processing.hand_on("otel", by_opentelemetry(exporter)) == 4
    first, *_ = exporter.get_finished_spans()
    assert first.context is not None
    assert f"{first.context.trace_id:032x}" == TRACE
    assert first.status.status_code.name == "OK"
    assert first.attributes is not None
    assert "dpl.core.data_subject_id" in first.attributes


class Deaf(SpanExporter):
    def export(self, spans: object) -> SpanExportResult:
        return SpanExportResult.FAILURE


def test_what_an_exporter_could_not_deliver_is_kept(parts: Application) -> None:
    with pytest.raises(VoorzetError):
        parts.processing.hand_on("otel", by_opentelemetry(Deaf()))
    assert len(handed(parts, "otel")) == 4


class Collector(BaseHTTPRequestHandler):
    """What an OpenTelemetry collector takes."""

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self.headers.get("Content-Encoding") == "gzip":
            body = gzip.decompress(body)
        told = ExportTraceServiceRequest.FromString(body)
        spans = [
            span for one in told.resource_spans for two in one.scope_spans for span in two.spans
        ]
        RECEIVED.extend(span.name for span in spans)
        self.send_response(200)
        self.end_headers()

    def log_message(self, format: str, *arguments: object) -> None:
        """Quiet."""


RECEIVED: list[str] = []


def test_the_command_writes_to_a_file_and_to_a_collector(
    workspace: Workspace, parts: Application, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def export(*more: str) -> int:
        with pytest.raises(SystemExit) as ended:
            main(["audit", "export", "--json", "--workspace", str(workspace.folder), *more])
        return int(ended.value.code or 0)

    out = tmp_path / "processing.jsonl"
    assert export("--out", str(out)) == export("--out", str(out)) == 0
    assert len([json.loads(line) for line in out.read_text().splitlines()]) == 4
    assert out.stat().st_mode & 0o077 == 0
    with HTTPServer(("127.0.0.1", 0), Collector) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        address = f"http://127.0.0.1:{server.server_port}/v1/traces"
        assert export("--otlp", address) == 0
        server.shutdown()
    assert RECEIVED == ["suggest", "suggest", "refused", "object"]
    assert json.loads(capsys.readouterr().out.splitlines()[-1]) == {"records": 4}
    assert export() == 1


def line(message: str, **more: object) -> logging.LogRecord:
    record = logging.LogRecord("voorzet.requests", logging.INFO, "", 1, message, (), None)
    record.__dict__ |= more
    return record


def test_a_line_of_the_log_is_json_with_the_trace_and_no_number() -> None:
    begin(f"00-{TRACE}-{'12' * 8}-01")
    told = json.loads(JsonLines().format(line("of 123456782", fields={"route": "/v1/x", "ms": 3})))
    assert told | {"time": ""} == {
        "time": "", "level": "INFO", "logger": "voorzet.requests", "route": "/v1/x", "ms": 3,
        "trace": TRACE,
    }  # fmt: skip
    for lines in (JsonLines(), TextLines()):
        said = lines.format(line("of 123456782 and 12345678 and 7"))
        assert "of [number] and [number] and 7" in said
