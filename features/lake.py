"""The lake: Delta tables by citizen bucket.

Tables with citizens are partitioned by ``bucket`` and sorted by citizen inside a file, so that
the population is one scan and one citizen a read of a few row groups. An append may carry a
transaction (a load and its chunk number): what was committed is never committed again.

A small append does not touch every bucket: it is one file of the *hot* part (bucket -1), which
readers keep in memory. :meth:`Lake.settle` moves the hot part into the buckets in one commit, so a
reader finds each row once, whichever version it holds.
"""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from fcntl import LOCK_EX, LOCK_NB, flock
from itertools import pairwise
from pathlib import Path
from typing import IO, Any, Protocol

import numpy as np
import polars as pl
from deltalake import CommitProperties, DeltaTable, Transaction
from deltalake.exceptions import TableNotFoundError
from deltalake.transaction import AddAction, RemoveAction

from features.arrival_days import joined
from features.errors import VoorzetError
from features.lake_files import HOT, NO_FILES, Places, files_of
from features.objections import NOBODY, Objections
from features.ordering import by_bucket, in_order
from features.parquet_files import CitizenIndex, arrivals_in, write_file
from features.remembered import empty_frame
from features.tables import CITIZEN_TABLES, LAYOUT, TABLES, TableName, columns_of

__all__ = ["HOT", "Lake", "TableName"]

HOT_ROWS = 256
"""An append of fewer rows a bucket than this goes to the hot part."""

_COARSE = 100_000_000
"""Nanoseconds: how coarse the clock of a file system may be, and more."""

_NO_LOG = -1
"""The stamp of a table that is not there."""

_LOG_RETENTION = "delta.logRetentionDuration"
_STATISTICS: dict[str, str | None] = {"delta.dataSkippingStatsColumns": "citizen"}


class Beside(Protocol):
    """Records that were accepted and have not landed yet."""

    def rows(self, lake: Lake, table: str, citizen: int) -> pl.DataFrame | None:
        """The rows of ``table`` about ``citizen`` that ``lake`` as it is held does not have yet:
        the table's schema, in any order. None when there are none."""


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
    versions
        The Delta versions to read, for a reader that must see what another one sees; the newest
        when not given. A table that is not among them is absent.
    beside
        What a read of one citizen takes into account beside the tables.
    objections
        Who objected: their records are not read for a relative's signals.
    patience
        Seconds to wait for another process that is writing.
    """

    def __init__(
        self,
        uri: str,
        *,
        buckets: int = 16,
        storage_options: Mapping[str, str] | None = None,
        versions: Mapping[str, int] | None = None,
        beside: Beside | None = None,
        objections: Objections = NOBODY,
        patience: float = 0.0,
    ) -> None:
        self.uri = str(uri).rstrip("/")
        self.buckets = buckets
        self._options = dict(storage_options) if storage_options else None
        self._versions = dict(versions) if versions is not None else None
        self.beside = beside
        self.objections = objections
        self._patience = patience
        self._held: dict[str, DeltaTable] = {}
        self._stamps: dict[str, int | None] = {}
        self._absent: set[str] = set()
        self._files: dict[str, pl.DataFrame] = {}
        self._places: dict[str, Places] = {}
        self._indexes: dict[str, dict[str, CitizenIndex]] = {}
        self._arrivals: dict[str, dict[str, pl.DataFrame]] = {}
        self._hot: dict[str, tuple[frozenset[str], pl.DataFrame]] = {}

    @property
    def storage_options(self) -> Mapping[str, str]:
        """What is passed on to the object store."""
        return self._options or {}

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

    def files(self, table: str) -> int:
        """Over how many files the rows of ``table`` are spread."""
        return self._file_list(table).height

    def checksum(self) -> str:
        """A reference to the content as it stands, for the record of a training run."""
        content = {table: [version, self.rows(table)] for table, version in self.versions().items()}
        return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()

    def refresh(self) -> None:
        """See what others have written since."""
        self._held.clear()
        self._stamps.clear()
        self._absent.clear()
        self._files.clear()
        self._places.clear()

    def renewed(self) -> Lake:
        """A handle on the newest versions of all tables, which keeps what this one has learned of
        files that are still there. It is this one where nothing was written since."""
        stamps = {table: self._stamp(table) for table in TABLES}
        changed = {name for name, now in stamps.items() if now is None or now != self._seen(name)}
        if not changed:
            return self
        other = Lake(
            self.uri,
            buckets=self.buckets,
            storage_options=self._options,
            versions=self._versions,
            beside=self.beside,
            objections=self.objections,
            patience=self._patience,
        )
        for name in self._held.keys() - changed:
            other._held[name], other._stamps[name] = self._held[name], self._stamps[name]
        other._absent = self._absent - changed
        other._files = {name: one for name, one in self._files.items() if name not in changed}
        other._indexes = {table: dict(files) for table, files in self._indexes.items()}
        other._arrivals = {table: dict(files) for table, files in self._arrivals.items()}
        other._hot = dict(self._hot)
        for name in TABLES:
            other._places_of(name)
        for name in CITIZEN_TABLES:
            other._hot_rows(name)
        return other

    def _seen(self, table: str) -> int | None:
        return _NO_LOG if table in self._absent else self._stamps.get(table)

    def _stamp(self, table: str) -> int | None:
        """What changes whenever a table is written to; None where only opening it can tell."""
        if "://" in self.uri:
            return None
        try:
            return Path(self._uri(table), "_delta_log").stat().st_mtime_ns
        except FileNotFoundError:
            return _NO_LOG

    def bucket_of(self, citizen: int) -> int:
        """The bucket that ``citizen`` is kept in."""
        return citizen % self.buckets

    # -- reading ---------------------------------------------------------------------------

    def scan(self, table: str, buckets: Iterable[int] | None = None) -> pl.LazyFrame:
        """``table``, or the part of it in ``buckets``, lazily. Empty when the table is absent."""
        files = self._file_list(table)
        if buckets is None or not LAYOUT[table].bucketed:
            return self._read(table, files["path"])
        asked = list(buckets)
        cold = self._read(table, files.filter(pl.col("bucket").is_in(asked))["path"])
        hot = self._hot_rows(table)
        if hot.is_empty():
            return cold
        return pl.concat([cold, hot.lazy().filter(self.bucket.is_in(asked))])

    def citizen(
        self, table: str, citizen: int, columns: Iterable[str] | None = None
    ) -> pl.DataFrame:
        """One citizen's rows of ``table`` (its schema, or ``columns`` of it), file by file, and
        what is :class:`Beside` it: whoever needs them in order sees to it
        (:func:`features.ordering.in_order`)."""
        rows = self.landed_rows(table, citizen, columns)
        if self.beside is None or (new := self.beside.rows(self, table, citizen)) is None:
            return rows
        return pl.concat([rows, new.select(rows.columns)])

    def landed_rows(
        self, table: str, citizen: int, columns: Iterable[str] | None = None
    ) -> pl.DataFrame:
        """The same, out of the tables alone."""
        wanted = columns_of(table) if columns is None else list(columns)
        paths = self._paths_of(table, citizen)
        parts = [self._of_citizen(table, path, citizen, wanted) for path in paths]
        if not (hot := self._hot_rows(table)).is_empty():
            first = hot["citizen"].search_sorted(citizen, side="left")
            end = hot["citizen"].search_sorted(citizen, side="right")
            parts.append(hot.slice(first, end - first).select(wanted))
        if len(parts) == 1:
            return parts[0]
        return pl.concat([empty_frame(LAYOUT[table].schema)[wanted], *parts])

    def _of_citizen(self, table: str, path: str, citizen: int, columns: list[str]) -> pl.DataFrame:
        if "://" in self.uri:
            every = self._read(table, pl.Series([path]))
            return every.filter(pl.col("citizen") == citizen).select(columns).collect()
        held = self._indexes.setdefault(table, {})
        if path not in held:
            held[path] = CitizenIndex.of(f"{self._uri(table)}/{path}")
        rows = held[path].rows(citizen, columns)
        schema = LAYOUT[table].schema
        alike = all(dtype == schema[name] for name, dtype in zip(columns, rows.dtypes, strict=True))
        return rows if alike else rows.cast(pl.Schema({name: schema[name] for name in columns}))

    def _paths_of(self, table: str, citizen: int) -> list[str]:
        """The files of the citizen's bucket whose range of citizens takes it in."""
        there = self._places_of(table)
        mine = there.bucket == self.bucket_of(citizen)
        mine &= (there.lowest <= citizen) & (there.highest >= citizen)
        return [there.paths[place] for place in np.flatnonzero(mine)]

    def _hot_rows(self, table: str) -> pl.DataFrame:
        """The hot part of ``table``, sorted; held in memory until its files change."""
        paths = self._places_of(table).hot
        if table not in self._hot:
            self._hot[table] = (frozenset(), empty_frame(LAYOUT[table].schema))
        held, rows = self._hot[table]
        if held != paths:
            kept = [rows] if held <= paths else []
            new = pl.Series(sorted(paths - held if kept else paths), dtype=pl.String)
            found = self._read(table, new).collect()
            rows = pl.concat([*kept, found]).sort(LAYOUT[table].sort)
            self._hot[table] = (paths, rows)
        return rows

    def _read(self, table: str, paths: pl.Series) -> pl.LazyFrame:
        schema = LAYOUT[table].schema
        if paths.is_empty():
            return pl.LazyFrame(schema=schema)
        return pl.scan_parquet(
            [f"{self._uri(table)}/{path}" for path in paths],
            schema=schema,
            glob=False,
            hive_partitioning=False,
            storage_options=self._options,
        )

    def arrivals(self, table: str) -> pl.DataFrame:
        """The days on which each source made something in ``table`` known
        (:data:`features.arrival_days.ARRIVALS`); each file is asked once."""
        paths, held = self._places_of(table).paths, self._arrivals.setdefault(table, {})
        for path in paths:
            if path not in held:
                held[path] = arrivals_in(f"{self._uri(table)}/{path}", self._options)
        return joined([held[path] for path in paths])

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
            until = time.monotonic() + self._patience
            while not _locked(held):
                if time.monotonic() >= until:
                    raise VoorzetError(
                        f"{self.uri}: another process is writing to this lake; try again later"
                    )
                time.sleep(0.05)
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
        rows = _checked(table, frame)
        self._commit(table, self._written(table, rows), [], transaction, frame.height)
        return frame.height

    def committed(self, table: str, transaction: tuple[str, int]) -> bool:
        """Whether ``transaction``, or a later one of the same application, is in ``table``."""
        return self.transaction(table, transaction[0]) >= transaction[1]

    def transaction(self, table: str, application: str) -> int:
        """The number of the last transaction of ``application`` in ``table``; -1 without one."""
        held = self._table(table)
        last = None if held is None else held.transaction_version(application)
        return -1 if last is None else last

    def landed(self, table: str, application: str) -> int:
        """How many rows the transactions of ``application`` added to ``table``."""
        held = self._table(table)
        if held is None or held.transaction_version(application) is None:
            return 0
        commits = (entry for entry in held.history() if entry.get("application") == application)
        return sum(int(entry["rows"]) for entry in commits)

    def change(
        self, table: str, change: Callable[[DeltaTable], Mapping[str, Any]]
    ) -> Mapping[str, Any]:
        """Let ``change`` make a commit of its own on ``table``; what came of it, and nothing where
        there is no such table."""
        held = self._table(table)
        if held is None:
            return {}
        outcome = change(held)
        self._forget_files(table)
        return outcome

    def compact(self, *, above: int = 1) -> int:
        """Rewrite every bucket (or table without) of more than ``above`` files as one, sorted.

        The hot part is settled first when it has more files than that. Each bucket is a commit of
        its own; the rows stay the same. Returns how many buckets were rewritten. Earlier versions
        can still be read until the table is vacuumed.
        """
        rewritten = 0
        for table in TABLES:
            hot = self._file_list(table).filter(pl.col("bucket") == HOT)
            if hot.height > above:
                self.settle(table)
            counts = self._file_list(table).group_by("bucket").len().sort("bucket")
            for bucket in counts.filter(
                pl.col("len") > above, (pl.col("bucket") != HOT).fill_null(value=True)
            )["bucket"]:
                self._rewrite(table, bucket)
                rewritten += 1
        return rewritten

    def settle(self, table: str) -> int:
        """Move the hot part of ``table`` into its buckets, in one commit; returns its rows."""
        hot = self._hot_rows(table)
        if hot.is_empty():
            return 0
        files = self._file_list(table).filter(pl.col("bucket") == HOT)["path"]
        self._commit(table, self._in_buckets(table, hot), list(files))
        return hot.height

    def replace(self, table: str, bucket: int | None, rows: pl.DataFrame) -> None:
        """Put ``rows`` in place of a bucket (of the whole table where it has none), what of it
        was in the hot part included. The commit names the bucket and nobody in it."""
        files = self._file_list(table)
        if bucket is not None:
            self.settle(table)
            files = self._file_list(table).filter(pl.col("bucket") == bucket)
        new = []
        if not rows.is_empty():
            ordered = in_order(_checked(table, rows), LAYOUT[table].sort)
            new.append(write_file(self._uri(table), ordered, bucket, self._options))
        self._commit(table, new, list(files["path"]))

    def forget_history(self, table: str) -> int:
        """Delete the files and log entries of ``table`` that its newest version does not need.

        The log's entries tell the lowest and highest citizen of each file, of files long gone
        too; a checkpoint takes over what still holds (transactions included). Returns how many
        files with rows were deleted.
        """
        self._held.pop(table, None)
        held = self._table(table)
        if held is None:
            return 0
        gone = held.vacuum(0, dry_run=False, enforce_retention_duration=False, full=True)
        held.alter.set_table_properties({_LOG_RETENTION: "interval 0 days"})
        held.create_checkpoint()
        held.cleanup_metadata()
        held.alter.set_table_properties({_LOG_RETENTION: "interval 30 days"})
        self._forget_files(table)
        return len(gone)

    def _rewrite(self, table: str, bucket: int | None) -> None:
        """One bucket as one sorted file; the whole table where it has no buckets."""
        files = self._file_list(table)
        if bucket is not None:
            files = files.filter(pl.col("bucket") == bucket)
        rows = in_order(self._read(table, files["path"]).collect(), LAYOUT[table].sort)
        new = [write_file(self._uri(table), rows, bucket, self._options)]
        self._commit(table, new, list(files["path"]))

    def _written(self, table: str, rows: pl.DataFrame) -> list[AddAction]:
        """``rows`` as new files: one when they are few, or one a bucket."""
        if LAYOUT[table].bucketed and rows.height >= HOT_ROWS * self.buckets:
            return self._in_buckets(table, rows)
        hot = HOT if LAYOUT[table].bucketed else None
        rows = in_order(rows, LAYOUT[table].sort)
        return [write_file(self._uri(table), rows, hot, self._options)]

    def _in_buckets(self, table: str, rows: pl.DataFrame) -> list[AddAction]:
        """``rows`` as a new file a bucket."""
        rows, ends = by_bucket(rows, self.buckets, LAYOUT[table].sort)
        return [
            write_file(self._uri(table), rows.slice(start, end - start), bucket, self._options)
            for bucket, (start, end) in enumerate(pairwise(ends))
            if start < end
        ]

    def _commit(
        self,
        table: str,
        new: list[AddAction],
        old: list[str],
        transaction: tuple[str, int] | None = None,
        rows: int = 0,
    ) -> None:
        """Put the ``new`` files in the place of the ``old`` ones."""
        if self._versions is not None:
            raise VoorzetError(f"{self.uri}: opened at fixed versions, so it is not written to")
        now = int(time.time() * 1000)
        gone = [RemoveAction(path, data_change=True, deletion_timestamp=now) for path in old]
        held = self._table(table) or self._create(table)
        held.create_write_transaction(
            [*new, *gone],
            mode="append",
            schema=held.schema(),
            partition_by=["bucket"] if LAYOUT[table].bucketed else None,
            commit_properties=_properties(transaction, rows),
        )
        self._forget_files(table)

    def _create(self, table: str) -> DeltaTable:
        bucketed = LAYOUT[table].bucketed
        columns = LAYOUT[table].schema.to_frame()
        if bucketed:
            columns = columns.with_columns(bucket=pl.lit(None, pl.Int32))
        DeltaTable.create(
            self._uri(table),
            columns.to_arrow(compat_level=pl.CompatLevel.oldest()).schema,
            mode="ignore",
            partition_by=["bucket"] if bucketed else None,
            description=f"buckets={self.buckets}",
            configuration=_STATISTICS if bucketed else None,
            storage_options=self._options,
        )
        self._absent.discard(table)
        held = self._table(table)
        if held is None:
            raise VoorzetError(f"{self._uri(table)}: the table could not be made")
        return held

    @property
    def bucket(self) -> pl.Expr:
        """The bucket of a row's citizen."""
        return (pl.col("citizen") % self.buckets).cast(pl.Int32)

    # -- handles ---------------------------------------------------------------------------

    def _uri(self, table: str) -> str:
        if table not in LAYOUT:
            raise KeyError(f"the lake has no table {table}")
        return f"{self.uri}/{table}"

    def _table(self, table: str) -> DeltaTable | None:
        if table in self._held:
            return self._held[table]
        if table in self._absent:
            return None
        stamp = self._stamp(table)
        version = None if self._versions is None else self._versions.get(table, -1)
        if version == -1:
            return None
        try:
            held = DeltaTable(self._uri(table), version=version, storage_options=self._options)
        except TableNotFoundError:
            self._absent.add(table)
            return None
        if held.metadata().description != f"buckets={self.buckets}":
            raise VoorzetError(
                f"{self._uri(table)}: made with {held.metadata().description}, opened with "
                f"buckets={self.buckets}; open the lake with the number it was made with"
            )
        if stamp is not None and time.time_ns() - stamp < _COARSE:
            stamp = None  # another commit may follow that the clock cannot tell from this one
        self._held[table], self._stamps[table] = held, stamp
        return held

    def _file_list(self, table: str) -> pl.DataFrame:
        """``path, num_records, bucket, lowest, highest`` (the range of citizens) of each file."""
        if table not in self._files:
            held = self._table(table)
            self._files[table] = NO_FILES.to_frame() if held is None else files_of(held)
        return self._files[table]

    def _places_of(self, table: str) -> Places:
        """The file list as arrays. What was kept of files that are gone is let go."""
        if table not in self._places:
            there = self._places[table] = Places.of(self._file_list(table))
            for held in (self._indexes.get(table, {}), self._arrivals.get(table, {})):
                for path in held.keys() - set(there.paths):
                    del held[path]
        return self._places[table]

    def _forget_files(self, table: str) -> None:
        self._files.pop(table, None)
        self._places.pop(table, None)
        if table in self._held:
            self._held[table].update_incremental()


def _locked(file: IO[str]) -> bool:
    """Whether this process has got the lock on ``file``."""
    try:
        flock(file, LOCK_EX | LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _checked(table: str, frame: pl.DataFrame) -> pl.DataFrame:
    rows = frame.select(columns_of(table))
    if rows.schema != LAYOUT[table].schema:
        raise TypeError(f"{table}: expected {LAYOUT[table].schema}, got {rows.schema}")
    return rows


def _properties(transaction: tuple[str, int] | None, rows: int) -> CommitProperties | None:
    if transaction is None:
        return None
    application, number = transaction
    return CommitProperties(
        custom_metadata={"application": application, "rows": str(rows)},
        app_transactions=[Transaction(application, number)],
    )
