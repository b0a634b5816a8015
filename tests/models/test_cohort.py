"""Who was learned from, how ripe their labels are, and that few people are never shown."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.bundle import Bundle
from models.cards import markdown, model_card
from models.cohort import NOT_DRAWN, TOO_FEW, cohort
from models.fitting import Settings
from models.learning import Learner
from models.maturity import maturity, ripeness
from models.small_groups import SMALLEST, to_hide
from models.training import grow
from tests.models.conftest import CITIZENS, Gathered
from tests.models.town import NOW, town_pack

PACK = town_pack()
CUT = NOW - timedelta(days=60)


@pytest.fixture(scope="module")
def learner(gathered: Gathered) -> Learner:
    settings = Settings(rounds=5, threads=1, negatives_per_positive=2)
    return Learner.of(gathered.examples, PACK, settings)


def test_every_row_is_accounted_for(learner: Learner) -> None:
    """From each step to the next, what is left and what fell out are the whole."""
    heads = grow(learner, 1)
    found = cohort(learner, heads, in_lake=CITIZENS).as_dict()
    assert found["people_in_lake"] == CITIZENS
    for steps in found["services"].values():
        assert steps[0]["rows"] == len(learner.examples.citizen)
        for step, after in pairwise(steps):
            numbers = [after["rows"], *(part["rows"] for part in step["out"].values())]
            if None not in numbers:
                assert step["rows"] == sum(numbers)
    assert NOT_DRAWN in found["services"]["allowance"][3]["out"]
    assert found["services"]["rare"][3]["out"][TOO_FEW]["rows"] > 0
    assert found["services"]["rare"][4]["rows"] == 0
    bundle = Bundle("town", "town", CUT, learner.examples.columns, heads,
                    evaluation={"cohort": found})  # fmt: skip
    page = markdown(model_card(bundle, PACK))
    assert "## Who was learned from" in page
    assert "not eligible by the rules" in page


def test_who_waits_for_a_decision_is_counted_apart(learner: Learner) -> None:
    task = learner.examples.tasks["pass"]
    waits = np.isin(learner.examples.citizen[task.rows], np.unique(learner.examples.citizen)[:50])
    other = replace(task.where(~waits), waiting=task.rows[waits])
    examples = replace(learner.examples, tasks=learner.examples.tasks | {"pass": other})
    some = replace(learner, examples=examples)
    heads = grow(learner, 1)
    before, after = (
        cohort(one, heads, in_lake=CITIZENS).services["pass"][0].out for one in (learner, some)
    )
    assert after["waits for a decision on it"].rows == waits.sum()
    assert after["not eligible by the rules"] == before["not eligible by the rules"]


@given(st.dictionaries(st.text(max_size=3), st.integers(0, 40), max_size=6))
def test_no_small_part_can_be_had_by_subtraction(people: dict[str, int]) -> None:
    hidden = to_hide(people)
    assert all(name in hidden for name, count in people.items() if 0 < count < SMALLEST)
    together = sum(people[name] for name in hidden)
    everything = hidden == {name for name, count in people.items() if count}
    assert not hidden or together >= SMALLEST or everything
    assert all(people[name] for name in hidden)


def _numbers(told: Any) -> list[int]:
    if isinstance(told, dict):
        return [one for part in told.values() for one in _numbers(part)]
    if isinstance(told, list):
        return [one for part in told for one in _numbers(part)]
    return [told] if isinstance(told, int) else []


def test_the_month_table_tells_what_is_ripe_and_never_a_few(
    gathered: Gathered,
) -> None:
    found = maturity(PACK, gathered.outcomes, gathered.examples)
    told = found.as_dict()
    assert found.months[0] == "2022-05"
    assert found.months[-1] == f"{CUT:%Y-%m}"
    assert told["periods"][0] == "fit"
    assert told["periods"][-1] == "too young"
    assert {"stop", "calibrate", "test", "not used"} <= set(told["periods"])
    for service, one in told["services"].items():
        task = gathered.examples.tasks[service]
        assert sum(value or 0 for value in one["labels"]) == len(task.rows)
        assert one["ripe"] == one["labels"]
        assert one["ripeness"] == sorted(one["ripeness"], reverse=True)
        assert one["ripeness"][0] == 1
        assert all(value == 0 or value >= SMALLEST for value in _numbers(one["taken_up"]))
    # of six people who ever got it, no month shows any
    assert set(told["services"]["rare"]["taken_up"]) == {0, None}


def test_labels_that_are_not_ripe_are_not_counted_as_ripe(
    gathered: Gathered,
) -> None:
    found, examples = gathered.outcomes, gathered.examples
    early = replace(found, until=examples.split.test[-1] + timedelta(days=5))
    told = maturity(PACK, early, examples)
    last = len(told.periods) - 1 - told.periods[::-1].index("test")
    one = told.services["allowance"]
    assert one.labels[last]
    assert one.ripe[last] == 0


def test_ripeness_by_hand() -> None:
    start = datetime(2026, 1, 1, tzinfo=UTC)
    at_once = np.zeros(4)
    assert ripeness(start, start + timedelta(days=30), 60, at_once) == pytest.approx(0.5)
    assert ripeness(start, start - timedelta(days=1), 60, at_once) == 0
    # half of them take forty days: of the thirty days past, those have told nothing yet
    slow = np.array([0.0, 0.0, 40.0, 40.0])
    assert ripeness(start, start + timedelta(days=30), 60, slow) == pytest.approx(0.25)
    assert ripeness(start, start + timedelta(days=100), 60, slow) == 1
