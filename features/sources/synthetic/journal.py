"""The journal: what happens in the synthetic municipality, in the order it is simulated.

Nobody in the municipality reads it whole. Each silo writes down its own part, in its own shape.
"""

from __future__ import annotations

from collections import defaultdict
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import ArrayLike, NDArray

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]


class Journal:
    """Columnar notebooks by kind. A row always has ``person`` (row number) and ``day``."""

    def __init__(self) -> None:
        self._pages: dict[str, list[pl.DataFrame]] = defaultdict(list)

    def note(self, page: str, person: Ints, day: ArrayLike, /, **columns: Any) -> None:
        """Write one row per person; ``day`` counts from 1970-01-01. Scalars are repeated.

        A page on which nobody is noted still shows its columns.
        """
        if len(person) == 0 and page in self._pages:
            return
        when = np.broadcast_to(np.asarray(day, np.int64), len(person))
        rows: dict[str, Any] = {"person": person, "day": when}
        for name, value in columns.items():
            whole = isinstance(value, np.ndarray | pl.Series)
            rows[name] = value if whole else np.full(len(person), value)
        self._pages[page].append(pl.DataFrame(rows))

    def read(self, kind: str) -> pl.DataFrame:
        """All rows of a kind, in the order written; an empty frame when there are none."""
        pages = self._pages.get(kind)
        if not pages:
            return pl.DataFrame(schema={"person": pl.Int64, "day": pl.Int64})
        if len(pages) > 1:
            self._pages[kind] = [pl.concat(pages, how="vertical_relaxed")]
        return self._pages[kind][0]

    def kinds(self) -> tuple[str, ...]:
        """The kinds that hold at least one row."""
        return tuple(self._pages)
