"""Closed-form intervals for proportions: counts are all they need, so any group costs nothing.

References
----------
Wilson, E. B. (1927). Probable inference, the law of succession, and statistical inference.
Newcombe, R. G. (1998). Interval estimation for the difference between independent proportions:
comparison of eleven methods (his method 10, on Wilson's limits).
"""

from __future__ import annotations

from dataclasses import dataclass
from math import isnan, nan, sqrt
from statistics import NormalDist


@dataclass(frozen=True, slots=True)
class Estimate:
    """A value with the limits of its interval; all NaN where there is nothing to tell."""

    value: float
    low: float
    high: float

    @property
    def known(self) -> bool:
        """Whether there was anything to estimate from."""
        return not isnan(self.value)

    def as_dict(self) -> dict[str, float | None]:
        """For JSON: NaN becomes null."""
        return {
            "value": self.value if self.known else None,
            "low": self.low if self.known else None,
            "high": self.high if self.known else None,
        }


NOTHING = Estimate(nan, nan, nan)


def quantile(confidence: float, comparisons: int = 1) -> float:
    """The normal quantile of a two-sided interval, Bonferroni-widened for ``comparisons``."""
    return NormalDist().inv_cdf(1 - (1 - confidence) / (2 * max(comparisons, 1)))


def wilson(hits: int, n: int, *, confidence: float = 0.95, comparisons: int = 1) -> Estimate:
    """The proportion ``hits / n`` with Wilson's score interval; NaN when ``n`` is 0.

    >>> wilson(8, 10)
    Estimate(value=0.8, low=0.49016..., high=0.94331...)
    """
    if n == 0:
        return NOTHING
    z = quantile(confidence, comparisons)
    share = hits / n
    centre = (share + z * z / (2 * n)) / (1 + z * z / n)
    half = z / (1 + z * z / n) * sqrt(share * (1 - share) / n + z * z / (4 * n * n))
    return Estimate(share, max(0.0, centre - half), min(1.0, centre + half))


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
