"""Relatives' own records: a second pass through the dated relations, for signals over them.

No more is read than the pack asks: nothing when it has no ``household:``, and otherwise the records
of whoever is a relative of an asked kind at ``as_of``, as far as that was known. Relatives live in
any bucket, so each bucket that holds some is read for those citizens alone; what is held is bounded
by the relatives of one bucket.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime

import polars as pl

from features.domain import Sensitivity
from features.lake import Lake, TableName
from features.pack import Pack
from features.records import Records, known_records
from features.relatives import held_relations
from features.revisions import REVISIONS, bucket_revisions, citizens_revisions

FEW = 32
"""So many relatives are looked up one by one; more are filtered out of their buckets."""


def with_relatives(
    records: Records, lake: Lake, pack: Pack, objected: Collection[int] = ()
) -> Records:
    """``records`` with those of the relatives that the pack asks of.

    ``objected`` are citizens who objected to being looked at: they are not read.
    """
    if not pack.domain.household:
        return records
    asked = [one for one in relatives_of(records, pack) if one not in objected]
    return joined(records, _read(lake, pack, records, asked))


def relatives_of(records: Records, pack: Pack) -> pl.Series:
    """Int64, unique: who is, at ``as_of``, a relative of a kind that the pack asks of."""
    kinds = sorted({one.relation for one in pack.domain.household})
    held = [held_relations(records, kind)["relative"] for kind in kinds]
    return pl.concat([pl.Series("relative", dtype=pl.Int64), *held]).drop_nulls().unique().sort()


def joined(records: Records, relatives: Records) -> Records:
    """``records`` with ``relatives``, less those of whom there is no record: they are unknown."""
    told = pl.concat([relatives.events["citizen"], relatives.facts["citizen"]]).unique()
    kept = relatives.citizens.filter(relatives.citizens.is_in(told.implode()))
    return replace(
        records,
        relatives=replace(
            relatives,
            citizens=kept,
            relations=(relatives.relations.filter(pl.col("citizen").is_in(kept.implode()))),
        ),
    )


def _read(lake: Lake, pack: Pack, records: Records, citizens: Sequence[int]) -> Records:
    few = len(citizens) <= FEW
    free = list(pack.facts(Sensitivity.FREE))
    rows = _rows if few else _scanned
    return known_records(
        as_of=records.as_of,
        citizens=pl.Series("citizen", citizens, pl.Int64),
        events=rows(lake, "events", citizens, records.as_of),
        facts=rows(lake, "facts", citizens, records.as_of).filter(pl.col("name").is_in(free)),
        relations=rows(lake, "relations", citizens, records.as_of),
        sources=records.sources,
        revisions=citizens_revisions(lake, citizens) if few else _revisions(lake, citizens),
    )


def _rows(lake: Lake, table: TableName, citizens: Sequence[int], as_of: datetime) -> pl.DataFrame:
    found = [lake.citizen(table, citizen) for citizen in citizens]
    none = lake.scan(table, []).collect()
    return pl.concat([none, *found]).filter(pl.col("known_at") <= as_of)


def _scanned(
    lake: Lake, table: TableName, citizens: Sequence[int], as_of: datetime
) -> pl.DataFrame:
    """Bucket by bucket, and of each only those citizens' rows."""
    asked = pl.Series("citizen", citizens, pl.Int64)
    found = [
        lake.scan(table, [bucket])
        .filter(pl.col("citizen").is_in(asked.implode()), pl.col("known_at") <= as_of)
        .collect()
        for bucket in sorted({lake.bucket_of(citizen) for citizen in citizens})
    ]
    return pl.concat(found)


def _revisions(lake: Lake, citizens: Sequence[int]) -> pl.DataFrame | None:
    buckets = {lake.bucket_of(citizen) for citizen in citizens}
    revisions = bucket_revisions(lake, sorted(buckets))
    if revisions is None:
        return None
    asked = pl.Series("citizen", citizens, pl.Int64)
    return revisions.filter(pl.col("citizen").is_in(asked.implode())).select(REVISIONS.names())
