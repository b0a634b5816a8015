"""Closed-form intervals for proportions and their differences: counts are all they need, so any
group costs nothing. A single proportion's is :func:`models.intervals.wilson`.

References
----------
Newcombe, R. G. (1998). Interval estimation for the difference between independent proportions:
comparison of eleven methods (his method 10, on Wilson's limits).
"""

from __future__ import annotations

from math import sqrt

from models.intervals import NOTHING, Estimate, wilson

__all__ = ["NOTHING", "Estimate", "newcombe", "wilson"]


def newcombe(
    hits: int,
    n: int,
    other_hits: int,
    other_n: int,
    *,
    confidence: float = 0.95,
    comparisons: int = 1,
) -> Estimate:
    """The difference ``hits / n - other_hits / other_n`` with Newcombe's interval.

    >>> newcombe(56, 70, 48, 80)
    Estimate(value=0.2, low=0.0524..., high=0.3338...)
    """
    first = wilson(hits, n, confidence=confidence, comparisons=comparisons)
    second = wilson(other_hits, other_n, confidence=confidence, comparisons=comparisons)
    if not (first.known and second.known):
        return NOTHING
    below = sqrt((first.value - first.low) ** 2 + (second.high - second.value) ** 2)
    above = sqrt((first.high - first.value) ** 2 + (second.value - second.low) ** 2)
    difference = first.value - second.value
    return Estimate(difference, difference - below, difference + above)
