"""``voorzet features``: the signals, and what each of them means."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from features.snapshot import dictionary
from features.units import unit_title
from serving.cli.console import JsonOption, WorkspaceOption, emit, open_workspace, say
from serving.workspace import Workspace


def command(
    workspace: WorkspaceOption = Path(),
    describe: Annotated[bool, typer.Option("--describe", help="Print the dictionary.")] = False,
    as_of: Annotated[
        datetime | None, typer.Option(help="The date to compute the signals at; now by default.")
    ] = None,
    out: Annotated[Path | None, typer.Option(help="Write the matrix here, as Parquet.")] = None,
    json: JsonOption = False,
) -> None:
    """Compute the signals of the population at a date, or describe them."""
    opened = open_workspace(workspace)
    if describe:
        _describe(opened, json)
        return
    moment = (as_of or datetime.now(UTC)).replace(tzinfo=UTC)
    path = out or opened.folder / "signals" / f"{moment:%Y-%m-%d}.parquet"
    citizens, signals = write_signals(opened, moment, path)
    result = {"as_of": moment, "citizens": citizens, "signals": signals, "file": str(path)}
    if json:
        emit(result)
    else:
        say(f"{signals} signals of {citizens:,} citizens as of {moment:%Y-%m-%d}: {path}")


def write_signals(workspace: Workspace, as_of: datetime, path: Path) -> tuple[int, int]:
    """Writes the matrix bucket by bucket; returns how many citizens and signals it has."""
    import polars as pl
    import pyarrow.parquet as pq

    from features.snapshot import population
    from serving.cli.console import steps

    pack, lake = workspace.load_pack(), workspace.open_lake()
    path.parent.mkdir(parents=True, exist_ok=True)
    writer: pq.ParquetWriter | None = None
    citizens = signals = 0
    with steps() as bars:
        for done, snapshot in enumerate(population(lake, pack, as_of), start=1):
            table = snapshot.signals.to_arrow(compat_level=pl.CompatLevel.oldest())
            writer = writer or pq.ParquetWriter(path, table.schema)
            writer.write_table(table)
            citizens += snapshot.signals.height
            signals = snapshot.signals.width - 1
            bars.advance("signals", done, workspace.buckets)
    if writer is not None:
        writer.close()
    return citizens, signals


def _describe(workspace: Workspace, json: bool) -> None:
    pack = workspace.load_pack()
    language = workspace.language or pack.languages[0]
    signals = dictionary(pack)
    if json:
        emit(
            {
                "signals": [
                    {
                        "name": signal.name,
                        "family": signal.family,
                        "unit": signal.unit,
                        "concept": signal.concept,
                        "sources": sorted(signal.sources),
                        "meaning": signal.meaning,
                    }
                    for signal in signals
                ]
            }
        )
        return
    for signal in signals:
        unit = unit_title(pack, signal.unit, language)
        say(f"{signal.name}  [{signal.family}, {unit}]  {pack.say(signal.meaning, language)}")
    say(f"{len(signals)} signals.")
