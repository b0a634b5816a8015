"""The pack's SQL over a frame, the same to the last bit for one row and for many.

Polars works out ``column / 12`` by multiplying with 1/12, but for a chunk of one row by dividing;
the two may differ in the last bit, and so may a verdict at the very border. A frame is therefore
made one chunk first, and one row is worked out twice.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

import polars as pl


def with_sql(frame: pl.DataFrame, columns: Mapping[str, str]) -> pl.DataFrame:
    """``frame`` with a column for each SQL expression over its columns, by name.

    Raises ``polars.exceptions.SQLInterfaceError`` or ``ColumnNotFoundError`` for an expression
    that does not run on it; a loaded pack has none.
    """
    return frame.with_columns(columns_of_sql(frame, columns).get_columns())


def columns_of_sql(frame: pl.DataFrame, columns: Mapping[str, str]) -> pl.DataFrame:
    """Only those columns, as long as ``frame``."""
    if not columns:
        return pl.DataFrame()
    asked = {name: parsed(sql) for name, sql in columns.items()}
    read = {column for sql in columns.values() for column in names_in(sql)}
    if not read:
        return frame.with_columns(**asked).select(list(columns))
    values = [frame[name] for name in sorted(read)]
    if frame.height == 1:  # series by series: a frame of one row would stay a single value twice
        values = [one.clone().append(one) for one in values]
    source = pl.DataFrame(values).rechunk()
    found = source.select(**asked)
    if found.height != source.height:  # nothing but aggregates
        found = source.with_columns(**asked).select(list(columns))
    return found.head(frame.height)


@lru_cache(maxsize=1024)
def parsed(sql: str) -> pl.Expr:
    """``sql`` as an expression. Raises ``polars.exceptions.SQLInterfaceError``."""
    return pl.sql_expr(sql)


@lru_cache(maxsize=1024)
def names_in(sql: str) -> tuple[str, ...]:
    """The columns that ``sql`` reads, in order, as often as it names them."""
    return tuple(parsed(sql).meta.root_names())
