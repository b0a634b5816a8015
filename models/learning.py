"""Learning one head: trees where there is history enough, a shrunken prior where there is not."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from features.catalogue import Objective
from features.pack import Pack
from features.snapshot import dictionary
from models.calibrating import calibrate, shift_to
from models.calibration import EDGE
from models.examples import Examples, Task
from models.fitting import Rows, Settings, SharedBins, sampled
from models.heads import Estimate, Head, Prior, Trees, shrunken
from models.matrix import Vector
from models.splits import Role

LEAST_TO_STOP = 10
"""Positives in the stop period below which the number of trees is fixed instead."""
LEAST_DECISIONS = 15
"""Grants, and refusals, among the unknown that a model of entitlement needs."""


@dataclass(frozen=True)
class Learner:
    """Everything that the heads of one training share.

    Parameters
    ----------
    pooled
        The mean share of take-up over all services, which priors are pulled towards.
    """

    examples: Examples
    bins: SharedBins
    pack: Pack
    settings: Settings
    pooled: float

    @classmethod
    def of(cls, examples: Examples, pack: Pack, settings: Settings) -> Learner:
        """Bin the matrix once."""
        split = examples.split
        fit_rows = examples.rows_until(split.fit)
        rows = examples.rows_until((*split.fit, *(one for part in split.held for one in part)))
        bins = SharedBins(examples.matrix[:rows], fit_rows, examples.columns, settings)
        return cls(examples, bins, pack, settings, _pooled(examples))

    def head(self, service: str) -> Head:
        """Learn the head of ``service``."""
        wanted = self.pack.services[service]
        return Head(
            service=service,
            objective=wanted.objective,
            horizon_days=wanted.horizon_days,
            outcome=wanted.outcome,
            unaided=self._unaided(service),
            entitled=None if wanted.objective is Objective.UPTAKE else self._entitled(service),
        )

    def allowed(self, service: str) -> list[int]:
        """The positions of the signals that the service's purpose allows."""
        purpose = self.pack.services[service].purpose
        names = {signal.name for signal in dictionary(self.pack, purpose=purpose)}
        return [place for place, name in enumerate(self.examples.columns.names) if name in names]

    def fit_sample(self, service: str) -> tuple[Rows, Vector, Vector]:
        """The rows of the matrix, labels and weights that the trees of U are grown on."""
        task = self.examples.task(service, Role.FIT)
        rows, weights = sampled(
            task.taken.astype(np.float64), task.weight, self.settings, f"{service}/unaided"
        )
        return task.rows[rows], task.taken[rows].astype(np.float64), weights

    def _unaided(self, service: str) -> Estimate:
        fit = self.examples.task(service, Role.FIT)
        enough = self.settings.min_positives
        citizens = self._citizens(fit, (fit.taken == 1) & (fit.weight > 0))
        if citizens < enough:
            return self._take_up_prior(service, citizens)
        stop = self.examples.task(service, Role.STOP)
        trees = Trees(
            self.bins.fit(
                f"{service}/unaided",
                self.fit_sample(service),
                _stopping(stop, stop.taken, stop.weight),
                allowed=self.allowed(service),
            )
        )
        held = self.examples.task(service, Role.CALIBRATE)
        return self._calibrated(trees, held, held.taken, held.weight, "candidates without help")

    def _entitled(self, service: str) -> Estimate:
        fit = self._decided(service, Role.FIT)
        granted = self._citizens(fit, fit.decided == 1)
        refused = self._citizens(fit, fit.decided == 0)
        share = self.examples.tasks[service].expected_share
        if (
            min(granted, refused) < LEAST_DECISIONS
            or granted + refused < self.settings.min_positives
        ):
            return self._entitlement_prior(service, share, granted + refused)
        stop = self._decided(service, Role.STOP)
        weights = np.ones(len(fit.rows))
        trees = Trees(
            self.bins.fit(
                f"{service}/entitled",
                (fit.rows, fit.decided.astype(np.float64), weights),
                _stopping(stop, stop.decided, np.ones(len(stop.rows))),
                allowed=self.allowed(service),
                monotone=self._monotone(service),
            )
        )
        held = self._decided(service, Role.CALIBRATE)
        calibrated = self._calibrated(
            trees, held, held.decided, np.ones(len(held.rows)), "applicants"
        )
        return self._moved_to_population(calibrated, service, share)

    def _moved_to_population(self, trees: Trees, service: str, share: float | None) -> Trees:
        """Shift the level from applicants to everyone whom the rules cannot judge."""
        task = self.examples.task(service, Role.FIT)
        rows = task.rows[~task.known]
        if share is None or not len(rows):
            return trees
        chosen = rows[:: max(1, len(rows) // 5_000)]
        odds = trees.estimate(
            self.examples.matrix[chosen],
            np.zeros(len(chosen), dtype=bool),
            threads=self.settings.threads,
        )
        return Trees(
            trees.text,
            trees.calibration.shifted(shift_to(min(max(share, EDGE), 1 - EDGE), odds)),
            "those whom the rules cannot judge, levelled by the rules' own shares",
        )

    def _calibrated(
        self,
        trees: Trees,
        held: Task,
        labels: NDArray[np.int8],
        weights: Vector,
        population: str,
    ) -> Trees:
        seen = weights > 0
        rows = held.rows[seen]
        raw = trees.raw(self.examples.matrix[rows], threads=self.settings.threads)
        calibration = calibrate(
            raw, labels[seen].astype(np.float64), weights[seen], self._later(rows)
        )
        return Trees(trees.text, calibration, population)

    def _later(self, rows: Rows) -> Vector:
        """1 for the later snapshots; with a single one, for every other citizen."""
        moments = self.examples.moment[rows]
        if len(np.unique(moments)) > 1:
            return (moments >= np.median(np.unique(moments))).astype(np.float64)
        return (self.examples.citizen[rows] % 2).astype(np.float64)

    def _take_up_prior(self, service: str, citizens: int) -> Prior:
        task = self.examples.task(service, Role.FIT, Role.STOP, Role.CALIBRATE)
        hits, all_rows = task.weight * task.taken, task.weight
        overall = shrunken(float(hits.sum()), float(all_rows.sum()), self.pooled)
        eligible, unknown = (
            shrunken(float(hits[part].sum()), float(all_rows[part].sum()), overall)
            for part in (task.known, ~task.known)
        )
        return Prior(
            eligible,
            unknown,
            positives=citizens,
            rows=len(task.rows),
            reason=f"taken up by {citizens} in the fit period; trees need "
            f"{self.settings.min_positives}",
        )

    def _entitlement_prior(self, service: str, share: float | None, decisions: int) -> Prior:
        return Prior(
            eligible=1.0 - EDGE,
            unknown=min(max(share if share is not None else 0.5, EDGE), 1 - EDGE),
            positives=decisions,
            rows=len(self.examples.tasks[service].rows),
            reason=f"{decisions} decisions on applications that the rules could not judge",
        )

    def _decided(self, service: str, role: Role) -> Task:
        task = self.examples.task(service, role)
        return task.where((task.decided >= 0) & ~task.known)

    def _citizens(self, task: Task, chosen: NDArray[np.bool_]) -> int:
        return len(np.unique(self.examples.citizen[task.rows[chosen]]))

    def _monotone(self, service: str) -> list[int]:
        wanted = self.pack.services[service]
        signs = dict.fromkeys(wanted.increasing_in, 1) | dict.fromkeys(wanted.decreasing_in, -1)
        return [signs.get(name, 0) for name in self.examples.columns.names]


def _stopping(
    task: Task, labels: NDArray[np.int8], weights: Vector
) -> tuple[Rows, Vector, Vector] | None:
    seen = weights > 0
    found = labels[seen]
    if min(int((found == 1).sum()), int((found == 0).sum())) < LEAST_TO_STOP:
        return None
    return task.rows[seen], found.astype(np.float64), weights[seen]


def _pooled(examples: Examples) -> float:
    """The middle service's share of take-up, outside the test period."""
    shares = []
    for service in examples.tasks:
        task = examples.task(service, Role.FIT, Role.STOP, Role.CALIBRATE)
        if task.weight.sum() > 0:
            shares.append(float((task.weight * task.taken).sum() / task.weight.sum()))
    return min(max(float(np.median(shares)), 1e-4), 0.5) if shares else 0.01
