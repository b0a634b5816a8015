"""Moving rows from one citizen to another: who turn out to be one person, and who turn out not to.

Every row remembers under whom it was delivered (``alias``), so that it can be put back.
"""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl
from deltalake import DeltaTable

from features.lake import Lake
from features.parquet_files import merge_writer


def rekey(lake: Lake, table: str, aliases: pl.DataFrame) -> int:
    """Move the rows of each ``alias`` to its ``citizen`` (Int64 columns), in one commit.

    Doing it again does nothing. Returns how many rows moved.
    """
    moving = _there(lake, table, "citizen", aliases)
    if moving.is_empty():
        return 0
    source = moving.select("alias", "citizen", bucket=lake.bucket)
    update = {
        "citizen": "moved.citizen",
        "bucket": "moved.bucket",
        "alias": "coalesce(kept.alias, moved.alias)",
    }
    return _merge(lake, table, source, "kept.citizen = moved.alias", update)


def rekey_relatives(lake: Lake, aliases: pl.DataFrame) -> int:
    """As :func:`rekey`, for the relatives named in ``relations``."""
    moving = _there(lake, "relations", "relative", aliases)
    if moving.is_empty():
        return 0
    update = {
        "relative": "moved.citizen",
        "relative_alias": "coalesce(kept.relative_alias, moved.alias)",
    }
    source = moving.select("alias", "citizen")
    return _merge(lake, "relations", source, "kept.relative = moved.alias", update)


def put_back(lake: Lake, table: str, ends: pl.DataFrame, *, of: str = "citizen") -> int:
    """Move the rows that were delivered under each ``alias`` to its ``citizen``, in one commit.

    Where that is the alias itself, the row stands as it was delivered. ``of`` is the column
    moved: the citizen, or the relative of a relation. Returns how many rows moved.
    """
    if ends.is_empty():
        return 0
    alias = "alias" if of == "citizen" else "relative_alias"
    still = pl.when(pl.col("alias") != pl.col("citizen")).then("alias")
    source = ends.select("alias", "citizen", still.alias("still"), bucket=lake.bucket)
    update = {of: "moved.citizen", alias: "moved.still"}
    if of == "citizen":
        update["bucket"] = "moved.bucket"
    where = f"kept.{alias} = moved.alias and kept.{of} != moved.citizen"
    return _merge(lake, table, source, where, update)


def strike(lake: Lake, table: str, pair: tuple[int, int]) -> int:
    """Delete the rows of one (alias, citizen) out of ``links`` or ``matches``."""
    outcome = lake.change(
        table, lambda held: held.delete(f"alias = {pair[0]} and citizen = {pair[1]}")
    )
    return int(outcome.get("num_deleted_rows", 0))


def _there(lake: Lake, table: str, column: str, aliases: pl.DataFrame) -> pl.DataFrame:
    """Those of the ``aliases`` that stand in a column of the table."""
    if not lake.exists(table):
        return aliases.clear()
    here = lake.scan(table).select(column).unique().collect()[column]
    return aliases.filter(pl.col("alias").is_in(here.drop_nulls().implode()))


def _merge(
    lake: Lake, table: str, source: pl.DataFrame, where: str, update: Mapping[str, str]
) -> int:
    def merge(held: DeltaTable) -> Mapping[str, int]:
        matched = held.merge(
            source,
            where,
            source_alias="moved",
            target_alias="kept",
            writer_properties=merge_writer(),
        )
        return matched.when_matched_update(dict(update)).execute()

    return int(lake.change(table, merge).get("num_target_rows_updated", 0))
