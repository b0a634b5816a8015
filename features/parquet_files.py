"""The Parquet files of the lake: written with their statistics, and read a citizen at a time.

A file never changes, so what is read off its footer is kept for as long as the file is in use.
"""

from __future__ import annotations

import io
import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from threading import BoundedSemaphore, Lock
from uuid import uuid4

import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
from deltalake import WriterProperties
from deltalake.fs import DeltaStorageHandler
from deltalake.transaction import AddAction
from numpy.typing import NDArray
from pyarrow.fs import PyFileSystem

from features.arrival_days import arrival_days, noted, read_note

ROW_GROUP, FEW_EACH = 4096, 1024
"""Rows that are read at least when one citizen is asked for; the second where each has few."""

MOST_OPEN = 128
"""Of so many files at most a reader stays open between two readings."""

_WORDS = frozenset(
    "type source case_type actor team channel attributes name value kind scheme reason".split()
)
"""The texts of which a few stand in many rows. The others are not looked through for it."""

_LOWEST, _HIGHEST = -(2**63), 2**63 - 1


def write_file(
    folder: str, frame: pl.DataFrame, bucket: int | None, options: dict[str, str] | None
) -> AddAction:
    """Write ``frame`` as a new file of the table in ``folder``; the file is in the table once the
    action is committed.

    ``bucket`` is its partition, and the range of its citizens is kept beside it.
    """
    name = f"{uuid4().hex}.parquet"
    path = name if bucket is None else f"bucket={bucket}/{name}"
    about: dict[str, str] = {}
    if {"source", "known_at"} <= set(frame.columns):
        about = noted(arrival_days(frame.lazy()))
    size = _write(f"{folder}/{path}", frame, about, options)
    statistics: dict[str, object] = {"numRecords": frame.height}
    if bucket is not None:
        citizens = frame["citizen"]
        statistics |= {
            "minValues": {"citizen": citizens.min()},
            "maxValues": {"citizen": citizens.max()},
            "nullCount": {"citizen": 0},
        }
    return AddAction(
        path=path,
        size=size,
        partition_values={} if bucket is None else {"bucket": str(bucket)},
        modification_time=int(time.time() * 1000),
        data_change=True,
        stats=json.dumps(statistics),
    )


def _write(
    path: str, frame: pl.DataFrame, about: dict[str, str], options: dict[str, str] | None
) -> int:
    """Write one file; returns its size in bytes."""
    if "://" not in path:
        Path(path).parent.mkdir(parents=True, exist_ok=True)
        _as_parquet(frame, Path(path), about)
        return Path(path).stat().st_size
    written = io.BytesIO()
    _as_parquet(frame, written, about)
    folder, _, name = path.rpartition("/")
    store = PyFileSystem(DeltaStorageHandler(folder, options))
    with store.open_output_stream(name) as out:
        out.write(written.getbuffer())
    return written.tell()


def _as_parquet(frame: pl.DataFrame, target: Path | io.BytesIO, about: dict[str, str]) -> None:
    """Only citizens are looked for by their range: rows lie in no order of anything else."""
    rows = frame.to_arrow(compat_level=pl.CompatLevel.oldest())
    texts = frame.select(pl.selectors.string()).columns
    pq.write_table(
        rows.replace_schema_metadata(about),
        target,
        compression="zstd",
        compression_level=1,
        row_group_size=ROW_GROUP if "event_id" in frame.columns else FEW_EACH,
        use_dictionary=[name for name in texts if name in _WORDS],
        write_statistics=[name for name in frame.columns if name == "citizen"],
    )


def arrivals_in(path: str, options: dict[str, str] | None) -> pl.DataFrame:
    """The arrival days of the records in one file: off its footer, or else by reading it."""
    if "://" not in path:
        found = read_note(pq.read_metadata(path).metadata)
        if found is not None:
            return found
    records = pl.scan_parquet(path, glob=False, hive_partitioning=False, storage_options=options)
    return arrival_days(records.select("source", "known_at"))


def merge_writer() -> WriterProperties:
    """How Delta writes a file when it moves rows by itself."""
    return WriterProperties(compression="ZSTD", compression_level=1, max_row_group_size=ROW_GROUP)


class _Reader:
    """A file that stays open between two readings, for to open one takes as long as to read it.

    Two who read at once each have their own, of which one is kept. It is closed when nobody holds
    this any more: when the file has gone from the table.
    """

    _open = BoundedSemaphore(MOST_OPEN)

    def __init__(self, path: str, footer: pq.FileMetaData) -> None:
        self._path, self._footer = path, footer
        self._idle: list[pq.ParquetFile] = []
        self._may_stay = False
        self._lock = Lock()

    @contextmanager
    def lent(self) -> Iterator[pq.ParquetFile]:
        """The open file, for whoever reads it alone."""
        try:
            file = self._idle.pop()
        except IndexError:
            mapped = pa.memory_map(self._path)
            file = pq.ParquetFile(mapped, metadata=self._footer, pre_buffer=False)
        yield file
        with self._lock:
            self._may_stay = self._may_stay or self._open.acquire(blocking=False)
            stays = self._may_stay and not self._idle
            if stays:
                self._idle.append(file)
        if not stays:
            file.close()

    def __del__(self) -> None:
        if self._may_stay:
            self._open.release()


@dataclass(frozen=True, slots=True)
class CitizenIndex:
    """Where in a sorted file each citizen's rows are: the range of every row group."""

    path: str
    footer: pq.FileMetaData
    lowest: NDArray[np.int64]
    highest: NDArray[np.int64]
    reader: _Reader = field(repr=False, compare=False)

    @classmethod
    def of(cls, path: str) -> CitizenIndex:
        """Read off the footer of a local file."""
        footer = pq.read_metadata(path)
        names = [footer.schema.column(place).name for place in range(footer.num_columns)]
        column = names.index("citizen")
        ends = [
            _ends(footer.row_group(group).column(column).statistics)
            for group in range(footer.num_row_groups)
        ]
        lowest, highest = np.array(ends, dtype=np.int64).reshape(-1, 2).T
        return cls(path, footer, lowest, highest, _Reader(path, footer))

    def rows(self, citizen: int, columns: list[str]) -> pl.DataFrame:
        """The rows of ``citizen``, in the order of the file."""
        groups = np.flatnonzero((self.lowest <= citizen) & (self.highest >= citizen))
        with self.reader.lent() as file:
            found = file.read_row_groups(groups.tolist(), columns=columns, use_threads=False)
        return _of_citizen(found, citizen)


def _of_citizen(found: pa.Table, citizen: int) -> pl.DataFrame:
    """The rows of ``citizen``; they lie together unless a link has just moved some."""
    at = np.flatnonzero(found.column("citizen").to_numpy() == citizen)
    if len(at) and at[-1] - at[0] + 1 > len(at):
        # Polars gathers: Arrow cannot from the texts (string_view) of a file that a merge wrote.
        return pl.DataFrame(found)[at]
    mine = found.slice(at[0] if len(at) else 0, len(at))
    pieces = mine.to_batches()
    return pl.DataFrame(pieces[0] if len(pieces) == 1 else mine)  # one piece takes half the time


def _ends(range_: object) -> tuple[int, int]:
    """The lowest and highest citizen of a row group; everybody where it was not written down."""
    if range_ is None:
        return _LOWEST, _HIGHEST
    return range_.min, range_.max  # type: ignore[attr-defined]
