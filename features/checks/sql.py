"""What can be told of an SQL expression before it meets a record."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl
from polars.datatypes import DataTypeClass
from polars.exceptions import PolarsError

_STRING = re.compile(r"'(?:[^']|'')*'")
_QUOTED = re.compile(r'"[^"]*"|`[^`]*`')
_NUMBER = re.compile(r"(?<![\w.])(?:\d[\w.]*|\.\d\w*)")
_CLOCK = re.compile(
    r"\b(?:current_(?:date|time|timestamp)|localtime(?:stamp)?|now)\b", re.IGNORECASE
)
_ACROSS_ROWS = {"Agg", "Over", "Window", "Rolling", "Len", "SubPlan", "Slice", "Gather", "Sort"}

_ACROSS = (
    "looks across citizens (an aggregate, window or subquery); expected an expression over the "
    "facts of one citizen"
)

Schema = Mapping[str, pl.DataType | DataTypeClass]


class SqlFault(Exception):
    """What is wrong with an SQL expression, said to a person."""


@dataclass(frozen=True, slots=True)
class Expression:
    """An SQL expression over the columns of one row."""

    sql: str
    names: tuple[str, ...]
    """The columns it asks, each once, in order."""

    @property
    def texts(self) -> tuple[str, ...]:
        """The texts it compares with."""
        return tuple(one[1:-1].replace("''", "'") for one in _STRING.findall(self.sql))

    @property
    def numbers(self) -> tuple[str, ...]:
        """The numbers written in it."""
        bare = _QUOTED.sub('""', _STRING.sub("''", self.sql))
        return tuple(_NUMBER.findall(bare))

    def result_type(self, schema: Schema) -> pl.DataType:
        """The type of its result over columns of these types, tried on a few invented rows.

        Raises SqlFault when it does not fit them, or answers for rows together otherwise than for
        each by itself.
        """
        columns = {name: _tries(pl.Series(dtype=schema[name]).dtype) for name in self.names}
        rows = pl.DataFrame(columns) if columns else pl.DataFrame({"row": range(_TRIES)})
        asked = pl.sql_expr(self.sql).alias("result")
        try:
            together = rows.select(asked).to_series()
            apart = pl.concat(rows[row].select(asked) for row in range(rows.height)).to_series()
        except PolarsError as fault:
            raise SqlFault(f"does not fit the types of its columns: {first_line(fault)}") from None
        if self.names and not _same(together, apart):
            raise SqlFault(_ACROSS)
        return together.dtype


def expression(sql: str) -> Expression:
    """Parse an expression over one row. Raises SqlFault.

    An aggregate, window or subquery is refused: its answer for one citizen would change with the
    citizens beside. So is the clock, for its answer would change with the day of running.
    """
    try:
        parsed = pl.sql_expr(sql)
        tree = json.loads(parsed.meta.serialize(format="json"))
    except PolarsError as fault:
        raise SqlFault(f"is not an SQL expression: {first_line(fault)}") from None
    kinds = _kinds(tree)
    if kinds & _ACROSS_ROWS:
        raise SqlFault(_ACROSS)
    if "Alias" in kinds:
        raise SqlFault("has a word too many, which SQL reads as a name for the result (AS)")
    if _CLOCK.search(_STRING.sub("''", sql)):
        raise SqlFault("asks the clock; expected as_of, the day that is looked at")
    return Expression(sql, tuple(dict.fromkeys(parsed.meta.root_names())))


def first_line(fault: Exception) -> str:
    """The first line of a library's message: the rest is a query plan."""
    return str(fault).strip().partition("\n")[0]


def _same(left: pl.Series, right: pl.Series) -> bool:
    """Equal but for the last bit: Polars divides a column by a number otherwise than one row."""
    if left.dtype.is_float():
        return left.round_sig_figs(9).equals(right.round_sig_figs(9))
    return left.equals(right)


_TRIES = 5


def _tries(dtype: pl.DataType) -> pl.Series:
    """A few values of a type, one of them unknown."""
    if dtype == pl.Boolean:
        return pl.Series([True, False, True, False, None])
    if dtype == pl.String:
        return pl.Series(["a", "b", "c", "d", None])
    numbers = pl.Series([3, 0, 50_000, 17, None], dtype=pl.Int32)
    return numbers.cast(dtype)


def _kinds(tree: object) -> set[str]:
    if isinstance(tree, dict):
        return set(tree).union(*(_kinds(inside) for inside in tree.values()))
    if isinstance(tree, list):
        return set().union(*(_kinds(inside) for inside in tree))
    return {tree} if isinstance(tree, str) else set()
