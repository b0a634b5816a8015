"""Parquet files, in bounded batches of the columns that a mapping reads."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import polars as pl

from features.errors import SourceError
from features.sources.chunks import Chunk, TruncatedFile
from features.sources.mapping import FileMapping

BATCH_ROWS = 1_000_000

_KINDS: dict[str, tuple[str, ...]] = {
    "text": ("String", "Categorical", "Enum"),
    "integer": ("Int8", "Int16", "Int32", "Int64", "UInt8", "UInt16", "UInt32", "UInt64"),
    "boolean": ("Boolean",),
    "date": ("Date",),
    "datetime": ("Datetime",),
}
_KINDS["number"] = (*_KINDS["integer"], "Float32", "Float64", "Decimal")


def parquet_columns(path: Path, mapping: FileMapping) -> list[str]:
    """The columns of ``path``, its types checked against the mapping's.

    Raises
    ------
    SourceError
        When it is no Parquet file, or a column has another type than the mapping says.
    """
    schema = _schema(path)
    for column, wanted in mapping.types.items():
        found = schema.get(column)
        if found is not None and _kind(found) not in (*_KINDS[wanted], "Null"):
            raise SourceError(
                path.name,
                f"the column {column!r} is {found}, where files.{mapping.name}.types.{column} "
                f"says {wanted}: correct the delivery, or the mapping if the source has changed",
            )
    for column, key, kinds in _implied(mapping):
        found = schema.get(column)
        if found is not None and _kind(found) not in (*kinds, "Null"):
            raise SourceError(
                path.name,
                f"the column {column!r} is {found}, which files.{mapping.name}.{key} cannot read "
                f"(it reads {', '.join(kinds)}): correct the delivery or the mapping",
            )
    return list(schema)


def read_parquet(path: Path, columns: list[str]) -> Iterator[Chunk]:
    """The rows of ``path`` in order, a batch at a time, with ``columns`` alone."""
    row = 0
    read = pl.scan_parquet(path, glob=False).select(columns)
    try:
        for frame in _batches(read.collect_batches(chunk_size=BATCH_ROWS)):
            rows = pl.int_range(row + 1, row + 1 + frame.height, dtype=pl.Int64, eager=True)
            row += frame.height
            yield Chunk(frame, rows)
    except (pl.exceptions.PolarsError, OSError) as fault:
        raise TruncatedFile("its data is damaged") from fault


def _batches(frames: Iterator[pl.DataFrame]) -> Iterator[pl.DataFrame]:
    """The same rows in batches of :data:`BATCH_ROWS` exactly, but for the last: a file is cut in
    the same places whoever reads it, and however it was read before."""
    waiting: list[pl.DataFrame] = []
    for frame in frames:
        waiting.append(frame)
        while sum(part.height for part in waiting) >= BATCH_ROWS:
            whole = pl.concat(waiting, rechunk=True)
            yield whole.head(BATCH_ROWS)
            waiting = [whole.slice(BATCH_ROWS)]
    if rest := [part for part in waiting if part.height]:
        yield pl.concat(rest, rechunk=True)


def _kind(found: pl.DataType) -> str:
    """The name of a column's type; ``Null`` is that of one in which nothing is filled in."""
    return found.base_type().__name__


def _schema(path: Path) -> dict[str, pl.DataType]:
    try:
        return dict(pl.read_parquet_schema(path))
    except (pl.exceptions.PolarsError, OSError) as fault:
        raise SourceError(
            path.name, "it is not a whole Parquet file: ask for it to be delivered again"
        ) from fault


def _implied(mapping: FileMapping) -> Iterator[tuple[str, str, tuple[str, ...]]]:
    """The columns whose use in the mapping asks for a type: (column, key, kinds)."""
    name = (*_KINDS["text"], *_KINDS["integer"])
    moment = ("String", "Date", "Datetime")
    yield mapping.subject.column, "subject", name
    for i, link in enumerate(mapping.links):
        yield link.column, f"links.{i}", name
    parts = {"events": mapping.events, "facts": mapping.facts, "relations": mapping.relations}
    for part, outputs in parts.items():
        for i, output in enumerate(outputs):
            for field in ("occurred_at", "known_at", "valid_from", "valid_to"):
                column = getattr(getattr(output, field, None), "column", None)
                if column is not None:
                    yield column, f"{part}.{i}.{field}", moment
