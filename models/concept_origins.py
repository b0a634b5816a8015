"""The record behind a concept's part in a score: what a caseworker can look up."""

from __future__ import annotations

import polars as pl

from features.domain import Sensitivity
from features.pack import Pack
from models.choosing import Choice
from models.explanation import Contribution
from models.matrix import Columns
from models.origins import Origin, origin

_FACT, _HELD = "fact_", "_held_days"


def concept_origin(
    one: Contribution, choice: Choice, pack: Pack, columns: Columns
) -> Origin | None:
    """Where the signal that weighs most was read from.

    A fact's own record where the signal is of a fact; otherwise the last event of the concept, of
    which the signal counts the number, the time since or the order. None when there is neither.
    """
    signal = columns.names[one.signal]
    name = signal.removeprefix(_FACT).removesuffix(_HELD)
    if signal.startswith(_FACT) and name in pack.facts(Sensitivity.FREE):
        return origin(name, choice.records, choice.protected, pack)
    types = [name for name, kind in pack.domain.event_types.items() if kind.concept == one.concept]
    last = (
        choice.records.events.filter(
            pl.col("citizen") == choice.citizen,
            pl.col("type").is_in(types),
            pl.col("occurred_at") <= choice.as_of,
        )
        .sort("occurred_at", "known_at", "order")
        .tail(1)
    )
    for row in last.iter_rows(named=True):
        return Origin(row["source"], row["occurred_at"], row["known_at"])
    return None
