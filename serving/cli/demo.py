"""``voorzet demo``: an invented municipality, from its silos to explained suggestions."""

from __future__ import annotations

import shutil
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from serving.cli.campaign import recorded_results
from serving.cli.console import (
    JsonOption,
    Steps,
    dumps,
    note,
    say,
    start_log,
    steps,
)
from serving.cli.ingest import ingest_into
from serving.cli.init import make_workspace
from serving.cli.measuring import measure_at_test
from serving.cli.monitor import monitor
from serving.cli.promote import promote_bundle
from serving.cli.score import score_everyone
from serving.cli.serve import serve
from serving.cli.simulate import simulate_into
from serving.cli.to_try import people_to_try
from serving.cli.token import make_token
from serving.cli.train import train_heads
from serving.security import Role
from serving.workspace import FILE, Workspace, WorkspaceError

if TYPE_CHECKING:
    from features.ingest import IngestReport
    from models.training import TrainingResult
    from monitoring.measured import Measured

DONE = "demo.done"
MARK = "demo"
PACK = Path(__file__).resolve().parents[2] / "examples" / "gemeente"
PER_BUCKET = 5_000
DAY = "%Y-%m-%d"
LENIENT = """# Written by voorzet demo: a small invented town has too few people to measure tightly.
quality: {heads_learned: 1, auc_above_popularity: 0.0, auc_below_logistic: 1.0}
calibration: {largest_error: 1.0, brier_skill: -1.0}
groups: {worst_recall_ratio: 0.0}
"""


@dataclass
class Demo:
    """What the demonstration did, for its closing JSON."""

    workspace: Workspace
    citizens: int = 0
    ingested: dict[str, Any] = field(default_factory=dict)
    trained: dict[str, Any] = field(default_factory=dict)
    promoted: dict[str, Any] = field(default_factory=dict)
    scored: dict[str, Any] = field(default_factory=dict)
    report: dict[str, Any] = field(default_factory=dict)
    campaigns: list[dict[str, Any]] = field(default_factory=list)

    def as_dict(self) -> dict[str, Any]:
        """One object."""
        return {
            "workspace": str(self.workspace.folder),
            "citizens": self.citizens,
            **self.ingested,
            **self.trained,
            "promotion": self.promoted,
            "scored": self.scored,
            "report": self.report,
            "campaigns": self.campaigns,
        }


def command(
    folder: Annotated[Path, typer.Option(help="The workspace to make.")] = Path("demo-workspace"),
    citizens: Annotated[int, typer.Option(help="How many people live there.", min=500)] = 20_000,
    seed: Annotated[int, typer.Option(help="The same seed, the same municipality.")] = 1,
    end: Annotated[
        datetime | None,
        typer.Option(help="The last day of the simulation; yesterday by default.", formats=[DAY]),
    ] = None,
    pack: Annotated[Path, typer.Option(help="The domain pack.")] = PACK,
    port: Annotated[int | None, typer.Option(help="The port to serve on.")] = None,
    no_serve: Annotated[bool, typer.Option("--no-serve", help="Stop before serving.")] = False,
    json: JsonOption = False,
) -> None:
    """Simulate, ingest, train, promote, score, monitor and serve a municipality."""
    if (folder / DONE).is_file():
        note(f"{folder} holds a finished demonstration: it is used as it is. Delete it to redo.")
        workspace = Workspace.open(folder)
        start_log(workspace.logs)
        result = (folder / DONE).read_text(encoding="utf-8")
    else:
        workspace = _fresh(folder, pack, citizens)
        last = end.date() if end else datetime.now(UTC).date() - timedelta(days=1)
        result = _run(workspace, citizens, last, seed, json)
    if not no_serve:
        _invite(workspace, port)
        serve(workspace, port=port)
    if json:
        print(result, flush=True)


def _fresh(folder: Path, pack: Path, citizens: int) -> Workspace:
    """A new workspace; what an unfinished demonstration left is cleared away first."""
    if (folder / FILE).is_file() and not (folder / MARK).is_file():
        raise WorkspaceError(
            f"{folder} is a workspace, and not one of a demonstration: choose another --folder"
        )
    if (folder / MARK).is_file():
        note(f"{folder} holds an unfinished demonstration: it is replaced.")
        shutil.rmtree(folder)
    buckets = max(2, -(-citizens // PER_BUCKET))
    workspace = make_workspace(folder, pack, buckets=buckets)
    (folder / MARK).write_text("made by voorzet demo\n", encoding="utf-8")
    start_log(workspace.logs)
    return workspace


def _run(workspace: Workspace, citizens: int, end: date, seed: int, json: bool) -> str:
    """Every step; returns the closing JSON."""
    demo = Demo(workspace)
    with steps() as bars:
        report = simulate_into(workspace, bars, citizens=citizens, end=end, seed=seed)
        demo.citizens = report.citizens
        demo.ingested = _ingested(ingest_into(workspace, workspace.silos, bars))
        result = train_heads(workspace, bars)
        demo.trained = _trained(result)
        tested = measure_at_test(workspace, result.bundle, bars)
        demo.promoted = _promote(workspace, result, tested, bars)
        demo.scored = score_everyone(workspace, bars).as_dict()
        demo.report = monitor(workspace, bars, tested=tested).as_dict()
        with bars.step("campaigns"):
            demo.campaigns = recorded_results(workspace)
    text = dumps(demo.as_dict())
    (workspace.folder / DONE).write_text(text, encoding="utf-8")
    if not json:
        _tell(demo)
    return text


def _ingested(report: IngestReport) -> dict[str, Any]:
    return {
        "events": report.events,
        "facts": report.facts,
        "relations": report.relations,
        "quarantined": {name: reasons for name, reasons in report.quarantined.items() if reasons},
    }


def _trained(result: TrainingResult) -> dict[str, Any]:
    heads = result.bundle.evaluation["heads"]
    return {
        "model": result.bundle.version,
        "signals": result.data["signals"],
        "heads_trained": sum(head["basis"] == "model" for head in heads.values()),
        "heads": heads,
        "lists": result.bundle.evaluation["lists"],
    }


def _promote(
    workspace: Workspace, result: TrainingResult, tested: Measured, bars: Steps
) -> dict[str, Any]:
    """By the ordinary policy; a small invented town may go by one that asks less, and says so."""
    strict = promote_bundle(workspace, result.bundle, tested, bars)
    if strict.promoted:
        return {"policy": "default", **strict.as_dict()}
    failed = ", ".join(check.name for check in strict.checks if not check.holds)
    note(f"The policy refuses the model ({failed}); this demonstration asks less of it.")
    workspace.policy.write_text(LENIENT, encoding="utf-8")
    lenient = promote_bundle(workspace, result.bundle, tested, bars)
    return {"policy": "demonstration", "refused_for": failed, **lenient.as_dict()}


def _tell(demo: Demo) -> None:
    from serving.campaigns.recorded import EVERYTHING

    quarantined = sum(sum(reasons.values()) for reasons in demo.ingested["quarantined"].values())
    say(
        f"{demo.citizens:,} citizens, {demo.ingested['events']:,} events, "
        f"{quarantined:,} records set aside with a reason."
    )
    say(f"{demo.trained['heads_trained']} heads learned from {demo.trained['signals']} signals.")
    say(demo.report["summary"])
    say(f"The report: {demo.report['html']}")
    for campaign in demo.campaigns:
        if campaign["service"] == EVERYTHING:
            say(campaign["sentence"])


def _invite(workspace: Workspace, port: int | None) -> None:
    """The address, a token, and what to try."""
    token = make_token(
        workspace, [Role.CASEWORKER, Role.OUTREACH], subject="demo", name="Sam de Vries"
    )
    address = f"http://{workspace.host}:{port or workspace.port}"
    say()
    say(f"Open {address} and log in with this token (12 hours):")
    say(token)
    say()
    for name, born in people_to_try(workspace):
        say(f"  try: {name} {born}")
    say("  or search by any name, such as Jansen; accept, defer or override a suggestion;")
    say("  ask why not; see who looked. Everything is invented: no real person is in it.")
