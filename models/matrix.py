"""The guard between Polars and LightGBM: names, order and types, checked at every call.

LightGBM does not check the order of a Polars frame's columns and aborts the process on columns
that are not numbers. Whatever goes into a head passes here.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from features.families.base import Signal
from features.remembered import remembered
from models.errors import MatrixError

Matrix = NDArray[np.float32]
Vector = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Columns:
    """The signals that a bundle's heads take, in order.

    Parameters
    ----------
    names
        Column names in the order of the matrix.
    categories
        Those that hold integer codes without an order.
    """

    names: tuple[str, ...]
    categories: frozenset[str] = frozenset()

    @classmethod
    def of(cls, signals: Iterable[Signal]) -> Columns:
        """The columns of a pack's signals."""
        signals = tuple(signals)
        return cls(
            names=tuple(signal.name for signal in signals),
            categories=frozenset(signal.name for signal in signals if signal.kind == "category"),
        )

    @property
    def category_positions(self) -> list[int]:
        """The positions of the categories."""
        return [place for place, name in enumerate(self.names) if name in self.categories]

    def only(self, positions: Sequence[int]) -> Columns:
        """The columns at some positions."""
        names = tuple(self.names[position] for position in positions)
        return Columns(names, self.categories & frozenset(names))

    def as_dict(self) -> list[dict[str, Any]]:
        """For JSON: a list of name, dtype and kind."""
        return [
            {
                "name": name,
                "dtype": "float32",
                "kind": "category" if name in self.categories else "number",
            }
            for name in self.names
        ]

    @classmethod
    def from_dict(cls, columns: list[dict[str, Any]]) -> Columns:
        """The inverse of :meth:`as_dict`."""
        return cls(
            names=tuple(column["name"] for column in columns),
            categories=frozenset(
                column["name"] for column in columns if column["kind"] == "category"
            ),
        )

    def matrix(self, signals: pl.DataFrame) -> Matrix:
        """``signals`` as a row-major float32 matrix; null becomes NaN, which trees read as
        *unknown*.

        Raises
        ------
        MatrixError
            When a column is missing, superfluous, out of order or not Float32.
        """
        if signals.height == 1:
            return _of_one(self, signals)
        self._check(signals)
        values = signals.drop("citizen", strict=False).to_numpy(order="c")
        return np.ascontiguousarray(values, dtype=np.float32)

    def _check(self, signals: pl.DataFrame) -> None:
        """Raise MatrixError unless these are the columns."""
        found = [name for name in signals.columns if name != "citizen"]
        if tuple(found) != self.names:
            raise MatrixError(self._difference(found))
        for name, dtype in zip(signals.columns, signals.dtypes, strict=True):
            if not isinstance(dtype, pl.Float32) and name != "citizen":
                raise MatrixError(f"signals must be Float32, and {name} is {dtype}")

    def _difference(self, found: list[str]) -> str:
        missing = [name for name in self.names if name not in set(found)]
        extra = [name for name in found if name not in set(self.names)]
        if missing or extra:
            return (
                "the signals are not those the model was trained on: "
                f"missing {missing[:5]}, not expected {extra[:5]}; train anew or use the pack "
                "that the bundle names"
            )
        return (
            "the signals stand in another order than the model was trained on; select "
            "them by the bundle's columns"
        )


@remembered(8)
def _of_one(columns: Columns, signals: pl.DataFrame) -> Matrix:
    """The row of the one citizen whom somebody waits for, checked and made once for all heads and
    cards."""
    columns._check(signals)
    named = zip(signals.columns, signals.row(0), strict=True)
    made = np.array([[one for name, one in named if name != "citizen"]], dtype=np.float32)
    made.flags.writeable = False
    return made
