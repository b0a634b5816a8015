"""``voorzet evaluate``: what a model was worth on its test period, beside its baselines."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer
from rich.table import Table

from serving.cli.bundles import find_bundle, is_champion
from serving.cli.console import JsonOption, WorkspaceOption, emit, open_workspace, out, say


def command(
    workspace: WorkspaceOption = Path(),
    model: Annotated[
        str | None, typer.Option(help="The version; the last one trained by default.")
    ] = None,
    json: JsonOption = False,
) -> None:
    """Show how each head did on the test period, which training never saw."""
    opened = open_workspace(workspace)
    bundle = find_bundle(opened, model)
    champion = is_champion(opened, bundle)
    if json:
        emit(
            {
                "version": bundle.version,
                "champion": champion,
                "trained_at": bundle.trained_at.isoformat(),
                "split": bundle.training.get("split"),
                **bundle.evaluation,
            }
        )
        return
    say(f"Model {bundle.version}{', the champion' if champion else ''}.")
    out.print(table(bundle.evaluation))
    for name, lists in bundle.evaluation.get("lists", {}).items():
        told = ", ".join(f"{metric} {_number(value)}" for metric, value in lists.items())
        say(f"First five by {name}: {told}")


def table(evaluation: dict[str, Any]) -> Table:
    """One line a head: its area under the curve with interval, beside the baselines'."""
    lines = Table(box=None, pad_edge=False)
    for title in ("service", "basis", "takers", "AUC", "95%", "logistic", "rules", "popularity"):
        lines.add_column(title, justify="left" if title in ("service", "basis") else "right")
    for service, head in evaluation.get("heads", {}).items():
        auc, baselines = head["auc"], head["baselines"]
        lines.add_row(
            service,
            head["basis"],
            f"{head['positives']:,}",
            _number(head["metrics"].get("auc")),
            f"{_number(auc.get('low'))}–{_number(auc.get('high'))}",
            *(
                _number(baselines.get(name, {}).get("auc"))
                for name in ("logistic", "rules", "popularity")
            ),
        )
    return lines


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}"
