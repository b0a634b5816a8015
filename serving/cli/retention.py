"""``voorzet retention``: what is older than it may be kept, out of lake and database."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from serving.cli.asking import operator
from serving.cli.console import JsonOption, WorkspaceOption, emit, note, open_workspace, say, steps
from serving.security import Role
from serving.workspace import Workspace

if TYPE_CHECKING:
    from serving.retaining import Retaining, Retired


def command(
    workspace: WorkspaceOption = Path(),
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Count what would go, and touch nothing.")
    ] = False,
    grace: Annotated[
        float, typer.Option(help="Seconds that requests under way may still read old files.", min=0)
    ] = 6.0,
    json: JsonOption = False,
) -> None:
    """Delete what is older than its source may keep it. Doing it again changes nothing."""
    opened = open_workspace(workspace)
    retaining, now = open_retaining(opened, grace), datetime.now(UTC)
    with steps() as bars, bars.step("retention"):
        done = retaining.count(now) if dry_run else retaining.retire(now, by=operator(Role.ADMIN))
    if json:
        emit(done.as_dict())
    else:
        _tell(done)


def open_retaining(workspace: Workspace, grace: float) -> Retaining:
    """What keeps to retention in ``workspace``, with its database migrated."""
    from serving.bootstrap import bootstrap
    from serving.removals import Removals
    from serving.retaining import Retaining
    from serving.sealing import Sealing

    parts = bootstrap(workspace)
    return Retaining(
        parts.pack,
        workspace.open_lake(),
        parts.database,
        parts.audit,
        Removals(parts.database, Sealing(workspace.secret("vault"))),
        days=workspace.retention_days,
        grace=grace,
    )


def note_beyond_retention(workspace: Workspace, since: datetime | None) -> None:
    """Say it when something from ``since`` on (from the beginning, when None) was taken out by
    retention, so that what is computed sees less than was known then."""
    from serving.database import Database
    from serving.removals import Removals
    from serving.sealing import Sealing

    database = Database(workspace.database)
    database.migrate()
    kept = Removals(database, Sealing(workspace.secret("vault"))).kept_since()
    database.close()
    beyond = {source: cut for source, cut in kept.items() if since is None or since < cut}
    if beyond:
        told = ", ".join(f"{source} {cut:%Y-%m-%d}" for source, cut in sorted(beyond.items()))
        note(f"Retention: what had ended before these dates is gone and cannot be seen: {told}")


def _tell(done: Retired) -> None:
    word = "would go" if done.dry_run else "gone"
    for (table, source), rows in done.lake.items():
        say(f"{source}: {rows:,} of {table} {word} (ended before {_date(done, source)})")
    for table, rows in done.database.items():
        say(f"database: {rows:,} of {table} {word}")
    if not done.lake and not done.database:
        say("Nothing is past its retention.")


def _date(done: Retired, source: str) -> str:
    return f"{done.cutoffs[source]:%Y-%m-%d}"
