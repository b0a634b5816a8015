"""Unmet need as far as records show it: entitled, and not taken up unaided within the horizon.

Who is entitled is seen of few. *Random checks* say it of people drawn by lot, so they speak for all
candidates; with enough of them they are the ground. Elsewhere it is seen of those whom deciding
*rules* call eligible; of the others it says nothing, and a model that follows the rules does well
on this ground by its making. Decisions are no ground: who applies has found the service already.
Where nothing shows a need a figure is NaN, and says why.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from features.catalogue import Objective
from models.examples import Task
from models.heads import Head

ENOUGH_CHECKS = 30
"""Needs found by checks from which they are the ground."""
ENOUGH_SHOWN = 10
"""Fewer needs measure nothing, and are too few people to show."""


@dataclass(frozen=True, slots=True)
class ShownNeed:
    """The candidates of a task in whom a need was seen.

    Parameters
    ----------
    unmet
        Of each candidate.
    ground
        ``checks`` or ``rules``; empty when there is none.
    why_not
        Why there is no ground truth; empty when there is.
    """

    unmet: NDArray[np.bool_]
    ground: str = ""
    why_not: str = ""


def shown_need(head: Head, task: Task, closed: NDArray[np.bool_] | None = None) -> ShownNeed:
    """What the records of ``task`` show of the need for the service of ``head``; nothing of those
    whose right the office ``closed`` (:meth:`models.heads.Head.closed`)."""
    nobody = np.zeros(len(task.rows), dtype=bool)
    if head.objective is Objective.FAILING_PROCESS:
        return ShownNeed(nobody, why_not="a process that fails is no entitlement")
    if head.entitled is None:
        return ShownNeed(nobody, why_not="its objective is take-up: entitlement is not estimated")
    unaided = (task.taken == 0) & (task.weight > 0)
    checked = unaided & (task.checked == 1)
    if checked.sum() >= ENOUGH_CHECKS:
        return ShownNeed(checked, "checks")
    ruled = unaided & task.known & (task.checked != 0)
    if closed is not None:
        ruled &= ~closed
    if not head.decisive:
        return ShownNeed(nobody, why_not="rules do not decide, and random checks are too few")
    if ruled.sum() < ENOUGH_SHOWN:
        return ShownNeed(nobody, why_not="too few in whom rules or checks show a need")
    return ShownNeed(ruled, "rules")
