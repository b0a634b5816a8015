"""The audit of a training: proxies are found, groups measured, and other ways set side by side."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from features.domain import ProtectedGroup
from features.lake import Lake
from features.pack import Pack
from models.cards import markdown, model_card
from models.dropping import without_signals
from models.errors import UnknownSignalError
from models.examples import Examples, Task
from models.fitting import Settings
from models.heads import Trees
from models.matrix import Columns
from models.splits import Role, Split
from models.training import TrainingResult, train
from monitoring.fairness import SMALLEST
from monitoring.proxies import proxies
from monitoring.training_audit import MOST_WEIGHT, TrainingAudit, reweighed
from tests.models.town import NOW, START, town_lake, town_pack

COLUMNS = Columns(("postcode", "noise", "shoe_size"), frozenset({"postcode"}))
RNG = np.random.default_rng(2)
N = 900
ORIGIN = np.where(RNG.random(N) < 0.3, "b", "a")
MATRIX = np.column_stack(
    [
        np.where(RNG.random(N) < 0.85, ORIGIN == "b", RNG.random(N) < 0.5),
        RNG.normal(size=N),
        RNG.normal(size=N),
    ]
).astype(np.float32)


def placed(**groupings: object) -> pl.DataFrame:
    return pl.DataFrame({"citizen": np.arange(N), **groupings})


def test_a_planted_proxy_is_found_and_named() -> None:
    (found,) = proxies(MATRIX, COLUMNS, placed(origin=ORIGIN), seed=1)
    assert found.telling
    assert found.told.low > 0.75
    assert found.carriers[0].signal == "postcode"
    assert found.carriers[0].share > 0.8
    assert found.carriers[0].alone == pytest.approx(found.told.value, abs=0.08)


def test_what_no_signal_tells_is_not_told() -> None:
    drawn = np.where(RNG.random(N) < 0.5, "x", "y")
    (found,) = proxies(MATRIX, COLUMNS, placed(drawn=drawn), seed=1)
    assert not found.telling
    assert found.told.low < 0.5 + 0.05


def test_few_people_are_never_a_group_and_unknown_is_none() -> None:
    group = np.array(["few"] * (SMALLEST - 1) + ["unknown"] * 100 + ["rest"] * (N - SMALLEST - 99))
    told = proxies(MATRIX, COLUMNS, placed(size=group), seed=1)
    assert "few" not in {one.group for one in told}
    assert "unknown" not in {one.group for one in told}


def examples(taken: np.ndarray, weight: np.ndarray) -> Examples:
    n = len(taken)
    rows = np.arange(n)
    task = Task(
        rows=rows,
        known=np.ones(n, bool),
        taken=taken.astype(np.int8),
        weight=weight,
        decided=np.full(n, -1, np.int8),
        checked=np.full(n, -1, np.int8),
        holders=np.empty(0, np.int64),
        expected=None,
    )
    split = Split("two periods", timedelta(days=1), (START,), (), (NOW,))
    return Examples(
        split=split,
        columns=Columns(("one",)),
        matrix=np.zeros((n, 1), np.float32),
        citizen=rows.astype(np.int64),
        moment=np.zeros(n, np.int16),
        role=np.where(rows % 4 == 3, Role.TEST, Role.FIT).astype(np.int8),
        tasks={"aid": task},
    )


@settings(max_examples=25)
@given(seed=st.integers(0, 500), share=st.floats(0.25, 0.75))
def test_reweighed_take_up_is_alike_in_every_group(seed: int, share: float) -> None:
    random = np.random.default_rng(seed)
    group = np.where(random.random(400) < 0.4, "a", "b")
    taken = random.random(400) < np.where(group == "a", share, 1 - share)
    before = examples(taken, random.uniform(0.5, 2, 400))
    people = pl.DataFrame({"citizen": np.arange(400), "group": group})
    after = reweighed(before, people, "group").tasks["aid"]
    fit = before.role == Role.FIT
    rates = [
        np.average(taken[fit & (group == one)], weights=after.weight[fit & (group == one)])
        for one in "ab"
    ]
    assert rates[0] == pytest.approx(rates[1], abs=1e-6)
    assert np.array_equal(after.weight[~fit], before.tasks["aid"].weight[~fit]), "the test stays"
    assert after.weight[fit].sum() == pytest.approx(before.tasks["aid"].weight[fit].sum())
    assert (after.weight / before.tasks["aid"].weight).max() <= MOST_WEIGHT + 1e-9


def test_people_without_a_group_keep_their_weight() -> None:
    before = examples(np.arange(40) % 2, np.ones(40))
    nobody = pl.DataFrame({"citizen": np.arange(40), "group": ["unknown"] * 40})
    after = reweighed(before, nobody, "group").tasks["aid"]
    assert np.array_equal(after.weight, np.ones(40))


def test_a_signal_that_is_not_there_cannot_be_dropped() -> None:
    with pytest.raises(UnknownSignalError, match="features --describe"):
        without_signals(examples(np.zeros(4), np.ones(4)), ("shoe_size",))


@pytest.fixture(scope="module")
def pack() -> Pack:
    found = town_pack()
    by_home = {"tenure": ProtectedGroup(title={"en": "Housing"}, fact="tenure")}
    return replace(found, domain=found.domain.model_copy(update={"fairness": by_home}))


@pytest.fixture(scope="module")
def audited(pack: Pack, tmp_path_factory: pytest.TempPathFactory) -> TrainingResult:
    lake: Lake = town_lake(tmp_path_factory.mktemp("audited"))
    return train(
        lake,
        pack,
        until=NOW - timedelta(days=60),
        settings=Settings(rounds=40, min_leaf=20),
        without=("fact_tenure_held_days",),
        audit=TrainingAudit(lake, pack, dropped=("fact_income",), reweigh=("tenure",)),
    )


@pytest.mark.slow("trains a town in three ways")
def test_the_audit_of_a_training_goes_with_its_evaluation(audited: TrainingResult) -> None:
    """Who rents in this town earns little, and tenure is itself a signal."""
    found = audited.bundle.evaluation["fairness"]
    assert [one["grouping"] for one in found["proxies"]] == ["tenure"]
    assert found["proxies"][0]["telling"]
    assert found["proxies"][0]["carriers"][0]["signal"] == "fact_tenure"
    assert {one["group"] for one in found["recall"]} <= {"rent", "own", "unknown"}
    assert all(0 <= one["rate"]["value"] <= 1 for one in found["recall"] if "rate" in one)
    assert "## Groups" in markdown(model_card(audited.bundle, town_pack()))


@pytest.mark.slow("trains a town in three ways")
def test_other_ways_to_train_stand_beside_it_with_their_cost(audited: TrainingResult) -> None:
    ways = audited.bundle.evaluation["fairness"]["variants"]
    assert [one["variant"] for one in ways] == [
        "as trained",
        "without fact_income",
        "reweighed by tenure",
    ]
    assert len({one["auc"] for one in ways}) == 3, "each was trained anew"
    assert all(one["recall"] for one in ways)
    assert all(0.5 < one["auc"] < 1 for one in ways)


@pytest.mark.slow("trains a town in three ways")
def test_no_tree_asks_a_signal_that_was_left_out(audited: TrainingResult) -> None:
    assert audited.bundle.training["without"] == ["fact_tenure_held_days"]
    for head in audited.bundle.heads.values():
        for estimate in (head.unaided, head.entitled):
            if isinstance(estimate, Trees):
                used = estimate.booster.feature_importance("split")
                names = dict(zip(estimate.booster.feature_name(), used, strict=True))
                assert names.get("fact_tenure_held_days", 0) == 0
