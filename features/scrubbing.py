"""Scrubbing: no citizen's number, name or address travels on inside a case number or a note.

A number or text found is replaced by a keyed token: equal in every silo, so that cases still
meet, and saying nothing.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

import polars as pl

from features.pseudonyms import Pseudonyms, bsn_valid
from features.tombstones import Tombstones

ERASED = "erased"
"""What stands where the token of an erased citizen's number would."""

_SHAPES = (r"[0-9]{9}", r"[0-9]{4}[. ][0-9]{2}[. ][0-9]{3}", r"[0-9]{3}[. ][0-9]{3}[. ][0-9]{3}")
_LIKELY = "|".join(_SHAPES)
_NUMBER = re.compile(rf"(?<![0-9])(?:{_LIKELY})(?![0-9])")
_SHORTEST = 4
"""An identity value shorter than this is found inside too many innocent texts."""


class Scrubber:
    """Replaces identifying texts by tokens.

    Parameters
    ----------
    pseudonyms
        Whose key makes the tokens.
    tombstones
        Whose numbers get no token any more.
    """

    def __init__(self, pseudonyms: Pseudonyms, tombstones: Tombstones | None = None) -> None:
        self._pseudonyms = pseudonyms
        self._tombstones = tombstones

    def numbers(self, texts: pl.Series) -> pl.Series:
        """``texts`` without numbers that pass as a BSN (nine digits that pass the 11-test)."""
        likely = texts.filter(texts.str.contains(_LIKELY).fill_null(False)).unique()
        if likely.is_empty():
            return texts
        clean = pl.Series([self.text(text) for text in likely], dtype=pl.String)
        return texts.replace(likely, clean)

    def text(self, text: str) -> str:
        """One text, as :meth:`numbers`."""
        return _NUMBER.sub(self._number, text)

    def own(self, texts: pl.Series, identities: Sequence[pl.Series]) -> pl.Series:
        """``texts`` without the identity values that stand on the same row, and numbers."""
        if texts.null_count() == texts.len():
            return texts
        for identity in identities:
            texts = self._without(texts, identity)
        return self.numbers(texts)

    def _without(self, texts: pl.Series, identity: pl.Series) -> pl.Series:
        pair = pl.DataFrame({"text": texts, "own": identity.cast(pl.String).str.strip_chars()})
        inside = pl.col("text").str.contains(pl.col("own"), literal=True)
        long_enough = pl.col("own").str.len_chars() >= _SHORTEST
        found = pair.select(
            ((pl.col("text") == pl.col("own")) | (inside & long_enough)).fill_null(value=False)
        ).to_series()
        if not found.any():
            return texts
        hits = pair.filter(found).unique()
        clean = [text.replace(own, self._token(own)) for text, own in hits.iter_rows()]
        replaced = pair.join(
            hits.with_columns(clean=pl.Series(clean, dtype=pl.String)),
            on=["text", "own"],
            how="left",
            maintain_order="left",
        )
        return replaced["clean"].zip_with(found, texts)

    def _number(self, match: re.Match[str]) -> str:
        digits = re.sub("[^0-9]", "", match.group())
        valid: bool = bsn_valid(pl.Series([digits], dtype=pl.String))[0]
        return self._token(digits) if valid else match.group()

    def _token(self, text: str) -> str:
        token = self._pseudonyms.token("text", text)[:16]
        return ERASED if self._tombstones and self._tombstones.has(token) else token


def holds_bsn(text: str) -> bool:
    """Whether a number that passes as a BSN stands in ``text``."""
    digits = [re.sub("[^0-9]", "", found) for found in _NUMBER.findall(text)]
    return bool(digits) and bool(bsn_valid(pl.Series(digits, dtype=pl.String)).any())
