"""The lake: Delta tables by citizen bucket.

Tables with citizens are partitioned by ``bucket`` and sorted by citizen inside a file, so that
the population is one scan and one citizen a read of a few row groups. An append may carry a
transaction (a load and its chunk number): what was committed is never committed again.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from fcntl import LOCK_EX, LOCK_NB, flock
from pathlib import Path
from typing import Literal

import polars as pl
from deltalake import (
    CommitProperties,
    DeltaTable,
    Transaction,
    WriterProperties,
    write_deltalake,
)
from deltalake.exceptions import TableNotFoundError

from features.errors import VoorzetError
from features.events import EVENTS
from features.facts import FACTS
from features.links import LINKS
from features.loads import LOADS
from features.quarantine import QUARANTINE
from features.relations import RELATIONS
from features.revisions import REVISIONS

TableName = Literal[
    "events", "facts", "protected", "relations", "revisions", "links", "quarantine", "loads"
]


@dataclass(frozen=True, slots=True)
class _Layout:
    schema: pl.Schema
    sort: tuple[str, ...]
    bucketed: bool = True


_LAYOUTS: dict[str, _Layout] = {
    "events": _Layout(EVENTS, ("citizen", "occurred_at", "order", "event_id")),
    "facts": _Layout(FACTS, ("citizen", "name", "valid_from", "order", "fact_id")),
    "protected": _Layout(FACTS, ("citizen", "name", "valid_from", "order", "fact_id")),
    "relations": _Layout(RELATIONS, ("citizen", "kind", "valid_from", "order", "relation_id")),
    "revisions": _Layout(REVISIONS, ("citizen", "known_at", "order", "revision_id")),
    "links": _Layout(LINKS, ("alias",), bucketed=False),
    "quarantine": _Layout(QUARANTINE, ("source", "row"), bucketed=False),
    "loads": _Layout(LOADS, ("landed_at",), bucketed=False),
}

TABLES: tuple[str, ...] = tuple(_LAYOUTS)
CITIZEN_TABLES: tuple[str, ...] = tuple(name for name, kind in _LAYOUTS.items() if kind.bucketed)


def columns_of(table: str) -> list[str]:
    """The columns of a table of the lake."""
    return _LAYOUTS[table].schema.names()


_WRITER = WriterProperties(compression="ZSTD", compression_level=3, max_row_group_size=16_384)
_STATISTICS = {"delta.dataSkippingStatsColumns": "citizen"}


class Lake:
    """The tables of one workspace.

    A table is read through a handle that stands still, so that one reader sees one version;
    :meth:`refresh` moves on to the newest. Writing refreshes the table written.

    Parameters
    ----------
    uri
        A folder, or an object store's address.
    buckets
        Over how many buckets citizens are spread. Fixed once a lake holds data.
    storage_options
        Passed on to the object store.
    """

    def __init__(
        self,
        uri: str,
        *,
        buckets: int = 16,
        storage_options: Mapping[str, str] | None = None,
    ) -> None:
        self.uri = str(uri).rstrip("/")
        self.buckets = buckets
        self._options = dict(storage_options) if storage_options else None
        self._held: dict[str, DeltaTable] = {}
        self._files: dict[str, pl.DataFrame] = {}

    # -- what is there ---------------------------------------------------------------------

    def exists(self, table: str) -> bool:
        """Whether anything was ever written to ``table``."""
        return self._table(table) is not None

    def version(self, table: str) -> int:
        """The Delta version of ``table``; -1 when it is absent."""
        held = self._table(table)
        return -1 if held is None else held.version()

    def versions(self) -> dict[str, int]:
        """The version of every table that exists."""
        return {table: self.version(table) for table in TABLES if self.exists(table)}

    def rows(self, table: str) -> int:
        """How many rows ``table`` holds, from its log alone."""
        return int(self._file_list(table)["num_records"].sum())

    def checksum(self) -> str:
        """A reference to the content as it stands, for the record of a training run."""
        content = {table: [version, self.rows(table)] for table, version in self.versions().items()}
        return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()

    def refresh(self) -> None:
        """See what others have written since."""
        self._held.clear()
        self._files.clear()

    def bucket_of(self, citizen: int) -> int:
        """The bucket that ``citizen`` is kept in."""
        return citizen % self.buckets

    # -- reading ---------------------------------------------------------------------------

    def scan(self, table: str, buckets: Iterable[int] | None = None) -> pl.LazyFrame:
        """``table``, or the part of it in ``buckets``, lazily. Empty when the table is absent."""
        files = self._file_list(table)
        if buckets is not None and _LAYOUTS[table].bucketed:
            files = files.filter(pl.col("bucket").is_in(list(buckets)))
        return self._read(table, files)

    def citizen(self, table: str, citizen: int) -> pl.DataFrame:
        """One citizen's rows of ``table`` (its schema), in the order of the table."""
        files = self._file_list(table).filter(
            pl.col("bucket") == self.bucket_of(citizen),
            pl.col("lowest") <= citizen,
            pl.col("highest") >= citizen,
        )
        rows = self._read(table, files).filter(pl.col("citizen") == citizen)
        return rows.collect().sort(_LAYOUTS[table].sort)

    def _read(self, table: str, files: pl.DataFrame) -> pl.LazyFrame:
        schema = _LAYOUTS[table].schema
        if files.is_empty():
            return pl.LazyFrame(schema=schema)
        paths = [f"{self._uri(table)}/{path}" for path in files["path"]]
        return pl.scan_parquet(
            paths, schema=schema, glob=False, hive_partitioning=False, storage_options=self._options
        )

    # -- writing ---------------------------------------------------------------------------

    @contextmanager
    def sole_writer(self) -> Iterator[None]:
        """Hold the right to write to a lake in a local folder.

        Raises
        ------
        VoorzetError
            When another process holds it. A process that dies lets go of it.
        """
        if "://" in self.uri:
            yield
            return
        folder = Path(self.uri)
        folder.mkdir(parents=True, exist_ok=True)
        with (folder / ".writer").open("w") as held:
            try:
                flock(held, LOCK_EX | LOCK_NB)
            except BlockingIOError as fault:
                raise VoorzetError(
                    f"{self.uri}: another process is writing to this lake; try again later"
                ) from fault
            yield

    def append(
        self, table: str, frame: pl.DataFrame, transaction: tuple[str, int] | None = None
    ) -> int:
        """Add the rows of ``frame`` in one commit; returns how many were added.

        With a ``transaction`` (application, number) that was committed before, or a later number
        of the same application, nothing is added. An empty frame makes no commit.
        """
        if frame.is_empty() or (transaction and self.committed(table, transaction)):
            return 0
        held = self._table(table)
        new = self._laid_out(table, frame)
        write_deltalake(
            self._uri(table) if held is None else held,
            new,
            mode="append",
            partition_by=["bucket"] if _LAYOUTS[table].bucketed else None,
            description=f"buckets={self.buckets}",
            configuration=_STATISTICS if held is None and _LAYOUTS[table].bucketed else None,
            storage_options=self._options,
            writer_properties=_WRITER,
            commit_properties=_commit(transaction, frame.height),
        )
        self._forget_files(table)
        return frame.height

    def committed(self, table: str, transaction: tuple[str, int]) -> bool:
        """Whether ``transaction``, or a later one of the same application, is in ``table``."""
        held = self._table(table)
        last = None if held is None else held.transaction_version(transaction[0])
        return last is not None and last >= transaction[1]

    def landed(self, table: str, application: str) -> int:
        """How many rows the transactions of ``application`` added to ``table``."""
        held = self._table(table)
        if held is None or held.transaction_version(application) is None:
            return 0
        commits = (entry for entry in held.history() if entry.get("application") == application)
        return sum(int(entry["rows"]) for entry in commits)

    def rekey(self, table: str, aliases: pl.DataFrame) -> int:
        """Move the rows of each ``alias`` to its ``citizen`` (Int64 columns), in one commit.

        Doing it again does nothing. Returns how many rows moved.
        """
        held = self._table(table)
        if held is None:
            return 0
        here = self.scan(table).select("citizen").unique().collect()["citizen"]
        moving = aliases.filter(pl.col("alias").is_in(here.implode()))
        if moving.is_empty():
            return 0
        source = moving.select("alias", "citizen", bucket=self._bucket())
        outcome = (
            held.merge(
                source,
                "kept.citizen = moved.alias",
                source_alias="moved",
                target_alias="kept",
                writer_properties=_WRITER,
            )
            .when_matched_update(
                {
                    "citizen": "moved.citizen",
                    "bucket": "moved.bucket",
                    "alias": "coalesce(kept.alias, moved.alias)",
                }
            )
            .execute()
        )
        self._forget_files(table)
        return int(outcome["num_target_rows_updated"])

    def rekey_relatives(self, aliases: pl.DataFrame) -> int:
        """As :meth:`rekey`, for the relatives named in ``relations``."""
        held = self._table("relations")
        if held is None:
            return 0
        here = self.scan("relations").select("relative").unique().collect()["relative"]
        moving = aliases.filter(pl.col("alias").is_in(here.drop_nulls().implode()))
        if moving.is_empty():
            return 0
        outcome = (
            held.merge(
                moving.select("alias", "citizen"),
                "kept.relative = moved.alias",
                source_alias="moved",
                target_alias="kept",
                writer_properties=_WRITER,
            )
            .when_matched_update({"relative": "moved.citizen"})
            .execute()
        )
        self._forget_files("relations")
        return int(outcome["num_target_rows_updated"])

    def compact(self, *, above: int = 1) -> int:
        """Rewrite every bucket (or table without) of more than ``above`` files as one, sorted.

        Each bucket is a commit of its own; the rows stay the same. Returns how many buckets were
        rewritten. Earlier versions can still be read until the table is vacuumed.
        """
        rewritten = 0
        for table in TABLES:
            counts = self._file_list(table).group_by("bucket").len().sort("bucket")
            for bucket in counts.filter(pl.col("len") > above)["bucket"]:
                self._rewrite(table, bucket)
                rewritten += 1
        return rewritten

    def _rewrite(self, table: str, bucket: int | None) -> None:
        """One bucket as one sorted file; the whole table where it has no buckets."""
        rows = self.scan(table, None if bucket is None else [bucket]).collect()
        write_deltalake(
            self._table(table) or self._uri(table),
            self._laid_out(table, rows),
            mode="overwrite",
            predicate=None if bucket is None else f"bucket = {bucket}",
            target_file_size=1 << 30,
            writer_properties=_WRITER,
        )
        self._forget_files(table)

    def _laid_out(self, table: str, frame: pl.DataFrame) -> pl.DataFrame:
        layout = _LAYOUTS[table]
        rows = frame.select(layout.schema.names()).sort(layout.sort)
        if rows.schema != layout.schema:
            raise TypeError(f"{table}: expected {layout.schema}, got {rows.schema}")
        return rows.with_columns(bucket=self._bucket()) if layout.bucketed else rows

    def _bucket(self) -> pl.Expr:
        return (pl.col("citizen") % self.buckets).cast(pl.Int32)

    # -- handles ---------------------------------------------------------------------------

    def _uri(self, table: str) -> str:
        if table not in _LAYOUTS:
            raise KeyError(f"the lake has no table {table}")
        return f"{self.uri}/{table}"

    def _table(self, table: str) -> DeltaTable | None:
        if table in self._held:
            return self._held[table]
        try:
            held = DeltaTable(self._uri(table), storage_options=self._options)
        except TableNotFoundError:
            return None
        if held.metadata().description != f"buckets={self.buckets}":
            raise VoorzetError(
                f"{self._uri(table)}: made with {held.metadata().description}, opened with "
                f"buckets={self.buckets}; open the lake with the number it was made with"
            )
        self._held[table] = held
        return held

    def _file_list(self, table: str) -> pl.DataFrame:
        """``path, num_records, bucket, lowest, highest`` (the range of citizens) of each file."""
        if table not in self._files:
            self._files[table] = self._list_files(table)
        return self._files[table]

    def _list_files(self, table: str) -> pl.DataFrame:
        schema: dict[str, type[pl.DataType]] = {
            "path": pl.String,
            "num_records": pl.Int64,
            "bucket": pl.Int32,
            "lowest": pl.Int64,
            "highest": pl.Int64,
        }
        held = self._table(table)
        if held is None:
            return pl.DataFrame(schema=schema)
        files = pl.DataFrame(held.get_add_actions(flatten=True))
        named = {
            "partition.bucket": "bucket",
            "min.citizen": "lowest",
            "max.citizen": "highest",
        }
        files = files.rename({old: new for old, new in named.items() if old in files.columns})
        missing = [pl.lit(None).alias(name) for name in schema if name not in files.columns]
        return (
            files.with_columns(missing).select(schema.keys()).cast(pl.Schema(schema)).sort("path")
        )

    def _forget_files(self, table: str) -> None:
        self._files.pop(table, None)


def _commit(transaction: tuple[str, int] | None, rows: int) -> CommitProperties | None:
    if transaction is None:
        return None
    application, number = transaction
    return CommitProperties(
        custom_metadata={"application": application, "rows": str(rows)},
        app_transactions=[Transaction(application, number)],
    )
