"""What is known of a set of citizens at a date: the only thing a signal family sees."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

import polars as pl

from features.codes import moments
from features.kernels.columns import places_known
from features.ordering import in_order, tied
from features.revisions import standing
from features.tables import EVENT_ORDER, FACT_ORDER, RELATION_ORDER
from features.windows import microseconds


@dataclass(frozen=True, slots=True)
class Records:
    """The records of some citizens, as known at ``as_of``.

    Made by :func:`known_records`, for one citizen (:mod:`features.timeline`) and for a bucket of
    the population (:mod:`features.snapshot`) alike. It holds no record with ``known_at > as_of``
    and no protected fact.

    Parameters
    ----------
    as_of
        The moment, in UTC, that everything is seen from.
    citizens
        Int64, sorted, unique: the rows every family returns, in this order.
    events
        :data:`features.events.EVENTS`, in :data:`features.tables.EVENT_ORDER`; out of the lake
        without ``event_id`` and ``alias``. Planned events may lie after ``as_of``.
    facts
        :data:`features.facts.FACTS`, in :data:`features.tables.FACT_ORDER`, likewise without
        ``fact_id`` and ``alias``; free facts only; one row per citizen, name, valid_from and
        source: the last version known.
    relations
        :data:`features.relations.RELATIONS`, in :data:`features.tables.RELATION_ORDER`; one row
        per citizen, kind, relative, valid_from and source: the last version known.
    sources
        The sources that had delivered anything at all by ``as_of``. What rests on a source that
        is not among them is unknown: null, never zero.
    relatives
        The records of relatives of these citizens, where the pack has signals of them and they were
        read (:mod:`features.household`): of whoever is related now, did not object, and has any.
    """

    as_of: datetime
    citizens: pl.Series
    events: pl.DataFrame
    facts: pl.DataFrame
    relations: pl.DataFrame
    sources: frozenset[str]
    relatives: Records | None = None
    kept: dict[Hashable, tuple[Any, Any]] = field(
        init=False, default_factory=dict, repr=False, compare=False
    )
    """What was worked out for them (:func:`features.remembered.kept_with_records`)."""

    def told_by(self, sources: frozenset[str]) -> Records:
        """Only what ``sources`` delivered: what the others told is unknown, as if they were
        missing."""
        told = replace(
            self,
            events=_told_by(self.events, sources),
            facts=_told_by(self.facts, sources),
            relations=_told_by(self.relations, sources),
            sources=self.sources & sources,
            relatives=self.relatives.told_by(sources) if self.relatives else None,
        )
        same = all(getattr(told, part) is getattr(self, part) for part in _PARTS)
        return self if same and told.sources == self.sources else told


_PARTS = ("events", "facts", "relations", "relatives")
_FEW = 2048
"""Of so few rows it is looked at first whether any is to be left out."""


def _told_by(rows: pl.DataFrame, sources: frozenset[str]) -> pl.DataFrame:
    """The rows that ``sources`` delivered; ``rows`` itself where these are all."""
    if rows.height <= _FEW and sources.issuperset(rows["source"].to_list()):
        return rows
    return rows.filter(pl.col("source").is_in(sorted(sources)))


def known_records(
    *,
    as_of: datetime,
    citizens: pl.Series,
    events: pl.DataFrame,
    facts: pl.DataFrame,
    relations: pl.DataFrame,
    sources: frozenset[str],
    revisions: pl.DataFrame | None = None,
) -> Records:
    """The records of ``citizens`` as known at ``as_of``, out of frames in any order.

    Leaves out what was not known yet, what had been taken back by then (``revisions``, of these
    citizens) and who is not asked for, keeps one row of a record that was delivered twice, and
    sorts. Two deliveries with the same rows give the same records.
    """
    asked = citizens.cast(pl.Int64).unique().sort().alias("citizen")
    told = {"events": events, "facts": facts, "relations": relations}
    mine = {
        table: _of(standing(frame, revisions, table, as_of), asked, as_of)
        for table, frame in told.items()
    }
    return Records(
        as_of=as_of,
        citizens=asked,
        events=_events(mine["events"]),
        facts=fact_versions(mine["facts"]),
        relations=_relations(mine["relations"]),
        sources=sources,
    )


def records_in_order(
    *,
    as_of: datetime,
    citizens: pl.Series,
    events: pl.DataFrame,
    facts: pl.DataFrame,
    relations: pl.DataFrame,
    sources: frozenset[str],
) -> Records:
    """The same, out of rows of the lake that are in order, known and true at ``as_of``, each event
    once (:mod:`features.recorded`)."""
    asked = citizens.cast(pl.Int64).unique().sort().alias("citizen")
    return Records(
        as_of=as_of,
        citizens=asked,
        events=_of(events, asked, as_of),
        facts=_last_versions(_of(facts, asked, as_of)),
        relations=_last_relations(_of(relations, asked, as_of)),
        sources=sources,
    )


def _of(frame: pl.DataFrame, citizens: pl.Series, as_of: datetime) -> pl.DataFrame:
    """The rows about ``citizens`` that were known at ``as_of``."""
    if frame.is_empty():
        return frame
    at = places_known(
        frame["citizen"].to_numpy(),
        moments(frame["known_at"]),
        citizens.to_numpy(),
        microseconds(as_of),
    )
    return frame if len(at) == frame.height else frame[at]


def _events(events: pl.DataFrame) -> pl.DataFrame:
    ordered = in_order(events, _present(events, EVENT_ORDER))
    if "event_id" not in events.columns:
        return ordered
    return ordered.unique(["source", "event_id"], keep="first", maintain_order=True)


def fact_versions(facts: pl.DataFrame) -> pl.DataFrame:
    """The last known version of each fact: what a source says later about the same citizen, name
    and ``valid_from`` replaces what it said before, its ``valid_to`` included.

    Takes and returns :data:`features.facts.FACTS`, with or without ``fact_id``; the result is
    in :data:`features.tables.FACT_ORDER`.
    """
    return _last_versions(in_order(facts, _present(facts, FACT_ORDER)))


def _last_versions(ordered: pl.DataFrame) -> pl.DataFrame:
    key = ["citizen", "name", "valid_from"]
    again = tied(ordered, key)
    if again is not None and not len(again):
        return ordered
    return ordered.unique([*key, "source"], keep="last", maintain_order=True)


def with_facts(records: Records, facts: pl.DataFrame) -> Records:
    """``records`` with more facts of the same citizens, as far as known at ``as_of``.

    ``facts`` are :data:`features.facts.FACTS`, free ones only, in any order.
    """
    if facts.is_empty():
        return records
    known = facts.filter(pl.col("known_at") <= records.as_of)
    if known.is_empty():
        return records
    more = known.select(records.facts.columns)
    return replace(records, facts=fact_versions(pl.concat([records.facts, more])))


def _relations(relations: pl.DataFrame) -> pl.DataFrame:
    return _last_relations(in_order(relations, RELATION_ORDER))


def _last_relations(ordered: pl.DataFrame) -> pl.DataFrame:
    key = ["citizen", "kind", "valid_from"]
    again = tied(ordered, key)
    if again is not None and not len(again):
        return ordered
    whom = pl.coalesce(pl.col("relative").cast(pl.String), "relation_id")
    return (
        ordered.with_columns(whom.alias("_whom"))
        .unique([*key, "_whom", "source"], keep="last", maintain_order=True)
        .drop("_whom")
    )


def _present(frame: pl.DataFrame, columns: tuple[str, ...]) -> list[str]:
    return [name for name in columns if name in frame.columns]
