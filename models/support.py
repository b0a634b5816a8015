"""On what the estimates of entitlement rest, service by service.

A probability looks the same whether the rules decided it or somebody assumed it. So for each
service is said what share of its candidates rests on what, between which bounds the share of
entitled lies, and how the weights against help and selection came out. It goes with the bundle,
into the model card and the evaluation.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.bounds import Bounds, bounds
from models.examples import Examples, Task
from models.heads import Head
from models.holdout import HoldOutCheck, check, held_out
from models.matrix import Vector
from models.need_checks import LEAST_NEEDS
from models.objectives import pursued
from models.selection import supported

GROUNDS = ("rules", "checks", "decisions", "prior", "bounds")
"""*rules*: they decide. *checks*: random checks. *decisions*: people of this kind are decided on
often enough for decisions to speak for them. *prior*: the rates of criteria among others, or a rate
of non-take-up. *bounds*: nothing but the bounds."""
NO_EXPERIMENT = "no randomised data about this service: ranked by unmet need"
NOT_CALIBRATED = "need is not calibrated for candidates: too few were checked by lot"
_OF_ANCHOR = {"checks": "checks", "rules": "prior", "published": "prior", "bounds": "bounds"}


@dataclass(frozen=True, slots=True)
class Support:
    """What one head's estimates rest on, over its candidates.

    Parameters
    ----------
    shares
        By :data:`GROUNDS`; they add up to 1. Empty where entitlement plays no part.
    within
        Bounds on the share of entitled.
    grounds
        As the head has it: the anchor, and what the weighting of decisions came to.
    help
        What the weights against help came to.
    hold_out
        Unaided take-up of those who got no suggestions, beside what was expected of them.
    checked
        Candidates of this service who were checked by lot and learned from.
    uncalibrated
        Why its need is not calibrated for candidates; empty where it is.
    """

    service: str
    candidates: int
    shares: dict[str, float]
    within: Bounds | None
    grounds: dict[str, Any]
    help: dict[str, float]
    objective: dict[str, Any]
    hold_out: HoldOutCheck
    checked: int = 0
    uncalibrated: str = ""

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "candidates": self.candidates,
            "objective": self.objective,
            "shares": self.shares,
            "entitled_between": self.within.as_dict() if self.within else None,
            "grounds": self.grounds,
            "help": self.help,
            "hold_out": self.hold_out.as_dict(),
            "checked": self.checked,
            "uncalibrated": self.uncalibrated,
        }


def support(
    head: Head, examples: Examples, task: Task, share: float = 0.0, *, threads: int = 1
) -> Support:
    """What the estimates of ``head`` for the candidates of ``task`` rest on.

    Parameters
    ----------
    share
        Of the citizens that are held out.
    """
    lacks = None if head.grounds.get("uplift") else NO_EXPERIMENT
    objective = pursued(head.objective, uplift=lacks).as_dict()
    helped = help_weights(task.weight)
    kept = _hold_out(head, examples, task, share)
    if head.entitled is None:
        return Support(
            head.service, len(task.rows), {}, None, head.grounds, helped, objective, kept
        )
    matrix = examples.matrix[task.rows]
    entitled, unaided, _ = head.score(matrix, task.known, threads=threads)
    most = head.most(matrix, task.known, threads=threads)
    certain = ~head.undecided(matrix, task.known)
    return Support(
        head.service,
        len(task.rows),
        _shares(head, certain, unaided, most),
        bounds(certain, entitled, unaided, most),
        head.grounds,
        helped,
        objective,
        kept,
        len(examples.sampled.task(head.service).rows),
        "" if _checked_enough(examples) else NOT_CALIBRATED,
    )


def calibration_told(rests: dict[str, Any]) -> str:
    """A sentence for people on how need is calibrated, of the ``support`` of an evaluation."""
    without = next((one["uncalibrated"] for one in rests.values() if one.get("uncalibrated")), "")
    if without:
        return f"{without[0].upper()}{without[1:]}."
    checked = sum(one.get("checked", 0) for one in rests.values())
    return f"Need was held against {checked:,} checks of candidates drawn by lot."


def _checked_enough(examples: Examples) -> bool:
    """Whether checks by lot found needs enough, over all services, to hold need against."""
    found = sum(int(task.entitled.sum()) for task in examples.sampled.tasks.values())
    return found >= LEAST_NEEDS


def _hold_out(head: Head, examples: Examples, task: Task, share: float) -> HoldOutCheck:
    moments = examples.moment[task.rows]
    kept = np.zeros(len(task.rows), dtype=bool)
    for place in np.unique(moments):
        at = moments == place
        people = examples.citizen[task.rows[at]]
        kept[at] = held_out(people, examples.split.snapshots[place], share)
    rows = task.rows[kept]
    return check(
        head,
        (examples.matrix[rows], task.known[kept]),
        task.taken[kept],
        task.weight[kept],
        examples.citizen[rows],
        seed=1,
    )


def help_weights(weight: Vector) -> dict[str, float]:
    """How many candidates were seen without help, and what standing in for the others costs.

    ``effective`` is the number of equally weighted rows that would say as much (Kish).
    """
    seen = weight[weight > 0]
    if not len(seen):
        return {"rows": float(len(weight)), "seen": 0.0, "largest": 0.0, "effective": 0.0}
    return {
        "rows": float(len(weight)),
        "seen": float(len(seen)),
        "largest": float(seen.max()),
        "effective": float(seen.sum() ** 2 / (seen**2).sum()),
    }


def _shares(
    head: Head, certain: NDArray[np.bool_], unaided: Vector, most: Vector
) -> dict[str, float]:
    if not len(certain):
        return {}
    otherwise = _OF_ANCHOR[head.grounds.get("anchor", {}).get("source", "bounds")]
    by_decision = np.zeros(len(certain), dtype=bool)
    if head.grounds.get("learned_from") == "checks":
        otherwise = "checks"
    elif head.grounds.get("decisions", {}).get("decisions", 0):
        by_decision = supported(unaided, most)
    place = np.select([certain, by_decision], ["rules", "decisions"], otherwise)
    return {ground: float((place == ground).mean()) for ground in GROUNDS}
