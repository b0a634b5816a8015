"""How often the rules are right about whom they call eligible, by random checks.

A register lags and a rule leaves something out; a verdict is evidence and no certainty. Each
service has few checks, all of them together have many: so the share of each is pulled to that of
all by :data:`models.anchors.BELIEF_IN_CHECKS` checks' worth. Rights that the office closed are
counted apart (:mod:`models.closings`). Without enough checks the rules are believed, as nothing
says how far.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from features.catalogue import Rules
from features.pack import Pack
from models.anchors import BELIEF_IN_CHECKS
from models.closings import Closing
from models.matrix import Columns
from models.sampled import Sampled, SampledTask

ENOUGH = 20.0
"""Checks of verdicts, over all services, from which they are heeded."""


@dataclass(frozen=True, slots=True)
class Counts:
    """Checks, and how many of them found a right; older ones count for less."""

    entitled: float = 0.0
    checks: float = 0.0

    @classmethod
    def of(cls, sampled: Sampled, task: SampledTask, chosen: NDArray[np.bool_]) -> Counts:
        """Over the chosen checks of ``task``."""
        weight = sampled.weight[task.rows[chosen]]
        return cls(float(weight @ task.entitled[chosen]), float(weight.sum()))

    def __add__(self, other: Counts) -> Counts:
        return Counts(self.entitled + other.entitled, self.checks + other.checks)

    def towards(self, share: float, belief: float = BELIEF_IN_CHECKS) -> float:
        """The share of entitled, pulled to ``share`` by ``belief`` checks' worth."""
        return (self.entitled + belief * share) / (self.checks + belief)


@dataclass(frozen=True, slots=True)
class VerdictChecks:
    """What checks say of one service's verdicts.

    Parameters
    ----------
    right, closed
        The share of entitled among those whom the rules call eligible, and among those of them
        whose right the office had closed.
    of_right, of_closed
        The checks of this service behind them.
    heeded
        Whether there are enough checks of verdicts.
    """

    right: float = 1.0
    closed: float = 0.0
    of_right: Counts = Counts()
    of_closed: Counts = Counts()
    heeded: bool = False

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return asdict(self)


def verdict_checks(sampled: Sampled, pack: Pack, columns: Columns) -> dict[str, VerdictChecks]:
    """By service whose rules decide."""
    counted = {
        name: _counted(sampled, name, Closing.of(pack, columns, name))
        for name, service in pack.services.items()
        if service.rules is Rules.DECIDE
    }
    return shrunken(counted)


def shrunken(counted: Mapping[str, tuple[Counts, Counts]]) -> dict[str, VerdictChecks]:
    """The shares of each service from its counts (of verdicts that stand, and of closed rights),
    pulled to those of all services."""
    of_right, of_closed = (
        _sum(one for one, _ in counted.values()),
        _sum(one for _, one in counted.values()),
    )
    if of_right.checks < ENOUGH:
        return {name: VerdictChecks(of_right=a, of_closed=b) for name, (a, b) in counted.items()}
    right, closed = of_right.towards(1.0, 1.0), of_closed.towards(0.0)
    return {
        name: VerdictChecks(a.towards(right), b.towards(closed), a, b, heeded=True)
        for name, (a, b) in counted.items()
    }


def _sum(counts: Iterable[Counts]) -> Counts:
    return sum(counts, Counts())


def _counted(sampled: Sampled, service: str, closing: Closing | None) -> tuple[Counts, Counts]:
    task = sampled.task(service)
    closed = np.zeros(len(task.rows), dtype=bool)
    if closing is not None and len(task.rows):
        closed = task.known & closing.closed(sampled.matrix[task.rows])
    standing = Counts.of(sampled, task, task.known & ~closed)
    return standing, Counts.of(sampled, task, closed)
