"""The population's scores in one file: made bucket by bucket, and taken up again where it stopped.

Each bucket is written to a file of its own, in a hidden folder beside the result, and has its name
only when it is whole. When all are there they become the result, in one rename. What a run that was
broken off had done is used again by the next one with the same model, date, pack and lake; what
belongs to another is thrown away.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from features.lake import Lake
from features.pack import Pack
from models.bundle import Bundle
from models.population import score_population

SCORED = pl.Schema(
    {
        "citizen": pl.String,  # for a reader whose numbers end at 2^53
        "service": pl.String,
        "eligible": pl.Boolean,
        "entitled": pl.Float64,
        "unaided": pl.Float64,
        "need": pl.Float64,
        "basis": pl.String,
        "group": pl.String,
        "rank": pl.Int32,
        "shown": pl.Boolean,
    }
)
_COUNTS = b"voorzet"


@dataclass(frozen=True, slots=True)
class ScoredFile:
    """What was written: every candidate that passed the gates, citizen as a text.

    Parameters
    ----------
    suggested
        Citizens with at least one suggestion.
    taken_up
        Buckets that an earlier run, broken off, had done already.
    """

    as_of: datetime
    file: Path
    citizens: int
    candidates: int
    suggested: int
    taken_up: int = 0

    def as_dict(self) -> dict[str, object]:
        """For JSON."""
        return {
            "as_of": self.as_of.isoformat(),
            "file": str(self.file),
            "citizens": self.citizens,
            "candidates": self.candidates,
            "suggested": self.suggested,
            "taken_up_buckets": self.taken_up,
        }


@dataclass(frozen=True, slots=True)
class _Counts:
    """What one bucket adds up to."""

    citizens: int
    candidates: int
    suggested: int


def write_scores(
    lake: Lake,
    pack: Pack,
    bundle: Bundle,
    as_of: datetime,
    path: Path,
    *,
    threads: int = 1,
    each: Callable[[int], None] = lambda done: None,
) -> ScoredFile:
    """Score everyone with ``bundle`` and write the candidates that passed the gates to ``path``.

    Parameters
    ----------
    each
        Told how many buckets are done.
    threads
        So many buckets are worked on at once: they bound the memory.

    ``path`` is there when it is whole; until then, and when this is
    broken off, what stood there before stays.
    """
    parts = _Parts.beside(path, _key(lake, pack, bundle, as_of))

    def bucket_done(bucket: int) -> tuple[_Counts, bool]:
        found = parts.counts(bucket)
        if found is not None:
            return found, True
        return parts.write(bucket, *_scored(lake, pack, bundle, as_of, bucket)), False

    done = []
    for one in _in_threads(bucket_done, lake.buckets, threads):
        done.append(one)
        each(len(done))
    parts.join(path, lake.buckets)
    counts = [one for one, _ in done]
    return ScoredFile(
        as_of,
        path,
        sum(one.citizens for one in counts),
        sum(one.candidates for one in counts),
        sum(one.suggested for one in counts),
        sum(before for _, before in done),
    )


def _in_threads(
    work: Callable[[int], tuple[_Counts, bool]], buckets: int, threads: int
) -> Iterator[tuple[_Counts, bool]]:
    """Each bucket in turn, no more than ``threads`` of them at once."""
    with ThreadPoolExecutor(threads) as pool:
        waiting: deque[Future[tuple[_Counts, bool]]] = deque()
        try:
            for bucket in range(buckets):
                waiting.append(pool.submit(work, bucket))
                if len(waiting) == threads:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        finally:
            for one in waiting:
                one.cancel()


def _scored(
    lake: Lake, pack: Pack, bundle: Bundle, as_of: datetime, bucket: int
) -> tuple[pl.DataFrame, _Counts]:
    frames, citizens, suggested = [SCORED.to_frame()], 0, 0
    for scored in score_population(lake, pack, bundle, as_of, buckets=[bucket]):
        passed = scored.candidates.filter(pl.col("withheld_by").is_null())
        frames.append(passed.select(SCORED.names()).with_columns(pl.col("citizen").cast(pl.String)))
        citizens += scored.snapshot.signals.height
        suggested += passed.filter(pl.col("shown"))["citizen"].n_unique()
    rows = pl.concat(frames)
    return rows, _Counts(citizens, rows.height, suggested)


@dataclass(frozen=True, slots=True)
class _Parts:
    """The folder of finished buckets of one run."""

    folder: Path

    @classmethod
    def beside(cls, path: Path, key: str) -> _Parts:
        """The folder for ``key``; those of other runs to the same ``path`` go."""
        folder = path.parent / f".{path.name}.{key}"
        for other in path.parent.glob(f".{path.name}.*"):
            if other != folder and other.is_dir():
                shutil.rmtree(other)
        folder.mkdir(parents=True, exist_ok=True)
        return cls(folder)

    def counts(self, bucket: int) -> _Counts | None:
        """What a finished bucket adds up to; None when it is not there, or not as it was left."""
        path = self._path(bucket)
        if not path.is_file():
            return None
        told = (pq.read_schema(path).metadata or {}).get(_COUNTS)
        return None if told is None else _Counts(**json.loads(told))

    def write(self, bucket: int, rows: pl.DataFrame, counts: _Counts) -> _Counts:
        """Write a bucket under a passing name, and rename it when it is safe on disk."""
        told = json.dumps(asdict(counts)).encode()
        table = rows.to_arrow(compat_level=pl.CompatLevel.oldest())
        with _appearing(self._path(bucket)) as unfinished:
            pq.write_table(table.replace_schema_metadata({_COUNTS: told}), unfinished)
        return counts

    def join(self, path: Path, buckets: int) -> None:
        """Make the result of the buckets, one after the other, and clear them away."""
        schema = pq.read_schema(self._path(0)).remove_metadata()
        with _appearing(path) as unfinished, pq.ParquetWriter(unfinished, schema) as writer:
            for table in self._tables(buckets):
                writer.write_table(table.replace_schema_metadata(None))
        shutil.rmtree(self.folder)

    def _tables(self, buckets: int) -> Iterator[pa.Table]:
        return (pq.read_table(self._path(bucket)) for bucket in range(buckets))

    def _path(self, bucket: int) -> Path:
        return self.folder / f"{bucket:06d}.parquet"


@contextmanager
def _appearing(path: Path) -> Iterator[Path]:
    """A file that has its name only when it is whole and on disk."""
    unfinished = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        yield unfinished
        with unfinished.open("rb") as written:
            os.fsync(written.fileno())
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)


def _key(lake: Lake, pack: Pack, bundle: Bundle, as_of: datetime) -> str:
    """Changes with everything that the scores depend on."""
    told = {
        "model": bundle.version,
        "pack": pack.checksum,
        "as_of": as_of.isoformat(),
        "lake": lake.versions(),
        "buckets": lake.buckets,
    }
    if pack.domain.household:
        told["objected"] = sorted(lake.objections.everyone())
    return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()[:16]
