"""``voorzet evaluate``: what a model was worth on its test period, beside its baselines."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.table import Table

from serving.cli.bundles import find_bundle, is_champion
from serving.cli.console import (
    JsonOption,
    WorkspaceOption,
    emit,
    fail,
    open_workspace,
    out,
    say,
    steps,
)
from serving.cli.fairness import tell_fairness
from serving.cli.off_policy import tell_off_policy
from serving.workspace import Workspace

if TYPE_CHECKING:
    from models.bundle import Bundle
    from serving.removals import Removal


def command(
    workspace: WorkspaceOption = Path(),
    model: Annotated[
        str | None, typer.Option(help="The version; the last one trained by default.")
    ] = None,
    repeats: Annotated[
        int | None,
        typer.Option(
            help="Instead, divide citizens anew so many times, fit each time, and compare.", min=2
        ),
    ] = None,
    off_policy: Annotated[
        bool,
        typer.Option(
            "--off-policy",
            help="Instead, what other ways of filling the drawn places would have brought.",
        ),
    ] = False,
    rounds: Annotated[
        int | None,
        typer.Option(
            "--over-time", help="Instead, train at so many past dates and test each.", min=2
        ),
    ] = None,
    fairness: Annotated[
        bool,
        typer.Option("--fairness", help="Instead, the audit of the training by group."),
    ] = False,
    without_proxy: Annotated[
        list[str] | None,
        typer.Option(help="With --fairness: set a training without this signal beside it."),
    ] = None,
    reweigh: Annotated[
        list[str] | None,
        typer.Option(help="With --fairness: set a training reweighed by this grouping beside it."),
    ] = None,
    json: JsonOption = False,
) -> None:
    """Show how each head did on the test period, which training never saw."""
    opened = open_workspace(workspace)
    if rounds is not None:
        _over_time(opened, rounds, json=json)
        return
    if repeats is not None:
        _repeat(opened, repeats, json=json)
        return
    if off_policy:
        tell_off_policy(opened, find_bundle(opened, model) if model else None, json=json)
        return
    bundle = find_bundle(opened, model)
    if fairness:
        ways = (tuple(without_proxy or ()), tuple(reweigh or ()))
        tell_fairness(opened, bundle, *ways, json=json)
        return
    champion = is_champion(opened, bundle)
    removed = removed_since(opened, bundle)
    if json:
        emit(
            {
                "version": bundle.version,
                "champion": champion,
                "trained_at": bundle.trained_at.isoformat(),
                "removed_since": [one.as_dict() for one in removed],
                "split": bundle.training.get("split"),
                **bundle.evaluation,
            }
        )
        return
    say(f"Model {bundle.version}{', the champion' if champion else ''}.")
    for one in removed:
        say(
            f"Since it was trained, records it saw were taken out ({one.kind}, {one.at:%Y-%m-%d}): "
            "training again on the same dates gives another model."
        )
    out.print(table(bundle.evaluation))
    rests = bundle.evaluation.get("support", {})
    if any(found["shares"] for found in rests.values()):
        from models.support import calibration_told

        say("Entitlement of the candidates rests on:")
        out.print(support_table(rests))
        say(calibration_told(rests))
    tell_leaks(bundle.evaluation)
    tell_champion(bundle.evaluation)
    say("The first five of each citizen's list:")
    out.print(lists_table(bundle.evaluation))


def removed_since(workspace: Workspace, bundle: Bundle) -> tuple[Removal, ...]:
    """The erasures and retentions that took out something of what ``bundle`` was trained on."""
    from serving.database import Database
    from serving.removals import Removals
    from serving.sealing import Sealing

    database = Database(workspace.database)
    database.migrate()
    versions = bundle.training.get("data", bundle.training).get("lake_versions", {})
    found = Removals(database, Sealing(workspace.secret("vault"))).since(versions)
    database.close()
    return found


def _over_time(workspace: Workspace, rounds: int, *, json: bool) -> None:
    from models.over_time import over_time
    from models.tracking import track_over_time
    from serving.cli.train import shown_suggestions

    pack = workspace.load_pack()
    with steps() as bars:
        measured = over_time(
            workspace.open_lake(),
            pack,
            rounds=rounds,
            shown=shown_suggestions(workspace),
            threads=workspace.threads,
            progress=bars.advance,
        )
        with bars.step("draw and keep in MLflow"):
            artifacts = workspace.folder / "mlartifacts"
            run = track_over_time(measured, pack, uri=workspace.mlflow, artifacts=artifacts)
    found = measured.as_dict()
    if json:
        emit(found | {"run": run})
        return
    for one in found["measured"]:
        say(f"Tested from {one['at'][:10]}: {one['group']} AUC {_number(one['value'])}")
    for one in found["regret"]:
        say(
            f"From {one['at'][:10]}, {one['rule']} would have chosen {one['group']} and lost "
            f"{_number(one['regret'])}."
        )
    if found["skipped"]:
        say(f"{found['skipped']} dates lay too early to train and test at.")
    say(f"Kept in MLflow as run {run}, with the plot plots/over_time.png.")


def _repeat(workspace: Workspace, repeats: int, *, json: bool) -> None:
    from models.repeated import repeated

    with steps() as bars:
        found = repeated(
            workspace.open_lake(),
            workspace.load_pack(),
            repeats=repeats,
            threads=workspace.threads,
            progress=bars.advance,
        )
    told = {service: one.as_dict() for service, one in found.items()}
    if json:
        emit({"split": "by citizen", "heads": told})
        return
    for service, one in told.items():
        auc, gain = one["auc"], one["gain_over_logistic"]
        say(
            f"{service}: AUC {_number(auc['mean'])}, above logistic regression by "
            f"{_number(gain['mean'])} ({_number(gain['low'])} to {_number(gain['high'])}) "
            f"over {repeats} splits by citizen."
        )


def tell_leaks(evaluation: dict[str, Any]) -> None:
    """Name the signals that know too much: the model is not to be trusted with them."""
    for one in evaluation.get("leaks", []):
        if one["leak"]:
            fail(f"{one['signal']} knows too much of {one['service']}: {one['because']}.")


def table(evaluation: dict[str, Any]) -> Table:
    """One line a head: its area under the curve with interval, beside the baselines'."""
    heads = evaluation.get("heads", {})
    rivals = list(dict.fromkeys(name for head in heads.values() for name in head["baselines"]))
    lines = Table(box=None, pad_edge=False)
    for title in ("service", "basis", "takers", "AUC", "95%", *rivals):
        left = title in ("service", "basis")
        lines.add_column(title, justify="left" if left else "right", no_wrap=True)
    for service, head in heads.items():
        auc, baselines = head["auc"], head["baselines"]
        lines.add_row(
            service,
            head["basis"],
            f"{head['positives']:,}",
            _number(head["metrics"].get("auc")),
            f"{_number(auc.get('low'))}–{_number(auc.get('high'))}",
            *(_number(baselines.get(name, {}).get("auc")) for name in rivals),
        )
    return lines


def tell_champion(evaluation: dict[str, Any]) -> None:
    """Which model was the champion, when it looks better than it is."""
    asked = evaluation.get("incumbent") or {}
    if asked.get("knew_the_test"):
        say(
            f"The champion then, {asked['version']}, learned from outcomes of this test period: "
            "it looks better than it is."
        )


def lists_table(evaluation: dict[str, Any]) -> Table:
    """One line a contender: what its lists are worth, with the interval of what counts most."""
    from models.contenders import LISTS

    lists, sure = evaluation.get("lists", {}), evaluation.get("list_intervals", {})
    lines = Table(box=None, pad_edge=False)
    titles = {
        "unmet_need_at_capacity": "need reached",
        "ndcg_at_5": "NDCG",
        "first_hit": "first is next",
        "novelty": "novelty (bits)",
        "unfound": "not found unaided",
        "coverage": "of catalogue",
    }
    for title in ("ordered by", "need reached", "95%", *list(titles.values())[1:]):
        lines.add_column(title, justify="left" if title == "ordered by" else "right", no_wrap=True)
    for name in sorted(lists, key=lambda one: LISTS.index(one) if one in LISTS else len(LISTS)):
        values = [_number(lists[name].get(metric)) for metric in titles]
        between = sure.get(name, {}).get("unmet_need_at_capacity", {})
        ends = f"{_number(between.get('low'))}–{_number(between.get('high'))}"
        lines.add_row(name, values[0], ends, *values[1:])
    return lines


def support_table(rests: dict[str, Any]) -> Table:
    """One line a service: on what its candidates' estimates of entitlement rest, and between which
    bounds the share of entitled lies."""
    lines = Table(box=None, pad_edge=False)
    titles = ("rules", "checks", "decisions", "prior", "bounds", "at least", "estimate", "at most")
    for title in ("service", "candidates", *titles):
        lines.add_column(title, justify="left" if title == "service" else "right", no_wrap=True)
    for service, found in rests.items():
        if not found["shares"]:
            continue
        within = found["entitled_between"]
        lines.add_row(
            service,
            f"{found['candidates']:,}",
            *(f"{share:.0%}" for share in found["shares"].values()),
            *(_number(within[name]) for name in ("lower", "point", "upper_monotone")),
        )
    return lines


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}"
