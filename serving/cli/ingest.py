"""``voorzet ingest``: what the silos delivered, into the lake."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import polars as pl
import typer

from features.errors import VoorzetError
from features.ingest import IngestReport, ingest
from features.pulled import ingest_database
from serving.cli.asking import operator
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
from serving.security import Role
from serving.workspace import Workspace

if TYPE_CHECKING:
    from features.pack import Pack
    from features.reconciling import Reconciled
    from serving.identities import Vault


def command(
    data: Annotated[
        Path | None, typer.Option(help="A file, or a folder with the sources' files.")
    ] = None,
    workspace: WorkspaceOption = Path(),
    from_database: Annotated[
        str | None,
        typer.Option(help="Read what changed in this database of the workspace instead of files."),
    ] = None,
    reconcile: Annotated[
        bool,
        typer.Option(
            "--reconcile",
            help="With --from-database: then read all keys, and take back what is gone.",
        ),
    ] = False,
    may_vanish: Annotated[
        float | None,
        typer.Option(
            help="With --reconcile: the share that may be gone, in the place of the pack's.",
            min=0,
            max=1,
        ),
    ] = None,
    source: Annotated[
        list[str] | None, typer.Option(help="Only this source; may be given more than once.")
    ] = None,
    json: JsonOption = False,
) -> None:
    """Read the sources' files or databases into the lake. Doing it twice changes nothing."""
    opened = open_workspace(workspace)
    gone: list[Reconciled] = []
    if reconcile and from_database is None:
        raise VoorzetError("--reconcile goes with --from-database")
    with steps() as bars:
        if data is not None and from_database is None:
            report = ingest_into(opened, data, bars, sources=source)
        elif from_database is not None and data is None and not source:
            report = ingest_from(opened, from_database, bars)
            if reconcile:
                gone = reconcile_with(opened, from_database, bars, may_vanish)
        else:
            raise VoorzetError(
                "give --data (with --source, if not all are wanted) or --from-database, not both"
            )
    if json:
        emit(report.as_dict() | {"reconciled": [one.as_dict() for one in gone]})
    else:
        _tell(report)
        _tell_gone(gone)
    for file in report.refused:
        fail(f"{file.file}: {file.status}: {file.problem}")
    stopped = [one for one in gone if one.problem is not None]
    for one in stopped:
        fail(f"{one.source}: {one.table}: {one.problem} (--may-vanish).")
    if report.refused or stopped:
        raise typer.Exit(1)


def ingest_into(
    workspace: Workspace, data: Path, bars: Steps, *, sources: list[str] | None = None
) -> IngestReport:
    """Ingests ``data``; names and addresses go to the identity vault and nowhere else."""
    from serving.bootstrap import bootstrap, settling_of

    pack = workspace.load_pack()
    vault = bootstrap(workspace).vault
    report = ingest(
        pack,
        workspace.open_lake(),
        workspace.pseudonyms(pack),
        data,
        now=datetime.now(UTC),
        sources=sources,
        identities=lambda frame: _keep(vault, frame),
        progress=lambda file, done, total: bars.advance("ingest", done, total),
    )
    if report.erased:
        _finish_erasing(workspace, pack, bars)
    settling_of(workspace).settle()
    return report


def _finish_erasing(workspace: Workspace, pack: Pack, bars: Steps) -> None:
    """A delivery may tell that somebody in the lake is one who was erased."""
    from serving.cli.erase import open_eraser
    from serving.erasing import Theirs

    eraser = open_eraser(workspace, pack, grace=6.0)
    if eraser.is_called_for():
        with bars.step("finish erasing"):
            eraser.erase(Theirs(frozenset()), by=operator(Role.ADMIN))


def ingest_from(workspace: Workspace, database: str, bars: Steps) -> IngestReport:
    """Ingests what changed in a source's database since it was last read."""
    from serving.bootstrap import bootstrap
    from serving.source_databases import source_database

    pack = workspace.load_pack()
    vault = bootstrap(workspace).vault
    with source_database(workspace, database) as connection:
        report = ingest_database(
            pack,
            workspace.open_lake(),
            workspace.pseudonyms(pack),
            database,
            connection,
            now=datetime.now(UTC),
            identities=lambda frame: _keep(vault, frame),
            progress=bars.advance,
        )
    if report.erased:
        _finish_erasing(workspace, pack, bars)
    return report


def reconcile_with(
    workspace: Workspace, database: str, bars: Steps, may_vanish: float | None
) -> list[Reconciled]:
    """Takes back the records of rows that are gone from a source's database."""
    from features.reconciling import reconcile_database
    from serving.source_databases import source_database

    pack = workspace.load_pack()
    with source_database(workspace, database) as connection, bars.step("reconcile"):
        found = reconcile_database(
            pack,
            workspace.open_lake(),
            workspace.pseudonyms(pack),
            database,
            connection,
            now=datetime.now(UTC),
            may_vanish=may_vanish,
        )
    if not found:
        raise VoorzetError(
            f"no query on the database {database!r} says what a deleted row means: "
            "give it may_vanish in the pack"
        )
    return found


def _keep(vault: Vault, identities: pl.DataFrame) -> None:
    vault.store(identities)


def _tell_gone(gone: list[Reconciled]) -> None:
    for one in gone:
        if one.problem is None:
            say(f"{one.source}: {one.gone:,} of {one.records:,} {one.table} are gone: taken back.")


def _tell(report: IngestReport) -> None:
    say(f"{report.events:,} events, {report.facts:,} facts, {report.relations:,} relations landed.")
    if report.revisions:
        say(f"{report.revisions:,} corrections and withdrawals of earlier records.")
    if report.skipped:
        say(f"{len(report.skipped)} files had landed before: nothing to do.")
    if report.erased:
        say(f"{report.erased:,} rows of citizens who were erased: left out.")
    for name in report.unused:
        say(f"No source reads {name}.")
    for source, reasons in report.quarantined.items():
        for reason, count in reasons.items():
            say(f"Set aside from {source}: {count:,} × {reason}")
