"""A delivered file, read as its mapping says: checked columns, then bounded chunks."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import polars as pl
from pydantic import BaseModel

from features.errors import SourceError
from features.sources.chunks import Chunk
from features.sources.formats import FORMATS
from features.sources.mapping import (
    FileMapping,
    IdentityMapping,
    Link,
    Mapped,
    Moment,
    Sql,
    Subject,
    Unpivot,
    Value,
)


def read_file(path: Path, mapping: FileMapping) -> Iterator[Chunk]:
    """The rows of ``path`` in order, the columns that ``mapping`` reads among them.

    Raises
    ------
    SourceError
        Before the first row, when the file is not what the mapping says.
    TruncatedFile
        After the last row that could be read, when the file stops short or is damaged.
    """
    needed, kind = needed_columns(mapping), FORMATS[mapping.format]
    read = list(needed)
    if kind.columns is not None:
        there = kind.columns(path, mapping, read)
        check_columns(path.name, mapping, there)
        read = [column for column in there if column in needed or _pivots(mapping.unpivot, column)]
    yield from kind.read(path, mapping, read)


def needed_columns(mapping: FileMapping) -> dict[str, str]:
    """The columns that a file must have, each with the first key of the mapping that reads it."""
    found: dict[str, str] = {}
    for key, column in _mentioned(mapping):
        found.setdefault(column, key)
    if mapping.unpivot is not None:
        found.pop(mapping.unpivot.name, None)
        found.pop(mapping.unpivot.value, None)
    return found


def value_columns(output: BaseModel) -> tuple[str, ...]:
    """The columns that one event, fact or relation is made of, its relative's number left out."""
    read = dict.fromkeys(column for key, column in _inside("", output) if "relative." not in key)
    return tuple(read)


def unpivoted(chunk: Chunk, unpivot: Unpivot | None) -> tuple[pl.DataFrame, pl.Series, pl.Series]:
    """The frame made long, with the file's row and a place in the file for each of its rows."""
    if unpivot is None:
        return chunk.frame, chunk.rows, chunk.rows
    wide = [column for column in chunk.frame.columns if _pivots(unpivot, column)]
    long = (
        chunk.frame.with_columns(pl.col(wide).cast(pl.String), chunk.rows.alias("\0row"))
        .unpivot(
            on=wide,
            index=["\0row", *(name for name in chunk.frame.columns if name not in wide)],
            variable_name=unpivot.name,
            value_name=unpivot.value,
        )
        .with_columns(
            pl.col(unpivot.name)
            .replace_strict(wide, list(range(len(wide))), return_dtype=pl.Int64)
            .alias("\0column")
        )
        .sort("\0row", "\0column")
    )
    place = long["\0row"] * len(wide) + long["\0column"]
    return long.drop("\0row", "\0column"), long["\0row"], place


def _pivots(unpivot: Unpivot | None, column: str) -> bool:
    return unpivot is not None and re.fullmatch(unpivot.columns, column) is not None


def check_columns(name: str, mapping: FileMapping, there: list[str]) -> None:
    """Refuse a delivery (``name``) that lacks a column which its mapping reads."""
    for column, key in needed_columns(mapping).items():
        if column not in there:
            raise SourceError(
                name,
                f"the column {column!r} is missing, which files.{mapping.name}.{key} reads; the "
                f"file has {', '.join(there)}. Ask for a corrected delivery, or correct the "
                "mapping if the source has changed",
            )
    if mapping.unpivot and not any(_pivots(mapping.unpivot, column) for column in there):
        raise SourceError(
            name,
            f"no column matches {mapping.unpivot.columns!r} (files.{mapping.name}.unpivot.columns)"
            f"; the file has {', '.join(there)}",
        )


def _mentioned(mapping: FileMapping) -> Iterator[tuple[str, str]]:
    yield "subject", mapping.subject.column
    for i, link in enumerate(mapping.links):
        yield f"links.{i}", link.column
    if mapping.identity is not None:
        yield from _inside("identity", mapping.identity)
    for part in ("events", "facts", "relations"):
        for i, output in enumerate(getattr(mapping, part)):
            yield from _inside(f"{part}.{i}", output)


_VALUES = ("type", "case_id", "case_type", "actor", "team", "channel", "value", "kind")


def _inside(key: str, model: BaseModel) -> Iterator[tuple[str, str]]:
    """(key, column) of every column that a part of a mapping reads."""
    for name in type(model).model_fields:
        value = getattr(model, name)
        place = f"{key}.{name}" if key else name
        if value is None:
            continue
        if isinstance(value, Subject | Link):
            yield f"{place}.column", value.column
        elif isinstance(value, Moment | Mapped | Sql) or name in _VALUES:
            yield from ((place, column) for column in _value_columns(value))
        elif isinstance(model, IdentityMapping):
            yield place, value
        elif name in ("when", "withdrawn_when"):
            yield from ((place, column) for column in _sql_columns(place, value))
        elif name in ("event_id", "fact_id", "relation_id"):
            yield from ((place, column) for column in value)
        elif name == "attributes":
            for attribute, inner in value.items():
                yield from ((f"{place}.{attribute}", column) for column in _value_columns(inner))


def _value_columns(value: Value | Moment) -> list[str]:
    if isinstance(value, str):
        return [value]
    if isinstance(value, Mapped):
        return [value.column]
    if isinstance(value, Moment) and value.column is not None:
        return [value.column]
    sql = getattr(value, "sql", None)
    return [] if sql is None else _sql_columns("sql", sql)


def _sql_columns(key: str, sql: str) -> list[str]:
    try:
        return list(dict.fromkeys(pl.sql_expr(sql).meta.root_names()))
    except pl.exceptions.PolarsError as fault:
        raise SourceError("", f"{key}: the mapping's SQL {sql!r} cannot be read") from fault
