"""The report in one paragraph, for whoever reads nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from monitoring.drift import Drift
from monitoring.fairness import GroupRate, unplaced_gap, worst_gap
from monitoring.performance import Performance
from monitoring.tolerances import Tolerances


class Tested(Protocol):
    """A test with its outcome."""

    @property
    def name(self) -> str:
        """What was tested."""

    @property
    def passed(self) -> bool:
        """Whether it holds."""


def summary(
    signals: Sequence[Drift],
    scores: Sequence[Drift],
    recalled: Sequence[GroupRate],
    heads: Sequence[Performance],
    verdicts: Sequence[Tested],
    tolerances: Tolerances,
) -> str:
    """One paragraph: what failed first, then drift, fairness and performance."""
    failed = [one.name for one in verdicts if not one.passed]
    lead = (
        f"All {len(verdicts)} tests passed."
        if not failed
        else f"{len(failed)} of {len(verdicts)} tests failed: {'; '.join(failed)}."
    )
    return " ".join(
        (
            lead,
            _moved("signals", signals, tolerances.moved),
            _moved("heads' scores", scores, tolerances.moved),
            _groups(recalled),
            _heads(heads),
        )
    )


def _moved(what: str, found: Sequence[Drift], threshold: float) -> str:
    moved = [one for one in found if one.distance > threshold]
    if not moved:
        return f"None of the {len(found)} {what} moved noticeably."
    most = ", ".join(f"{one.name} ({one.distance:.2f})" for one in moved[:3])
    return f"{len(moved)} of {len(found)} {what} moved, most of all {most} standard deviations."


def _groups(recalled: Sequence[GroupRate]) -> str:
    unplaced = unplaced_gap(recalled)
    if unplaced is None or unplaced.gap.high >= 0:
        return _placed(recalled)
    return (
        f"{_placed(recalled)} People whose {unplaced.grouping} no source tells, often those whom "
        f"a silo could not link, certainly stay {-100 * unplaced.gap.high:.0f} points behind."
    )


def _placed(recalled: Sequence[GroupRate]) -> str:
    worst = worst_gap(recalled)
    if worst is None:
        return "No group is large enough to compare what was taken up with what was suggested."
    if worst.gap.high < 0:
        return (
            f"What people took up had been suggested less often to {worst.group} "
            f"({worst.grouping}): {worst.rate.value:.0%}, certainly "
            f"{-100 * worst.gap.high:.0f} percentage points behind the rest."
        )
    return "No group certainly stays behind in having been suggested what they took up."


def _heads(heads: Sequence[Performance]) -> str:
    if not heads:
        return "For no head enough time has passed to compare with what followed."
    inside = sum(one.observed.low <= one.expected <= one.observed.high for one in heads)
    return (
        f"Of {len(heads)} heads that can be judged, {inside} expected as much uptake as there was."
    )
