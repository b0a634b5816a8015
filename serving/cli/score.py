"""``voorzet score``: suggestions for the whole population, to a file."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from serving.cli.asking import AsOfOption, moment
from serving.cli.bundles import find_champion
from serving.cli.console import (
    JsonOption,
    Steps,
    WorkspaceOption,
    emit,
    open_workspace,
    say,
    steps,
)
from serving.workspace import Workspace

if TYPE_CHECKING:
    from models.scored_file import ScoredFile


def command(
    workspace: WorkspaceOption = Path(),
    as_of: AsOfOption = None,
    out: Annotated[Path | None, typer.Option(help="Write the scores here, as Parquet.")] = None,
    json: JsonOption = False,
) -> None:
    """Score everyone with the champion; what the database holds (objections) is not applied.

    Broken off, the same command goes on where it was.
    """
    opened = open_workspace(workspace)
    with steps() as bars:
        scored = score_everyone(opened, bars, as_of=as_of, out=out)
    if json:
        emit(scored.as_dict())
    else:
        if scored.taken_up:
            say(f"{scored.taken_up} of {opened.buckets} buckets had been scored before.")
        say(
            f"{scored.citizens:,} citizens scored as of {scored.as_of:%Y-%m-%d}: "
            f"{scored.suggested:,} have a suggestion. {scored.file}"
        )


def score_everyone(
    workspace: Workspace, bars: Steps, *, as_of: datetime | None = None, out: Path | None = None
) -> ScoredFile:
    """Scores the population bucket by bucket into one Parquet file."""
    from models.scored_file import write_scores

    pack, lake = workspace.load_pack(), workspace.open_lake()
    at = moment(lake, as_of)
    return write_scores(
        lake,
        pack,
        find_champion(workspace),
        at,
        out or workspace.folder / "scores" / f"{at:%Y-%m-%d}.parquet",
        threads=workspace.threads,
        each=lambda done: bars.advance("score", done, workspace.buckets),
    )
