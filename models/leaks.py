"""Leaks: signals that say what had not happened yet.

A record that was written after the outcome, and dated before it, makes a head that is splendid on
paper and worthless tomorrow. Nothing in one row gives it away; four questions together do:

1. Is the signal too good to be true? By itself it sorts who takes the service up almost
   faultlessly, or those with some value of it nearly all do.
2. Do its records carry the day on which they were recorded? Then ``known_at`` is respected, and
   such a record is not seen before its time: it may be that good. So may what says no more.
3. Does it tell as much of outcomes a horizon further on? What somebody knew at a date fades;
   what was filled in afterwards does not.
4. Is it gone without the records of the last horizon? Then what it knows came just before the
   outcome, on a date that nobody recorded.

The first makes a suspect, the second clears it, the third or the fourth makes it a leak. Everything
is asked of the fit period alone.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from math import isfinite, nan
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from features.household import with_relatives
from features.lake import Lake
from features.pack import Pack
from features.snapshot import bucket_records, dictionary, signals
from models.examples import Examples, Progress, Task
from models.intervals import wilson
from models.labels import Outcomes, labels
from models.matrix import Vector
from models.recording_dates import undated
from models.screening import Screen
from models.separation import Separation
from models.splits import Role

FAULTLESS = 0.97
"""The area under the curve of one signal alone from which it is a suspect."""
NEARLY_ALL = 0.9
"""The lower limit of the share that takes up among the marked, from which it is one."""
LEAST_MARKED = 20
"""So many must be marked, and take the service up, for that."""
STANDS = 0.7
"""Of its separation, kept a horizon further on: it did not fade."""
GONE = 0.5
"""Of its separation, left without the last horizon's records: it came just before."""
MOST_NEGATIVES = 5_000

DATED = "its records carry the date on which they were recorded"
UNFADING = "it tells who takes the service up a horizon later just as well"
LAST_MINUTE = "what it knows came just before the outcome, in records without a date of recording"
OLD = "it was known long before, and fades"


@dataclass(frozen=True, slots=True)
class Suspicion:
    """A signal that says very much of one service, and what became of the suspicion.

    Parameters
    ----------
    auc
        Of the signal alone, on the fit period, read off the take-up by its values.
    later, delayed
        The part of its separation (AUC above a half) that is kept for outcomes a horizon further
        on, and without the records of the last horizon; NaN where it was not asked or cannot be
        said.
    """

    service: str
    signal: str
    auc: float
    later: float
    delayed: float
    leak: bool
    because: str

    def as_dict(self) -> dict[str, Any]:
        """For JSON; NaN becomes null."""
        return {
            name: None if isinstance(value, float) and not isfinite(value) else value
            for name, value in asdict(self).items()
        }


def suspicions(
    lake: Lake,
    pack: Pack,
    examples: Examples,
    outcomes: Outcomes,
    screen: Screen,
    *,
    progress: Progress | None = None,
) -> tuple[Suspicion, ...]:
    """Every signal that is too good to be true for some service, judged."""
    dateless = undated(lake, pack, outcomes.until)
    sources = {one.name: one.sources for one in dictionary(pack)}
    found: list[Suspicion] = []
    for place, service in enumerate(pack.services):
        fit = examples.task(service, Role.FIT)
        case = _Case(lake, pack, examples, outcomes, service, fit.where(fit.weight > 0))
        judged = [case.judged(signal, dateless) for signal in case.suspects(screen)]
        found += [_explained(one, judged, sources) for one in judged]
        if progress:
            progress("leaks", place + 1, len(pack.services))
    return tuple(found)


@dataclass(frozen=True)
class _Case:
    """One service's signals under suspicion.

    Parameters
    ----------
    task
        Candidates of the fit period who were not helped.
    """

    lake: Lake
    pack: Pack
    examples: Examples
    outcomes: Outcomes
    service: str
    task: Task

    @property
    def horizon(self) -> timedelta:
        """The service's."""
        return timedelta(days=self.pack.services[self.service].horizon_days)

    def suspects(self, screen: Screen) -> list[int]:
        """The positions of signals that are too good to be true."""
        taken = self.task.taken == 1
        if taken.sum() < LEAST_MARKED or taken.mean() > 0.5:
            return []
        rows, share = _sample(self.task)
        counts, positives = screen.counts(
            self.task.rows[rows], self.task.taken[rows].astype(np.float64)
        )
        good = too_good(positives, (counts - positives) / share)
        return [int(place) for place in np.flatnonzero(good)]

    def judged(self, place: int, dateless: frozenset[str]) -> Suspicion:
        """What becomes of the suspicion of one signal."""
        name = self.examples.columns.names[place]
        near = Separation.of(self._values(self.task.rows, place), self.task.taken)

        def told(because: str, later: float, delayed: float, *, leak: bool) -> Suspicion:
            return Suspicion(self.service, name, near.auc, later, delayed, leak, because)

        if name not in dateless:
            return told(DATED, nan, nan, leak=False)
        later = near.kept(*self._a_horizon_later(place))
        if later >= STANDS:
            return told(UNFADING, later, nan, leak=True)
        delayed = near.kept(*self._without_the_last_horizon(place))
        if delayed < GONE:
            return told(LAST_MINUTE, later, delayed, leak=True)
        return told(OLD, later, delayed, leak=False)

    def _values(self, rows: NDArray[np.int64], place: int) -> Vector:
        return np.asarray(self.examples.matrix[rows, place], dtype=np.float64)

    def _a_horizon_later(self, place: int) -> tuple[Vector, NDArray[np.int8]]:
        """The signal of who has not taken up, and who does in the horizon that follows."""
        values, taken = [np.empty(0)], [np.empty(0, dtype=np.int8)]
        for as_of, chosen in self._dates():
            still = self.task.rows[chosen[self.task.taken[chosen] == 0]]
            later = as_of + self.horizon
            if later + self.horizon + self.outcomes.lag > self.outcomes.until:
                continue
            citizens = pl.Series("citizen", self.examples.citizen[still])
            found = labels(self.outcomes, self.pack, self.service, later, citizens)
            values.append(self._values(still[found.weight > 0], place))
            taken.append(found.taken[found.weight > 0])
        return np.concatenate(values), np.concatenate(taken)

    def _without_the_last_horizon(self, place: int) -> tuple[Vector, NDArray[np.int8]]:
        """The signal as it is without the last horizon's records, and who takes up, at the date
        with most of those.
        """
        as_of, chosen = max(self._dates(), key=lambda date: int(self.task.taken[date[1]].sum()))
        name = self.examples.columns.names[place]
        asked = pl.DataFrame({"citizen": self.examples.citizen[self.task.rows[chosen]]})
        frames = _delayed(self.lake, self.pack, as_of, as_of - self.horizon)
        found = pl.concat(one.select("citizen", name) for one in frames)
        values = asked.join(found, on="citizen", how="left", maintain_order="left")[name]
        return values.cast(pl.Float64).fill_null(nan).to_numpy(), self.task.taken[chosen]

    def _dates(self) -> Iterator[tuple[datetime, NDArray[np.int64]]]:
        """Each snapshot, and the places of its rows in the task."""
        moments = self.examples.moment[self.task.rows]
        for moment in np.unique(moments).tolist():
            yield self.examples.split.snapshots[moment], np.flatnonzero(moments == moment)


def _explained(
    suspicion: Suspicion, others: list[Suspicion], sources: dict[str, frozenset[str]]
) -> Suspicion:
    """No leak after all, when a signal whose records are dated tells as much: what it mixes in of
    other records of that source adds nothing.
    """
    for other in others:
        one, two = sources[other.signal], sources[suspicion.signal]
        shared = not one or not two or one & two
        if suspicion.leak and other.because == DATED and shared and other.auc >= suspicion.auc:
            return replace(suspicion, leak=False, because=f"{other.signal} tells it, and is dated")
    return suspicion


def too_good(positives: Vector, negatives: Vector) -> NDArray[np.bool_]:
    """Whether each signal sorts who takes up almost faultlessly, or marks such as nearly all do.

    Parameters
    ----------
    positives, negatives
        (signals, bins): of each bin, how many took the service up and how many did not.
    """
    rates = positives / np.maximum(positives + negatives, 1)
    order = np.argsort(-rates, axis=1, kind="stable")
    up = np.take_along_axis(positives, order, axis=1)
    not_up = np.take_along_axis(negatives, order, axis=1)
    above = np.cumsum(up, axis=1) - up / 2
    pairs = up.sum(axis=1) * not_up.sum(axis=1)
    faultless = (above * not_up).sum(axis=1) >= FAULTLESS * pairs
    marked = _marked(np.cumsum(up, axis=1), np.cumsum(not_up, axis=1))
    return np.asarray((pairs > 0) & (faultless | marked), dtype=np.bool_)


def _marked(taken: Vector, not_taken: Vector) -> NDArray[np.bool_]:
    """Whether of the first so many bins, for some number of bins, nearly all take up."""
    found = np.zeros(len(taken), dtype=np.bool_)
    enough = (taken >= LEAST_MARKED) & (taken >= NEARLY_ALL * (taken + not_taken))
    for row, column in np.argwhere(enough).tolist():
        hits, n = int(taken[row, column]), round(taken[row, column] + not_taken[row, column])
        found[row] |= wilson(hits, n).low >= NEARLY_ALL
    return found


def _sample(task: Task) -> tuple[NDArray[np.int64], float]:
    """The places of everyone who took up and of some who did not, and the share of these."""
    positive, negative = np.flatnonzero(task.taken == 1), np.flatnonzero(task.taken == 0)
    step = len(negative) // MOST_NEGATIVES + 1
    drawn = negative[::step]
    return np.sort(np.concatenate([positive, drawn])), len(drawn) / max(len(negative), 1)


def _delayed(lake: Lake, pack: Pack, as_of: datetime, known: datetime) -> Iterator[pl.DataFrame]:
    """The signals at ``as_of`` of what was ``known`` by an earlier date."""
    for bucket in range(lake.buckets):
        records = replace(bucket_records(lake, pack, known, bucket), as_of=as_of)
        yield signals(with_relatives(records, lake, pack), pack)
