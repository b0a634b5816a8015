"""Buckets on a Dask cluster: the same matrix, past one machine.

The client is handed in by whoever made the cluster. What goes over the wire is plain: where the
lake and the pack are, which versions of the tables to read, a date, who objected, and a bucket;
back comes the bucket as Arrow bytes. Workers need the lake, the pack's folder and this package.
"""

from __future__ import annotations

import io
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any, Protocol

import polars as pl

from features.building import Build, Spread
from features.errors import VoorzetError
from features.lake import Lake
from features.loading import load_pack
from features.objections import Objected


class Client(Protocol):
    """What is asked of ``distributed.Client``."""

    def submit(self, task: Any, *given: Any, pure: bool) -> Any:
        """A future of ``task(*given)``."""

    def scheduler_info(self) -> dict[str, Any]:
        """The workers there are."""


def on_dask(client: Client) -> Spread:
    """Buckets on the workers of ``client``; two for each worker are under way at once."""

    def spread(build: Build, buckets: Sequence[int]) -> Iterator[pl.DataFrame]:
        workers = len(client.scheduler_info()["workers"])
        if not workers:
            raise VoorzetError("the Dask cluster has no workers: start some, and run this again")
        told = _Told.of(build)
        waiting: deque[Any] = deque()
        for bucket in buckets:
            waiting.append(client.submit(_bucket, *told.wire(), bucket, pure=False))
            if len(waiting) == 2 * workers:
                yield _read(waiting.popleft().result())
        while waiting:
            yield _read(waiting.popleft().result())

    return spread


@dataclass(frozen=True, slots=True)
class _Told:
    """What a worker is told."""

    uri: str
    buckets: int
    options: tuple[tuple[str, str], ...]
    versions: tuple[tuple[str, int], ...]
    pack: str
    checksum: str
    as_of: datetime
    purpose: str | None
    objected: tuple[int, ...]

    @classmethod
    def of(cls, build: Build) -> _Told:
        lake = build.lake
        return cls(
            uri=lake.uri,
            buckets=lake.buckets,
            options=tuple(sorted(lake.storage_options.items())),
            versions=tuple(sorted(lake.versions().items())),
            pack=str(build.pack.folder),
            checksum=build.pack.checksum,
            as_of=build.as_of,
            purpose=build.purpose,
            objected=_objected(build),
        )

    def wire(self) -> tuple[Any, ...]:
        """Plain values, in the order of :func:`_build`."""
        return tuple(getattr(self, name) for name in self.__slots__)


def _objected(build: Build) -> tuple[int, ...]:
    """Workers have no way to ask; where the pack asks nothing of relatives, nobody needs to."""
    return tuple(sorted(build.lake.objections.everyone())) if build.pack.domain.household else ()


def _bucket(*told: Any) -> bytes:
    """The signals of one bucket, as Arrow bytes: what a worker does."""
    written = io.BytesIO()
    _build(*told[:-1]).bucket(told[-1]).write_ipc(written)
    return written.getvalue()


def _read(written: bytes) -> pl.DataFrame:
    return pl.read_ipc(io.BytesIO(written))


@lru_cache(maxsize=2)
def _build(
    uri: str,
    buckets: int,
    options: tuple[tuple[str, str], ...],
    versions: tuple[tuple[str, int], ...],
    pack: str,
    checksum: str,
    as_of: datetime,
    purpose: str | None,
    objected: tuple[int, ...],
) -> Build:
    """The same build on a worker. It stays there for its next bucket."""
    loaded = load_pack(Path(pack))
    if loaded.checksum != checksum:
        raise VoorzetError(
            f"{pack}: the pack on this worker is not the one that was asked for; "
            "give every worker the same folder"
        )
    lake = Lake(
        uri,
        buckets=buckets,
        storage_options=dict(options),
        versions=dict(versions),
        objections=Objected(objected),
    )
    return Build(lake, loaded, as_of, purpose)
