"""What was asked of a database or a service, or came in a message, into the lake.

It passes the same door as a delivered file. There is no file to read again after a kill, so here
each record is known by its own id (or its content) alone, and what is asked for twice lands once.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

import polars as pl

from features.deliveries import Pulled
from features.errors import VoorzetError
from features.ingest import IdentitySink, IngestReport, Run, door_of
from features.lake import Lake
from features.pack import Pack
from features.pseudonyms import Pseudonyms
from features.sources.chunks import Chunk
from features.sources.mapping import FileMapping
from features.sources.sql import TableReader, Watermark, kind_of
from features.watermarks import WATERMARKS

Progress = Callable[[str, int, int], None]
"""Told the query at hand, and the queries finished out of all."""


def databases(pack: Pack) -> dict[str, list[tuple[str, FileMapping]]]:
    """The ``sql`` mappings of ``pack`` with their sources, by the name of their database."""
    found: dict[str, list[tuple[str, FileMapping]]] = {}
    for source, files in pack.mappings.items():
        for mapping in files.files:
            if mapping.format == "sql":
                found.setdefault(mapping.database or source, []).append((source, mapping))
    return found


def ingest_database(
    pack: Pack,
    lake: Lake,
    pseudonyms: Pseudonyms,
    database: str,
    connection: Any,
    *,
    now: datetime,
    identities: IdentitySink | None = None,
    progress: Progress | None = None,
) -> IngestReport:
    """Land what changed in a database since it was last read.

    Parameters
    ----------
    database
        The name that mappings give it.
    connection
        A connection to it that Polars can read from (SQLAlchemy, ADBC, DB-API).
    now
        The moment, with a time zone: what is known only after it goes to quarantine.

    Raises
    ------
    VoorzetError
        When no mapping reads it, or another process is writing to the lake.
    """
    queries = databases(pack).get(database)
    if not queries:
        known = ", ".join(databases(pack)) or "none"
        raise VoorzetError(
            f"no mapping of the pack reads the database {database!r}; they read: {known}"
        )
    with lake.sole_writer():
        lake.refresh()
        report = IngestReport()
        run = Run(lake, door_of(lake, pack, pseudonyms, now), identities, report)
        for number, (source, mapping) in enumerate(queries):
            _land_query(run, lake, connection, source, mapping, now)
            if progress is not None:
                progress(mapping.name, number + 1, len(queries))
        run.tidy()
    return report


def ingest_pulled(
    pack: Pack,
    lake: Lake,
    pseudonyms: Pseudonyms,
    source: str,
    mapping: FileMapping,
    chunks: Callable[[], Iterator[Chunk]],
    *,
    now: datetime,
    identities: IdentitySink | None = None,
) -> IngestReport:
    """Land chunks that were pulled or received, as ``mapping`` of ``source`` says.

    ``chunks`` is called once. Parameters, results and errors are those of
    :func:`ingest_database` otherwise.
    """
    with lake.sole_writer():
        lake.refresh()
        report = IngestReport()
        run = Run(lake, door_of(lake, pack, pseudonyms, now), identities, report)
        run.land(Pulled(source, mapping, mapping.name, chunks), _load())
        run.tidy()
    return report


def watermark(lake: Lake, source: str, mapping: str) -> Watermark | None:
    """How far a query was read; None when it never was."""
    found = (
        lake.scan("watermarks")
        .filter(pl.col("source") == source, pl.col("mapping") == mapping)
        .collect()
        .sort("landed_at")
    )
    if found.is_empty():
        return None
    last = found.row(-1, named=True)
    return Watermark(kind_of(last["kind"]), last["value"])


def _land_query(
    run: Run, lake: Lake, connection: Any, source: str, mapping: FileMapping, now: datetime
) -> None:
    reader = TableReader(connection, mapping, watermark(lake, source, mapping.name), now)
    whole = run.land(Pulled(source, mapping, mapping.name, reader.chunks), _load())
    reached = reader.reached
    if not whole or reached is None:
        return
    row = {
        "source": source,
        "mapping": mapping.name,
        "kind": reached.kind,
        "value": reached.value,
        "landed_at": now,
    }
    lake.append("watermarks", pl.DataFrame([row], schema=WATERMARKS))


def _load() -> str:
    """A load like no other: the same question may have another answer each time."""
    return "pulled-" + secrets.token_hex(16).translate(_LETTERS)


_LETTERS = str.maketrans("0123456789abcdef", "abcdefghijklmnop")
