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
_NUMBER = re.compile(r"(?<![\w.])(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][-+]?\d+)?")
_ACROSS_ROWS = {"Agg", "Over", "Window", "Rolling", "Len", "SubPlan", "Slice", "Gather", "Sort"}

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
        """The type of its result over columns of these types, tried on one unknown row.

        Raises SqlFault when it does not fit them.
        """
        asked = pl.DataFrame(schema={name: schema[name] for name in self.names})
        try:
            return asked.clear(1).select(result=pl.sql_expr(self.sql))["result"].dtype
        except PolarsError as fault:
            raise SqlFault(f"does not fit the types of its columns: {first_line(fault)}") from None


def expression(sql: str) -> Expression:
    """Parse an expression over one row. Raises SqlFault.

    An aggregate, window or subquery is refused: its answer for one citizen would change with the
    citizens beside.
    """
    try:
        parsed = pl.sql_expr(sql)
        tree = json.loads(parsed.meta.serialize(format="json"))
    except PolarsError as fault:
        raise SqlFault(f"is not an SQL expression: {first_line(fault)}") from None
    across = _ACROSS_ROWS & _kinds(tree)
    if across:
        raise SqlFault(
            "looks across citizens (an aggregate, window or subquery); expected an expression "
            "over the facts of one citizen"
        )
    return Expression(sql, tuple(dict.fromkeys(parsed.meta.root_names())))


def first_line(fault: Exception) -> str:
    """The first line of a library's message: the rest is a query plan."""
    return str(fault).strip().partition("\n")[0]


def _kinds(tree: object) -> set[str]:
    if isinstance(tree, dict):
        return set(tree).union(*(_kinds(inside) for inside in tree.values()))
    if isinstance(tree, list):
        return set().union(*(_kinds(inside) for inside in tree))
    return {tree} if isinstance(tree, str) else set()
