"""``voorzet score``: suggestions for the whole population, to a file."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from serving.cli.asking import AsOfOption, moment
from serving.cli.bundles import find_bundle, find_champion
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
    model: Annotated[str | None, typer.Option(help="The version; the champion by default.")] = None,
    out: Annotated[Path | None, typer.Option(help="Write the scores here, as Parquet.")] = None,
    json: JsonOption = False,
) -> None:
    """Score everyone with the champion; what the database holds (objections) is not applied.

    Broken off, the same command goes on where it was. With --model and --as-of: what a model would
    have said on an old date.
    """
    opened = open_workspace(workspace)
    with steps() as bars:
        scored = score_everyone(opened, bars, as_of=as_of, model=model, out=out)
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
    workspace: Workspace,
    bars: Steps,
    *,
    as_of: datetime | None = None,
    model: str | None = None,
    out: Path | None = None,
) -> ScoredFile:
    """Scores the population bucket by bucket into one Parquet file."""
    from models.scored_file import write_scores

    pack, lake = workspace.load_pack(), workspace.open_lake()
    at = moment(lake, as_of)
    return write_scores(
        lake,
        pack,
        find_bundle(workspace, model) if model else find_champion(workspace),
        at,
        out or workspace.folder / "scores" / f"{at:%Y-%m-%d}.parquet",
        threads=workspace.threads,
        each=lambda done: bars.advance("score", done, workspace.buckets),
    )
