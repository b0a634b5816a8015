"""Weighing: what a model may say, what a tie is, and what a new run writes."""

from __future__ import annotations

import itertools
import json
import math
from datetime import UTC, datetime

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from features.linkage.comparisons import COMPARISONS
from features.linkage.model import LinkageModel, smoothed
from features.linkage.weighing import changed, weighed
from features.matches import standing

NOW = datetime(2026, 6, 1, tzinfo=UTC)
LATER = datetime(2026, 7, 1, tzinfo=UTC)
MODEL = LinkageModel(
    0.001, {one.id: {level.id: (0.5, 0.1) for level in one.levels} for one in COMPARISONS}
)
SCHEMES = pl.DataFrame({"alias": [1, 2], "scheme": ["client", "client"]})
SHARES = st.one_of(st.none(), st.floats(0, 1))


def pairs(*told: tuple[int, int, float]) -> pl.DataFrame:
    """Candidates (alias, citizen, bits): the family name says it all."""
    return pl.DataFrame(
        [
            {"alias": alias, "citizen": citizen}
            | {one.id: None for one in COMPARISONS}
            | {f"{one.id}_bits": 0.0 for one in COMPARISONS}
            | {"family": "same", "family_bits": bits}
            for alias, citizen, bits in told
        ],
        schema_overrides={one.id: pl.String for one in COMPARISONS},
    )


def test_one_candidate_has_the_probability_that_bayes_gives_it() -> None:
    found = weighed(pairs((1, 11, 20.0)), MODEL, SCHEMES, NOW).row(0, named=True)
    odds = 2**20.0 * 2 ** round(math.log2(0.001 / 0.999), 3)
    assert found["weight"] == 20
    assert found["prior"] == round(math.log2(0.001 / 0.999), 3)
    assert found["probability"] == pytest.approx(odds / (1 + odds), abs=1e-6)
    assert json.loads(found["contributions"])["family"] == ["same", 20.0]
    assert found["model"] == MODEL.checksum


def test_two_who_fit_equally_well_share_a_probability_below_a_half() -> None:
    found = weighed(pairs((1, 11, 40.0), (1, 12, 40.0), (2, 11, 40.0)), MODEL, SCHEMES, NOW)
    assert found["probability"].to_list() == [0.5, 0.5, 1.0]


def test_a_near_tie_is_not_a_match_for_a_strict_purpose() -> None:
    found = weighed(pairs((1, 11, 40.0), (1, 12, 37.0)), MODEL, SCHEMES, NOW)
    assert found["probability"].to_list() == pytest.approx([8 / 9, 1 / 9], abs=1e-6)


@given(st.lists(st.floats(-10, 60), min_size=1, max_size=6))
def test_no_alias_has_two_candidates_above_a_half(bits: list[float]) -> None:
    told = [(1, 10 + place, one) for place, one in enumerate(bits)]
    found = weighed(pairs(*told), MODEL, SCHEMES, NOW)["probability"]
    assert found.sum() <= 1.00001
    assert (found > 0.5).sum() <= 1


@given(st.lists(st.tuples(SHARES, SHARES), min_size=2, max_size=5))
def test_a_model_adds_up_and_a_looser_level_never_says_more(
    seen: list[tuple[float | None, float | None]],
) -> None:
    levels = list(smoothed({str(place): one for place, one in enumerate(seen)}).values())
    assert sum(m for m, _ in levels) == pytest.approx(1, abs=1e-6)
    assert sum(u for _, u in levels) == pytest.approx(1, abs=1e-6)
    said = [m / u for m, u in levels]
    ratios = [one for one, (same, _) in zip(said, seen, strict=True) if same is not None]
    assert all(loose <= strict * 1.001 for strict, loose in itertools.pairwise(ratios))


def test_a_model_is_read_as_it_was_written() -> None:
    assert LinkageModel.from_json(MODEL.to_json()) == MODEL


def test_a_run_that_finds_the_same_writes_nothing() -> None:
    held = weighed(pairs((1, 11, 20.0)), MODEL, SCHEMES, NOW)
    again = weighed(pairs((1, 11, 20.0)), MODEL, SCHEMES, LATER)
    assert changed(again, held, LATER).is_empty()


def test_what_fell_away_stands_until_then_and_no_longer() -> None:
    held = weighed(pairs((1, 11, 20.0), (2, 12, 20.0)), MODEL, SCHEMES, NOW)
    new = weighed(pairs((1, 11, 21.0)), MODEL, SCHEMES, LATER)
    versions = pl.concat([held, changed(new, held, LATER)])
    assert versions.height == 4
    before = standing(versions.filter(pl.col("known_at") <= NOW))
    assert before.sort("alias")["weight"].to_list() == [20.0, 20.0]
    assert standing(versions).select("alias", "weight").rows() == [(1, 21.0)]
