"""How well one signal, by itself, tells who takes a service up."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.matrix import Vector
from models.metrics import area_under_curve

BINS = 40


@dataclass(frozen=True, slots=True)
class Separation:
    """The take-up in each bin of a signal's values.

    Parameters
    ----------
    edges
        Of the bins; what is missing has one of its own, the last.
    rates
        The share that took the service up, by bin.
    auc
        Of those shares, where they were counted.
    """

    edges: Vector
    rates: Vector
    auc: float

    @classmethod
    def of(cls, values: Vector, taken: NDArray[np.int8]) -> Separation:
        """Counted on some people."""
        known = values[~np.isnan(values)]
        edges = np.unique(np.quantile(known, np.linspace(0, 1, BINS))) if len(known) else known
        bins = _bins(values, edges)
        counts = np.bincount(bins, minlength=len(edges) + 2)
        rates = np.bincount(bins, weights=taken, minlength=len(edges) + 2) / np.maximum(counts, 1)
        auc = area_under_curve(taken.astype(np.float64), rates[bins])
        return cls(np.asarray(edges, dtype=np.float64), rates, auc)

    def kept(self, values: Vector, taken: NDArray[np.int8]) -> float:
        """The part of the separation that is left on others, read with the same shares: 1 all of
        it, 0 none, NaN when nobody or everybody of them took the service up.
        """
        scores = self.rates[_bins(values, self.edges)]
        auc = area_under_curve(taken.astype(np.float64), scores)
        return (auc - 0.5) / (self.auc - 0.5) if self.auc > 0.5 else float("nan")


def _bins(values: Vector, edges: Vector) -> NDArray[np.int64]:
    missing = np.isnan(values)
    places = np.searchsorted(edges, np.where(missing, 0.0, values), side="right")
    return np.where(missing, len(edges) + 1, places).astype(np.int64)
