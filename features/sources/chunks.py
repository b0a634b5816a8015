"""What every reader hands over: a bounded piece of a delivery, as a table."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from features.quarantine import Reason


@dataclass(frozen=True, slots=True)
class Malformed:
    """A row that does not fit its table. Nothing of it is kept but this.

    Parameters
    ----------
    row
        Its number in the delivery.
    column
        The column at fault, where there is one that can be told.
    """

    row: int
    reason: Reason = Reason.MALFORMED_ROW
    column: str | None = None


@dataclass(frozen=True, slots=True)
class Chunk:
    """Some rows of a delivery.

    Parameters
    ----------
    frame
        The delivery's columns: all text in delimited files, logs and messages, typed in Parquet
        and databases.
    rows
        Int64: the number of each row in the delivery; the first data row is 1.
    malformed
        The rows that are not in ``frame`` because they do not fit.
    """

    frame: pl.DataFrame
    rows: pl.Series
    malformed: tuple[Malformed, ...] = ()


class TruncatedFile(Exception):
    """A file that stops short or is damaged. What was read before it stands."""

    def __init__(self, problem: str) -> None:
        super().__init__(problem)
        self.problem = problem
