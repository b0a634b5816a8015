"""A simulated municipality as the tests see it."""

from __future__ import annotations

import gzip
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl

from features.pack import Pack
from features.sources.synthetic import SimulationReport


@dataclass(frozen=True)
class Municipality:
    """A simulated municipality and where it was written."""

    pack: Pack
    report: SimulationReport
    silos: Path
    truth: Path

    def table(self, pattern: str, separator: str = ",") -> pl.DataFrame:
        """All delimited files of a pattern, every column as text."""
        files = sorted(self.silos.glob(pattern))
        assert files, pattern
        return pl.concat(
            pl.read_csv(_bytes(file), separator=separator, infer_schema=False) for file in files
        )


def _bytes(file: Path) -> bytes:
    data = file.read_bytes()
    return gzip.decompress(data) if file.suffix == ".gz" else data


def mean(values: pl.Series) -> float:
    """The mean of numbers or truths."""
    return float(np.mean(values.drop_nulls().to_numpy()))
