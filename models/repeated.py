"""Repeated splits by citizen: how sure a comparison with logistic regression is.

For records of people who each come by once. Citizens are divided by lot again and again; heads
and baselines are fitted anew each time. The test sets of the repeats overlap, so the interval
widens the variance as Nadeau and Bengio (2003) correct it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from math import isfinite, sqrt
from typing import Any

import numpy as np
from scipy.stats import t as student

from features.lake import Lake
from features.pack import Pack
from models.errors import TooShortError
from models.evaluation import evaluate
from models.examples import Examples, Progress, gather, population_size
from models.fitting import Settings
from models.labels import outcomes
from models.learning import Learner
from models.splits import Role, citizens_apart, snapshot_dates
from models.training import longest_horizon, span

TEST_OVER_REST = 0.2 / 0.8
MOST_DATES = 60
MEASURES = tuple(
    (metric, of)
    for metric in ("auc", "calibration_error", "log_loss")
    for of in ("head", "logistic")
)
"""What is kept of every repeat, in the order of :class:`Repeated`."""


@dataclass(frozen=True)
class Repeated:
    """One service over all repeats.

    Parameters
    ----------
    auc, logistic
        Area under the curve per repeat, of the head and of logistic regression.
    calibration_error, log_loss
        Of the head, per repeat.
    logistic_calibration_error, logistic_log_loss
        Of logistic regression.
    """

    service: str
    auc: tuple[float, ...]
    logistic: tuple[float, ...]
    calibration_error: tuple[float, ...]
    logistic_calibration_error: tuple[float, ...]
    log_loss: tuple[float, ...]
    logistic_log_loss: tuple[float, ...]

    def as_dict(self) -> dict[str, Any]:
        """For JSON; NaN becomes null."""
        return {
            "repeats": len(self.auc),
            "auc": _summary(self.auc),
            "auc_logistic": _summary(self.logistic),
            "gain_over_logistic": _summary(_above(self.auc, self.logistic)),
            "calibration_error": _summary(self.calibration_error),
            "calibration_error_logistic": _summary(self.logistic_calibration_error),
            "calibration_above_logistic": _summary(
                _above(self.calibration_error, self.logistic_calibration_error)
            ),
            "log_loss_above_logistic": _summary(_above(self.log_loss, self.logistic_log_loss)),
        }


def repeated(
    lake: Lake,
    pack: Pack,
    *,
    repeats: int = 20,
    until: datetime | None = None,
    seed: int | None = None,
    threads: int = 2,
    progress: Progress | None = None,
) -> dict[str, Repeated]:
    """Fit and measure every service that trees can be grown for, ``repeats`` times.

    Raises
    ------
    TooShortError
        When no snapshot has outcomes in full.
    """
    settings = replace(Settings(), threads=threads)
    first, last = span(lake, until)
    found = outcomes(lake, pack, last)
    embargo = longest_horizon(pack, found) + found.lag
    dates = snapshot_dates(
        pack.domain.training.snapshots, first, last - embargo, pack.domain.time_zone
    )
    if not dates:
        raise TooShortError(needed=1, available=0)
    chosen = min(MOST_DATES, max(400_000 // max(population_size(lake), 1), 1))
    places = np.unique(np.linspace(0, len(dates) - 1, min(chosen, len(dates))).astype(int))
    split = citizens_apart(tuple(dates[place] for place in places), embargo)
    examples = gather(lake, pack, split, found, seed=0, progress=progress)
    seeds = range(seed or settings.seed, (seed or settings.seed) + repeats)
    runs = []
    for place, one in enumerate(seeds):
        if progress:
            progress("repeats", place, repeats)
        runs.append(_once(_divided(examples, one), pack, replace(settings, seed=one)))
    if progress:
        progress("repeats", repeats, repeats)
    return {
        service: Repeated(
            service, *(tuple(run[service][part] for run in runs) for part in range(len(MEASURES)))
        )
        for service in pack.services
        if all(isfinite(run[service][0]) for run in runs)
    }


def _divided(examples: Examples, seed: int) -> Examples:
    roles = [
        examples.split.roles(as_of, examples.citizen[examples.moment == place], seed)
        for place, as_of in enumerate(examples.split.snapshots)
    ]
    return replace(examples, role=np.concatenate(roles))


def _once(examples: Examples, pack: Pack, settings: Settings) -> dict[str, tuple[float, ...]]:
    """:data:`MEASURES` of each service; NaN where trees could not be grown."""
    if not (examples.role == Role.TEST).any():
        raise AssertionError("a split by citizen has a test")
    learner = Learner.of(examples, pack, settings)
    heads = {service: learner.head(service) for service in pack.services}
    found = evaluate(learner, heads).heads
    nothing = float("nan")
    return {
        service: tuple(
            (head.metrics if of == "head" else head.baselines["logistic"])[metric]
            if "logistic" in head.baselines
            else nothing
            for metric, of in MEASURES
        )
        for service, head in found.items()
    }


def _above(one: tuple[float, ...], other: tuple[float, ...]) -> tuple[float, ...]:
    return tuple(a - b for a, b in zip(one, other, strict=True))


def _summary(values: list[float] | tuple[float, ...]) -> dict[str, float | None]:
    """Mean with a 95% interval over overlapping repeats."""
    n = len(values)
    mean = float(np.mean(values))
    if n < 2 or not isfinite(mean):
        return {"mean": mean if isfinite(mean) else None, "low": None, "high": None}
    error = sqrt((1 / n + TEST_OVER_REST) * float(np.var(values, ddof=1)))
    reach = float(student.ppf(0.975, n - 1)) * error
    return {"mean": mean, "low": mean - reach, "high": mean + reach}
