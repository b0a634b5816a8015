"""Rights that the office closed: an end, or the grant of what may be granted again.

Rules say *eligible* on what registers hold. When a service was ended the office had looked, and had
found that the right was gone; facts that were told before then are what it looked at, or are out of
date. So is the fact that brought a one-off grant: its need has been met. In neither case do the
rules decide any more, until something that they ask for has changed since.

A fact counts as changed since when it has held for a shorter time than has passed since the close.
Where no signal tells how long any of the facts has held (only rules may read them), the close
stands for :data:`LOOKED_AT_AGAIN` days.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from features.catalogue import Rules, Service
from features.columns import snake
from features.pack import Pack
from features.sql import names_in
from models.eligibility import missing_facts
from models.matrix import Columns, Matrix, Vector

LOOKED_AT_AGAIN = 365.0
"""Days after which most rights are looked at again."""


@dataclass(frozen=True, slots=True)
class Closing:
    """How a close of one service shows in the matrix, and what it leaves.

    Parameters
    ----------
    ended, granted
        Positions of the days since the service was last ended and granted; None without one.
    closed_by_grant
        Whether a grant closes too: of what may be granted again.
    held
        Positions of how many days the facts that the rules ask for have held.
    entitled
        The share of entitled among those whom the rules call eligible after a close.
    """

    ended: int | None
    granted: int | None
    closed_by_grant: bool
    held: tuple[int, ...]
    entitled: float = 0.0

    @classmethod
    def of(cls, pack: Pack, columns: Columns, service: str) -> Closing | None:
        """Of a service whose rules decide; None where no source tells of its steps."""
        wanted = pack.services[service]
        places = {name: place for place, name in enumerate(columns.names)}
        ended = places.get(f"service_days_since_ended_{snake(service)}")
        granted = places.get(f"service_days_since_granted_{snake(service)}")
        if wanted.rules is not Rules.DECIDE or (ended is None and not wanted.repeatable):
            return None
        asked = (f"fact_{fact}_held_days" for fact in _asked(pack, wanted))
        held = tuple(places[name] for name in asked if name in places)
        return cls(ended, granted, wanted.repeatable, held)

    def closed(self, matrix: Matrix) -> NDArray[np.bool_]:
        """For whom the last word of the office was a close, and nothing has changed since."""
        ended, granted = _days(matrix, self.ended), _days(matrix, self.granted)
        since = np.where(ended <= granted, ended, np.inf)
        if self.closed_by_grant:
            since = np.minimum(since, granted)
        newest = np.full(len(matrix), np.inf)
        for place in self.held:
            newest = np.fmin(newest, matrix[:, place])
        told = np.isfinite(newest)
        stands = np.where(told, newest >= since, since <= LOOKED_AT_AGAIN)
        return np.isfinite(since) & stands

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return asdict(self) | {"held": list(self.held)}

    @classmethod
    def from_dict(cls, fields: dict[str, Any]) -> Closing:
        """The inverse of :meth:`as_dict`."""
        return cls(**(fields | {"held": tuple(fields["held"])}))


def _days(matrix: Matrix, place: int | None) -> Vector:
    """Days since a step; infinite when it was never seen."""
    if place is None:
        return np.full(len(matrix), np.inf)
    return np.where(np.isnan(matrix[:, place]), np.inf, matrix[:, place]).astype(np.float64)


def _asked(pack: Pack, service: Service) -> list[str]:
    """The facts that the criteria rest on, derived ones followed to what they are made of."""
    roots = [root for criterion in service.criteria for root in names_in(criterion.sql)]
    return list(dict.fromkeys(fact for root in roots for fact in missing_facts(root, {}, pack)))
