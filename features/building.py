"""Building the matrix: the signals of a whole population, a bucket at a time, streamed to disk.

A bucket is the unit of work. Buckets are worked on in threads of this process, or on a Dask
cluster (:mod:`features.clusters`): the same function computes each, so the matrix is the same to
the last bit. At any moment only a few buckets are in memory.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from tempfile import NamedTemporaryFile

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from features.household import with_relatives
from features.lake import Lake
from features.pack import Pack
from features.snapshot import bucket_records, dictionary, signals

Spread = Callable[["Build", Sequence[int]], Iterator[pl.DataFrame]]
"""Computes the signals of buckets somewhere, and gives them in the order asked for."""


@dataclass(frozen=True, slots=True)
class Build:
    """What is to be built: the signals of the population of ``lake`` as known at ``as_of``.

    With a ``purpose``, only those whose sources may all be used for it.
    """

    lake: Lake
    pack: Pack
    as_of: datetime
    purpose: str | None = None

    def bucket(self, number: int) -> pl.DataFrame:
        """``citizen`` and the signals of one bucket (:func:`features.snapshot.signals`)."""
        records = bucket_records(self.lake, self.pack, self.as_of, number, purpose=self.purpose)
        records = with_relatives(records, self.lake, self.pack)
        return signals(records, self.pack, purpose=self.purpose)


def in_threads(count: int) -> Spread:
    """Buckets in ``count`` threads of this process, no more of them at once."""

    def spread(build: Build, buckets: Sequence[int]) -> Iterator[pl.DataFrame]:
        if count == 1:
            yield from map(build.bucket, buckets)
            return
        with ThreadPoolExecutor(count) as pool:
            waiting: deque[Future[pl.DataFrame]] = deque()
            for bucket in buckets:
                waiting.append(pool.submit(build.bucket, bucket))
                if len(waiting) == count:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()

    return spread


@dataclass(frozen=True, slots=True)
class Built:
    """What was written."""

    citizens: int
    signals: int


def build_matrix(
    build: Build,
    path: Path,
    *,
    spread: Spread | None = None,
    each: Callable[[int], None] = lambda done: None,
) -> Built:
    """Write the matrix to ``path`` as Parquet, its rows in the order of the buckets.

    Parameters
    ----------
    spread
        Where the buckets are computed; two threads of this process when not given.
    each
        Told how many buckets are done.

    The file is there when it is whole: until then it has another name.
    """
    columns = [one.name for one in dictionary(build.pack, purpose=build.purpose)]
    schema = pa.schema([("citizen", pa.int64()), *((name, pa.float32()) for name in columns)])
    path.parent.mkdir(parents=True, exist_ok=True)
    parts = (spread or in_threads(2))(build, range(build.lake.buckets))
    citizens = 0
    with NamedTemporaryFile(dir=path.parent, prefix=f".{path.name}.", delete=False) as unfinished:
        try:
            with pq.ParquetWriter(
                unfinished, schema, compression="lz4", use_dictionary=False
            ) as writer:
                for done, part in enumerate(parts, start=1):
                    writer.write_table(part.to_arrow().cast(schema))
                    citizens += part.height
                    each(done)
        except BaseException:
            Path(unfinished.name).unlink(missing_ok=True)
            raise
    Path(unfinished.name).replace(path)
    return Built(citizens, len(columns))
