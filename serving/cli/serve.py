"""``voorzet serve``: the API and the pages."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from threading import Timer
from typing import TYPE_CHECKING, Annotated

import typer

from features.steady import make_ready
from serving.cli.console import WorkspaceOption, note, open_workspace
from serving.workspace import Workspace

if TYPE_CHECKING:
    from fastapi import FastAPI

HERE = "VOORZET_WORKSPACE"

ON_ITS_FEET = 1.0
"""Seconds that a server takes from here until it answers."""


def command(
    workspace: WorkspaceOption = Path(),
    host: Annotated[str | None, typer.Option(help="The address to listen on.")] = None,
    port: Annotated[int | None, typer.Option(help="The port to listen on.")] = None,
    workers: Annotated[int, typer.Option(help="In how many processes.", min=1)] = 1,
) -> None:
    """Serve the API and the pages until Ctrl+C."""
    serve(open_workspace(workspace), host=host, port=port, workers=workers)


def serve(
    workspace: Workspace, *, host: str | None = None, port: int | None = None, workers: int = 1
) -> None:
    """Serves until it is stopped. A worker that dies is started again."""
    import uvicorn

    address, number = host or workspace.host, port or workspace.port
    note(f"Voorzet listens on http://{address}:{number} (Ctrl+C stops it).")
    if workers == 1:
        app: FastAPI | str = serving_app(workspace)
    else:
        from serving.database import Database

        workspace.load_pack()  # what is wrong with it is told here, and not by worker after worker
        database = Database(workspace.database)
        database.migrate()  # once, before any worker looks
        database.close()
        os.environ[HERE] = str(workspace.folder)
        os.environ["PROMETHEUS_MULTIPROC_DIR"] = tempfile.mkdtemp(prefix="voorzet-metrics-")
        app = "serving.cli.serve:worker"
    uvicorn.run(
        app,
        host=address,
        port=number,
        workers=workers,
        factory=workers > 1,
        log_level="warning",
        access_log=False,
    )


def worker() -> FastAPI:
    """The web application in a process of its own, for the workspace in the environment."""
    return serving_app(open_workspace(Path(os.environ[HERE])))


def serving_app(workspace: Workspace) -> FastAPI:
    """The web application, as ready as it gets before the first request."""
    from serving.api.app import create_app

    app = create_app(workspace)
    # Beside the server, which answers meanwhile; not while it is still getting to its feet.
    later = Timer(ON_ITS_FEET, make_ready)
    later.name, later.daemon = "make ready", True
    later.start()
    return app
