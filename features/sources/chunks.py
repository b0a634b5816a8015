"""What every reader hands over: a bounded piece of a delivered file, as a table."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl


@dataclass(frozen=True, slots=True)
class Chunk:
    """Some rows of a delivered file.

    Parameters
    ----------
    frame
        The file's columns: all text in delimited and XES files, typed in Parquet.
    rows
        Int64: the number of each row in the file; the first data row is 1.
    malformed
        The numbers of rows that do not fit the table and are not in ``frame``.
    """

    frame: pl.DataFrame
    rows: pl.Series
    malformed: tuple[int, ...] = ()


class TruncatedFile(Exception):
    """A file that stops short or is damaged. What was read before it stands."""

    def __init__(self, problem: str) -> None:
        super().__init__(problem)
        self.problem = problem
