"""Learning who is entitled, for those whom the rules do not decide.

Three kinds of record are put together. *Random checks* say it of everybody, and are learned from
alone where there are enough. Elsewhere *who has the service* says what kind of circumstances go
with being entitled (the shape), an *anchor* says how many are (the level, :mod:`models.anchors`),
and *decisions* on applications, weighted for selection, set the ceiling (:mod:`models.selection`)
and are what P(E) is known by for those likely to apply.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from features.catalogue import Rules, Service
from models.anchors import (
    DOUBT,
    LEAST_LEVEL,
    MORE_DOUBT,
    Anchor,
    Counted,
    anchor,
    believed,
    with_checks,
)
from models.calibrating import shift_to
from models.calibration import EDGE
from models.circumstances import circumstances, told_by_applying
from models.closings import Closing
from models.examples import Task
from models.fitting import Rows, sampled
from models.heads import Estimate, Prior, Trees
from models.matrix import Vector
from models.selection import Weighted, decision_weights, granted_share
from models.splits import Role
from models.verdict_checks import Counts, VerdictChecks

if TYPE_CHECKING:
    from models.learning import Learner

LEAST_DECISIONS = 15
"""Grants, and refusals, that a model of what is granted needs."""
MOST_LEVELLED = 5_000
"""Rows on which a level is set."""
SEEN = (Role.FIT, Role.STOP, Role.CALIBRATE)


@dataclass(frozen=True)
class Entitlement:
    """What was learned of one service's entitlement; the parts of a head.

    Parameters
    ----------
    estimate
        Of everybody when learned from checks, and without ``ceiling``; else of those who do not
        get it by themselves.
    decisive
        Whether the rules decide for whom they call eligible: the pack says so, and they do not find
        more people than can be.
    closing
        For whom the office's last word goes before the rules.
    right
        The share of whom deciding rules call eligible that are entitled.
    grounds
        What it rests on, for the report.
    """

    estimate: Estimate
    ceiling: Estimate | None
    decisive: bool
    closing: Closing | None = None
    right: float = 1.0
    grounds: dict[str, Any] = field(default_factory=dict)


def learn_entitlement(learner: Learner, service: str) -> Entitlement:
    """Learn who is entitled to ``service`` among those whom the rules do not decide."""
    wanted = learner.pack.services[service]
    closing = Closing.of(learner.pack, learner.examples.columns, service)
    everybody = learner.examples.task(service, *SEEN)
    closed = _closed(learner, closing, everybody)
    task = everybody.where(~closed)
    right = _believed(learner, wanted, task)
    decisive = wanted.rules is Rules.DECIDE and right >= 1.0
    asked = task.where(~task.known) if decisive else task
    verdicts = learner.verdicts.get(service, VerdictChecks())
    if closing is not None:
        closing = replace(closing, entitled=verdicts.closed)
    counts = _checks(learner, service, closing, known=False)
    if not decisive:
        counts += _checks(learner, service, closing, known=True)
    level = _level(learner, wanted, task, decisive, counts)
    checks = _from_checks(learner, service, asked)
    ceiling, weighted = _ceiling(learner, service, decisive)
    grounds = {
        "anchor": level.as_dict(),
        "decisions": weighted.as_dict(),
        "checks": counts.checks,
        "learned_from": "checks" if checks else "who has it, levelled",
        "rules": {"decide": wanted.rules is Rules.DECIDE, "believed": right},
        "closed": int(closed.sum()),
        "verdicts": verdicts.as_dict(),
    }
    if checks is not None:
        return Entitlement(checks, None, decisive, closing, verdicts.right, grounds)
    shape = _shape(learner, service)
    of_known = _checks(learner, service, closing, known=True)
    if shape is None:
        flat = _flat(learner, wanted, task, level, decisive, of_known)
        return Entitlement(flat, ceiling, decisive, closing, verdicts.right, grounds)
    levelled = _levelled(learner, wanted, shape, task, level, decisive, of_known)
    return Entitlement(levelled, ceiling, decisive, closing, verdicts.right, grounds)


def _closed(learner: Learner, closing: Closing | None, task: Task) -> NDArray[np.bool_]:
    """Whom the rules call eligible after the office closed the right."""
    if closing is None:
        return np.zeros(len(task.rows), dtype=bool)
    return task.known & closing.closed(learner.examples.matrix[task.rows])


def _believed(learner: Learner, wanted: Service, task: Task) -> float:
    """How far the rules can be right that those they call eligible are entitled, by a published
    rate of the service itself; below 1 they decide for nobody."""
    rate = wanted.non_take_up
    holders = len(np.unique(learner.examples.citizen[task.holders]))
    if rate is None or holders < learner.settings.min_positives:
        return 1.0
    return believed(rate, len(task.holders), _not_taking(task))


def _not_taking(task: Task) -> int:
    """Those whom the rules call eligible and who do not get it within the horizon."""
    return int((task.known & (task.decided != 1)).sum())


def _checks(learner: Learner, service: str, closing: Closing | None, *, known: bool) -> Counts:
    """The checks of those whom the rules call eligible, or cannot judge; closed rights apart."""
    sampled = learner.examples.sampled
    task = sampled.task(service)
    chosen = task.known == known
    if known and closing is not None and chosen.any():
        chosen[chosen] = ~closing.closed(sampled.matrix[task.rows[chosen]])
    return Counts.of(sampled, task, chosen)


def _level(learner: Learner, wanted: Service, task: Task, decisive: bool, checks: Counts) -> Anchor:
    """The share of entitled among the undecided candidates."""
    rate = wanted.non_take_up or learner.pack.domain.training.non_take_up
    known = int(task.known.sum()) if decisive else 0
    counted = Counted(len(task.holders), known, len(task.rows) - known)
    found = anchor(task.expected if decisive else None, rate, counted)
    of_its_own = wanted.non_take_up is not None and found.share > LEAST_LEVEL
    doubt = DOUBT if of_its_own else MORE_DOUBT
    return with_checks(found, checks.entitled, checks.checks, doubt)


def _from_checks(learner: Learner, service: str, asked: Task) -> Trees | None:
    """Trees of everybody's entitlement, where checks are many enough."""
    found = asked.where(asked.checked >= 0)
    enough = learner.settings.min_positives
    fit = learner.examples.role[found.rows] == Role.FIT
    citizens = (learner.citizens(found, fit & (found.checked == label)) for label in (0, 1))
    if min(citizens) < enough:
        return None
    return learner.grown(
        service, "checked", found, found.checked, np.ones(len(found.rows)), "everybody, by checks"
    )


def _ceiling(learner: Learner, service: str, decisive: bool) -> tuple[Estimate, Weighted]:
    """P(granted | decided on), with decisions weighted for selection into applying."""
    task = learner.examples.task(service, *SEEN)
    asked = task.where(~task.known) if decisive else task
    weighted = _weighted(learner, service, asked)
    found = asked.where(asked.decided >= 0)
    share = granted_share(found.decided, weighted.weights)
    flat = Prior(
        share, share, positives=int(found.decided.sum()), rows=len(found.rows), reason="decisions"
    )
    fit = learner.examples.role[found.rows] == Role.FIT
    counted = [learner.citizens(found, fit & (found.decided == label)) for label in (0, 1)]
    if min(counted) < LEAST_DECISIONS or sum(counted) < learner.settings.min_positives:
        return flat, weighted
    trees = learner.grown(
        service,
        "ceiling",
        found,
        found.decided,
        weighted.weights,
        "those decided on, weighted for selection into applying",
        monotone=True,
    )
    return trees, weighted


def _weighted(learner: Learner, service: str, asked: Task) -> Weighted:
    """The weights of the decisions among ``asked``; all one where there are few."""
    decided = (asked.decided >= 0).astype(np.int8)
    some = decided == 1
    if learner.citizens(asked, some) < learner.settings.min_positives:
        return decision_weights(np.ones(int(some.sum())))
    fit = learner.examples.role[asked.rows] == Role.FIT
    trees = learner.plain(
        service, "decided", asked.where(fit), decided[fit], np.ones(int(fit.sum()))
    )
    return decision_weights(trees.raw(learner.examples.matrix[asked.rows[some]]))


def _shape(learner: Learner, service: str) -> Trees | None:
    """Trees that tell who has the service from who could have it, by circumstances alone."""
    examples = learner.examples
    fit = examples.task(service, Role.FIT)
    holders, others = _stock(fit)
    if len(np.unique(examples.citizen[holders])) < learner.settings.min_positives:
        return None
    if len(np.unique(examples.citizen[others])) < learner.settings.min_positives:
        return None
    allowed = set(learner.allowed(service)) & set(circumstances(learner.pack, examples.columns))
    allowed -= told_by_applying(
        learner.pack,
        examples.columns,
        examples.matrix[_some(others)],
        examples.matrix[_some(holders)],
    )
    parts = [_labelled(examples.task(service, role)) for role in (Role.FIT, Role.STOP)]
    rows, labels = parts[0]
    if not allowed:
        return None
    chosen, weights = sampled(labels, np.ones(len(rows)), learner.settings, f"{service}/has")
    fitted = learner.bins.fit(
        f"{service}/has",
        (rows[chosen], labels[chosen], weights),
        learner.stopping(*parts[1], np.ones(len(parts[1][0]))),
        allowed=sorted(allowed),
        monotone=learner.monotone(service),
    )
    held, had = _labelled(examples.task(service, Role.CALIBRATE))
    return learner.calibrated(
        Trees(fitted), held, had, np.ones(len(held)), "the undecided, by who has it"
    )


def _stock(task: Task) -> tuple[Rows, Rows]:
    """The rows of those who have the service, and of those who have not."""
    return task.holders, np.setdiff1d(task.rows, task.holders, assume_unique=True)


def _labelled(task: Task) -> tuple[Rows, Vector]:
    """Rows, ascending, with 1 for those who have the service."""
    holders, others = _stock(task)
    rows = np.concatenate([holders, others])
    labels = np.concatenate([np.ones(len(holders)), np.zeros(len(others))])
    order = np.argsort(rows, kind="stable")
    return rows[order], labels[order]


def _levelled(
    learner: Learner,
    wanted: Service,
    shape: Trees,
    task: Task,
    level: Anchor,
    decisive: bool,
    checks: Counts,
) -> Trees:
    """The shape, moved in log-odds until it has the level."""
    unknown, known = (_some(task.rows[part]) for part in (~task.known, task.known))
    if decisive:
        return _moved(learner, shape, unknown, level.share)
    of_known = _of_known(learner, wanted, task, level, checks)
    total = level.share * len(task.rows) - of_known * int(task.known.sum())
    rest = total / max(int((~task.known).sum()), 1)
    moved = _moved(learner, shape, unknown, rest)
    return Trees(
        moved.text,
        moved.calibration,
        moved.population,
        known_shift=_shift(learner, moved, known, of_known),
    )


def _flat(
    learner: Learner, wanted: Service, task: Task, level: Anchor, decisive: bool, checks: Counts
) -> Prior:
    """The level alone, where too few have the service to learn a shape from."""
    of_known = 1 - EDGE if decisive else _of_known(learner, wanted, task, level, checks)
    return Prior(
        eligible=of_known,
        unknown=level.share,
        positives=len(np.unique(learner.examples.citizen[task.holders])),
        rows=len(task.rows),
        reason=f"too few people have it to learn who; level from {level.source}",
    )


def _of_known(
    learner: Learner, wanted: Service, task: Task, level: Anchor, checks: Counts
) -> float:
    """The share of entitled among those whom rules that do not decide call eligible: at least the
    level of all. Rules that should decide are believed as far as they can be."""
    known = int(task.known.sum())
    rate = wanted.non_take_up or learner.pack.domain.training.non_take_up
    if not known or rate is None:
        return level.share
    found = anchor(None, rate, Counted(len(task.holders), 0, known))
    share = found.share
    if wanted.rules is Rules.DECIDE:
        share = believed(rate, len(task.holders), _not_taking(task))
    share = checks.towards(max(share, level.share))
    return min(share, 1 - EDGE)


def _moved(learner: Learner, trees: Trees, rows: Rows, share: float) -> Trees:
    return Trees(
        trees.text,
        trees.calibration.shifted(_shift(learner, trees, rows, share)),
        trees.population,
    )


def _shift(learner: Learner, trees: Trees, rows: Rows, share: float) -> float:
    """By how much the log-odds move until ``rows`` have the mean ``share``."""
    if not len(rows):
        return 0.0
    found = trees.estimate(
        learner.examples.matrix[rows],
        np.zeros(len(rows), dtype=bool),
        threads=learner.settings.threads,
    )
    return shift_to(min(max(share, EDGE), 1 - EDGE), found)


def _some(rows: NDArray[np.int64]) -> NDArray[np.int64]:
    """Every so manieth row, :data:`MOST_LEVELLED` at most."""
    return rows[:: len(rows) // MOST_LEVELLED + 1]
