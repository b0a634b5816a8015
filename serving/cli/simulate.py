"""``voorzet simulate``: a synthetic municipality's silos, to be ingested like any other data."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import Annotated

import typer

from features.sources.synthetic import SimulationReport, simulate
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

TRUTH = "truth"
END = date(2026, 9, 30)


def command(
    workspace: WorkspaceOption = Path(),
    citizens: Annotated[int, typer.Option(help="How many people live there.", min=100)] = 20_000,
    years: Annotated[int, typer.Option(help="How long it is watched.", min=2)] = 5,
    end: Annotated[datetime, typer.Option(help="The last day.", formats=["%Y-%m-%d"])] = datetime(  # noqa: DTZ001
        END.year, END.month, END.day
    ),
    seed: Annotated[int | None, typer.Option(help="The same seed, the same bytes.")] = None,
    json: JsonOption = False,
) -> None:
    """Write the silos of an invented municipality, and apart from them its truth."""
    opened = open_workspace(workspace)
    with steps() as bars:
        report = simulate_into(
            opened, bars, citizens=citizens, years=years, end=end.date(), seed=seed
        )
    if json:
        emit(report.as_dict())
    else:
        say(f"{report.citizens:,} people and {report.rows:,} records in {opened.silos}.")
        say(f'Next: voorzet ingest --data "{opened.silos}" --workspace "{workspace}"')


def simulate_into(
    workspace: Workspace,
    bars: Steps,
    *,
    citizens: int,
    years: int = 5,
    end: date = END,
    seed: int | None = None,
) -> SimulationReport:
    """Writes silos and truth into the workspace."""
    return simulate(
        workspace.load_pack(),
        workspace.silos,
        workspace.folder / TRUTH,
        citizens=citizens,
        years=years,
        end=end,
        seed=workspace.seed if seed is None else seed,
        progress=bars.advance,
    )
