"""From candidate pairs to matches: what the comparisons add up to, beside the other candidates."""

from __future__ import annotations

import json
from datetime import datetime

import polars as pl

from features.linkage.comparisons import COMPARISONS
from features.linkage.model import LinkageModel
from features.matches import MATCHES, SOURCE

LEAST = 1e-6
"""The probability of a pair that stands: zero is one that fell away."""


def weighed(
    pairs: pl.DataFrame, model: LinkageModel, schemes: pl.DataFrame, known_at: datetime
) -> pl.DataFrame:
    """``pairs`` (:func:`features.linkage.splink_linker.candidates`) as :data:`MATCHES`.

    An alias is one person at most, so its candidates share one probability: each one's odds over
    one plus the odds of all. Two that fit equally well get less than a half each, however well
    they fit: a tie is no match.

    Parameters
    ----------
    schemes
        ``alias, scheme``.
    """
    bits = [f"{one.id}_bits" for one in COMPARISONS]
    odds = 2.0 ** (pl.col("weight") + pl.col("prior"))
    return (
        pairs.with_columns(
            weight=pl.sum_horizontal(bits).round(3), prior=pl.lit(round(model.prior_bits, 3))
        )
        .with_columns(probability=(odds / (1 + odds.sum().over("alias"))).round(6))
        .with_columns(pl.col("probability").clip(lower_bound=LEAST))
        .with_columns(
            contributions=pl.struct([one.id for one in COMPARISONS] + bits).map_elements(
                _contributions, return_dtype=pl.String
            ),
            model=pl.lit(model.checksum),
            known_at=pl.lit(known_at).cast(MATCHES["known_at"]),
            source=pl.lit(SOURCE),
        )
        .join(schemes, on="alias", how="left", maintain_order="left")
        .select(MATCHES.names())
        .cast(MATCHES)
    )


def changed(new: pl.DataFrame, held: pl.DataFrame, known_at: datetime) -> pl.DataFrame:
    """The versions to add so that ``new`` holds where ``held`` (both :data:`MATCHES`) does now:
    pairs that are new or weigh differently, and pairs that fell away at a probability of zero.
    """
    content = [name for name in MATCHES.names() if name != "known_at"]
    fresh = new.join(held, on=content, how="anti", nulls_equal=True, maintain_order="left")
    gone = held.join(new, on=["alias", "citizen"], how="anti", maintain_order="left")
    ended = gone.with_columns(
        probability=pl.lit(0.0), known_at=pl.lit(known_at).cast(MATCHES["known_at"])
    )
    return pl.concat([fresh, ended])


def _contributions(row: dict[str, str | float | None]) -> str:
    told = {one.id: [row[one.id], row[f"{one.id}_bits"]] for one in COMPARISONS}
    return json.dumps(told)
