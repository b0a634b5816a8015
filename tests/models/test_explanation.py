"""Explanation: contributions by concept add up to the raw score, and point the right way."""

from __future__ import annotations

import lightgbm as lgb
import numpy as np
import pytest

from features.catalogue import Objective
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
