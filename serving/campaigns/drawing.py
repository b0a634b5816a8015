"""Who is approached and who is held out: a seeded draw that anyone can repeat."""

from __future__ import annotations

from math import ceil

import numpy as np
import polars as pl

from serving.errors import InvalidRequestError

APPROACH = "approach"
HOLDOUT = "holdout"


def pool_size(capacity: int, holdout: float) -> int:
    """How many people are drawn from, so that ``capacity`` remain to be approached.

    >>> pool_size(200, 0.2)
    250
    """
    if capacity < 1:
        raise InvalidRequestError("capacity is the number of people to approach: at least 1")
    if not 0 < holdout < 1:
        raise InvalidRequestError(
            "holdout is the share that is not approached, between 0 and 1: without one, "
            "nobody can tell what the campaign caused"
        )
    return ceil(round(capacity / (1 - holdout), 9))


def draw(ranked: pl.DataFrame, *, capacity: int, holdout: float, seed: int) -> pl.DataFrame:
    """The pool with the arm of each person.

    The pool is the top of ``ranked``; inside it chance alone decides, so the two arms differ by
    the approach and nothing else. Never more than ``capacity`` are approached. When there are
    fewer people than wanted the share held out stays the same.

    Parameters
    ----------
    ranked
        citizen Int64, need Float64, one row per citizen, most needed first.

    Returns
    -------
    The pool: citizen, need, place (from 1), arm (``approach`` or ``holdout``).
    """
    pool = ranked.head(pool_size(capacity, holdout))
    held_out = max(round(pool.height * holdout), pool.height - capacity)
    chance = np.random.default_rng(seed).permutation(pool.height)
    arms = np.where(chance < held_out, HOLDOUT, APPROACH)
    return pool.select("citizen", "need").with_columns(
        place=pl.int_range(1, pool.height + 1, dtype=pl.Int64),
        arm=pl.Series(arms.tolist(), dtype=pl.String),
    )
