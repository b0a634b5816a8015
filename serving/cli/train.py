"""``voorzet train``: a head per service, measured beside its baselines, written as a bundle."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import polars as pl
import typer

from serving.campaigns.outreach import SOURCE
from serving.cli.asking import AsOfOption
from serving.cli.console import (
    JsonOption,
    Steps,
    WorkspaceOption,
    emit,
    note,
    open_workspace,
    out,
    say,
    steps,
)
from serving.cli.dask_client import dask_client
from serving.cli.evaluate import table, tell_leaks
from serving.cli.retention import note_beyond_retention
from serving.cli.utc import utc
from serving.errors import NotReadyError
from serving.workspace import Workspace

if TYPE_CHECKING:
    from features.lake import Lake
    from models.bundle import Bundle
    from models.fitting import Settings
    from models.learning import Learner
    from models.training import TrainingResult


def command(
    workspace: WorkspaceOption = Path(),
    as_of: AsOfOption = None,
    months: Annotated[
        int | None, typer.Option(help="Look back no further than so many months.", min=3)
    ] = None,
    seed: Annotated[int | None, typer.Option(help="Of everything that is drawn.")] = None,
    search: Annotated[
        int | None, typer.Option(help="First try so many settings, by Optuna.", min=1)
    ] = None,
    search_seconds: Annotated[
        float | None, typer.Option(help="Search for so long at most.", min=1)
    ] = None,
    dask: Annotated[
        str | None,
        typer.Option(help="Grow trees on a Dask cluster: a scheduler's address, or 'local'."),
    ] = None,
    without_proxy: Annotated[
        list[str] | None,
        typer.Option(help="A signal that no head may learn from; more than once for several."),
    ] = None,
    json: JsonOption = False,
) -> None:
    """Train all heads on what was known by a date, and measure them on the months after."""
    opened = open_workspace(workspace)
    with steps() as bars, dask_client(dask) as client:
        result = train_heads(
            opened,
            bars,
            until=as_of and utc(as_of),
            months=months,
            seed=seed,
            tune=_tuning(search, search_seconds, bars),
            client=client,
            without=tuple(without_proxy or ()),
        )
    if json:
        emit(result.as_dict())
        return
    out.print(table(result.bundle.evaluation))
    tell_leaks(result.bundle.evaluation)
    say(f"Model {result.bundle.version} is trained and registered.")
    say(f'Next: voorzet promote --workspace "{workspace}"')


def _tuning(
    trials: int | None, seconds: float | None, bars: Steps
) -> Callable[[Learner], Settings] | None:
    if trials is None and seconds is None:
        return None
    from models.searching import Budget, search

    return lambda learner: search(learner, Budget(trials, seconds), bars.advance)


def shown_suggestions(workspace: Workspace) -> pl.DataFrame:
    """Every suggestion that a caseworker saw: whoever was helped is no longer unaided."""
    from serving.database import Database
    from serving.ledger import read_ledger

    database = Database(workspace.database)
    database.migrate()
    ledger = read_ledger(database)
    return ledger.filter(pl.col("shown")).select("citizen", "service", "at")


def last_delivery(lake: Lake) -> datetime | None:
    """When a silo last made an event known; what lies ahead or is our own outreach is left out,
    for of the days since nobody has told what happened.
    """
    known = lake.scan("events").filter(
        pl.col("source") != SOURCE, pl.col("known_at") <= datetime.now(UTC)
    )
    last = known.select(pl.col("known_at").max()).collect().item()
    return last if isinstance(last, datetime) else None


def compared_with(workspace: Workspace) -> Bundle | None:
    """The champion. One that is damaged is told and left aside, for training is the way out."""
    from models.errors import BundleError
    from models.promotion import champion

    try:
        return champion(workspace.bundles)
    except BundleError as fault:
        note(f"The champion is not compared with: {fault}.")
        return None


def train_heads(
    workspace: Workspace,
    bars: Steps,
    *,
    until: datetime | None = None,
    months: int | None = None,
    seed: int | None = None,
    tune: Callable[[Learner], Settings] | None = None,
    client: object = None,
    without: tuple[str, ...] = (),
) -> TrainingResult:
    """Trains, writes the bundle and registers it in MLflow."""
    from models.tracking import track
    from models.training import train
    from monitoring.training_audit import TrainingAudit

    pack, lake = workspace.load_pack(), workspace.open_lake()
    cut = until or last_delivery(lake)
    if cut is None:
        raise NotReadyError(
            "the lake holds no events: run voorzet ingest --data <folder or file> first"
        )
    note_beyond_retention(workspace, cut - timedelta(days=31 * months) if months else None)
    result = train(
        lake,
        pack,
        until=cut,
        months=months,
        seed=workspace.seed if seed is None else seed,
        threads=workspace.threads,
        shown=shown_suggestions(workspace),
        tune=tune,
        client=client,
        without=without,
        audit=TrainingAudit(lake, pack),
        champion=compared_with(workspace),
        progress=bars.advance,
    )
    with bars.step("register in MLflow"):
        result.bundle.write(workspace.bundles / result.bundle.version)
        track(result, pack, uri=workspace.mlflow, artifacts=workspace.folder / "mlartifacts")
    return result
