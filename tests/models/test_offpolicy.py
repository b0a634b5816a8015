"""Off-policy evaluation: known values are covered, and nothing is said without support."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.ledger import LEDGER
from models.offpolicy import (
    by_score,
    evaluate_policy,
    explored_slots,
    greedy,
    logged,
    uniform,
)
from models.offpolicy.estimating import PolicyValue

NOW = datetime(2026, 1, 1, tzinfo=UTC)
ACCEPTED = {"a": 0.5, "b": 0.2, "c": 0.35}
"""The true share accepted of each service in the last place."""
EXPLORATION = 0.4


def ledger(slates: int, seed: int, *, per_citizen: int = 2) -> pl.DataFrame:
    """Slates of four places' worth: ``first`` always shown, then one of a, b and c, in an order of
    their own; drawn as the ranking draws."""
    random = np.random.default_rng(seed)
    rows = []
    for slate in range(slates):
        order = list(random.permutation(list(ACCEPTED)))
        chances = np.full(3, EXPLORATION / 3) + np.array([1 - EXPLORATION, 0, 0])
        shown = int(random.choice(3, p=chances))
        common = {
            "slate": f"s{slate}",
            "citizen": slate // per_citizen,
            "kind": "service",
            "at": NOW - timedelta(days=90),
        }
        rows.append(common | {"service": "first", "rank": 1, "propensity": 1.0, "shown": True})
        for place, service in enumerate(order):
            accepted = place == shown and random.random() < ACCEPTED[service]
            rows.append(
                common
                | {
                    "service": service,
                    "rank": place + 2,
                    "propensity": float(chances[place]),
                    "shown": place == shown,
                    "outcome": "accepted" if accepted else None,
                }
            )
        rows.append(common | {"service": "gated", "shown": False, "withheld_by": "purpose"})
    return pl.DataFrame(rows, schema_overrides=dict(LEDGER)).select(
        pl.col(name) if name in rows[0] or name == "outcome" else pl.lit(None, dtype).alias(name)
        for name, dtype in LEDGER.items()
    )


def always(rows: pl.DataFrame, service: str) -> np.ndarray:
    scores = rows.select("slate").unique().with_columns(service=pl.lit(service), score=1.0)
    return by_score(rows, scores)


def of(found: PolicyValue) -> dict[str, tuple[float, float, float]]:
    figures = {"ips": found.ips, "snips": found.snips, "dr": found.doubly_robust}
    assert found.why_not is None
    return {
        name: (one.value.value, one.value.low, one.value.high)
        for name, one in figures.items()
        if one is not None
    }


def test_only_places_that_chance_had_a_hand_in_are_slots() -> None:
    found = explored_slots(ledger(20, 1), NOW)
    assert found.count == 20
    assert set(found.rows["service"]) == set(ACCEPTED)
    assert found.rows.group_by("slot").agg(pl.col("propensity").sum())["propensity"].to_list() == (
        pytest.approx([1.0] * 20)
    )


def test_undecided_slots_wait_and_torn_ones_are_left_out() -> None:
    told = ledger(10, 1)
    fresh = told.with_columns(
        at=pl.when(pl.col("slate") == "s3").then(pl.lit(NOW, LEDGER["at"])).otherwise("at"),
        outcome=pl.when(pl.col("slate") != "s3").then("outcome"),
    )
    torn = fresh.filter(~((pl.col("slate") == "s5") & (pl.col("rank") == 4)))
    found = explored_slots(torn, NOW)
    assert (found.open, found.torn, found.count) == (1, 1, 8)


def test_without_exploration_there_is_nothing_to_say() -> None:
    fixed = ledger(20, 1).with_columns(
        propensity=pl.when("shown").then(1.0).when(pl.col("rank").is_not_null()).then(0.0)
    )
    found = explored_slots(fixed, NOW)
    assert found.count == 0
    value = evaluate_policy("any", found.rows, np.empty(0), seed=1)
    assert value.why_not == "few-slots"
    assert value.ips is None


def test_the_logged_policy_is_worth_what_was_seen() -> None:
    rows = explored_slots(ledger(400, 2), NOW).rows
    seen = rows.filter("drawn")["reward"].mean()
    found = of(evaluate_policy("logged", rows, logged(rows), seed=1))
    assert found["ips"][0] == found["snips"][0] == pytest.approx(seen)
    assert found["dr"][0] == pytest.approx(seen, abs=0.02)


@settings(max_examples=12)
@given(seed=st.integers(0, 10_000), service=st.sampled_from(sorted(ACCEPTED)))
def test_a_known_value_lies_near_each_estimate(seed: int, service: str) -> None:
    rows = explored_slots(ledger(500, seed), NOW).rows
    found = of(evaluate_policy(service, rows, always(rows, service), seed=1))
    for value, low, high in found.values():
        assert low <= value <= high
        wide = (high - low) / 3.92
        assert abs(value - ACCEPTED[service]) < 5 * wide, "five standard errors: never by chance"


def test_intervals_hold_the_true_value_as_often_as_they_say() -> None:
    """Of 40 ledgers about 38; fewer than 33 comes by once in two hundred times."""
    held = dict.fromkeys(("ips", "snips", "dr"), 0)
    for seed in range(40):
        rows = explored_slots(ledger(450, 1_000 + seed), NOW).rows
        for name, (_, low, high) in of(
            evaluate_policy("b", rows, always(rows, "b"), seed=seed)
        ).items():
            held[name] += low <= ACCEPTED["b"] <= high
    assert min(held.values()) >= 33


def test_uniform_and_greedy_are_worth_the_mean_of_all() -> None:
    """Ranks are random here, so every rank is worth the same."""
    rows = explored_slots(ledger(1_500, 7), NOW).rows
    mean = sum(ACCEPTED.values()) / 3
    for chances in (uniform(rows), greedy(rows)):
        for value, low, high in of(evaluate_policy("p", rows, chances, seed=1)).values():
            assert value == pytest.approx(mean, abs=0.08)
            assert low < mean < high


def test_what_was_never_drawn_has_no_figure() -> None:
    rows = explored_slots(ledger(400, 3), NOW).rows
    elsewhere = always(rows, "first")
    value = evaluate_policy("elsewhere", rows, elsewhere, seed=1)
    assert value.why_not == "no-support"
    assert value.support.unsupported == pytest.approx(1.0)
    assert value.as_dict()["snips"] is None


@pytest.mark.parametrize(("slates", "reason"), [(60, "few-slots"), (110, "few-effective")])
def test_too_little_evidence_has_no_figure(slates: int, reason: str) -> None:
    rows = explored_slots(ledger(slates, 3), NOW).rows
    assert evaluate_policy("b", rows, always(rows, "b"), seed=1).why_not == reason


def test_citizens_and_not_slots_are_counted() -> None:
    """The same forty citizens a hundred times over are forty citizens."""
    rows = explored_slots(ledger(400, 4, per_citizen=10), NOW).rows
    value = evaluate_policy("b", rows, always(rows, "b"), seed=1)
    assert value.support.citizens == 40
    assert value.why_not == "few-slots"


def test_a_slot_that_a_policy_cannot_speak_of_is_left_out() -> None:
    rows = explored_slots(ledger(400, 5), NOW).rows
    half = rows.filter(pl.col("slot") < 200).select("slate").unique()
    scores = half.with_columns(service=pl.lit("a"), score=1.0)
    value = evaluate_policy("half", rows, by_score(rows, scores), seed=1)
    assert value.support.slots == 200
