"""Ranking: need times value, pressed by time; few places; a draw whose chances are known."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.gates import GateState
from models.gates.base import LIFE_EVENTS
from models.ranking import MOST_INTERVENTIONS, rank
from models.ranking_of_one import rank_of_one
from tests.contracts.test_gates import AS_OF, PACK, _service

MANY = tuple(f"s{number}" for number in range(9))
STATE = GateState(
    replace(
        PACK,
        services={
            **{name: _service(value=1 + index % 3) for index, name in enumerate(MANY)},
            "moving-in": _service(triggers=["moving"], deadline_days=60),
            **{name: _service(kind="intervention") for name in ("visit", "coach", "call")},
        },
    ),
    AS_OF,
)


def candidates(needs: dict[str, float | None], citizen: int = 1, **more: object) -> pl.DataFrame:
    rows = [
        {"citizen": citizen, "service": name, "eligible": True, "need": need, "withheld_by": None}
        | more
        for name, need in needs.items()
    ]
    return pl.DataFrame(
        rows,
        schema={
            "citizen": pl.Int64,
            "service": pl.String,
            "eligible": pl.Boolean,
            "need": pl.Float64,
            "withheld_by": pl.String,
        },
    )


def shown(ranked: pl.DataFrame) -> list[str]:
    return ranked.filter("shown").sort("rank")["service"].to_list()


def moved(days_ago: int) -> GateState:
    at = AS_OF - timedelta(days=days_ago)
    row = (1, "moving", at, at, "desk", days_ago < 0)
    return replace(STATE, life_events=pl.DataFrame([row], schema=LIFE_EVENTS, orient="row"))


def test_need_times_value_decides() -> None:
    ranked = rank(candidates({"s0": 0.5, "s1": 0.3, "s2": 0.1}), STATE)
    assert shown(ranked) == ["s1", "s0", "s2"]


def test_ties_go_to_the_name_and_the_order_of_rows_does_not_matter() -> None:
    needs = {"s3": 0.5, "s0": 0.5, "s6": 0.5}
    ranked = rank(candidates(needs), STATE)
    assert shown(ranked) == ["s0", "s3", "s6"]
    backwards = rank(candidates(needs)[::-1], STATE)
    assert backwards[::-1].equals(ranked)


@pytest.mark.parametrize(
    ("days_ago", "group", "has_deadline"),
    [(5, "now", True), (30, "now", True), (70, "soon", False), (-30, "soon", True)],
)
def test_a_life_event_presses(days_ago: int, group: str, has_deadline: bool) -> None:
    ranked = rank(candidates({"moving-in": 0.4, "s0": 0.5}), moved(days_ago))
    row = ranked.row(0, named=True)
    assert (row["group"], row["deadline"] is not None) == (group, has_deadline)
    assert row["life_event"] == "moving"
    assert (row["rank"] == 1) == (group == "now")


def test_what_fits_without_a_trigger_is_soon_and_what_must_be_found_out_is_later() -> None:
    ranked = rank(candidates({"s0": 0.5}).with_columns(eligible=pl.Series([True])), STATE)
    assert ranked["group"].to_list() == ["soon"]
    unknown = candidates({"s0": 0.5}).with_columns(eligible=pl.lit(None, dtype=pl.Boolean))
    assert rank(unknown, STATE)["group"].to_list() == ["later"]


def test_three_places_are_filled_and_more_only_when_it_is_worth_a_look() -> None:
    small = dict.fromkeys(MANY, 0.01)
    assert len(shown(rank(candidates(small), STATE))) == 3
    assert len(shown(rank(candidates(dict.fromkeys(MANY, 0.4)), STATE))) == 5
    four = {name: 0.4 if index < 4 else 0.0 for index, name in enumerate(MANY)}
    assert len(shown(rank(candidates(four), STATE))) == 4
    assert len(shown(rank(candidates({"s0": None}), STATE))) == 1


def test_interventions_have_places_of_their_own() -> None:
    ranked = rank(candidates(dict.fromkeys((*MANY, "visit", "coach", "call"), 0.4)), STATE)
    assert {"call", "coach"} <= set(shown(ranked))
    assert len(shown(ranked)) == 5 + MOST_INTERVENTIONS
    assert ranked["propensity"].sum() == len(shown(ranked))


def test_what_a_gate_held_has_no_place() -> None:
    held = candidates({"s0": 0.9}, withheld_by="objection")
    ranked = rank(pl.concat([held, candidates({"s1": 0.2})]), STATE)
    assert shown(ranked) == ["s1"]
    assert ranked.row(0, named=True)["rank"] is None
    assert ranked.row(0, named=True)["propensity"] is None


@given(
    needs=st.lists(st.floats(0, 1), min_size=1, max_size=9),
    slots=st.integers(1, 6),
    exploration=st.floats(0, 1),
    seed=st.integers(0, 1000),
)
@settings(max_examples=60)
def test_chances_add_up_to_the_places(
    needs: list[float], slots: int, exploration: float, seed: int
) -> None:
    frame = candidates(dict(zip(MANY, needs, strict=False)))
    ranked = rank(frame, STATE, slots=slots, exploration=exploration, seed=seed)
    assert ranked["propensity"].sum() == pytest.approx(ranked["shown"].sum())
    assert ranked.filter("shown")["propensity"].min() > 0  # type: ignore[operator]
    again = rank(frame, STATE, slots=slots, exploration=exploration, seed=seed)
    assert again.equals(ranked)


def test_the_draw_keeps_to_its_chances() -> None:
    needs = {name: 0.9 - 0.05 * index for index, name in enumerate(MANY)}
    people = pl.concat([candidates(needs, citizen) for citizen in range(4000)])
    ranked = rank(people, STATE, slots=3, exploration=0.3, seed=5)
    shares = ranked.group_by("service").agg(pl.col("shown").mean(), pl.col("propensity").first())
    assert np.allclose(shares["shown"], shares["propensity"], atol=0.03)
    assert ranked["explored"].mean() == pytest.approx(0.3 / len(MANY), abs=0.01)
    assert not rank(people, STATE, slots=3)["explored"].any()


def test_a_share_is_a_share() -> None:
    with pytest.raises(ValueError, match="between 0 and 1"):
        rank(candidates({"s0": 0.5}), STATE, exploration=1.5)


def test_nobody_is_fine() -> None:
    assert rank(candidates({}), STATE).is_empty()


@given(data=st.data(), slots=st.integers(1, 6), seed=st.integers(0, 99))
@settings(max_examples=150, deadline=None)
def test_one_citizen_is_placed_as_everybody_is(data: st.DataObject, slots: int, seed: int) -> None:
    services = data.draw(st.permutations(list(STATE.pack.services)))
    needs = st.sampled_from([None, 0.0, 0.01, 0.05, 0.3, 0.30000000000000004, 0.9])
    citizen = data.draw(st.sampled_from([1, -5, 2**62]))
    frame = candidates({name: data.draw(needs) for name in services}, citizen)
    size = {"min_size": frame.height, "max_size": frame.height}
    some = data.draw(st.lists(st.sampled_from([True, False, None]), **size))
    held = data.draw(st.lists(st.sampled_from([None, None, "objection"]), **size))
    frame = frame.with_columns(
        pl.Series("eligible", some, pl.Boolean), pl.Series("withheld_by", held, pl.String)
    )
    ago = data.draw(st.lists(st.integers(-200, 200), max_size=3, unique_by=abs))
    rows = [
        (of, "moving", AS_OF - timedelta(days=days), AS_OF, "desk", days < 0)
        for of in (citizen, 7)
        for days in ago
    ]
    state = replace(STATE, life_events=pl.DataFrame(rows, schema=LIFE_EVENTS, orient="row"))
    exploration = data.draw(st.sampled_from([0.0, 0.4, 1.0]))
    asked = {"slots": slots, "exploration": exploration, "seed": seed}
    one = rank_of_one(frame, state, **asked)  # type: ignore[arg-type]
    assert one.equals(rank(frame, state, **asked))  # type: ignore[arg-type]
    assert one.schema == rank(frame, state, **asked).schema  # type: ignore[arg-type]
