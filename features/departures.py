"""Who has gone: died, or moved out of reach, and has not come back."""

from __future__ import annotations

from datetime import datetime

import polars as pl

from features.codes import places
from features.events import INSTANT
from features.pack import Pack
from features.remembered import empty_frame
from features.windows import microseconds

DEPARTURES = pl.Schema(
    {
        "citizen": pl.Int64(),
        "type": pl.String(),
        "occurred_at": INSTANT,
        "known_at": INSTANT,
        "source": pl.String(),
    }
)


def departures(events: pl.DataFrame, pack: Pack, as_of: datetime) -> pl.DataFrame:
    """:data:`DEPARTURES`: of each citizen who has gone, the event by which.

    That is the last event with role ``left`` or ``returned``, when it is a ``left``. ``events``
    are known at ``as_of`` and in order of time within a citizen; what is still to come is not
    counted.
    """
    going, coming = pack.event_types_in("left"), pack.event_types_in("returned")
    if not going:
        return empty_frame(DEPARTURES)
    crossing = places(events["type"], (*going, *coming)) >= 0
    crossing &= events["occurred_at"].to_physical().to_numpy() <= microseconds(as_of)
    if not crossing.any():
        return empty_frame(DEPARTURES)
    crossings = events[crossing.nonzero()[0]].select(DEPARTURES.names())
    last = crossings.unique("citizen", keep="last", maintain_order=True)
    return last.filter(pl.col("type").is_in(going))


def deaths(events: pl.DataFrame, pack: Pack, as_of: datetime) -> pl.DataFrame:
    """:data:`DEPARTURES` of those who died, by an event that the pack calls ``final``."""
    final = [name for name, kind in pack.domain.event_types.items() if kind.final]
    if not final:
        return DEPARTURES.to_frame()
    return departures(events, pack, as_of).filter(pl.col("type").is_in(final))
