"""What is known of a set of citizens at a date: the only thing a signal family sees."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import polars as pl


@dataclass(frozen=True, slots=True)
class Records:
    """The records of some citizens, as known at ``as_of``.

    Made by :mod:`features.timeline` for one citizen and by :mod:`features.snapshot` for a bucket
    of the population, through the same code. It holds no record with ``known_at > as_of`` and no
    protected fact.

    Parameters
    ----------
    as_of
        The moment, in UTC, that everything is seen from.
    citizens
        Int64, sorted, unique: the rows every family returns, in this order.
    events
        :data:`features.events.EVENTS`, sorted by citizen, occurred_at, known_at, source, order,
        event_id. Planned events may lie after ``as_of``.
    facts
        :data:`features.facts.FACTS`, sorted by citizen, name, valid_from, known_at, order;
        free facts only.
    relations
        :data:`features.relations.RELATIONS`, sorted by citizen, kind, valid_from.
    sources
        The sources that had delivered anything at all by ``as_of``. What rests on a source that
        is not among them is unknown: null, never zero.
    """

    as_of: datetime
    citizens: pl.Series
    events: pl.DataFrame
    facts: pl.DataFrame
    relations: pl.DataFrame
    sources: frozenset[str]
