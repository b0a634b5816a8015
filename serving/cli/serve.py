"""``voorzet serve``: the API and the pages."""

from __future__ import annotations

import gc
from pathlib import Path
from typing import Annotated

import typer

from serving.cli.console import WorkspaceOption, note, open_workspace
from serving.workspace import Workspace


def command(
    workspace: WorkspaceOption = Path(),
    host: Annotated[str | None, typer.Option(help="The address to listen on.")] = None,
    port: Annotated[int | None, typer.Option(help="The port to listen on.")] = None,
) -> None:
    """Serve the API and the pages until Ctrl+C."""
    serve(open_workspace(workspace), host=host, port=port)


def serve(workspace: Workspace, *, host: str | None = None, port: int | None = None) -> None:
    """Serves until it is stopped."""
    import uvicorn

    from serving.api.app import create_app

    app = create_app(workspace)
    address, number = host or workspace.host, port or workspace.port
    note(f"Voorzet listens on http://{address}:{number} (Ctrl+C stops it).")
    # What is there at the start stays: to look it through again and again for rubbish costs every
    # request milliseconds.
    gc.collect()
    gc.freeze()
    uvicorn.run(app, host=address, port=number, log_level="warning", access_log=False)
