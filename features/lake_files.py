"""The files of a table of the lake: where they are, and whose rows they hold."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl
from deltalake import DeltaTable
from numpy.typing import NDArray

HOT = -1
"""The bucket of rows that came in small landings and are not settled yet."""

NO_FILES = pl.Schema(
    {
        "path": pl.String(),
        "num_records": pl.Int64(),
        "bucket": pl.Int32(),
        "lowest": pl.Int64(),
        "highest": pl.Int64(),
    }
)
"""A list of files; ``lowest`` and ``highest`` are the range of citizens in each."""


def files_of(table: DeltaTable) -> pl.DataFrame:
    """The files of the version that ``table`` holds, by path, as :data:`NO_FILES`."""
    files = pl.DataFrame(table.get_add_actions(flatten=True))
    named = {"partition.bucket": "bucket", "min.citizen": "lowest", "max.citizen": "highest"}
    files = files.rename({old: new for old, new in named.items() if old in files.columns})
    missing = [pl.lit(None).alias(name) for name in NO_FILES if name not in files.columns]
    return files.with_columns(missing).select(NO_FILES.keys()).cast(NO_FILES).sort("path")


@dataclass(frozen=True, slots=True)
class Places:
    """A list of files as arrays."""

    paths: tuple[str, ...]
    bucket: NDArray[np.int64]
    lowest: NDArray[np.int64]
    highest: NDArray[np.int64]
    hot: frozenset[str]

    @classmethod
    def of(cls, files: pl.DataFrame) -> Places:
        """Out of a list as :func:`files_of` makes it."""
        bucket, lowest, highest = (
            files[name].cast(pl.Int64).to_numpy() for name in ("bucket", "lowest", "highest")
        )
        hot = frozenset(files.filter(pl.col("bucket") == HOT)["path"])
        return cls(tuple(files["path"]), bucket, lowest, highest, hot)
