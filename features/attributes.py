"""Attributes of events: texts in JSON, of which a few names are read."""

from __future__ import annotations

import numpy as np
import polars as pl

from features.codes import Codes, codes, hashed

ATTRIBUTES = ("$.step", "$.activity", "$.subject")
"""The attributes of which codes are made."""

_KEPT = 65_536
_kept: dict[int, tuple[int, ...]] = {}
"""By the code of a text, the codes of its attributes: of few texts to work them out takes longer
than all else. No text is kept."""


def attribute_codes(texts: pl.Series, said: Codes, *, few: bool) -> list[Codes]:
    """The codes of each of :data:`ATTRIBUTES` in ``texts``, which are different (one may be null),
    with the codes ``said``; ``few`` as those were made (:func:`features.codes.codes`)."""
    if not few:
        columns = hashed(_read(texts))
        return [columns[path] for path in ATTRIBUTES]
    found = {one: _kept.get(one) for one in said.tolist()}
    new = [place for place, known in enumerate(found.values()) if known is None]
    if new:
        read = _read(texts[new])
        each = zip(*(codes(read[path]).tolist() for path in ATTRIBUTES), strict=True)
        fresh = dict(zip(said[new].tolist(), each, strict=True))
        if len(_kept) + len(fresh) > _KEPT:
            _kept.clear()
        _kept.update(fresh)
        found |= fresh
    rows = np.array(list(found.values()), dtype=np.uint64)
    return list(np.ascontiguousarray(rows.reshape(len(found), len(ATTRIBUTES)).T))


def _read(texts: pl.Series) -> pl.DataFrame:
    return (
        texts.alias("said")
        .to_frame()
        .select(pl.col("said").str.json_path_match(path).alias(path) for path in ATTRIBUTES)
    )
