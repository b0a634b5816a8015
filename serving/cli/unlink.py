"""``voorzet unlink``: two who were taken for one person are two again."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from serving.cli.asking import operator
from serving.cli.console import JsonOption, WorkspaceOption, emit, open_workspace, say
from serving.cli.link import linking_of, pseudonym
from serving.security import Role


def command(
    alias: Annotated[str, typer.Option(help="The pseudonym of the silo's own person.")],
    citizen: Annotated[
        str | None,
        typer.Option(help="Who that is not; whom it is linked to by default."),
    ] = None,
    source: Annotated[
        str, typer.Option(help="Which desk says so; not a person's name.")
    ] = "administration",
    workspace: WorkspaceOption = Path(),
    json: JsonOption = False,
) -> None:
    """Undo a wrong link, and remember that the two are not the same person."""
    linking = linking_of(open_workspace(workspace))
    undone = linking.unlink(
        pseudonym(alias, "--alias"),
        None if citizen is None else pseudonym(citizen, "--citizen"),
        source=source,
        by=operator(Role.ADMIN),
        now=datetime.now(UTC),
    )
    if json:
        emit(
            {
                "alias": str(undone.alias),
                "apartFrom": [str(one) for one in undone.citizens],
                "moved": undone.moved,
            }
        )
        return
    say(f"{undone.moved:,} records went back to the person that they were delivered of.")
    say("The two are kept apart from now on. Scores of before are made anew by: voorzet score")
