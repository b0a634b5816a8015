"""What is known of a set of citizens at a date: the only thing a signal family sees."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

import polars as pl

from features.revisions import standing


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
        :data:`features.events.EVENTS`, sorted by citizen, occurred_at, known_at, source, order,
        event_id. Planned events may lie after ``as_of``.
    facts
        :data:`features.facts.FACTS`, sorted by citizen, name, valid_from, known_at, order;
        free facts only; one row per citizen, name, valid_from and source: the last version known.
    relations
        :data:`features.relations.RELATIONS`, sorted by citizen, kind, valid_from; one row per
        citizen, kind, relative, valid_from and source: the last version known.
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

    def told_by(self, sources: frozenset[str]) -> Records:
        """Only what ``sources`` delivered: what the others told is unknown, as if they were
        missing."""
        told = pl.col("source").is_in(sorted(sources))
        return replace(
            self,
            events=self.events.filter(told),
            facts=self.facts.filter(told),
            relations=self.relations.filter(told),
            sources=self.sources & sources,
        )


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
    events = standing(events, revisions, "events", as_of)
    facts = standing(facts, revisions, "facts", as_of)
    relations = standing(relations, revisions, "relations", as_of)
    return Records(
        as_of=as_of,
        citizens=asked,
        events=_events(_known(events, asked, as_of)),
        facts=fact_versions(_known(facts, asked, as_of)),
        relations=_relations(_known(relations, asked, as_of)),
        sources=sources,
    )


def _known(frame: pl.DataFrame, citizens: pl.Series, as_of: datetime) -> pl.DataFrame:
    return frame.filter(pl.col("known_at") <= as_of, pl.col("citizen").is_in(citizens.implode()))


def _events(events: pl.DataFrame) -> pl.DataFrame:
    ordered = events.sort("citizen", "occurred_at", "known_at", "source", "order", "event_id")
    return ordered.unique(["source", "event_id"], keep="first", maintain_order=True)


def fact_versions(facts: pl.DataFrame) -> pl.DataFrame:
    """The last known version of each fact: what a source says later about the same citizen, name
    and ``valid_from`` replaces what it said before, its ``valid_to`` included.

    Takes and returns :data:`features.facts.FACTS`; the result is sorted by citizen, name,
    valid_from, known_at, order, source, fact_id.
    """
    last = ["known_at", "order", "source", "fact_id"]
    ordered = facts.sort("citizen", "name", "valid_from", *last)
    key = ["citizen", "name", "valid_from", "source"]
    return ordered.unique(key, keep="last", maintain_order=True)


def _relations(relations: pl.DataFrame) -> pl.DataFrame:
    whom = pl.coalesce(pl.col("relative").cast(pl.String), "relation_id")
    ordered = relations.with_columns(whom.alias("_whom")).sort(
        "citizen", "kind", "valid_from", "known_at", "order", "source", "relation_id"
    )
    key = ["citizen", "kind", "_whom", "valid_from", "source"]
    return ordered.unique(key, keep="last", maintain_order=True).drop("_whom")
