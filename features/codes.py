"""Texts as numbers: places in declared words, or codes good for telling equal from not."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import polars as pl
from numpy.typing import NDArray

Codes = NDArray[np.uint64]
"""A number for each text: equal for equal texts, :data:`UNTOLD` where there is none."""

UNTOLD = np.uint64(0)


def codes(texts: pl.Series) -> Codes:
    """A code for each text."""
    found: Codes = texts.hash().to_numpy()
    found = np.where(found == UNTOLD, ~UNTOLD, found)
    return np.where(texts.is_not_null().to_numpy(), found, UNTOLD)


def places(texts: pl.Series, words: tuple[str, ...]) -> NDArray[np.int64]:
    """The place of each text in ``words``; -1 where it is none of them."""
    found = texts.cast(_enum(words), strict=False).to_physical().cast(pl.Int64)
    return (found.fill_null(-1) if found.null_count() else found).to_numpy()


@lru_cache(maxsize=256)
def _enum(words: tuple[str, ...]) -> pl.Enum:
    return pl.Enum(words)
