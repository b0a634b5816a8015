"""``voorzet audit``: whether the audit still holds, and handing its processing records on."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from serving.audit_check import End, check_audit
from serving.cli.console import JsonOption, WorkspaceOption, emit, fail, open_workspace, say, steps
from serving.errors import InvalidRequestError

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
    from serving.bootstrap import bootstrap

    parts, asked = bootstrap(open_workspace(workspace)), _end(kept)
    with steps() as bars:
        found = check_audit(
            parts.database,
            parts.sealing,
            kept=asked,
            progress=lambda done, total: bars.advance("follow", done, total),
        )
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


def _end(text: str | None) -> End | None:
    try:
        return None if text is None else End.parse(text)
    except ValueError:
        raise InvalidRequestError(
            "--kept is what this command printed before: a number, a colon, and a hash"
        ) from None
