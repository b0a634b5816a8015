"""``voorzet features``: the signals, and what each of them means."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from features.errors import VoorzetError
from features.snapshot import dictionary
from features.units import unit_title
from serving.cli.console import JsonOption, WorkspaceOption, emit, open_workspace, say
from serving.cli.retention import note_beyond_retention
from serving.workspace import Workspace

if TYPE_CHECKING:
    from features.building import Spread


def command(
    workspace: WorkspaceOption = Path(),
    describe: Annotated[bool, typer.Option("--describe", help="Print the dictionary.")] = False,
    as_of: Annotated[
        datetime | None, typer.Option(help="The date to compute the signals at; now by default.")
    ] = None,
    out: Annotated[Path | None, typer.Option(help="Write the matrix here, as Parquet.")] = None,
    purpose: Annotated[
        str | None, typer.Option(help="Only signals whose sources may be used for it.")
    ] = None,
    dask: Annotated[
        str | None,
        typer.Option(help="Compute on a Dask cluster: a scheduler's address, or 'local'."),
    ] = None,
    json: JsonOption = False,
) -> None:
    """Compute the signals of the population at a date, or describe them."""
    opened = open_workspace(workspace)
    if describe:
        _describe(opened, json)
        return
    moment = (as_of or datetime.now(UTC)).replace(tzinfo=UTC)
    note_beyond_retention(opened, moment)
    path = out or opened.folder / "signals" / f"{moment:%Y-%m-%d}.parquet"
    citizens, signals = write_signals(opened, moment, path, purpose=purpose, dask=dask)
    result = {"as_of": moment, "citizens": citizens, "signals": signals, "file": str(path)}
    if json:
        emit(result)
    else:
        say(f"{signals} signals of {citizens:,} citizens as of {moment:%Y-%m-%d}: {path}")


def write_signals(
    workspace: Workspace,
    as_of: datetime,
    path: Path,
    *,
    purpose: str | None = None,
    dask: str | None = None,
) -> tuple[int, int]:
    """Writes the matrix bucket by bucket; returns how many citizens and signals it has."""
    from features.building import Build, build_matrix, in_threads
    from serving.cli.console import steps

    build = Build(workspace.open_lake(), workspace.load_pack(), as_of, purpose)
    with steps() as bars, _cluster(dask) as elsewhere:
        built = build_matrix(
            build,
            path,
            spread=elsewhere or in_threads(workspace.threads),
            each=lambda done: bars.advance("signals", done, workspace.buckets),
        )
    return built.citizens, built.signals


@contextmanager
def _cluster(address: str | None) -> Iterator[Spread | None]:
    """A Dask cluster: one of this machine's own for ``local``, or the scheduler at an address."""
    if address is None:
        yield None
        return
    try:
        from distributed import Client, LocalCluster
    except ImportError as fault:
        raise VoorzetError(
            "Dask is not installed: install Voorzet with its extra 'dask', or leave out --dask"
        ) from fault
    from features.clusters import on_dask

    with ExitStack() as open_:
        at: LocalCluster | str = address
        if address == "local":
            cluster = LocalCluster(dashboard_address=None, threads_per_worker=1)  # type: ignore[no-untyped-call]
            at = open_.enter_context(cluster)
        client = Client(at)  # type: ignore[no-untyped-call]
        yield on_dask(open_.enter_context(client))


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
