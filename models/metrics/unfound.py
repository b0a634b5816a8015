"""Suggestions that people did not find themselves: the share of the first k not taken up unaided.

The complement of precision on unaided take-up. Someone who would have come anyway gains little by
a suggestion; someone who did not come may have had no use for it, so it is read beside the need
reached.
"""

from __future__ import annotations

import polars as pl


def unfound_by_list(first: pl.DataFrame) -> pl.DataFrame:
    """``list, value``, in order of ``list``.

    Parameters
    ----------
    first
        ``list``, ``label`` (1 when taken up without help within the horizon) of the suggestions.
    """
    missed = 1.0 - pl.col("label").cast(pl.Float64)
    return first.group_by("list").agg(missed.mean().alias("value")).sort("list")
