"""``voorzet audit``: whether the audit still holds, and handing its processing records on."""

from __future__ import annotations

import os
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from serving.cli.console import (
    JsonOption,
    WorkspaceOption,
    dumps,
    emit,
    fail,
    open_workspace,
    say,
    steps,
)
from serving.errors import InvalidRequestError

if TYPE_CHECKING:
    from serving.audit_check import End
    from serving.processing import Deliver, ProcessingRecord

app = typer.Typer(help="The audit: whether it was touched.", no_args_is_help=True)
TOUCHED = 2


@app.command()
def verify(
    workspace: WorkspaceOption = Path(),
    kept: Annotated[
        str | None, typer.Option(help="An end that this command printed before, kept elsewhere.")
    ] = None,
    json: JsonOption = False,
) -> None:
    """Follow the audit from its beginning to its end; exit 0 when it holds, 2 when it does not."""
    from serving.audit_check import check_audit
    from serving.bootstrap import bootstrap

    parts, asked = bootstrap(open_workspace(workspace)), _end(kept)
    with steps() as bars:
        found = check_audit(
            parts.database,
            parts.sealing,
            kept=asked,
            progress=lambda done, total: bars.advance("follow", done, total),
        )
    parts.database.close()
    broken = found.broken
    if json:
        emit(
            {
                "holds": broken is None,
                "entries": found.end.number,
                "forgotten": found.forgotten,
                "end": str(found.end),
                "brokenAt": broken and broken.number,
                "problem": broken and broken.problem,
            }
        )
    elif broken is None:
        say(f"The audit holds: {found.end.number:,} entries, each as it was written.")
        if found.forgotten:
            say(f"Of {found.forgotten:,} it no longer says whom they are about (erased, retired).")
        say(f"Keep this elsewhere, and give it next time as --kept: {found.end}")
    else:
        fail(f"The audit was touched. Entry {broken.number}: {broken.problem}.")
        fail("Keep a copy of the database as it is now, and compare it with a backup.")
    if broken is not None:
        raise typer.Exit(TOUCHED)


@app.command()
def export(
    workspace: WorkspaceOption = Path(),
    out: Annotated[
        Path | None, typer.Option(help="A file that JSON lines are written behind.")
    ] = None,
    otlp: Annotated[
        str | None, typer.Option(help="The address of an OpenTelemetry collector's traces.")
    ] = None,
    json: JsonOption = False,
) -> None:
    """Hand on what was processed since the last time, after the Logboek Dataverwerkingen."""
    from serving.bootstrap import bootstrap

    if (out is None) == (otlp is None):
        raise InvalidRequestError("say where to: --out <file> or --otlp <address>")
    parts = bootstrap(open_workspace(workspace))
    to, deliver = _to_file(out) if out is not None else _to_collector(str(otlp))
    with steps() as bars, bars.step("hand on"):
        count = parts.processing.hand_on(to, deliver)
    parts.database.close()
    if json:
        emit({"records": count})
    else:
        say(f"{count:,} records of processing.")


def _to_file(path: Path) -> tuple[str, Deliver]:
    def deliver(records: Sequence[ProcessingRecord]) -> None:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        with os.fdopen(descriptor, "a", encoding="utf-8") as file:
            file.writelines(f"{dumps(record.as_dict())}\n" for record in records)

    return _name(f"file {path.resolve()}"), deliver


def _to_collector(address: str) -> tuple[str, Deliver]:
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter

        from serving.telemetry import by_opentelemetry
    except ImportError:
        raise InvalidRequestError(
            "OpenTelemetry is not installed: install Voorzet with the extra `telemetry`"
        ) from None
    return _name(f"otlp {address}"), by_opentelemetry(OTLPSpanExporter(endpoint=address))


def _name(receiver: str) -> str:
    """A receiver's name, short enough for the database."""
    return sha256(receiver.encode()).hexdigest()[:32]


def _end(text: str | None) -> End | None:
    from serving.audit_check import End

    try:
        return None if text is None else End.parse(text)
    except ValueError:
        raise InvalidRequestError(
            "--kept is what this command printed before: a number, a colon, and a hash"
        ) from None
