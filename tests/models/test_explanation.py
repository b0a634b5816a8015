"""Explanation: contributions by concept add up to the raw score, and point the right way."""

from __future__ import annotations

import lightgbm as lgb
import numpy as np
import pytest

from features.catalogue import Objective
from models.absence import without
from models.contributions import contributions
from models.explanation import concepts_of, explain_head
from models.heads import Head, Prior, Trees

CONCEPTS = ("money", "money", "home", "age")
RNG = np.random.default_rng(1)
MATRIX = RNG.normal(size=(600, 4)).astype(np.float32)


def trees(weights: list[float]) -> Trees:
    label = (MATRIX @ np.array(weights) + RNG.normal(0, 0.3, 600) > 0).astype(float)
    settings = {"objective": "binary", "num_leaves": 7, "verbosity": -1, "num_threads": 1}
    return Trees(lgb.train(settings, lgb.Dataset(MATRIX, label), 30).model_to_string())


UNAIDED, ENTITLED = trees([2, 1, 0, 0]), trees([0, 0, 2, -1])


def head(objective: Objective = Objective.UNMET_NEED, **parts: object) -> Head:
    told = {"unaided": UNAIDED, "entitled": ENTITLED} | parts
    return Head("aid", objective, 180, "granted", **told)  # type: ignore[arg-type]


@pytest.mark.parametrize("known", [True, False])
@pytest.mark.parametrize("place", [0, 7, 99])
def test_contributions_and_base_add_up_to_the_raw_score(known: bool, place: int) -> None:
    row = MATRIX[place : place + 1]
    explained = explain_head(head(), row, CONCEPTS, known=known)
    assert explained is not None
    asked = UNAIDED if known else ENTITLED
    assert explained.part == ("unaided" if known else "entitled")
    raw = float(asked.booster.predict(row, raw_score=True)[0])  # type: ignore[index,arg-type]
    added = explained.base + sum(one.value for one in explained.contributions)
    assert explained.raw == pytest.approx(raw)
    assert added == pytest.approx(raw)


def test_signals_of_a_concept_are_told_together_heaviest_first() -> None:
    explained = explain_head(head(), np.full((1, 4), 2.0, np.float32), CONCEPTS, known=True)
    assert explained is not None
    names = [one.concept for one in explained.contributions]
    assert len(names) == len(set(names))
    assert names[0] == "money"
    sizes = [abs(one.value) for one in explained.contributions]
    assert sizes == sorted(sizes, reverse=True)


def test_what_makes_one_apply_alone_speaks_against_where_need_is_sought() -> None:
    rich = np.full((1, 4), 2.0, np.float32)
    need = explain_head(head(), rich, CONCEPTS, known=True)
    uptake = explain_head(head(Objective.UPTAKE, entitled=None), rich, CONCEPTS, known=True)
    entitled = explain_head(head(), rich, CONCEPTS, known=False)
    assert need is not None
    assert uptake is not None
    assert entitled is not None
    assert need.contributions[0].value > 0 > need.contributions[0].toward
    assert uptake.contributions[0].toward > 0
    assert all(one.value == one.toward for one in entitled.contributions)


def test_a_prior_has_nothing_learned_to_explain() -> None:
    prior = Prior(0.2, 0.1)
    row = MATRIX[:1]
    assert explain_head(head(unaided=prior, entitled=prior), row, CONCEPTS, known=False) is None
    assert explain_head(head(unaided=prior), row, CONCEPTS, known=True) is None


def test_an_undeclared_signal_is_told_under_other() -> None:
    assert concepts_of(["x"], []) == ("other",)


@pytest.mark.parametrize("known", [True, False])
def test_removing_what_is_told_moves_the_score_as_told(known: bool) -> None:
    """Without a concept the score falls, or rises, as its contribution says. What weighs much is
    missed when it is gone; what is not missed is not told."""
    asked = UNAIDED if known else ENTITLED
    heavy = []
    for place in range(60):
        row = MATRIX[place : place + 1]
        explained = explain_head(head(), row, CONCEPTS, known=known)
        assert explained is not None
        for one in explained.contributions:
            gone = [at for at, name in enumerate(CONCEPTS) if name == one.concept]
            (other,) = without(asked.forest, row, [gone])
            assert one.without == pytest.approx(explained.raw - other)
            assert one.faithful == (one.value * (explained.raw - other) > 0)
            if abs(one.value) >= 1:
                heavy.append(one.faithful)
    assert np.mean(heavy) > 0.95


CODED = np.column_stack(
    [RNG.normal(size=800), RNG.integers(0, 70, 800), RNG.integers(0, 3, 800)]
).astype(np.float32)
CODED[RNG.random(800) < 0.2, 0] = np.nan
CODED[RNG.random(800) < 0.1, 1] = np.nan


@pytest.mark.parametrize("zero", [False, True])
def test_a_forest_says_what_lightgbm_says(zero: bool) -> None:
    """With everything there the raw score, with nothing the base, and one signal alone between:
    the contributions of a game of two are the means of both orders. With missing values, codes
    above 32 and zeros that count as missing."""
    label = (np.nan_to_num(CODED[:, 0]) + (CODED[:, 1] % 7 == 3) + CODED[:, 2] > 0.8).astype(float)
    grown = lgb.train(
        {
            "objective": "binary",
            "num_leaves": 12,
            "verbosity": -1,
            "num_threads": 1,
            "min_data_in_leaf": 5,
            "zero_as_missing": zero,
        },
        lgb.Dataset(CODED, label, categorical_feature=[1]),
        15,
    )
    trees = Trees(grown.model_to_string())
    forest = trees.forest
    rows = np.vstack([CODED[:60], [[np.nan, 69, 0], [0, np.nan, 2], [1, 500, 1]]])
    for row in rows.astype(np.float32)[:, None, :]:
        raw = float(grown.predict(row, raw_score=True)[0])  # type: ignore[index,arg-type]
        parts = np.asarray(grown.predict(row, pred_contrib=True))[0]
        nothing, everything = without(forest, row, [[0, 1, 2], []])
        assert everything == pytest.approx(raw)
        assert nothing == pytest.approx(parts[-1])
        assert forest.raw(row) == raw
        assert trees.raw(row)[0] == grown.predict(row)[0]  # type: ignore[index]
        assert contributions(forest, row) == pytest.approx(parts, abs=1e-12)


def test_a_forest_of_deep_trees_and_single_leaves_divides_as_lightgbm_does() -> None:
    """Chains that ask for the same signal again and again, and trees that found nothing to ask."""
    label = ((MATRIX * [3, 1, 1, 1]).sum(axis=1) * 4 % 2 > 1).astype(float)
    settings = {"objective": "binary", "num_leaves": 60, "min_data_in_leaf": 2, "verbosity": -1}
    deep = lgb.train(settings | {"num_threads": 1}, lgb.Dataset(MATRIX, label), 20)
    flat = lgb.train(settings, lgb.Dataset(MATRIX[:3], [0.0, 1, 1]), 2)
    for grown in (deep, flat):
        forest = Trees(grown.model_to_string()).forest
        for place in range(40):
            row = MATRIX[place : place + 1]
            parts = np.asarray(grown.predict(row, pred_contrib=True))[0]
            assert forest.raw(row) == grown.predict(row, raw_score=True)[0]  # type: ignore[index]
            assert contributions(forest, row) == pytest.approx(parts, abs=1e-12)
    assert deep.num_trees() == 20
    assert Trees(deep.model_to_string()).forest.deepest > 12


def test_contributions_divide_what_the_forest_says() -> None:
    """Two signals: each one's contribution is the mean of what it adds first and what it adds
    last."""
    label = (MATRIX[:, 0] * MATRIX[:, 2] > 0).astype(float)
    two = MATRIX[:, [0, 2]]
    settings = {"objective": "binary", "num_leaves": 7, "verbosity": -1, "num_threads": 1}
    grown = lgb.train(settings, lgb.Dataset(two, label), 10)
    forest = Trees(grown.model_to_string()).forest
    for place in range(30):
        row = two[place : place + 1]
        full, no_first, no_second, none = without(forest, row, [[], [0], [1], [0, 1]])
        parts = np.asarray(grown.predict(row, pred_contrib=True))[0]
        assert parts[0] == pytest.approx(((full - no_first) + (no_second - none)) / 2)


def test_the_signal_named_is_of_the_concept_and_pulls_its_way() -> None:
    row = np.array([[2.0, -0.1, 0, 0]], np.float32)
    explained = explain_head(head(), row, CONCEPTS, known=True)
    assert explained is not None
    money = next(one for one in explained.contributions if one.concept == "money")
    assert money.signal == 0
