"""Unmet need as far as records show it, and how much of it is reached."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from features.catalogue import Objective
from models.contenders import Contenders
from models.examples import Task
from models.heads import Head, Prior
from models.need_reached import CAPACITIES, need_reached
from models.shown_need import ENOUGH_CHECKS, ShownNeed, shown_need

N = 200
RATE = Prior(0.5, 0.5)
HEAD = Head("aid", Objective.UNMET_NEED, 90, "granted", RATE, entitled=RATE)


def task(**columns: np.ndarray) -> Task:
    """Everybody eligible by the rules, nobody helped, checked or taking it up."""
    given = {
        "known": np.ones(N, dtype=bool),
        "taken": np.zeros(N, dtype=np.int8),
        "weight": np.ones(N),
        "decided": np.full(N, -1, dtype=np.int8),
        "checked": np.full(N, -1, dtype=np.int8),
    }
    nobody = np.empty(0, dtype=np.int64)
    return Task(rows=np.arange(N), holders=nobody, expected=None, **(given | columns))


def test_rules_show_a_need_of_whom_they_call_eligible_and_did_not_come() -> None:
    known, taken = np.arange(N) < 100, (np.arange(N) < 40).astype(np.int8)
    helped = np.where(np.arange(N) >= 90, 0.0, 1.0)
    found = shown_need(HEAD, task(known=known, taken=taken, weight=helped))
    assert found.ground == "rules"
    assert np.array_equal(np.flatnonzero(found.unmet), np.arange(40, 90))


def test_enough_random_checks_are_the_better_ground() -> None:
    checked = np.full(N, -1, dtype=np.int8)
    checked[:ENOUGH_CHECKS], checked[100:130] = 1, 0
    found = shown_need(HEAD, task(checked=checked))
    assert found.ground == "checks"
    assert found.unmet.sum() == ENOUGH_CHECKS
    checked[0] = -1
    found = shown_need(HEAD, task(checked=checked))
    assert found.ground == "rules"
    assert not found.unmet[100:130].any()


@pytest.mark.parametrize(
    ("head", "known", "said"),
    [
        (replace(HEAD, objective=Objective.FAILING_PROCESS), True, "no entitlement"),
        (replace(HEAD, objective=Objective.UPTAKE, entitled=None), True, "objective is take-up"),
        (replace(HEAD, decisive=False), True, "rules do not decide"),
        (HEAD, False, "too few"),
    ],
)
def test_without_ground_there_is_no_figure_but_a_reason(head: Head, known: bool, said: str) -> None:
    asked = task(known=np.full(N, known))
    need = shown_need(head, asked)
    assert need.ground == ""
    assert said in need.why_not
    scores = {"heads": np.arange(N) / N}
    found = need_reached(Contenders(asked, scores, scores, scores), need, np.arange(N), 1)
    told = found.as_dict()
    assert told["at_capacity"]["heads"] == {"value": None, "low": None, "high": None}
    assert said in told["why_not"]


def test_need_reached_by_hand() -> None:
    """Twenty needs, all among the fifth with the highest scores of one model; two in each tenth of
    those of another."""
    unmet = np.zeros(N, dtype=bool)
    unmet[:20] = True
    asked = task()
    best, random = -np.arange(N) / N, np.concatenate([np.arange(0, N, 10), np.arange(180)]) / -N
    scores = {"heads": best, "popularity": np.full(N, 0.3), "rules": random.astype(np.float64)}
    found = need_reached(
        Contenders(asked, scores, scores, scores), ShownNeed(unmet, "rules"), np.arange(N), 1
    )
    assert found.at_capacity["heads"].value == 1
    assert found.at_capacity["popularity"].value == pytest.approx(0.1)
    assert found.by_capacity["heads"][CAPACITIES.index(0.05)] == 0.5
    assert found.by_capacity["rules"][CAPACITIES.index(1.0)] == 1
    for values in found.by_capacity.values():
        assert values == sorted(values)
