"""How MLflow loads one of our bundles as a generic Python model, without a pickled class.

MLflow imports this module by name and calls :func:`_load_pyfunc` with the folder of the bundle.
The model answers with unaided take-up for signals alone; suggestions need rules and gates too,
and come from serving.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import polars as pl

from models.bundle import Bundle


class TakeUp:
    """Unaided take-up within the horizon, for every service, from a pandas frame of signals."""

    def __init__(self, bundle: Bundle) -> None:
        self._bundle = bundle

    def predict(self, data: pd.DataFrame, params: dict[str, Any] | None = None) -> pd.DataFrame:
        """One column per service. The columns of ``data`` are the bundle's signals, in order."""
        columns = {
            name: pl.Series(
                name, data[name].to_numpy(dtype=np.float32, na_value=np.nan), pl.Float32
            )
            for name in data.columns
        }
        matrix = self._bundle.columns.matrix(pl.DataFrame(columns))
        known = np.ones(len(matrix), dtype=np.bool_)
        return pd.DataFrame(
            {
                service: head.unaided.estimate(matrix, known)
                for service, head in self._bundle.heads.items()
            }
        )


def _load_pyfunc(path: str) -> TakeUp:
    return TakeUp(Bundle.load(Path(path)))
