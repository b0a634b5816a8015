"""Stand-ins: a relation that named an erased citizen keeps its place and names nobody.

That a citizen has a child is the citizen's own record: without it they would be counted childless,
and with no relative at all two versions of one relation would be counted as two children. So the
relative becomes a number that stands for *this unknown relative of this citizen* and for nobody
elsewhere, the same at each delivery; when they were born goes, and so does the number they were
delivered under; what depends on it is unknown.
"""

from __future__ import annotations

import polars as pl

from features.pseudonyms import Pseudonyms


def unnamed(relations: pl.DataFrame, erased: pl.Series, pseudonyms: Pseudonyms) -> pl.DataFrame:
    """``relations`` in which the relative of each ``erased`` row (Boolean) is a stand-in.

    Needs ``citizen``, ``relative`` (Int64) and ``relative_birth_date``.
    """
    pairs = pl.format("{} {}", "citizen", "relative")
    texts = relations.select(pl.when(erased).then(pairs)).to_series()
    stand_ins = pseudonyms.of("unnamed relative", texts)
    known = [
        name for name in ("relative_birth_date", "relative_alias") if name in relations.columns
    ]
    return relations.with_columns(
        *(pl.when(~erased).then(name).alias(name) for name in known),
        relative=stand_ins.zip_with(erased, relations["relative"]),
    )
