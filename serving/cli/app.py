"""The Typer app, and the one place where a fault becomes a sentence on the screen."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Collection, Sequence
from importlib import import_module
from pathlib import Path

import typer

from features.errors import VoorzetError
from serving.cli.console import LOG, fail, log_file, start_log

COMMANDS = (
    "demo",
    "init",
    "simulate",
    "ingest",
    "land",
    "link",
    "unlink",
    "features",
    "train",
    "evaluate",
    "reproduce",
    "promote",
    "rollback",
    "suggest",
    "score",
    "serve",
    "stop",
    "monitor",
    "erase",
    "retention",
    "token",
)
GROUPS = ("campaign", "audit")
"""Each a module beside this one; groups have commands of their own."""


def app_of(asked: Collection[str] = (*COMMANDS, *GROUPS)) -> typer.Typer:
    """The command line with the commands and groups ``asked`` for: only their modules are read."""
    app = typer.Typer(
        name="voorzet",
        help="Suggests the service that fits a citizen next, with the reasons. A person decides.",
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
        rich_markup_mode=None,
    )
    app.callback()(_nothing_first)
    for name in COMMANDS:
        if name in asked:
            app.command(name)(import_module(f"serving.cli.{name}").command)
    for name in GROUPS:
        if name in asked:
            app.add_typer(import_module(f"serving.cli.{name}").app, name=name)
    return app


def _nothing_first() -> None:
    """With this a single command keeps its name."""


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
    words = sys.argv[1:] if arguments is None else list(arguments)
    known = {*COMMANDS, *GROUPS}
    try:
        app_of(words[:1] if words and words[0] in known else known)(args=words)
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
