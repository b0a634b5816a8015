"""The pack's SQL over a frame, the same to the last bit for one row and for many.

Polars works out ``column / 12`` by multiplying with 1/12, but for a chunk of one row by dividing;
the two may differ in the last bit, and so may a verdict at the very border. A frame is therefore
made one chunk first, and one row is worked out beside a row of nulls.
"""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl


def with_sql(frame: pl.DataFrame, columns: Mapping[str, str]) -> pl.DataFrame:
    """``frame`` with a column for each SQL expression over its columns, by name.

    Raises ``polars.exceptions.SQLInterfaceError`` or ``ColumnNotFoundError`` for an expression
    that does not run on it; a loaded pack has none.
    """
    rows = pl.concat([frame, frame.clear(1)]) if frame.height == 1 else frame
    asked = [pl.sql_expr(sql).alias(name) for name, sql in columns.items()]
    return rows.rechunk().with_columns(asked).head(frame.height)
