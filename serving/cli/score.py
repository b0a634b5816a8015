"""``voorzet score``: suggestions for the whole population, to a file."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Annotated

import polars as pl
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

COLUMNS = (
    "citizen",
    "service",
    "eligible",
    "entitled",
    "unaided",
    "need",
    "basis",
    "group",
    "rank",
    "shown",
)


@dataclass(frozen=True, slots=True)
class Scored:
    """What scoring wrote: every candidate that passed the gates, citizen as a text."""

    as_of: datetime
    file: Path
    citizens: int
    candidates: int
    suggested: int

    def as_dict(self) -> dict[str, object]:
        """For JSON."""
        return {
            "as_of": self.as_of.isoformat(),
            "file": str(self.file),
            "citizens": self.citizens,
            "candidates": self.candidates,
            "suggested": self.suggested,
        }


def command(
    workspace: WorkspaceOption = Path(),
    as_of: AsOfOption = None,
    out: Annotated[Path | None, typer.Option(help="Write the scores here, as Parquet.")] = None,
    json: JsonOption = False,
) -> None:
    """Score everyone with the champion; what the database holds (objections) is not applied."""
    opened = open_workspace(workspace)
    with steps() as bars:
        scored = score_everyone(opened, bars, as_of=as_of, out=out)
    if json:
        emit(scored.as_dict())
    else:
        say(
            f"{scored.citizens:,} citizens scored as of {scored.as_of:%Y-%m-%d}: "
            f"{scored.suggested:,} have a suggestion. {scored.file}"
        )


def score_everyone(
    workspace: Workspace, bars: Steps, *, as_of: datetime | None = None, out: Path | None = None
) -> Scored:
    """Scores the population bucket by bucket into one Parquet file."""
    import pyarrow.parquet as pq

    from models.population import score_population

    pack, lake = workspace.load_pack(), workspace.open_lake()
    bundle = find_champion(workspace)
    at = moment(lake, as_of)
    path = out or workspace.folder / "scores" / f"{at:%Y-%m-%d}.parquet"
    path.parent.mkdir(parents=True, exist_ok=True)
    writer: pq.ParquetWriter | None = None
    citizens = candidates = suggested = 0
    buckets = score_population(lake, pack, bundle, at, threads=workspace.threads)
    for done, bucket in enumerate(buckets, start=1):
        passed = bucket.candidates.filter(pl.col("withheld_by").is_null())
        rows = passed.select(COLUMNS).with_columns(pl.col("citizen").cast(pl.String))
        table = rows.to_arrow(compat_level=pl.CompatLevel.oldest())
        writer = writer or pq.ParquetWriter(path, table.schema)
        writer.write_table(table)
        citizens += bucket.snapshot.signals.height
        candidates += passed.height
        suggested += passed.filter(pl.col("shown"))["citizen"].n_unique()
        bars.advance("score", done, workspace.buckets)
    if writer is not None:
        writer.close()
    return Scored(at, path, citizens, candidates, suggested)
