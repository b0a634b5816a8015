"""``voorzet features``: the signals, and what each of them means."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from features.errors import VoorzetError
from features.snapshot import dictionary
from serving.cli.console import JsonOption, WorkspaceOption, emit, open_workspace, out, say
from serving.cli.dask_client import dask_client
from serving.cli.retention import note_beyond_retention
from serving.signal_page import as_json, as_lines, as_markdown
from serving.workspace import Workspace

if TYPE_CHECKING:
    from features.building import Spread


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
        str | None, typer.Option(help="Only signals whose sources may be used for it.")
    ] = None,
    markdown: Annotated[
        Path | None, typer.Option(help="Write the dictionary here, as a page in Markdown.")
    ] = None,
    dask: Annotated[
        str | None,
        typer.Option(help="Compute on a Dask cluster: a scheduler's address, or 'local'."),
    ] = None,
    json: JsonOption = False,
) -> None:
    """Compute the signals of the population at a date, or describe them."""
    opened = open_workspace(workspace)
    if describe or markdown is not None:
        _describe(opened, purpose, markdown, json)
        return
    moment = (as_of or datetime.now(UTC)).replace(tzinfo=UTC)
    note_beyond_retention(opened, moment)
    path = file or opened.folder / "signals" / f"{moment:%Y-%m-%d}.parquet"
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
    """Where the buckets are computed: on a Dask cluster, or here."""
    from features.clusters import on_dask

    with dask_client(address) as client:
        yield None if client is None else on_dask(client)


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
