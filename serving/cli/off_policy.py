"""``voorzet evaluate --off-policy``: what another way of filling drawn places would have brought.

The ledger in the database tells what was drawn, with which chances, and what people decided.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import polars as pl

from serving.cli.console import Steps, emit, say, steps
from serving.workspace import Workspace

if TYPE_CHECKING:
    from models.bundle import Bundle
    from models.offpolicy import ExploredSlots, Figure, PolicyValue
    from models.offpolicy.estimating import Reason

PATIENCE = timedelta(days=30)
SCORED = pl.Schema({"slate": pl.String, "service": pl.String, "score": pl.Float64})
LABELS = {
    "greedy": "as ranked then, without drawing",
    "uniform": "any of those that fit, by lot",
}
WHY_NOT: dict[Reason, str] = {
    "few-slots": "too few people had a place that was drawn ({citizens})",
    "no-support": "{unsupported:.0%} of what it would choose was never drawn",
    "few-effective": "after weighting, what is left is worth {effective:.0f} people",
    "few-accepted": "only {accepted} of the places it would fill the same way were accepted",
}


@dataclass(frozen=True, slots=True)
class OffPolicy:
    """The explored slots, and what each policy is worth on them."""

    slots: ExploredSlots
    values: tuple[PolicyValue, ...]

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "slots": self.slots.count,
            "open": self.slots.open,
            "torn": self.slots.torn,
            "fixed": self.slots.fixed,
            "policies": [one.as_dict() for one in self.values],
        }


def tell_off_policy(workspace: Workspace, bundle: Bundle | None, *, json: bool) -> None:
    """Estimate, and say or emit it."""
    with steps() as bars:
        found = off_policy(workspace, bundle, bars, now=datetime.now(UTC))
    if json:
        emit(found.as_dict())
        return
    slots = found.slots
    say(
        f"{slots.count:,} last places were drawn by lot and are decided; {slots.open:,} still wait "
        f"for a decision, of {slots.fixed:,} chance had no hand in it."
    )
    for one in found.values:
        say(f"{LABELS.get(one.policy, one.policy)}: {_said(one)}")
    say("This is about those places alone, with the places before them as they were.")


def off_policy(
    workspace: Workspace, bundle: Bundle | None, bars: Steps, *, now: datetime
) -> OffPolicy:
    """The ledger's explored slots under other policies: as ranked, by lot, and as ``bundle``
    would rank."""
    from models.offpolicy import by_score, evaluate_policy, explored_slots, greedy, uniform
    from serving.database import Database
    from serving.ledger import read_ledger

    database = Database(workspace.database)
    database.migrate()
    ledger = read_ledger(database)
    database.close()
    slots = explored_slots(ledger, now, patience=PATIENCE)
    chances = {"greedy": greedy(slots.rows), "uniform": uniform(slots.rows)}
    if bundle is not None:
        scores = _rescored(workspace, bundle, ledger, slots.rows, bars)
        chances[bundle.version] = by_score(slots.rows, scores)
    return OffPolicy(
        slots,
        tuple(
            evaluate_policy(name, slots.rows, one, seed=workspace.seed)
            for name, one in chances.items()
        ),
    )


def _rescored(
    workspace: Workspace, bundle: Bundle, ledger: pl.DataFrame, rows: pl.DataFrame, bars: Steps
) -> pl.DataFrame:
    """The priority that ``bundle`` gives each candidate of a slate, as known when it was asked.

    The gates are left as they were: only what had passed them then is scored. Of someone who was
    erased since, nothing is left to score.
    """
    from models.choosing import choose

    lake, pack = workspace.open_lake(), workspace.load_pack()
    asked = (
        rows.select("slate")
        .unique()
        .join(ledger.select("slate", "citizen", "purpose", "as_of").unique("slate"), on="slate")
    )
    parts = [SCORED.to_frame()]
    for done, (slate, citizen, purpose, as_of) in enumerate(asked.sort("slate").iter_rows(), 1):
        choice = choose(
            lake,
            pack,
            bundle,
            citizen,
            as_of,
            refine=lambda state, purpose=purpose: replace(state, purpose=purpose),  # type: ignore[misc]
        )
        bars.advance("score again", done, asked.height)
        if not choice.empty:
            scored = choice.candidates.select("service", score="priority")
            parts.append(scored.with_columns(slate=pl.lit(slate)).select(SCORED.names()))
    candidates = rows.select("slate", "service")
    return pl.concat(parts).join(candidates, on=["slate", "service"], how="semi")


def _said(one: PolicyValue) -> str:
    support = one.support
    if one.why_not is not None:
        why = WHY_NOT[one.why_not].format(
            citizens=support.citizens,
            unsupported=support.unsupported,
            effective=support.effective,
            accepted=support.accepted,
        )
        return f"no figure: {why}."
    figures = {"doubly robust": one.doubly_robust, "SNIPS": one.snips, "IPS": one.ips}
    told = "; ".join(f"{name} {_range(figure)}" for name, figure in figures.items() if figure)
    return f"accepted {told}. Worth {support.effective:.0f} people."


def _range(figure: Figure) -> str:
    value, gain = figure.value, figure.gain
    return (
        f"{value.value:.1%} ({value.low:.1%} to {value.high:.1%}), "
        f"{100 * gain.value:+.1f} points ({100 * gain.low:+.1f} to {100 * gain.high:+.1f})"
    )
