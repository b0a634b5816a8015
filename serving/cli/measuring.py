"""Measuring a population with a model, for promotion and monitoring alike."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from serving.cli.console import Steps
from serving.workspace import Workspace

if TYPE_CHECKING:
    from models.bundle import Bundle
    from monitoring.measured import Measured


def measure_at(
    workspace: Workspace, bundle: Bundle, as_of: datetime, bars: Steps, what: str
) -> Measured:
    """The population at ``as_of``, scored with ``bundle``."""
    from monitoring.measured import measure

    return measure(
        workspace.open_lake(),
        workspace.load_pack(),
        bundle,
        as_of,
        threads=workspace.threads,
        progress=lambda done: bars.advance(what, done, workspace.buckets),
    )


def measure_at_test(workspace: Workspace, bundle: Bundle, bars: Steps) -> Measured:
    """The population when the model was tested, scored with it."""
    return measure_at(workspace, bundle, tested_at(bundle), bars, "measure at the test")


def tested_at(bundle: Bundle) -> datetime:
    """The first snapshot of the test period: the model had seen nothing of what followed."""
    return datetime.fromisoformat(bundle.training["split"]["test"][0])
