"""Revising: the rows of ``revisions`` that the corrections and withdrawals of a chunk make.

All that is said of a record (its versions, its withdrawals) ends the versions known before. A
version that something ends gets a row under its own citizen, whichever of the two came in first.
A row only ever adds that something ended, so deliveries may come in any order, and again.
"""

from __future__ import annotations

import numpy as np
import polars as pl

from features.known_records import KnownRecords
from features.lake import Lake
from features.pseudonyms import Pseudonyms
from features.revisions import REVISIONS
from features.row_ids import occurrence_ids, row_lanes
from features.seen import Seen
from features.tables import columns_of

_SAID = ("record_id", "citizen", "alias", "known_at", "order", "withdrawn")
_KEY = ("record_id", "told", "known_at", "withdrawn")
"""What tells two revisions apart; ``told`` is the pseudonym as delivered, which no link moves."""

_NATURAL = {
    "facts": ("citizen", "name", "valid_from"),
    "protected": ("citizen", "name", "valid_from"),
    "relations": ("citizen", "kind", "relative", "valid_from"),
}
"""What a record is known by where its source gives it no id (its source beside it)."""


def known_by(
    table: str, records: pl.DataFrame, source: str, key: bytes, *, revisable: bool
) -> pl.DataFrame:
    """``records`` of an output that may change: a fact or relation without an id gets one out
    of what it is known by, and ``\\0versioned`` says which may have several versions."""
    column = columns_of(table)[0]
    natural = records[column].is_null()
    if table == "events" or not natural.any():
        natural = natural & False
        return records.with_columns(_marks(natural, revisable=revisable))
    what = records.select(_NATURAL[table])
    lanes = row_lanes(what, key, "\0".join((source, table, "known by")))
    ids = occurrence_ids(lanes, np.zeros(records.height, dtype=np.uint64))
    named = ids.zip_with(natural, records[column]).alias(column)
    return records.with_columns(named, *_marks(natural, revisable=revisable))


class Revising:
    """Finds what is to be written to ``revisions``.

    Parameters
    ----------
    known
        Which records are in the lake.
    """

    def __init__(self, lake: Lake, known: KnownRecords, pseudonyms: Pseudonyms) -> None:
        self._lake = lake
        self._known = known
        self._key = pseudonyms.derived_key("records")
        self._revised: dict[tuple[str, str], Seen] = {}

    def rows(
        self,
        table: str,
        source: str,
        records: pl.DataFrame,
        withdrawn: pl.DataFrame,
        fresh: pl.DataFrame,
    ) -> pl.DataFrame:
        """The new rows of :data:`features.revisions.REVISIONS`.

        Parameters
        ----------
        records
            What the chunk brings of ``table``; those that may change have a ``\\0versioned``.
        withdrawn
            What it takes back: the id, citizen, alias, ``known_at`` and order.
        fresh
            Those of the ``records`` that are new.
        """
        withdrawn = self._reaching(table, source, withdrawn)
        asked = self._asked(table, source, records, withdrawn)
        if asked.is_empty():
            return REVISIONS.to_frame()
        column = columns_of(table)[0]
        told = self._told(table, source, asked)
        versions = pl.concat(
            [
                self._versions(table, source, asked),
                _said(fresh.filter(pl.col(column).is_in(asked.implode())), column, withdrawn=False),
            ]
        )
        taken = _said(withdrawn, column, withdrawn=True)
        made = pl.concat([_ended(versions, pl.concat([versions, told, taken])), taken])
        return self._new(_as_told(made), _as_told(told), table, source)

    def add(self, rows: pl.DataFrame) -> None:
        """Take in rows of ``revisions`` that were committed."""
        for (table, source), part in rows.group_by("table", "source"):
            self._seen(str(table), str(source)).add(part["record_id"].hash().to_numpy())

    def _asked(
        self, table: str, source: str, records: pl.DataFrame, withdrawn: pl.DataFrame
    ) -> pl.Series:
        """The ids of which more than one thing may be said."""
        column = columns_of(table)[0]
        taken = withdrawn[column]
        seen = self._seen(table, source)
        if "\0versioned" not in records.columns:
            if seen.is_empty():
                return taken.unique()
            ids = records[column]
            return pl.concat([ids.filter(seen.contains(ids.hash().to_numpy())), taken]).unique()
        ids = records[column]
        changing = records["\0versioned"].is_not_null()
        several = changing & (ids.is_duplicated() | self._known.contains(table, source, ids))
        revised = pl.Series(seen.contains(ids.hash().to_numpy()))
        return pl.concat([ids.filter(several | revised), taken]).unique()

    def _reaching(self, table: str, source: str, withdrawn: pl.DataFrame) -> pl.DataFrame:
        """``withdrawn``, and the records in the lake that are known by the same under another id
        (from before their mapping said that they may change)."""
        if "\0natural" not in withdrawn.columns or not withdrawn["\0natural"].any():
            return withdrawn
        column, known_by = columns_of(table)[0], _NATURAL[table]
        natural = withdrawn.filter("\0natural")
        held = (
            self._lake.scan(table)
            .filter(
                pl.col("source") == source,
                pl.col("citizen").is_in(natural["citizen"].unique().implode()),
            )
            .select(column, *known_by)
            .unique()
            .collect()
        )
        found = natural.drop(column).join(held, on=list(known_by), nulls_equal=True)
        both = pl.concat([withdrawn, found.select(withdrawn.columns)])
        return both.unique([column, "known_at"], keep="first", maintain_order=True)

    def _versions(self, table: str, source: str, ids: pl.Series) -> pl.DataFrame:
        """The versions in the lake, as :data:`_SAID`."""
        column = columns_of(table)[0]
        held = self._lake.scan(table).filter(
            pl.col("source") == source, pl.col(column).is_in(ids.implode())
        )
        return _said(held.select(column, *_SAID[1:-1]).collect(), column, withdrawn=False)

    def _told(self, table: str, source: str, ids: pl.Series) -> pl.DataFrame:
        """The revisions in the lake, as :data:`_SAID`."""
        held = self._lake.scan("revisions").filter(
            pl.col("table") == table,
            pl.col("source") == source,
            pl.col("record_id").is_in(ids.implode()),
        )
        return held.select(_SAID).collect()

    def _new(self, made: pl.DataFrame, told: pl.DataFrame, table: str, source: str) -> pl.DataFrame:
        key = list(_KEY)
        new = made.unique(key, keep="first", maintain_order=True)
        new = new.join(told, on=key, how="anti", maintain_order="left")
        context = "\0".join((source, table, "revision"))
        lanes = row_lanes(new.select(key), self._key, context)
        ids = occurrence_ids(lanes, np.zeros(new.height, dtype=np.uint64))
        return new.with_columns(
            ids.alias("revision_id"), pl.lit(table).alias("table"), pl.lit(source).alias("source")
        ).select(REVISIONS.names())

    def _seen(self, table: str, source: str) -> Seen:
        if (table, source) not in self._revised:
            held = self._lake.scan("revisions").filter(
                pl.col("table") == table, pl.col("source") == source
            )
            seen = Seen()
            seen.add(held.select("record_id").collect()["record_id"].hash().to_numpy())
            self._revised[table, source] = seen
        return self._revised[table, source]


def _marks(natural: pl.Series, *, revisable: bool) -> tuple[pl.Series, pl.Series]:
    return natural.alias("\0natural"), (natural | revisable).alias("\0versioned")


def _said(records: pl.DataFrame, column: str, *, withdrawn: bool) -> pl.DataFrame:
    return records.rename({column: "record_id"}).select(
        *_SAID[:-1], pl.lit(withdrawn).alias("withdrawn")
    )


def _as_told(said: pl.DataFrame) -> pl.DataFrame:
    return said.with_columns(told=pl.coalesce("alias", "citizen"))


def _ended(versions: pl.DataFrame, said: pl.DataFrame) -> pl.DataFrame:
    """By what each version was ended, if by anything: the first that was known after it, or the
    withdrawal that was known with it."""
    pair = versions.join(said, on="record_id", suffix="\0by", maintain_order="left_right")
    at, by = pl.col("known_at"), pl.col("known_at\0by")
    ended = pair.filter((at < by) | ((at == by) & pl.col("withdrawn\0by")))
    first = ended.sort(
        "known_at\0by",
        "withdrawn\0by",
        "order\0by",
        descending=[False, True, False],
        maintain_order=True,
    ).unique(["record_id", "citizen", "known_at"], keep="first", maintain_order=True)
    return first.select(
        "record_id",
        "citizen",
        "alias",
        by.alias("known_at"),
        pl.col("order\0by").alias("order"),
        pl.col("withdrawn\0by").alias("withdrawn"),
    )
