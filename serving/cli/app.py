"""The Typer app, and the one place where a fault becomes a sentence on the screen."""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Sequence

import typer

from features.errors import VoorzetError
from serving.cli import (
    campaign,
    demo,
    evaluate,
    features,
    ingest,
    init,
    monitor,
    promote,
    rollback,
    score,
    serve,
    simulate,
    suggest,
    token,
    train,
)
from serving.cli.console import fail

app = typer.Typer(
    name="voorzet",
    help="Suggests the service that fits a citizen next, with the reasons. A person decides.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
for module in (
    demo,
    init,
    simulate,
    ingest,
    features,
    train,
    evaluate,
    promote,
    rollback,
    suggest,
    score,
    serve,
    monitor,
    token,
):
    app.command(module.__name__.rpartition(".")[2])(module.command)
app.add_typer(campaign.app, name="campaign")

QUIET = {
    "DO_NOT_TRACK": "true",  # nothing calls home
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "OMP_WAIT_POLICY": "passive",  # idle threads sleep
    "MLFLOW_LOGGING_LEVEL": "WARNING",
}


def main(arguments: Sequence[str] | None = None) -> None:
    """Runs the command; exits 1 with one clear line when it cannot be done."""
    for name, value in QUIET.items():
        os.environ.setdefault(name, value)
    try:
        app(args=list(arguments) if arguments is not None else None)
    except VoorzetError as fault:
        logging.getLogger("voorzet").exception("could not be done")
        fail(str(fault))
    except Exception as fault:
        logging.getLogger("voorzet").exception("unforeseen")
        fail(
            f"Voorzet did not foresee this ({type(fault).__name__}). "
            "The log of the workspace (logs/voorzet.log) holds the details."
        )
    sys.exit(1)
