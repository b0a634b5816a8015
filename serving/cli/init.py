"""``voorzet init``: a workspace on a domain pack."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from features.loading import load_pack
from serving.cli.console import JsonOption, WorkspaceOption, emit, say
from serving.workspace import Workspace


def command(
    pack: Annotated[Path, typer.Option(help="The folder of the domain pack.")],
    workspace: WorkspaceOption = Path(),
    language: Annotated[
        str | None, typer.Option(help="Language of cards, when not chosen.")
    ] = None,
    buckets: Annotated[
        int | None, typer.Option(help="Parts of the lake: about one per 5,000 citizens.", min=1)
    ] = None,
    json: JsonOption = False,
) -> None:
    """Make a workspace: a folder with settings, keys, and a place for everything else."""
    made = make_workspace(workspace, pack, language=language, buckets=buckets)
    if json:
        emit({"workspace": str(made.folder), "pack": str(made.pack)})
    else:
        say(f"Workspace {made.folder} is ready, on the pack {made.pack}.")
        say(f'Next: voorzet ingest --data <folder or file> --workspace "{workspace}"')


def make_workspace(
    folder: Path, pack: Path, *, language: str | None = None, buckets: int | None = None
) -> Workspace:
    """The new workspace; the pack is checked first, so that a faulty one leaves nothing behind."""
    if pack.is_dir():
        load_pack(pack)
    return Workspace.init(folder, pack, language=language, buckets=buckets)
