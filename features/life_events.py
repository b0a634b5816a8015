"""Life events: what changes what someone needs, past and upcoming, with where it was read."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import polars as pl

from features.codes import instants, words_at
from features.columns import ages_at
from features.events import INSTANT
from features.happenings import happenings
from features.pack import Pack, life_event_column
from features.records import Records
from features.remembered import kept_with_records
from features.windows import Days, microseconds

LIFE_EVENTS = pl.Schema(
    {
        "citizen": pl.Int64,
        "life_event": pl.String,
        "happens_at": INSTANT,
        "known_at": INSTANT,
        "source": pl.String,
        "upcoming": pl.Boolean,  # happens after as_of
    }
)


@kept_with_records
def life_events(records: Records, pack: Pack) -> pl.DataFrame:
    """The life events of each citizen as seen at ``records.as_of``.

    An age or a date is foreseen ``ahead_days`` before; an event or fact change only when a
    source announced it. Returns :data:`LIFE_EVENTS`, sorted by citizen, happens_at, life_event;
    one row per citizen, life event and moment, the first that was known.
    """
    found = happenings(records, pack)
    return pl.DataFrame(
        {
            "citizen": pl.Series(records.citizens.to_numpy()[found.row]),
            "life_event": words_at(tuple(pack.life_events), found.name),
            "happens_at": instants(found.at),
            "known_at": instants(found.known_at),
            "source": words_at(tuple(pack.domain.sources), found.source),
            "upcoming": found.at > microseconds(records.as_of),
        },
        schema=LIFE_EVENTS,
    )


def life_event_days(records: Records, pack: Pack) -> Iterator[tuple[str, Days, Days]]:
    """For each life event: its name, the days since it last happened, and the days until it
    happens next; arrays over the citizens, -1 where there is none."""
    found = happenings(records, pack)
    age = ages_at(found.at, records, pack)
    ahead = found.at > microseconds(records.as_of)
    since = np.full((len(pack.life_events), len(records.citizens)), -1, dtype=np.int32)
    until = since.copy()
    since[found.name[~ahead], found.row[~ahead]] = age[~ahead]
    until[found.name[ahead][::-1], found.row[ahead][::-1]] = -age[ahead][::-1]
    yield from zip(pack.life_events, since, until, strict=True)


def days_since(records: Records, pack: Pack) -> list[pl.Series]:
    """``days_since_<life_event>`` per citizen, Float64: the last one while it is fresh, else the
    next one as a negative number, else the last one; null when there is none."""
    columns = []
    for name, since, until in life_event_days(records, pack):
        fresh = (since >= 0) & (since <= pack.life_events[name].fresh_days)
        days = np.where(since >= 0, since, np.nan)
        days = np.where(~fresh & (until >= 0), -until, days)
        columns.append(pl.Series(life_event_column(name), days, pl.Float64, nan_to_null=True))
    return columns
