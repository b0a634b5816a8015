"""Evaluation on the test period: every head beside its baselines, with intervals by household."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from math import isfinite
from typing import Any

import numpy as np
from numpy.typing import NDArray

from features.catalogue import Objective
from models.baselines import take_up_share
from models.contenders import MODELS, Contenders, contenders
from models.examples import Examples, Progress
from models.heads import Head, Trees
from models.learning import Learner
from models.matrix import Vector
from models.metrics import (
    Interval,
    area_under_curve,
    average_precision,
    brier,
    brier_skill,
    calibration_error,
    calibration_slope,
    cluster_draws,
    interval,
    log_loss,
    recall_at_capacity,
)
from models.metrics.area_under_curve import area_under_curve_draws
from models.metrics.average_precision import average_precision_draws
from models.metrics.brier import brier_skill_draws
from models.metrics.calibration_error import calibration_error_draws
from models.metrics.calibration_slope import calibration_slope_draws
from models.metrics.log_loss import log_loss_draws
from models.metrics.recall_at_capacity import recall_at_capacity_draws
from models.need_reached import NeedReached, need_reached
from models.reliability import Bin, reliability
from models.rivals import Rivals
from models.shown_need import ShownNeed, shown_need
from models.splits import Role
from models.suggestion_lists import Lists
from models.support import Support, support

ENOUGH = 30
DRAWN: dict[str, Callable[[Vector, Vector, Vector], Vector]] = {
    "auc": area_under_curve_draws,
    "average_precision": average_precision_draws,
    "log_loss": log_loss_draws,
    "brier_skill": brier_skill_draws,
    "calibration_error": calibration_error_draws,
    "calibration_slope": calibration_slope_draws,
    "recall_at_10_percent": recall_at_capacity_draws,
}
"""Metrics with an interval, as functions of labels, scores and weights (draws, rows)."""


@dataclass(frozen=True)
class HeadEvaluation:
    """What one head's estimate of unaided take-up is worth on the test period.

    Parameters
    ----------
    basis
        ``model`` or ``prior``.
    metrics
        By name; NaN without ground truth.
    auc
        Area under the curve with its interval.
    baselines
        The metrics of each baseline and rival on the same rows.
    intervals
        Of every metric of the head, by name. The upper end of the calibration error is what a
        target is held against.
    gain
        The area under the curve above logistic regression's, with its interval (paired).
    need
        The unmet need reached, where records show it.
    reliability
        How often what was said came true, by how likely it was said to be.
    """

    service: str
    basis: str
    rows: int
    citizens: int
    positives: int
    metrics: dict[str, float]
    auc: Interval
    baselines: dict[str, dict[str, float]]
    gain: Interval
    trees: int = 0
    calibration: str = ""
    intervals: dict[str, Interval] = field(default_factory=dict)
    need: NeedReached = field(default_factory=NeedReached)
    reliability: tuple[Bin, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """For JSON; NaN becomes null."""
        return {
            "service": self.service,
            "basis": self.basis,
            "rows": self.rows,
            "citizens": self.citizens,
            "positives": self.positives,
            "trees": self.trees,
            "calibration": self.calibration,
            "metrics": _finite(self.metrics),
            "auc": self.auc.as_dict(),
            "intervals": {name: found.as_dict() for name, found in self.intervals.items()},
            "baselines": {name: _finite(found) for name, found in self.baselines.items()},
            "gain_over_logistic": self.gain.as_dict(),
            "unmet_need": self.need.as_dict(),
            "reliability": [one.as_dict() for one in self.reliability],
        }


@dataclass(frozen=True)
class Evaluation:
    """All heads on the test period, and the lists they make together.

    Parameters
    ----------
    lists
        By contender (:data:`models.contenders.LISTS`): NDCG@5 of take-up over each citizen's own
        candidates, how often the first of the list comes next, the share of the catalogue that
        reaches anyone's first five, their novelty and how many were not found unaided, and the
        unmet need reached; each with its interval.
    support
        By service, what its candidates' estimates of entitlement rest on.
    champion
        Which model was the champion, and whether it knew the test period (plain JSON); empty when
        there was none.
    """

    heads: dict[str, HeadEvaluation]
    lists: dict[str, dict[str, Interval]] = field(default_factory=dict)
    support: dict[str, Support] = field(default_factory=dict)
    champion: dict[str, Any] = field(default_factory=dict)

    def as_dict(self) -> dict[str, Any]:
        """For JSON; NaN becomes null."""
        return {
            "heads": {name: head.as_dict() for name, head in self.heads.items()},
            "lists": {name: _finite(_values(found)) for name, found in self.lists.items()},
            "list_intervals": {
                name: {metric: one.as_dict() for metric, one in found.items()}
                for name, found in self.lists.items()
            },
            "support": {name: found.as_dict() for name, found in self.support.items()},
            "incumbent": self.champion,
            "summary": _finite(self.summary()),
        }

    def summary(self) -> dict[str, float]:
        """What a promotion looks at: means over the learned heads that can be measured, by at
        least :data:`ENOUGH` who took the service up and as many who did not.
        """
        trees = [head for head in self.heads.values() if head.basis == "model"]
        measured = [one for one in trees if ENOUGH <= one.positives <= one.rows - ENOUGH]
        learned = measured or trees
        found = {
            "heads_learned": float(len(trees)),
            "heads_prior": float(len(self.heads) - len(trees)),
            "heads_measured": float(len(measured)),
            "auc": _mean([head.metrics["auc"] for head in learned]),
            "auc_all_learned": _mean([head.metrics["auc"] for head in trees]),
            "auc_logistic_all_learned": _mean(
                [
                    head.baselines["logistic"]["auc"]
                    for head in trees
                    if "logistic" in head.baselines
                ]
            ),
            "average_precision": _mean([head.metrics["average_precision"] for head in learned]),
            "calibration_error": _mean([head.metrics["calibration_error"] for head in learned]),
            "calibration_error_high": _mean(
                [head.intervals["calibration_error"].high for head in learned]
            ),
            "calibration_slope": _mean([head.metrics["calibration_slope"] for head in learned]),
            "brier_skill": _mean([head.metrics["brier_skill"] for head in learned]),
        }
        for name in MODELS[1:]:
            found[f"auc_{name}"] = _mean(
                [head.baselines[name]["auc"] for head in learned if name in head.baselines]
            )
        found["auc_above_champion"] = _mean(
            [
                head.metrics["auc"] - head.baselines["champion"]["auc"]
                for head in learned
                if "champion" in head.baselines
            ]
        )
        for name, lists in self.lists.items():
            found |= {f"{metric}_{name}": one.value for metric, one in lists.items()}
        return found


def evaluate(
    learner: Learner,
    heads: dict[str, Head],
    *,
    rivals: Rivals | None = None,
    households: NDArray[np.int64] | None = None,
    progress: Progress | None = None,
) -> Evaluation:
    """Measure ``heads`` and what they must beat on the test period, which nothing has seen yet.

    ``rivals`` are measured beside the baselines, on the same rows. ``households`` has the number of
    the household per row of the examples; intervals then draw whole households, and citizens where
    it is not given.
    """
    drawn = learner.examples.citizen if households is None else households
    beside = rivals or Rivals()
    found: dict[str, HeadEvaluation] = {}
    asked: dict[str, Contenders] = {}
    needs: dict[str, ShownNeed] = {}
    for place, (service, head) in enumerate(heads.items()):
        if progress:
            progress("evaluation", place, len(heads))
        test = learner.examples.task(service, Role.TEST)
        asked[service] = contenders(learner, head, test, beside)
        closed = head.closed(learner.examples.matrix[test.rows], test.known)
        needs[service] = shown_need(head, test, closed)
        found[service] = _head_evaluation(
            learner.examples, head, asked[service], needs[service], drawn, learner.settings.seed
        )
    if progress:
        progress("evaluation", len(heads), len(heads))
    return Evaluation(
        found,
        _lists(learner, heads, asked, needs).measured(drawn, learner.settings.seed),
        {service: _support(learner, head, asked[service]) for service, head in heads.items()},
        beside.champion.as_dict() if beside.champion else {},
    )


def _support(learner: Learner, head: Head, asked: Contenders) -> Support:
    return support(
        head,
        learner.examples,
        asked.test,
        learner.pack.domain.training.hold_out,
        threads=learner.settings.threads,
    )


def _lists(
    learner: Learner,
    heads: dict[str, Head],
    asked: dict[str, Contenders],
    needs: dict[str, ShownNeed],
) -> Lists:
    """Of all services but what the organisation starts itself, which has a place apart."""
    kept = [name for name, head in heads.items() if head.objective is not Objective.FAILING_PROCESS]
    return Lists.of(
        {name: asked[name] for name in kept},
        needs,
        {name: take_up_share(learner.examples.task(name, Role.FIT)) for name in kept},
    )


def row_metrics(labels: Vector, scores: Vector, weights: Vector) -> dict[str, float]:
    """Every metric over rows."""
    return {
        "auc": area_under_curve(labels, scores, weights),
        "average_precision": average_precision(labels, scores, weights),
        "log_loss": log_loss(labels, scores, weights),
        "brier": brier(labels, scores, weights),
        "brier_skill": brier_skill(labels, scores, weights),
        "calibration_error": calibration_error(labels, scores, weights),
        "calibration_slope": calibration_slope(labels, scores, weights),
        "recall_at_10_percent": recall_at_capacity(labels, scores, weights, capacity=0.1),
    }


def _head_evaluation(
    examples: Examples,
    head: Head,
    asked: Contenders,
    need: ShownNeed,
    households: NDArray[np.int64],
    seed: int,
) -> HeadEvaluation:
    test = asked.test
    seen = test.weight > 0
    labels, weights = test.taken[seen].astype(np.float64), test.weight[seen]
    seen_scores = {name: score[seen] for name, score in asked.take_up.items()}
    citizens = examples.citizen[test.rows[seen]]
    metrics = {name: row_metrics(labels, one, weights) for name, one in seen_scores.items()}
    draws = cluster_draws(households[test.rows[seen]], seed=seed) * weights
    trees = head.unaided if isinstance(head.unaided, Trees) else None
    own = area_under_curve_draws(labels, seen_scores["heads"], draws)
    other = (
        area_under_curve_draws(labels, seen_scores["logistic"], draws)
        if "logistic" in seen_scores
        else np.full(len(draws), np.nan)
    )
    rival = metrics["logistic"]["auc"] if "logistic" in metrics else float("nan")
    return HeadEvaluation(
        service=head.service,
        basis="prior" if trees is None else "model",
        rows=int(seen.sum()),
        citizens=len(np.unique(citizens)),
        positives=int(labels.sum()),
        metrics=metrics["heads"],
        auc=interval(metrics["heads"]["auc"], own),
        baselines={name: metrics[name] for name in MODELS[1:] if name in metrics},
        gain=interval(metrics["heads"]["auc"] - rival, own - other),
        intervals={
            name: interval(metrics["heads"][name], drawn(labels, seen_scores["heads"], draws))
            for name, drawn in DRAWN.items()
        },
        trees=trees.trees if trees else 0,
        calibration=trees.calibration.kind if trees else "",
        need=need_reached(asked, need, households, seed),
        reliability=reliability(labels, seen_scores["heads"], weights, citizens),
    )


def _values(found: dict[str, Interval]) -> dict[str, float]:
    return {name: one.value for name, one in found.items()}


def _mean(values: list[float]) -> float:
    present = [value for value in values if isfinite(value)]
    return sum(present) / len(present) if present else float("nan")


def _finite(values: dict[str, float]) -> dict[str, float | None]:
    return {name: value if isfinite(value) else None for name, value in values.items()}
