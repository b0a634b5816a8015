"""The Typer app, and the one place where a fault becomes a sentence on the screen."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import typer

from features.errors import VoorzetError
from serving.cli import (
    audit,
    campaign,
    demo,
    erase,
    evaluate,
    features,
    ingest,
    init,
    land,
    link,
    monitor,
    promote,
    reproduce,
    retention,
    rollback,
    score,
    serve,
    simulate,
    stop,
    suggest,
    token,
    train,
    unlink,
)
from serving.cli.console import LOG, fail, log_file, start_log

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
    land,
    link,
    unlink,
    features,
    train,
    evaluate,
    reproduce,
    promote,
    rollback,
    suggest,
    score,
    serve,
    stop,
    monitor,
    erase,
    retention,
    token,
):
    app.command(module.__name__.rpartition(".")[2])(module.command)
app.add_typer(campaign.app, name="campaign")
app.add_typer(audit.app, name="audit")

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
        if log_file() is not None:  # without a log Python would write to the screen
            LOG.exception("could not be done")
        fail(str(fault))
    except Exception as fault:
        if log_file() is None:
            start_log(Path(tempfile.mkdtemp(prefix="voorzet-")))
        LOG.exception("unforeseen")
        fail(
            f"Voorzet did not foresee this ({type(fault).__name__}). "
            f"The log holds the details: {log_file()}"
        )
    sys.exit(1)
