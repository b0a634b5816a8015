"""``voorzet features``: the signals, and what each of them means."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from features.errors import VoorzetError
from features.snapshot import dictionary
from serving.cli.console import JsonOption, WorkspaceOption, emit, open_workspace, out, say
from serving.signal_page import as_json, as_lines, as_markdown
from serving.workspace import Workspace


def command(
    workspace: WorkspaceOption = Path(),
    describe: Annotated[bool, typer.Option("--describe", help="Print the dictionary.")] = False,
    as_of: Annotated[
        datetime | None, typer.Option(help="The date to compute the signals at; now by default.")
    ] = None,
    file: Annotated[
        Path | None, typer.Option("--out", help="Write the matrix here, as Parquet.")
    ] = None,
    purpose: Annotated[
        str | None, typer.Option(help="Describe only signals that may serve this purpose.")
    ] = None,
    markdown: Annotated[
        Path | None, typer.Option(help="Write the dictionary here, as a page in Markdown.")
    ] = None,
    json: JsonOption = False,
) -> None:
    """Compute the signals of the population at a date, or describe them."""
    opened = open_workspace(workspace)
    if describe or markdown is not None:
        _describe(opened, purpose, markdown, json)
        return
    if purpose is not None:
        raise VoorzetError("--purpose goes with --describe: the matrix is written whole")
    moment = (as_of or datetime.now(UTC)).replace(tzinfo=UTC)
    path = file or opened.folder / "signals" / f"{moment:%Y-%m-%d}.parquet"
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


def _describe(workspace: Workspace, purpose: str | None, markdown: Path | None, json: bool) -> None:
    pack = workspace.load_pack()
    if purpose is not None and purpose not in pack.domain.purposes:
        known = ", ".join(pack.domain.purposes)
        raise VoorzetError(f"there is no purpose {purpose!r}; expected one of {known}")
    language = workspace.language or pack.languages[0]
    signals = dictionary(pack, purpose=purpose)
    if markdown is not None:
        markdown.parent.mkdir(parents=True, exist_ok=True)
        markdown.write_text(as_markdown(pack, signals, language, purpose), encoding="utf-8")
    if json:
        emit(as_json(pack, signals))
    elif markdown is not None:
        say(f"{len(signals)} signals: {markdown}")
    else:
        for line in as_lines(pack, signals, language, min(out.width, 100)):
            say(line)
        say(f"{len(signals)} signals.")
