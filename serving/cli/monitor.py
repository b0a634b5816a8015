"""``voorzet monitor``: drift, fairness and performance; exit status 2 when a test failed."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from serving.cli.asking import AsOfOption, moment
from serving.cli.bundles import find_champion
from serving.cli.console import (
    JsonOption,
    Steps,
    WorkspaceOption,
    emit,
    open_workspace,
    say,
    steps,
)
from serving.cli.measuring import measure_at, measure_at_test
from serving.workspace import Workspace

if TYPE_CHECKING:
    from models.bundle import Bundle
    from monitoring.measured import Measured
    from monitoring.report import MonitoringReport

FAILED = 2


def command(
    workspace: WorkspaceOption = Path(), as_of: AsOfOption = None, json: JsonOption = False
) -> None:
    """Write the monitoring report; exit 0 when every test passed, 2 when one failed."""
    opened = open_workspace(workspace)
    with steps() as bars:
        report = monitor(opened, bars, as_of=as_of)
    if json:
        emit(report.as_dict())
    else:
        say(report.summary)
        say(f"The report: {report.html}")
    if not report.passed:
        raise typer.Exit(FAILED)


def monitor(
    workspace: Workspace,
    bars: Steps,
    *,
    as_of: datetime | None = None,
    tested: Measured | None = None,
) -> MonitoringReport:
    """Compares the population now with that of the champion's test, and writes the report.

    ``tested`` is the latter, when it was measured already.
    """
    with bars.step("open Evidently"):  # its import takes seconds
        from monitoring.report import build
    from monitoring.performance import approached, uptake

    pack, lake = workspace.load_pack(), workspace.open_lake()
    bundle = find_champion(workspace)
    now = moment(lake, as_of)
    reference = tested or measure_at_test(workspace, bundle, bars)
    current = measure_at(workspace, bundle, now, bars, "measure now")
    with bars.step("write the report"):
        return build(
            pack,
            reference,
            current,
            uptake(lake, pack, reference.as_of, now),
            approached(lake, pack, reference.as_of, now),
            workspace.reports / f"{now:%Y-%m-%d}",
            heads=judged(bundle, reference.as_of, now),
        )


def judged(bundle: Bundle, then: datetime, now: datetime) -> list[str]:
    """The learned heads of which enough time has passed since ``then`` to know what followed."""
    from models.heads import Trees

    passed = now - then - timedelta(days=bundle.training["lag_days"])
    return [
        name
        for name, head in bundle.heads.items()
        if isinstance(head.unaided, Trees) and timedelta(days=head.horizon_days) <= passed
    ]
