"""Messages into chunks: nested JSON as columns of text, a message that is none as its reason."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from itertools import chain
from typing import Any

import polars as pl

from features.quarantine import Reason
from features.sources.chunks import Chunk, Malformed
from features.sources.json_files import Json, NoMessage

CHUNK_ROWS = 20_000
DEEPEST = 32

Row = Mapping[str, str | None]
"""Text by column."""

Shape = Callable[[Json], Iterable[Row]]
"""What rows a message is; raises NoMessage when it is not what it should be."""


def flattened(value: Any, name: str = "") -> dict[str, str | None]:
    """The texts in a JSON value, each under its path: ``naam.sub``, ``personen.0.bsn``.

    True and false are written so, a number as it came; null is null. What is empty has no path.

    Raises
    ------
    NoMessage
        When it is nested beyond measure, or holds what is no text.
    """
    found: dict[str, str | None] = {}
    _flatten(value, name, found, 0)
    return found


def chunks(
    found: Iterable[Json | NoMessage],
    shape: Shape,
    columns: Collection[str],
    null_values: Collection[str] = ("",),
) -> Iterator[Chunk]:
    """The rows of messages, with ``columns`` alone; what a message does not have is null.

    A row's number is that of its message, from 1.
    """
    nulls = frozenset(null_values)
    cells: dict[str, list[str | None]] = {column: [] for column in columns}
    rows: list[int] = []
    malformed: list[Malformed] = []
    for number, message in enumerate(found, start=1):
        shaped, fault = shaped_rows(message, shape)
        if fault is not None:
            malformed.append(Malformed(number, fault.reason, fault.column))
        for row in shaped:
            rows.append(number)
            for column, kept in cells.items():
                cell = row.get(column)
                kept.append(None if cell in nulls else cell)
        if len(rows) + len(malformed) >= CHUNK_ROWS:
            yield _chunk(cells, rows, malformed)
            cells, rows, malformed = {column: [] for column in columns}, [], []
    if rows or malformed:
        yield _chunk(cells, rows, malformed)


def whole_chunk(
    found: Iterable[Json | NoMessage], shape: Shape, columns: Collection[str] | None = None
) -> Chunk:
    """The rows of a few messages in one chunk, with ``columns``, or every one that any has."""
    told = list(found)
    if columns is None:
        made = [shaped_rows(message, shape)[0] for message in told]
        columns = list(dict.fromkeys(chain.from_iterable(chain.from_iterable(made))))
    pieces = list(chunks(told, shape, columns)) or [_chunk({name: [] for name in columns}, [], [])]
    return Chunk(
        pl.concat([piece.frame for piece in pieces]),
        pl.concat([piece.rows for piece in pieces]),
        tuple(chain.from_iterable(piece.malformed for piece in pieces)),
    )


def rows_chunk(
    told: Sequence[tuple[int, Row]], columns: Collection[str], null_values: Collection[str] = ("",)
) -> Chunk:
    """One chunk of numbered rows, with ``columns`` alone."""
    nulls = frozenset(null_values)
    cells: dict[str, list[str | None]] = {
        column: [None if (cell := row.get(column)) in nulls else cell for _, row in told]
        for column in columns
    }
    return _chunk(cells, [number for number, _ in told], [])


def shaped_rows(
    message: Json | NoMessage, shape: Shape
) -> tuple[tuple[Row, ...], NoMessage | None]:
    """The rows of one message, or why it has none."""
    if isinstance(message, NoMessage):
        return (), message
    try:
        return tuple(shape(message)), None
    except NoMessage as fault:
        return (), fault


def _chunk(
    cells: dict[str, list[str | None]], rows: list[int], malformed: list[Malformed]
) -> Chunk:
    # A subclass of str (a number as written) is a text too.
    frame = pl.DataFrame(cells, schema=dict.fromkeys(cells, pl.String()))
    if not cells:
        frame = pl.DataFrame(height=len(rows))
    return Chunk(frame, pl.Series(rows, dtype=pl.Int64), tuple(malformed))


def _flatten(value: Any, name: str, found: dict[str, str | None], depth: int) -> None:
    if depth > DEEPEST:
        raise NoMessage(Reason.MALFORMED_ROW)
    if isinstance(value, dict):
        for key, inner in value.items():
            _flatten(inner, f"{name}.{key}" if name else key, found, depth + 1)
    elif isinstance(value, list):
        for place, inner in enumerate(value):
            _flatten(inner, f"{name}.{place}" if name else str(place), found, depth + 1)
    else:
        found.setdefault(_text(name) or "", _text(value))


def _text(value: Any) -> str | None:
    """A JSON scalar as text; a string of which the half is missing is no text."""
    if value is None:
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    text = str(value)
    try:
        text.encode()
    except UnicodeEncodeError:
        raise NoMessage(Reason.MALFORMED_ROW) from None
    return text
