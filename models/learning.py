"""Learning one head: trees where there is history enough, a shrunken prior where there is not."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from features.pack import Pack
from features.snapshot import dictionary
from models.calibrating import calibrate
from models.examples import Examples, Task
from models.fitting import Rows, Settings, SharedBins, sampled
from models.heads import Estimate, Head, Prior, Trees, shrunken
from models.matrix import Vector
from models.need import Entitlement, learn_entitlement
from models.objectives import needs_entitlement
from models.splits import Role
from models.verdict_checks import VerdictChecks, verdict_checks

LEAST_TO_STOP = 10
"""Positives in the stop period below which the number of trees is fixed instead."""


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

    @cached_property
    def verdicts(self) -> dict[str, VerdictChecks]:
        """By service whose rules decide, what random checks say of its verdicts."""
        return verdict_checks(self.examples.sampled, self.pack, self.examples.columns)

    def under(self, settings: Settings) -> Learner:
        """The same examples, with trees grown by other settings."""
        return replace(self, settings=settings, bins=self.bins.under(settings))

    def on(self, client: Any) -> Learner:
        """The same, with trees grown on the workers of a Dask cluster."""
        from models.dask_fitting import DaskBins

        return replace(self, bins=DaskBins.spread(self.bins, client))

    def head(self, service: str) -> Head:
        """Learn the head of ``service``."""
        wanted = self.pack.services[service]
        learned = self._entitlement(service)
        return Head(
            service=service,
            objective=wanted.objective,
            horizon_days=wanted.horizon_days,
            outcome=wanted.outcome,
            unaided=self._unaided(service),
            entitled=learned.estimate if learned else None,
            ceiling=learned.ceiling if learned else None,
            decisive=learned.decisive if learned else True,
            closing=learned.closing if learned else None,
            right=learned.right if learned else 1.0,
            grounds=learned.grounds if learned else self._signs(service),
        )

    def _entitlement(self, service: str) -> Entitlement | None:
        """None where entitlement plays no part."""
        if not needs_entitlement(self.pack.services[service].objective):
            return None
        return learn_entitlement(self, service)

    def _signs(self, service: str) -> dict[str, Any]:
        """What counts as failing, and how completely the sources tell it."""
        found = self.examples.signs.get(service)
        return {"signs": found} if found else {}

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
        citizens = self.citizens(fit, (fit.taken == 1) & (fit.weight > 0))
        if citizens < enough:
            return self._take_up_prior(service, citizens)
        stop = self.examples.task(service, Role.STOP)
        trees = Trees(
            self.bins.fit(
                f"{service}/unaided",
                self.fit_sample(service),
                self.stopping(stop.rows, stop.taken, stop.weight),
                allowed=self.allowed(service),
            )
        )
        held = self.examples.task(service, Role.CALIBRATE)
        return self.calibrated(trees, held.rows, held.taken, held.weight, "candidates without help")

    def plain(
        self, service: str, part: str, fit: Task, labels: NDArray[np.int8], weights: Vector
    ) -> Trees:
        """A fixed, small number of trees, without a calibration."""
        return Trees(
            self.bins.fit(
                f"{service}/{part}",
                (fit.rows, labels.astype(np.float64), weights),
                None,
                allowed=self.allowed(service),
            )
        )

    def grown(
        self,
        service: str,
        part: str,
        task: Task,
        labels: NDArray[np.int8],
        weights: Vector,
        population: str,
        *,
        monotone: bool = False,
    ) -> Trees:
        """Trees grown on the fit rows of ``task``, stopped and calibrated on its later ones."""
        role = self.examples.role[task.rows]
        fit, stop, held = (role == one for one in (Role.FIT, Role.STOP, Role.CALIBRATE))
        trees = Trees(
            self.bins.fit(
                f"{service}/{part}",
                (task.rows[fit], labels[fit].astype(np.float64), weights[fit]),
                self.stopping(task.rows[stop], labels[stop], weights[stop]),
                allowed=self.allowed(service),
                monotone=self.monotone(service) if monotone else None,
            )
        )
        return self.calibrated(trees, task.rows[held], labels[held], weights[held], population)

    def calibrated(
        self,
        trees: Trees,
        held: Rows,
        labels: NDArray[np.int8] | Vector,
        weights: Vector,
        population: str,
    ) -> Trees:
        """``trees`` with a calibration fitted on the rows ``held``."""
        seen = weights > 0
        rows = held[seen]
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

    def citizens(self, task: Task, chosen: NDArray[np.bool_]) -> int:
        """How many people are behind the chosen rows."""
        return len(np.unique(self.examples.citizen[task.rows[chosen]]))

    def monotone(self, service: str) -> list[int]:
        """-1, 0 or 1 per signal: how entitlement goes with it."""
        wanted = self.pack.services[service]
        signs = dict.fromkeys(wanted.increasing_in, 1) | dict.fromkeys(wanted.decreasing_in, -1)
        return [signs.get(name, 0) for name in self.examples.columns.names]

    @staticmethod
    def stopping(
        rows: Rows, labels: NDArray[np.int8] | Vector, weights: Vector
    ) -> tuple[Rows, Vector, Vector] | None:
        """What early stopping looks at; None where it would see too little."""
        seen = weights > 0
        found = labels[seen]
        if min(int((found == 1).sum()), int((found == 0).sum())) < LEAST_TO_STOP:
            return None
        return rows[seen], found.astype(np.float64), weights[seen]


def _pooled(examples: Examples) -> float:
    """The middle service's share of take-up, outside the test period."""
    shares = []
    for service in examples.tasks:
        task = examples.task(service, Role.FIT, Role.STOP, Role.CALIBRATE)
        if task.weight.sum() > 0:
            shares.append(float((task.weight * task.taken).sum() / task.weight.sum()))
    return min(max(float(np.median(shares)), 1e-4), 0.5) if shares else 0.01
