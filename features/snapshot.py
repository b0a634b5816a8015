"""Snapshots: signals at a date, for the population bucket by bucket and for one citizen alike."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

import polars as pl

from features.arrivals import arrived
from features.codes import places
from features.columns import matrix
from features.departures import departures
from features.domain import Sensitivity
from features.facts_at import facts_at
from features.families import Signal, families_of
from features.families.assembly import assembled
from features.household import with_relatives
from features.lake import Lake
from features.linkage.resolving import counting
from features.pack import Pack
from features.recorded import of_bucket
from features.records import Records, records_in_order
from features.timeline import protected_facts, read_records


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Some citizens as known at one date.

    Parameters
    ----------
    facts
        The frame that criteria run on (:func:`features.facts_at.facts_at`), the criterion-only
        facts included. Rules read it; heads never do.
    signals
        ``citizen`` and one Float32 column per signal, in the order of :func:`dictionary`.
    """

    as_of: datetime
    records: Records
    facts: pl.DataFrame
    signals: pl.DataFrame


def dictionary(pack: Pack, *, purpose: str | None = None) -> tuple[Signal, ...]:
    """The signals of ``pack``, in column order.

    With a ``purpose``, only those whose sources may all be used for it.
    """
    every = (signal for family in families_of(pack) for signal in family.signals(pack))
    return tuple(signal for signal in every if purpose is None or _allowed(signal, pack, purpose))


def signals(records: Records, pack: Pack, *, purpose: str | None = None) -> pl.DataFrame:
    """``citizen`` and the signals of :func:`dictionary`, one row per citizen of ``records``."""
    n = len(records.citizens)
    frame = matrix(assembled(records, pack), n).insert_column(0, records.citizens.alias("citizen"))
    if purpose is None:
        return frame
    return frame.select("citizen", *(one.name for one in dictionary(pack, purpose=purpose)))


def read(
    lake: Lake, pack: Pack, as_of: datetime, citizens: Sequence[int], *, purpose: str | None = None
) -> Snapshot:
    """The snapshot of the citizens asked for, whoever they are; fresh from the lake."""
    records = read_records(lake, pack, as_of, citizens, purpose=purpose)
    records = with_relatives(records, lake, pack)
    protected = protected_facts(lake, pack, citizens, as_of, purpose=purpose)
    return _snapshot(records, protected, pack, purpose)


def population(
    lake: Lake,
    pack: Pack,
    as_of: datetime,
    *,
    buckets: Iterable[int] | None = None,
    purpose: str | None = None,
) -> Iterator[Snapshot]:
    """The population at ``as_of``, one bucket at a time; memory is bounded by a bucket.

    Who belongs to it: see :func:`bucket_records`. A bucket with nobody gives a snapshot without
    rows.
    """
    for bucket in range(lake.buckets) if buckets is None else buckets:
        records = bucket_records(lake, pack, as_of, bucket, purpose=purpose)
        records = with_relatives(records, lake, pack)
        counted = counting(lake, pack, as_of, purpose)
        protected = of_bucket(lake, "protected", bucket, as_of, counted=counted)
        yield _snapshot(records, protected, pack, purpose)


def bucket_records(
    lake: Lake, pack: Pack, as_of: datetime, bucket: int, *, purpose: str | None = None
) -> Records:
    """The records of the population in ``bucket``.

    In the population is who has at least one fact known at ``as_of`` (an event, when the pack
    declares no facts) and has not died or left: the last event with role ``left`` or
    ``returned`` is not a ``left``. People known only by a silo's own number are not in it.

    Under a ``purpose``, matches that are sure enough for it count
    (:func:`features.linkage.resolving.counting`); else only links by number do.
    """
    counted = counting(lake, pack, as_of, purpose)
    facts = of_bucket(lake, "facts", bucket, as_of, counted=counted)
    free = places(facts["name"], tuple(pack.facts(Sensitivity.FREE))) >= 0
    facts = facts if free.all() else facts[free.nonzero()[0]]
    events = of_bucket(lake, "events", bucket, as_of, counted=counted)
    return records_in_order(
        as_of=as_of,
        citizens=_members(events, facts, pack, as_of),
        events=events,
        facts=facts,
        relations=of_bucket(lake, "relations", bucket, as_of, counted=counted),
        sources=arrived(lake, as_of),
    )


def _members(events: pl.DataFrame, facts: pl.DataFrame, pack: Pack, as_of: datetime) -> pl.Series:
    present = (facts if pack.domain.facts else events)["citizen"].unique()
    gone = departures(events, pack, as_of)["citizen"]
    return present if gone.is_empty() else present.filter(~present.is_in(gone.implode()))


def _snapshot(
    records: Records, protected: pl.DataFrame, pack: Pack, purpose: str | None
) -> Snapshot:
    return Snapshot(
        as_of=records.as_of,
        records=records,
        facts=facts_at(records, pack, protected),
        signals=signals(records, pack, purpose=purpose),
    )


def _allowed(signal: Signal, pack: Pack, purpose: str) -> bool:
    return purpose in signal.may_serve(pack)
