"""Columns as numbers: the same of few rows and of many."""

from __future__ import annotations

from datetime import UTC, date, datetime

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from features.codes import (
    FEW,
    NO_MOMENT,
    UNTOLD,
    code,
    codes,
    days,
    instants,
    moments,
    places,
    words_at,
)

WORDS = ("moved", "married", "née")
TEXTS = st.lists(st.sampled_from([None, "", "other", *WORDS]), max_size=20)


def long(texts: list[str | None]) -> pl.Series:
    """Too many rows for plain Python: nulls after ``texts``."""
    return pl.Series([*texts, *[None] * (FEW + 1)], dtype=pl.String)


@given(TEXTS)
def test_places_are_those_of_the_words(texts: list[str | None]) -> None:
    expected = [WORDS.index(text) if text in WORDS else -1 for text in texts]
    assert places(pl.Series(texts, dtype=pl.String), WORDS).tolist() == expected
    assert places(long(texts), WORDS)[: len(texts)].tolist() == expected


@given(st.lists(st.integers(-1, 2), max_size=20))
def test_words_are_those_at_the_places(at: list[int]) -> None:
    expected = [WORDS[place] if place >= 0 else None for place in at]
    assert words_at(WORDS, np.array(at, dtype=np.int64)).to_list() == expected
    more = np.array([*at, *[-1] * (FEW + 1)], dtype=np.int64)
    assert words_at(WORDS, more).to_list()[: len(at)] == expected


@given(TEXTS)
def test_codes_are_equal_where_texts_are(texts: list[str | None]) -> None:
    found = codes(pl.Series(texts, dtype=pl.String))
    for one, its in zip(texts, found, strict=True):
        assert (its == UNTOLD) == (one is None)
        for other, theirs in zip(texts, found, strict=True):
            assert (its == theirs) == (one == other)
        if one is not None:
            assert its == code(one, len(texts))


def test_moments_and_days_say_where_there_is_none() -> None:
    noon = datetime(2024, 2, 29, 12, tzinfo=UTC)
    told = pl.Series([noon, None], dtype=pl.Datetime("us", "UTC"))
    assert moments(told).tolist() == [int(noon.timestamp() * 1_000_000), NO_MOMENT]
    assert instants(moments(told)).to_list() == [noon, None]
    born = pl.Series([date(1970, 1, 2), None], dtype=pl.Date)
    assert days(born).tolist() == [1, NO_MOMENT]


@pytest.mark.parametrize("dtype", [pl.Date, pl.Datetime("us", "UTC")])
def test_no_rows_are_no_numbers(dtype: pl.DataType) -> None:
    nothing = pl.Series([], dtype=dtype)
    assert len(days(nothing) if dtype == pl.Date else moments(nothing)) == 0
