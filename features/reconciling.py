"""Reconciling: the records of rows that are no longer in a source's database are taken back.

A watermark sees what was added or changed, and nothing of a row that was deleted. So now and then
only the keys of all rows are read, and each record whose key is gone is withdrawn
(:mod:`features.revisions`). It is known from that moment: seen from an earlier date it still is.

A mapping says by ``may_vanish`` that a deletion means this, and what share of a source's records
may go at once: a query that lost its rows, or a table that was emptied, then takes nothing back.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

import polars as pl

from features.domain import Sensitivity
from features.errors import SourceError
from features.ingest import door_of
from features.known_records import KnownRecords
from features.lake import Lake
from features.pack import Pack
from features.pseudonyms import Pseudonyms
from features.pulled import databases
from features.record_ids import IDS
from features.revising import Revising
from features.revisions import everyone_standing
from features.row_ids import MADE
from features.sources.mapped_ids import mapped_ids, telling_columns
from features.sources.mapping import EventMapping, FactMapping, FileMapping, RecordMapping
from features.sources.mapping_rows import Door
from features.sources.row_keys import row_keys
from features.tables import LAYOUT, columns_of


@dataclass(frozen=True, slots=True)
class Reconciled:
    """What became of one table of one source.

    Parameters
    ----------
    records
        How many stood, that the source's database had given.
    gone
        How many of them have no row any more.
    problem
        Why nothing was taken back; None when all that are gone were.
    """

    source: str
    table: str
    records: int = 0
    gone: int = 0
    problem: str | None = None

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return asdict(self)


def reconcile_database(
    pack: Pack,
    lake: Lake,
    pseudonyms: Pseudonyms,
    database: str,
    connection: Any,
    *,
    now: datetime,
    may_vanish: float | None = None,
) -> list[Reconciled]:
    """Take back the records of rows that are gone from a database.

    Parameters
    ----------
    database, connection, now
        As for :func:`features.pulled.ingest_database`, after which this is run.
    may_vanish
        The share that may go, in the place of what the mappings say.

    Only mappings with ``may_vanish`` take part; the result is empty without any.

    Raises
    ------
    VoorzetError
        When another process is writing to the lake.
    """
    with lake.sole_writer():
        lake.refresh()
        door = door_of(lake, pack, pseudonyms, now)
        work = _Work(lake, door, Revising(lake, KnownRecords(lake, pack), pseudonyms))
        found = []
        for source, mappings in _asked(pack, database).items():
            own = min(one.may_vanish or 1.0 for one in mappings)
            limit = own if may_vanish is None else may_vanish
            found += work.source(source, mappings, connection, limit)
    return found


def _asked(pack: Pack, database: str) -> dict[str, list[FileMapping]]:
    asked: dict[str, list[FileMapping]] = {}
    for source, mapping in databases(pack).get(database, []):
        if mapping.may_vanish is not None:
            asked.setdefault(source, []).append(mapping)
    return asked


class _Work:
    """What the sources of one reconciliation share."""

    def __init__(self, lake: Lake, door: Door, revising: Revising) -> None:
        self._lake = lake
        self._door = door
        self._revising = revising

    def source(
        self, source: str, mappings: Sequence[FileMapping], connection: Any, limit: float
    ) -> list[Reconciled]:
        """Take back what is gone of each table of ``source``."""
        tables = sorted({_table(one, self._door.pack) for file in mappings for one in file.outputs})
        try:
            there = self._there(mappings, connection)
        except SourceError as fault:
            return [Reconciled(source, table, problem=fault.problem) for table in tables]
        return [self._table(source, table, there[table], limit) for table in tables]

    def _there(self, mappings: Sequence[FileMapping], connection: Any) -> dict[str, pl.Series]:
        """The ids of the rows that are there, by table."""
        parts: dict[str, list[pl.Series]] = {}
        for file in mappings:
            for table, ids in self._ids(file, connection):
                parts.setdefault(table, []).append(ids.unique())
        nothing = pl.Series([], dtype=pl.String)
        return {
            table: pl.concat([nothing, *parts.get(table, [])]).unique()
            for table in ("events", "facts", "protected", "relations")
        }

    def _ids(self, file: FileMapping, connection: Any) -> Iterator[tuple[str, pl.Series]]:
        scrub, telling = self._door.scrubber, telling_columns(file)
        for frame in row_keys(connection, file):
            identities = tuple(frame[column] for column in telling)
            for output in file.outputs:
                ids = mapped_ids(output, frame, identities, scrub).drop_nulls()
                yield _table(output, self._door.pack), ids.rename("id")

    def _table(self, source: str, table: str, there: pl.Series, limit: float) -> Reconciled:
        standing = self._standing(source, table)
        gone = _without(standing, there, IDS[table])
        records, vanished = standing[IDS[table]].n_unique(), gone[IDS[table]].n_unique()
        if vanished > limit * records:
            problem = (
                f"{vanished:,} of {records:,} records are no longer in the database, more than "
                f"{limit:.3%}: nothing was taken back. See whether the query still gives all its "
                "rows; if so, allow a larger share once"
            )
            return Reconciled(source, table, records, vanished, problem)
        if vanished:
            self._withdraw(source, table, gone)
        return Reconciled(source, table, records, vanished)

    def _standing(self, source: str, table: str) -> pl.DataFrame:
        """The records of ``source`` that are true now and have an id of the source's own."""
        column = IDS[table]
        held = everyone_standing(self._lake, table, self._door.now).filter(
            pl.col("source") == source, ~pl.col(column).str.contains(MADE)
        )
        return held.select(column, "citizen", "alias", "order").collect()

    def _withdraw(self, source: str, table: str, gone: pl.DataFrame) -> None:
        known_at = pl.lit(self._door.now).cast(LAYOUT[table].schema["known_at"])
        withdrawn = gone.with_columns(known_at.alias("known_at"))
        none = LAYOUT[table].schema.to_frame()
        rows = self._revising.rows(table, source, none, withdrawn, none)
        self._lake.append("revisions", rows.select(columns_of("revisions")))


def _table(output: RecordMapping, pack: Pack) -> str:
    if isinstance(output, EventMapping):
        return "events"
    if isinstance(output, FactMapping):
        return "facts" if output.name in pack.facts(Sensitivity.FREE) else "protected"
    return "relations"


def _without(standing: pl.DataFrame, there: pl.Series, column: str) -> pl.DataFrame:
    """Those ``standing`` whose id is not ``there``: neither itself, nor what it numbers
    (:func:`features.record_ids.told_apart`)."""
    base = pl.col(column).str.replace(r"#[0-9]+$", "")
    known = there.implode()
    return standing.filter(~pl.col(column).is_in(known), ~base.is_in(known))
