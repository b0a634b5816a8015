"""Separations: pairs of which a person said that they are *not* the same person.

A separation outlives the link it undid: no crosswalk and no run of the linker joins the two again.
"""

from __future__ import annotations

import polars as pl

from features.events import INSTANT

SEPARATIONS = pl.Schema(
    {
        "alias": pl.Int64,
        "citizen": pl.Int64,
        "known_at": INSTANT,
        "source": pl.String,  # who said so: a place in the organisation, not a name
    }
)


def without_separated(pairs: pl.DataFrame, separations: pl.DataFrame) -> pl.DataFrame:
    """The ``pairs`` (``alias, citizen``, whatever else) that nobody separated, either way round."""
    if separations.is_empty():
        return pairs
    said = separations.select("alias", "citizen")
    turned = said.select(alias="citizen", citizen="alias")
    return pairs.join(
        pl.concat([said, turned]), on=["alias", "citizen"], how="anti", maintain_order="left"
    )
