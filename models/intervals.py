"""Closed-form intervals for a proportion and for the ratio of two: counts are all they need.

References
----------
Wilson, E. B. (1927). Probable inference, the law of succession, and statistical inference.
Donner, A. and Zou, G. Y. (2012). Closed-form confidence intervals for functions of the normal mean
and standard deviation (their limits of a ratio, on Wilson's limits of its two parts).
"""

from __future__ import annotations

from dataclasses import dataclass
from math import inf, isnan, nan, sqrt
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


def ratio(
    hits: int,
    n: int,
    other_hits: int,
    other_n: int,
    *,
    confidence: float = 0.95,
    comparisons: int = 1,
) -> Estimate:
    """``hits / n`` over ``other_hits / other_n``; infinite where the other has no hits, NaN where
    neither has.

    >>> ratio(20, 100, 60, 103)
    Estimate(value=0.3433..., low=0.2237..., high=0.5183...)
    """
    first = wilson(hits, n, confidence=confidence, comparisons=comparisons)
    second = wilson(other_hits, other_n, confidence=confidence, comparisons=comparisons)
    if not (first.known and second.known) or hits == other_hits == 0:
        return NOTHING
    both = first.value * second.value
    low = 0.0
    if hits:
        under = _twice_less(first, first.low)
        low = under / (both + sqrt(both * both - under * _twice_less(second, second.high)))
    if not other_hits:
        return Estimate(inf, low, inf)
    under = _twice_less(second, second.low)
    high = (both + sqrt(both * both - under * _twice_less(first, first.high))) / under
    return Estimate(first.value / second.value, low, high)


def _twice_less(estimate: Estimate, limit: float) -> float:
    return limit * (2 * estimate.value - limit)
