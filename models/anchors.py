"""The level of entitlement among candidates whom neither rules nor their own application decide.

How *many* of them are entitled is not in the records of who applied. It is taken from the first of
these that there is, and said:

- ``checks``: random checks, the one unbiased source, pulled to the next as far as that is believed;
- ``rules``: the rate at which the missing criteria are met by others, where they are known of most;
- ``published``: a rate of non-take-up, of the entitled who do not use a service. With ``H`` people
  who have it and a rate ``n``, ``H n / (1 - n)`` are entitled and without it; those whom the rules
  call entitled are among them;
- ``bounds``: nothing. The level is then the least that the rules' rates allow: those of whom
  nothing is told count as not entitled.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from math import exp, log
from typing import Any, Literal

from features.domain import NonTakeUp
from models.calibration import EDGE
from models.entitlement import Share

Source = Literal["checks", "rules", "published", "bounds"]

ENOUGH = 0.5
"""The share of people of whom a criterion must be known for its rate to hold for the others."""
BELIEF_IN_CHECKS = 20.0
"""As many checks as the share of all services weighs in that of one."""
DOUBT, MORE_DOUBT = 1.0, 2.0
"""How far the log-odds of a level may lie off, as a deviation: of a rate that was published for the
service itself (a factor of about three: it holds for another town and another year), and of any
other level."""
LEAST_LEVEL = 1e-3


@dataclass(frozen=True, slots=True)
class Anchor:
    """The expected share of entitled, with the range of what it rests on.

    Parameters
    ----------
    source
        What it rests on.
    share, low, high
        The share, and how far it could lie elsewhere by that source alone.
    people
        How many people (or checks) are behind it.
    """

    source: Source
    share: float
    low: float
    high: float
    people: int = 0

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return asdict(self)

    def within(self, ceiling: float) -> Anchor:
        """The same, no higher than ``ceiling``."""
        share, low, high = (min(part, ceiling) for part in (self.share, self.low, self.high))
        return Anchor(self.source, share, low, high, self.people)


@dataclass(frozen=True, slots=True)
class Counted:
    """Rows over the snapshots that a level is worked out from.

    Parameters
    ----------
    holders
        Those who have the service.
    entitled
        Candidates whom the rules call entitled, where rules decide; else 0.
    candidates
        Candidates whose entitlement is asked for.
    """

    holders: int
    entitled: int
    candidates: int


def anchor(expected: Share | None, rate: NonTakeUp | None, counted: Counted) -> Anchor:
    """The level without random checks.

    Parameters
    ----------
    expected
        What the rules' rates say; None when that says nothing.
    rate
        Of non-take-up, published or assumed.
    """
    if expected is not None and expected.told >= ENOUGH:
        return Anchor("rules", _inside(expected.expected), 0.0, 1.0, expected.people)
    if rate is not None and counted.holders and counted.candidates:
        found = _published(rate, counted)
        return found if expected is None else found.within(_inside(expected.expected))
    least = 0.5 if expected is None else expected.expected * expected.told
    most = 1.0 if expected is None else expected.expected
    return Anchor("bounds", _inside(least), 0.0, most)


def believed(rate: NonTakeUp, holders: int, entitled: int) -> float:
    """How large a share of those whom the rules call ``entitled`` can be so, by the highest rate of
    non-take-up and the number who have the service. Who is about to get it is left out of both: a
    rate speaks of those who go without.

    Below 1 the rules find more entitled people without the service than there can be: facts are out
    of date, or a condition is missing.
    """
    if not entitled:
        return 1.0
    return min(_ratio(rate.high) * holders / entitled, 1.0)


def with_checks(found: Anchor, entitled: float, checked: float, doubt: float = DOUBT) -> Anchor:
    """``found``, moved by random checks: the likeliest share when its log-odds lie around those of
    ``found`` with a deviation of ``doubt``. A belief in so many checks' worth would be hardly
    any for a small share: one find among a hundred would make it many times larger.
    """
    if not checked:
        return found
    odds = log(found.share / (1 - found.share))
    low, high = -40.0, 40.0
    for _ in range(80):
        moved = (low + high) / 2
        expected = checked / (1 + exp(-min(max(odds + moved, -40.0), 40.0)))
        if entitled - expected - moved / doubt**2 > 0:
            low = moved
        else:
            high = moved
    share = 1 / (1 + exp(-min(max(odds + moved, -40.0), 40.0)))
    told = checked * share * (1 - share) + doubt**-2
    wide = 1.96 / told**0.5
    lowest, highest = (1 / (1 + exp(-(log(share / (1 - share)) + by))) for by in (-wide, wide))
    return Anchor("checks", _inside(share), lowest, highest, round(checked))


def _published(rate: NonTakeUp, counted: Counted) -> Anchor:
    low, middle, high = (
        _without_it(one, counted) for one in (rate.low, (rate.low + rate.high) / 2, rate.high)
    )
    return Anchor("published", middle, low, high, counted.holders)


def _without_it(rate: float, counted: Counted) -> float:
    left = counted.holders * _ratio(rate) - counted.entitled
    return _inside(left / counted.candidates)


def _ratio(rate: float) -> float:
    """The entitled without a service, for each who has it."""
    return min(rate, 0.99) / (1 - min(rate, 0.99))


def _inside(share: float) -> float:
    return float(min(max(share, LEAST_LEVEL), 1 - EDGE))
