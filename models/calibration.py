"""Calibration: from a head's raw probability to one that can be read as a frequency.

A calibration is plain numbers: it goes into JSON and comes back bit for bit. How one is chosen
and fitted is in :mod:`models.calibrating`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np

from models.matrix import Vector

CalibrationKind = Literal["identity", "logistic", "beta", "isotonic"]

EDGE = 1e-6
"""Probabilities are kept this far from 0 and 1: no head is certain."""


def log_odds(probability: Vector) -> Vector:
    """ln(p / (1 - p)), with p kept off the edges."""
    inside = np.clip(probability, EDGE, 1 - EDGE)
    return np.asarray(np.log(inside) - np.log1p(-inside), dtype=np.float64)


def from_log_odds(value: Vector) -> Vector:
    """The inverse of :func:`log_odds`."""
    return np.asarray(1.0 / (1.0 + np.exp(-np.clip(value, -40, 40))), dtype=np.float64)


@dataclass(frozen=True, slots=True)
class Calibration:
    """A monotone map of probabilities.

    ``logistic`` (Platt 1999) holds a slope and an intercept on the log-odds; ``beta`` (Kull et
    al. 2017) holds a, b, c of ``a ln p - b ln(1 - p) + c``; ``isotonic`` interpolates between
    ``knots``. ``shift`` moves the log-odds afterwards: a head learned from applicants is moved
    to the population by it.
    """

    kind: CalibrationKind = "identity"
    coefficients: tuple[float, ...] = ()
    knots: tuple[tuple[float, float], ...] = ()
    shift: float = 0.0

    def apply(self, raw: Vector) -> Vector:
        """The calibrated probabilities, within (0, 1)."""
        mapped = self._map(np.asarray(raw, dtype=np.float64))
        if self.shift:
            mapped = from_log_odds(log_odds(mapped) + self.shift)
        return np.clip(mapped, EDGE, 1 - EDGE)

    def shifted(self, by: float) -> Calibration:
        """The same map with its log-odds moved ``by`` further."""
        return replace(self, shift=self.shift + by)

    def _map(self, raw: Vector) -> Vector:
        if self.kind == "logistic":
            slope, intercept = self.coefficients
            return from_log_odds(slope * log_odds(raw) + intercept)
        if self.kind == "beta":
            a, b, c = self.coefficients
            inside = np.clip(raw, EDGE, 1 - EDGE)
            return from_log_odds(a * np.log(inside) - b * np.log1p(-inside) + c)
        if self.kind == "isotonic":
            at, to = np.asarray(self.knots, dtype=np.float64).T
            return np.asarray(np.interp(raw, at, to), dtype=np.float64)
        return raw

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "kind": self.kind,
            "coefficients": list(self.coefficients),
            "knots": [list(knot) for knot in self.knots],
            "shift": self.shift,
        }

    @classmethod
    def from_dict(cls, fields: dict[str, Any]) -> Calibration:
        """The inverse of :meth:`as_dict`."""
        return cls(
            kind=fields["kind"],
            coefficients=tuple(fields["coefficients"]),
            knots=tuple((knot[0], knot[1]) for knot in fields["knots"]),
            shift=fields["shift"],
        )
