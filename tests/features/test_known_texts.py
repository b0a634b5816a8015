"""Known texts: found as they were given, and never by their hash alone."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from features import known_texts
from features.known_texts import KnownTexts

TEXTS = st.lists(st.text(max_size=3), unique=True, max_size=20)


def known(texts: list[str], first: int = 0) -> KnownTexts:
    citizens = pl.Series(range(first, first + len(texts)), dtype=pl.Int64)
    return KnownTexts(pl.Series(texts, dtype=pl.String), citizens)


@given(TEXTS, st.integers(0, 20), st.lists(st.text(max_size=3) | st.none(), max_size=20))
def test_every_text_has_its_own_citizen(
    texts: list[str], cut: int, others: list[str | None]
) -> None:
    held = known(texts[:cut]).with_new(known(texts[cut:], first=len(texts[:cut])))
    asked: list[str | None] = [*texts, *others]
    wanted = [texts.index(text) if text in texts else None for text in asked]
    assert held.citizens_of(pl.Series(asked, dtype=pl.String)).to_list() == wanted


def test_texts_of_one_hash_are_told_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    def the_same(texts: pl.Series) -> np.ndarray:
        return np.full(len(texts), 7, dtype=np.uint64)

    monkeypatch.setattr(known_texts, "hashes", the_same)
    assert known(["a", "b"]).citizens_of(pl.Series(["a", "b", "c"])).to_list() == [0, None, None]
