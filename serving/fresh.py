"""Fresh records: what was accepted and is not in the lake as it is held, beside it.

A row of the inbox stays for a while after it has landed, for whoever holds an earlier version of
the lake. Each reader leaves out the batches that its own version of a table has.
"""

from __future__ import annotations

import json
import threading
from dataclasses import dataclass
from typing import Any

import polars as pl
from sqlalchemy import bindparam, select

from features.batches import Waiting, application, records_of
from features.lake import Lake
from features.record_ids import IDS
from features.revisions import REVISIONS
from features.tables import columns_of
from serving.database import Database
from serving.schema import inbox


@dataclass(frozen=True, slots=True)
class _Kept:
    """A message about a citizen that was accepted."""

    application: str
    batch: int | None
    waiting: Waiting

    def is_in(self, lake: Lake, table: str) -> bool:
        """Whether ``lake`` as it is held has what it says for ``table``."""
        return self.batch is not None and lake.committed(table, (self.application, self.batch))


class Fresh:
    """Reads the inbox as :class:`features.lake.Beside`.

    Within a request a citizen's messages are read once: :meth:`look_anew` begins another.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._seen = threading.local()

    def look_anew(self) -> None:
        """Whatever this thread asks next, it asks the database again."""
        self._seen.of = {}

    def rows(self, lake: Lake, table: str, citizen: int) -> pl.DataFrame | None:
        """The rows of ``table`` about ``citizen`` that ``lake`` does not have yet, or None."""
        kept = self._kept(citizen)
        if not kept:
            return None
        if table == "revisions":
            made = _revisions(lake, citizen, kept)
        else:
            made = _new(lake, table, citizen, [one for one in kept if not one.is_in(lake, table)])
        return None if made.is_empty() else made

    def _kept(self, citizen: int) -> list[_Kept]:
        seen: dict[int, list[_Kept]] = self._seen.__dict__.setdefault("of", {})
        if citizen not in seen:
            with self._database.read() as connection:
                rows = connection.execute(_ABOUT, {"of": citizen})
                seen[citizen] = [_read(row) for row in rows]
        return seen[citizen]


_ABOUT = select(inbox).where(inbox.c.citizen == bindparam("of")).order_by(inbox.c.number)


def waiting_of(row: Any) -> Waiting:
    """A row of the inbox as what waits to land."""
    return Waiting(row.number, row.subject, json.loads(row.records))


def _read(row: Any) -> _Kept:
    return _Kept(application(row.source, row.mapping), row.batch, waiting_of(row))


def _said(table: str, citizen: int, kept: list[_Kept]) -> pl.DataFrame:
    """All that ``kept`` say for ``table``, withdrawals included, as it will land."""
    said = records_of(table, [one.waiting for one in kept])
    alias = pl.when(pl.col("citizen") != citizen).then("citizen")
    return said.with_columns(alias.alias("alias"), pl.lit(citizen).alias("citizen"))


def _new(lake: Lake, table: str, citizen: int, kept: list[_Kept]) -> pl.DataFrame:
    """The records that the lake does not have under the same id."""
    said = _said(table, citizen, kept)
    if "\0withdrawn" in said.columns:
        said = said.filter(~pl.col("\0withdrawn").fill_null(value=False))
    once = [IDS[table], "source"]
    if "\0versioned" in said.columns:
        once.append("known_at")
    held = lake.landed_rows(table, citizen, once) if said.height else said.select(once)
    new = said.join(held, on=once, how="anti", maintain_order="left")
    return new.unique(once, keep="first", maintain_order=True).select(columns_of(table))


def _revisions(lake: Lake, citizen: int, kept: list[_Kept]) -> pl.DataFrame:
    """What the messages end, as :data:`features.revisions.REVISIONS`: each version of a record
    that may change ends the versions known before it, and a withdrawal its own too."""
    return pl.concat([REVISIONS.to_frame(), *(_of(lake, t, citizen, kept) for t in IDS)])


def _of(lake: Lake, table: str, citizen: int, kept: list[_Kept]) -> pl.DataFrame:
    waiting = [one for one in kept if not one.is_in(lake, "revisions")]
    said = _said(table, citizen, waiting)
    if not {"\0versioned", "\0withdrawn"} & set(said.columns):
        return REVISIONS.to_frame()
    column = IDS[table]
    taken = pl.lit(value=False)
    if "\0withdrawn" in said.columns:
        taken = pl.col("\0withdrawn").fill_null(value=False)
    told = [column, "source", "known_at", "order"]
    versions = lake.landed_rows(table, citizen, told).join(said, on=column, how="semi")
    every = pl.concat(
        [
            said.select(*told, taken.alias("withdrawn")),
            versions.select(*told, pl.lit(value=False).alias("withdrawn")),
        ]
    )
    return every.select(
        pl.lit("received").alias("revision_id"),
        pl.lit(citizen).alias("citizen"),
        pl.lit(table).alias("table"),
        pl.col(column).alias("record_id"),
        "known_at",
        "withdrawn",
        "source",
        "order",
        pl.lit(None, pl.Int64).alias("alias"),
    )
