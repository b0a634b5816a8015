"""What monitoring tolerates before it raises the alarm."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Tolerances:
    """The limits of the report's tests.

    Parameters
    ----------
    moved
        From how many standard deviations on a signal or a score counts as moved.
    signals_moved, scores_moved
        The share of signals, and of heads, that may have moved.
    group_lag
        How far a group's share of uptake that was suggested may certainly lag behind the rest.
    calibration
        How far a head's expected uptake may lie outside the interval of the observed.
    """

    moved: float = 0.25
    signals_moved: float = 0.20
    scores_moved: float = 0.20
    group_lag: float = 0.10
    calibration: float = 0.02
