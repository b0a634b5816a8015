"""Relatives' own records: a second pass through the dated relations, for signals over them.

No more is read than the pack asks: nothing when it has no ``household:``, and otherwise the records
of whoever is a relative of an asked kind at ``as_of``, as far as that was known. Relatives live in
any bucket, so each bucket that holds some is read for those citizens alone; what is held is bounded
by the relatives of one bucket.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

import polars as pl

from features.domain import Sensitivity
from features.lake import Lake, TableName
from features.pack import Pack
from features.recorded import of_bucket, of_citizens
from features.records import Records, known_records
from features.relatives import held_relations
from features.remembered import empty_frame
from features.tables import LAYOUT

FEW = 32
"""So many relatives are looked up one by one; more are filtered out of their buckets."""


def with_relatives(records: Records, lake: Lake, pack: Pack) -> Records:
    """``records`` with those of the relatives that the pack asks of.

    Whoever objected (:attr:`features.lake.Lake.objections`) is not read: they are as unknown as
    somebody of whom there is no record.
    """
    if not pack.domain.household:
        return records
    relatives = relatives_of(records, pack).to_list()
    objected = lake.objections.among(relatives)
    asked = [one for one in relatives if one not in objected]
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
    rows = _looked_up if len(citizens) <= FEW else _filtered
    facts = rows(lake, "facts", citizens, records.as_of)
    return known_records(
        as_of=records.as_of,
        citizens=pl.Series("citizen", citizens, pl.Int64),
        events=rows(lake, "events", citizens, records.as_of),
        facts=facts.filter(pl.col("name").is_in(list(pack.facts(Sensitivity.FREE)))),
        relations=rows(lake, "relations", citizens, records.as_of),
        sources=records.sources,
    )


def _looked_up(
    lake: Lake, table: TableName, citizens: Sequence[int], as_of: datetime
) -> pl.DataFrame:
    if not citizens:
        return empty_frame(LAYOUT[table].schema)
    return of_citizens(lake, table, citizens, as_of)


def _filtered(
    lake: Lake, table: TableName, citizens: Sequence[int], as_of: datetime
) -> pl.DataFrame:
    """Bucket by bucket, and of each only those citizens' rows."""
    asked = pl.Series("citizen", citizens, pl.Int64)
    buckets = sorted({lake.bucket_of(citizen) for citizen in citizens})
    return pl.concat([of_bucket(lake, table, bucket, as_of, among=asked) for bucket in buckets])
