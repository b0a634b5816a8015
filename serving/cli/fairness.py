"""``voorzet evaluate --fairness``: what the audit of a training found, and other ways to train."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rich.table import Table

from serving.cli.console import Steps, emit, out, say, steps
from serving.errors import InvalidRequestError
from serving.workspace import Workspace

if TYPE_CHECKING:
    from models.bundle import Bundle


def tell_fairness(
    workspace: Workspace,
    bundle: Bundle,
    dropped: tuple[str, ...],
    reweigh: tuple[str, ...],
    *,
    json: bool,
) -> None:
    """What was found when ``bundle`` was trained; with other ways to train, all of it anew."""
    if dropped or reweigh:
        with steps() as bars:
            found = compared(workspace, bundle, dropped, reweigh, bars)
    else:
        found = bundle.evaluation.get("fairness") or {}
    if json:
        emit({"version": bundle.version, **found})
        return
    if not found:
        say("This model was trained without an audit, or the pack names no groups: train again.")
        return
    _tell(found)


def compared(
    workspace: Workspace,
    bundle: Bundle,
    dropped: tuple[str, ...],
    reweigh: tuple[str, ...],
    bars: Steps,
) -> dict[str, Any]:
    """The audit of a training as that of ``bundle``, beside the other ways asked for. Nothing is
    registered."""
    from models.training import train
    from monitoring.training_audit import TrainingAudit
    from serving.cli.train import shown_suggestions

    pack, lake = workspace.load_pack(), workspace.open_lake()
    unknown = [name for name in reweigh if name not in pack.domain.fairness]
    if unknown:
        raise InvalidRequestError(
            f"the pack has no grouping {unknown[0]}; it has {', '.join(pack.domain.fairness)}"
        )
    result = train(
        lake,
        pack,
        until=bundle.trained_at,
        months=bundle.training.get("months"),
        seed=bundle.training["settings"]["seed"],
        threads=workspace.threads,
        shown=shown_suggestions(workspace),
        without=tuple(bundle.training.get("without", ())),
        audit=TrainingAudit(lake, pack, dropped, reweigh),
        progress=bars.advance,
    )
    return dict(result.bundle.evaluation["fairness"])


def _tell(found: dict[str, Any]) -> None:
    telling = [one for one in found["proxies"] if one["telling"]]
    say(f"Of {len(found['proxies'])} groups the signals together tell {len(telling)}:")
    for one in telling:
        told, carriers = one["told"], one["carriers"]
        by = ", ".join(f"{each['signal']} ({each['share']:.0%})" for each in carriers[:3])
        say(
            f"  {one['grouping']} {one['group']}: {_number(told['value'])} "
            f"({_number(told['low'])} to {_number(told['high'])}), by {by}"
        )
    say("Unmet need that is reached, by group:")
    out.print(_recall(found["recall"]))
    astray = [
        one for one in found["calibration"] if not one.get("hidden") and not one["as_expected"]
    ]
    for one in astray:
        seen = one["seen"]
        say(
            f"  {one['grouping']} {one['group']}: take-up expected {one['expected']:.1%}, "
            f"seen {seen['low']:.1%} to {seen['high']:.1%}"
        )
    if found["variants"]:
        say("Other ways to train, side by side:")
        out.print(_variants(found["variants"]))


def _recall(rates: list[dict[str, Any]]) -> Table:
    lines = Table(box=None, pad_edge=False)
    for title in ("group", "people", "reached", "95%", "beside the others"):
        lines.add_column(title, justify="left" if title == "group" else "right", no_wrap=True)
    for one in rates:
        name = f"{one['grouping']} {one['group']}"
        if one.get("hidden"):
            lines.add_row(name, "too few to show", "", "", "")
            continue
        rate, gap = one["rate"], one["gap"]
        lines.add_row(
            name,
            f"{one['n']:,}",
            _number(rate["value"]),
            f"{_number(rate['low'])}-{_number(rate['high'])}",
            f"{_number(gap['low'])} to {_number(gap['high'])}",
        )
    return lines


def _variants(variants: list[dict[str, Any]]) -> Table:
    lines = Table(box=None, pad_edge=False)
    for title in ("training", "AUC", "calibration error", "worst group", "behind by"):
        left = title in ("training", "worst group")
        lines.add_column(title, justify="left" if left else "right")
    for one in variants:
        worst = one["worst"]
        lines.add_row(
            one["variant"],
            _number(one["auc"]),
            _number(one["calibration_error"]),
            f"{worst['grouping']} {worst['group']}" if worst else "-",
            _number(worst["gap"]["value"]) if worst else "-",
        )
    return lines


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}"
