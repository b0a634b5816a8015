"""``voorzet promote``: a model replaces the champion when the policy's every check holds."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from serving.cli.bundles import find_bundle
from serving.cli.console import (
    JsonOption,
    Steps,
    WorkspaceOption,
    emit,
    open_workspace,
    say,
    steps,
)
from serving.cli.measuring import measure_at_test
from serving.workspace import Workspace

if TYPE_CHECKING:
    from models.bundle import Bundle
    from models.promotion import Promotion
    from monitoring.measured import Measured

REFUSED = 2


def command(
    workspace: WorkspaceOption = Path(),
    model: Annotated[
        str | None, typer.Option(help="The version; the last one trained by default.")
    ] = None,
    json: JsonOption = False,
) -> None:
    """Make a model the champion if quality, calibration and the worst-off group allow it.

    Exit status 2 when it is refused.
    """
    opened = open_workspace(workspace)
    with steps() as bars:
        bundle = find_bundle(opened, model)
        promotion = promote_bundle(opened, bundle, measure_at_test(opened, bundle, bars), bars)
    if json:
        emit(promotion.as_dict())
    else:
        _tell(promotion)
    if not promotion.promoted:
        raise typer.Exit(REFUSED)


def promote_bundle(
    workspace: Workspace, bundle: Bundle, tested: Measured, bars: Steps
) -> Promotion:
    """Judges ``bundle`` by the workspace's policy, and swaps it in when it holds."""
    from models.promotion import Policy, promote, read_policy
    from models.registry import Registry
    from monitoring.performance import uptake
    from monitoring.recall import recall_counts

    pack, lake = workspace.load_pack(), workspace.open_lake()
    taken = uptake(lake, pack, tested.as_of, bundle.trained_at)
    policy = read_policy(workspace.policy) if workspace.policy.is_file() else Policy()
    with bars.step("judge by the policy"):
        return promote(
            bundle,
            workspace.bundles,
            policy,
            groups=recall_counts(tested, taken, pack),
            announce=Registry(workspace.mlflow, bundle.pack).crown,
        )


def _tell(promotion: Promotion) -> None:
    for check in promotion.checks:
        value = "-" if check.value is None else f"{check.value:.3f}"
        mark = "holds" if check.holds else "FAILS"
        say(f"{mark}  {check.name}: {value} (wanted {check.wanted}) {check.note}".rstrip())
    if promotion.promoted:
        say(f"{promotion.version} is the champion now.")
    else:
        say(f"{promotion.version} is not promoted; {promotion.replaced or 'nothing'} stays.")
