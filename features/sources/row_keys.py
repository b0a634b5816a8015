"""The keys of the rows that a query gives now: of what is no longer there, the records are gone."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import polars as pl

from features.errors import SourceError
from features.sources.mapped_ids import id_columns, telling_columns
from features.sources.mapping import FileMapping

BATCH_ROWS = 500_000


def key_columns(mapping: FileMapping) -> tuple[str, ...]:
    """The columns that ids are made of, and those whose text ids are cleaned of."""
    named = [column for output in mapping.outputs for column in id_columns(output)]
    return tuple(dict.fromkeys((*named, *telling_columns(mapping))))


def row_keys(connection: Any, mapping: FileMapping) -> Iterator[pl.DataFrame]:
    """:func:`key_columns` of every row of an ``sql`` mapping, a bounded batch at a time.

    One statement reads them, so they are the rows of one moment.

    Raises
    ------
    SourceError
        When the database refuses the query or breaks off.
    """
    query = (mapping.query or "").strip().rstrip(";")
    columns = key_columns(mapping)
    try:
        yield from pl.read_database(
            f"SELECT {', '.join(columns)} FROM ({query}) AS delivered",  # noqa: S608 the pack's own
            connection,
            iter_batches=True,
            batch_size=BATCH_ROWS,
            infer_schema_length=None,
        )
    except Exception as fault:
        # Each driver has faults of its own, and quotes cells and addresses in them.
        raise SourceError(
            mapping.name,
            f"the database did not give the keys of the query ({type(fault).__name__}): nothing "
            f"was taken back; check files.{mapping.name}.query and the connection",
        ) from None
