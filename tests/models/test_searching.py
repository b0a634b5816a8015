"""A search for settings: the same seed finds the same, and never looks at the test period."""

from __future__ import annotations

import sys
from dataclasses import replace

import pytest

from features.errors import VoorzetError
from models.examples import gather
from models.fitting import Settings
from models.labels import outcomes
from models.learning import Learner
from models.searching import Budget, search
from models.splits import Role
from models.training import plan, span
from tests.models.town import town_lake, town_pack

PACK = town_pack()


@pytest.fixture(scope="module")
def learner(tmp_path_factory: pytest.TempPathFactory) -> Learner:
    lake = town_lake(tmp_path_factory.mktemp("town") / "lake", citizens=250)
    first, last = span(lake, None)
    found = outcomes(lake, PACK, last)
    split = plan(PACK, found, first, citizens=60_000)
    examples = gather(lake, PACK, split, found, seed=1)
    return Learner.of(examples, PACK, Settings(rounds=10, threads=1))


def test_it_repeats_and_does_not_look_at_the_test_period(learner: Learner) -> None:
    role = learner.examples.role
    kept = replace(learner.examples, role=role.copy())
    kept.role[role == Role.TEST] = Role.UNUSED
    found = search(learner, Budget(trials=3))
    assert search(replace(learner, examples=kept), Budget(trials=3)) == found


def test_without_optuna_it_says_what_to_install(
    learner: Learner, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "optuna", None)
    with pytest.raises(VoorzetError, match="extra 'search'"):
        search(learner, Budget(trials=1))
