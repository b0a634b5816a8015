"""What a command says: progress and faults on stderr, results on stdout, details in the log."""

from __future__ import annotations

import json
import logging
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn

from serving.log_lines import JsonLines, TextLines
from serving.workspace import Workspace

WorkspaceOption = Annotated[
    Path,
    typer.Option("--workspace", "-w", help="The workspace folder.", envvar="VOORZET_WORKSPACE"),
]
JsonOption = Annotated[
    bool, typer.Option("--json", help="Print one JSON object as the last line, for a program.")
]

out = Console(highlight=False, soft_wrap=True, width=None if sys.stdout.isatty() else 160)
"""In a file or a pipe lines are wide enough for a table."""
err = Console(stderr=True, highlight=False, soft_wrap=True)
LOG = logging.getLogger("voorzet")


def say(text: str = "") -> None:
    """A line for a person, on stdout."""
    out.print(text, markup=False)


def note(text: str) -> None:
    """A line about what is going on, on stderr."""
    err.print(text, markup=False)


def fail(text: str) -> None:
    """One red line on stderr."""
    err.print(text, style="red", markup=False)


def emit(result: Mapping[str, Any]) -> None:
    """One JSON object on one line of stdout."""
    print(dumps(result), flush=True)


def dumps(result: Mapping[str, Any]) -> str:
    """One line of JSON; dates as ISO 8601."""
    return json.dumps(result, default=_plain, ensure_ascii=False)


def _plain(value: object) -> str:
    return value.isoformat() if isinstance(value, date) else str(value)


def open_workspace(folder: Path) -> Workspace:
    """The workspace, with its log open."""
    workspace = Workspace.open(folder)
    start_log(workspace.logs, json=workspace.log_format == "json")
    return workspace


def start_log(folder: Path, *, json: bool = False) -> None:
    """Sends the log of this process to ``<folder>/voorzet.log``."""
    path = folder / "voorzet.log"
    if any(getattr(handler, "baseFilename", "") == str(path) for handler in LOG.handlers):
        return
    folder.mkdir(parents=True, exist_ok=True)
    handler = RotatingFileHandler(path, maxBytes=5_000_000, backupCount=3, encoding="utf-8")
    handler.setFormatter(JsonLines() if json else TextLines())
    for old in list(LOG.handlers):
        LOG.removeHandler(old)
        old.close()
    LOG.addHandler(handler)
    LOG.setLevel(logging.INFO)
    LOG.propagate = False


def log_file() -> Path | None:
    """Where the log of this process is kept; None when no workspace is open."""
    for handler in LOG.handlers:
        if isinstance(handler, logging.FileHandler):
            return Path(handler.baseFilename)
    return None


@dataclass(slots=True)
class Steps:
    """The steps of a command as progress bars.

    :meth:`advance` has the shape in which the rooms report progress: what, done, total.
    """

    bars: Progress
    tasks: dict[str, Any] = field(default_factory=dict)

    def advance(self, what: str, done: int, total: int) -> None:
        """``done`` of ``total`` of ``what``."""
        task = self.tasks.get(what)
        if task is None:
            task = self.tasks[what] = self.bars.add_task(what, total=total or None)
        self.bars.update(task, completed=done, total=total or None)

    @contextmanager
    def step(self, what: str) -> Iterator[None]:
        """A step without known length: a moving bar until it is done."""
        task = self.bars.add_task(what, total=None)
        started = time.monotonic()
        LOG.info("%s: started", what)
        try:
            yield
        finally:
            LOG.info("%s: %.1f s", what, time.monotonic() - started)
            self.bars.update(task, total=1, completed=1)


@contextmanager
def steps() -> Iterator[Steps]:
    """Progress bars on stderr for as long as the block runs."""
    columns = (
        TextColumn("{task.description}"),
        BarColumn(bar_width=30),
        TaskProgressColumn(),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=err) as bars:
        yield Steps(bars)
