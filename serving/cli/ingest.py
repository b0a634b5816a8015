"""``voorzet ingest``: what the silos delivered, into the lake."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import polars as pl
import typer

from features.ingest import IngestReport, ingest
from serving.cli.console import (
    JsonOption,
    Steps,
    WorkspaceOption,
    emit,
    fail,
    open_workspace,
    say,
    steps,
)
from serving.workspace import Workspace

if TYPE_CHECKING:
    from serving.identities import Vault


def command(
    data: Annotated[Path, typer.Option(help="A file, or a folder with the sources' files.")],
    workspace: WorkspaceOption = Path(),
    source: Annotated[
        list[str] | None, typer.Option(help="Only this source; may be given more than once.")
    ] = None,
    json: JsonOption = False,
) -> None:
    """Read the sources' files into the lake. Doing it twice changes nothing."""
    opened = open_workspace(workspace)
    with steps() as bars:
        report = ingest_into(opened, data, bars, sources=source)
    if json:
        emit(report.as_dict())
    else:
        _tell(report)
    for file in report.refused:
        fail(f"{file.file}: {file.status}: {file.problem}")
    if report.refused:
        raise typer.Exit(1)


def ingest_into(
    workspace: Workspace, data: Path, bars: Steps, *, sources: list[str] | None = None
) -> IngestReport:
    """Ingests ``data``; names and addresses go to the identity vault and nowhere else."""
    from serving.bootstrap import bootstrap

    pack = workspace.load_pack()
    vault = bootstrap(workspace).vault
    return ingest(
        pack,
        workspace.open_lake(),
        workspace.pseudonyms(pack),
        data,
        now=datetime.now(UTC),
        sources=sources,
        identities=lambda frame: _keep(vault, frame),
        progress=lambda file, done, total: bars.advance("ingest", done, total),
    )


def _keep(vault: Vault, identities: pl.DataFrame) -> None:
    vault.store(identities)


def _tell(report: IngestReport) -> None:
    say(f"{report.events:,} events, {report.facts:,} facts, {report.relations:,} relations landed.")
    if report.revisions:
        say(f"{report.revisions:,} corrections and withdrawals of earlier records.")
    if report.skipped:
        say(f"{len(report.skipped)} files had landed before: nothing to do.")
    for name in report.unused:
        say(f"No source reads {name}.")
    for source, reasons in report.quarantined.items():
        for reason, count in reasons.items():
            say(f"Set aside from {source}: {count:,} × {reason}")
