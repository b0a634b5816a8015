"""Databases: the rows of a query that changed since it was last read.

A query is read from its watermark on, the watermark itself included: a row that was committed
late with an equal mark is not lost. Nor is one that was committed late with a lower mark (a slow
transaction, a sequence number taken early), when it is within the ``overlap``: ten minutes for a
moment, a thousand for a number, none for a date or text, unless the mapping says otherwise. Rows
without a mark are read every time. What is read again is known by its id, and lands once.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any, Literal, get_args

import polars as pl

from features.errors import SourceError
from features.sources.chunks import Chunk
from features.sources.mapping import FileMapping
from features.sources.reading import check_columns, needed_columns

BATCH_ROWS = 100_000
LATE_SECONDS = 600
LATE_NUMBERS = 1000

Kind = Literal["integer", "date", "datetime", "instant", "text"]


@dataclass(frozen=True, slots=True)
class Watermark:
    """A value of a watermark column, as text with its kind.

    Parameters
    ----------
    kind
        ``datetime`` is a moment without a time zone, ``instant`` one with (its value in UTC).
    """

    kind: Kind
    value: str

    @classmethod
    def of(cls, value: Any) -> Watermark:
        """The watermark of a value as Polars gives it."""
        if isinstance(value, datetime):
            return cls("datetime" if value.tzinfo is None else "instant", value.isoformat())
        if isinstance(value, date):
            return cls("date", value.isoformat())
        return cls("integer" if isinstance(value, int) else "text", str(value))

    @property
    def mark(self) -> Any:
        """The value itself, as a database driver takes it."""
        if self.kind == "integer":
            return int(self.value)
        if self.kind == "date":
            return date.fromisoformat(self.value)
        return self.value if self.kind == "text" else datetime.fromisoformat(self.value)

    def since(self, overlap: int | None) -> Any:
        """Where reading begins again."""
        mark = self.mark
        if isinstance(mark, str):
            return mark
        if isinstance(mark, int):
            return mark - (LATE_NUMBERS if overlap is None else overlap)
        late = LATE_SECONDS if isinstance(mark, datetime) else 0
        return mark - timedelta(seconds=late if overlap is None else overlap)


class TableReader:
    """Reads the rows of one ``sql`` mapping, and notes how far it came.

    Parameters
    ----------
    connection
        A connection that Polars can read from: SQLAlchemy's, ADBC's or one of the DB-API.
    since
        How far it was read before; everything is read when None.
    now
        A mark beyond this is a mistake, and does not move the watermark: what comes after it
        would never be read.
    """

    def __init__(
        self, connection: Any, mapping: FileMapping, since: Watermark | None, now: datetime
    ) -> None:
        if not (mapping.query and mapping.watermark):
            raise ValueError("a mapping of format sql has a query and a watermark")
        self._connection = connection
        self._mapping = mapping
        self._column = mapping.watermark
        self._query = mapping.query.strip().rstrip(";")
        self._since = since
        self._now = now
        self._highest: Any = None

    @property
    def reached(self) -> Watermark | None:
        """How far the rows came that were handed out; None when no further than before."""
        if self._highest is None:
            return None
        reached = Watermark.of(self._highest)
        if self._since and reached.kind == self._since.kind and reached.mark <= self._since.mark:
            return None
        return reached

    def chunks(self) -> Iterator[Chunk]:
        """The rows, old before new, a bounded batch at a time.

        Raises
        ------
        SourceError
            When the database refuses the query, or its answer lacks a column.
        """
        first = 1
        batches = self._batches()
        while (frame := self._next(batches)) is not None:
            if frame.is_empty():
                continue
            check_columns(self._mapping.name, self._mapping, frame.columns)
            self._check_mark(frame)
            rows = pl.int_range(first, first + frame.height, dtype=pl.Int64, eager=True)
            first += frame.height
            yield Chunk(frame.select(self._kept(frame)), rows)
            # Only now were they landed.
            self._rise(frame[self._column])

    def _batches(self) -> Iterator[pl.DataFrame]:
        mark = self._column
        query = f"SELECT * FROM ({self._query}) AS delivered"  # noqa: S608 the pack's own words
        options = {}
        if self._since is not None:
            bound, parameters = _bound(self._connection, self._since.since(self._mapping.overlap))
            query += f" WHERE {mark} >= {bound} OR {mark} IS NULL"
            options = {"parameters": parameters}
        yield from pl.read_database(
            f"{query} ORDER BY {mark}",
            self._connection,
            iter_batches=True,
            batch_size=BATCH_ROWS,
            infer_schema_length=None,
            execute_options=options,
        )

    def _next(self, batches: Iterator[pl.DataFrame]) -> pl.DataFrame | None:
        try:
            return next(batches, None)
        except Exception as fault:
            # Each driver has faults of its own, and quotes cells and addresses in them.
            raise SourceError(
                self._mapping.name,
                f"the database did not answer the query ({type(fault).__name__}): check "
                f"files.{self._mapping.name}.query and its watermark, and the connection",
            ) from None

    def _kept(self, frame: pl.DataFrame) -> list[str]:
        needed = needed_columns(self._mapping)
        if self._mapping.unpivot is not None:
            return frame.columns
        return [column for column in frame.columns if column in needed]

    def _check_mark(self, frame: pl.DataFrame) -> None:
        if self._column not in frame.columns:
            problem = "the query does not give it"
        elif not (
            (kind := frame[self._column].dtype).is_integer()
            or kind in (pl.Date, pl.String, pl.Null)
            or isinstance(kind, pl.Datetime)
        ):
            problem = f"it is {kind}, where a moment, a whole number or text was expected"
        elif kind == pl.String and self._mapping.overlap:
            problem = "it is text, which has no overlap"
        else:
            return
        raise SourceError(
            self._mapping.name, f"files.{self._mapping.name}.watermark {self._column!r}: {problem}"
        )

    def _rise(self, marks: pl.Series) -> None:
        if isinstance(marks.dtype, pl.Datetime):
            zone = marks.dtype.time_zone
            # A local time ahead of UTC counts as later than now for an hour or two: it is only
            # read again until then.
            now = self._now if zone else self._now.astimezone(UTC).replace(tzinfo=None)
            marks = marks.dt.convert_time_zone("UTC") if zone else marks
            marks = marks.filter(marks <= now)
        elif marks.dtype == pl.Date:
            marks = marks.filter(marks <= self._now.date())
        highest = marks.max()
        if highest is not None:
            self._highest = highest if self._highest is None else max(self._highest, highest)


def kind_of(text: str) -> Kind:
    """The kind that ``text`` names; raises ValueError for another word."""
    for kind in get_args(Kind):
        if text == kind:
            return kind  # type: ignore[no-any-return]
    raise ValueError(f"there is no kind of watermark {text!r}")


def _bound(connection: Any, value: Any) -> tuple[str, Any]:
    """The placeholder for ``value`` in the words of the connection, and its parameters."""
    if type(connection).__module__.startswith("sqlalchemy."):
        return ":since", {"since": value}
    return "?", [value]
