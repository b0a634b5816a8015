"""Checks of citizens drawn by lot: how right rules are, and the need that comes out."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from features.catalogue import Objective
from features.events import EVENTS
from features.lake import Lake
from features.pack import Pack
from features.snapshot import dictionary
from models.calibration import Calibration, from_log_odds, log_odds
from models.examples import Examples
from models.heads import Head, Prior
from models.labels import outcomes
from models.matrix import Columns
from models.need_checks import LEAST_NEEDS, calibrated_on_checks, chosen
from models.sampled import Sampled, SampledTask, sampled
from models.splits import Split
from models.verdict_checks import ENOUGH, Counts, VerdictChecks, shrunken
from tests.models.town import NOW, START, town_lake, town_pack

counts = st.integers(0, 60).flatmap(
    lambda n: st.builds(Counts, entitled=st.integers(0, n), checks=st.just(n))
)


# How right the rules are


def test_without_enough_checks_the_rules_are_believed():
    few = {"a": (Counts(3, ENOUGH - 1), Counts(0, 4))}
    found = shrunken(few)["a"]
    assert (found.right, found.closed, found.heeded) == (1.0, 0.0, False)
    assert found.of_right.checks == ENOUGH - 1


def test_each_service_is_pulled_to_all_of_them():
    """All: 90 of 120 right, and one belief in the rules more: 91/121. With 20 such of its own
    belief, 0 of 20 checks halve it."""
    found = shrunken({"a": (Counts(0, 20), Counts()), "b": (Counts(90, 100), Counts(2, 20))})
    everywhere = 91 / 121
    assert found["a"].right == pytest.approx(20 * everywhere / 40)
    assert found["b"].right == pytest.approx((90 + 20 * everywhere) / 120)
    assert found["a"].closed == pytest.approx(2 / 40)


@given(st.dictionaries(st.sampled_from("abcd"), st.tuples(counts, counts), min_size=1))
def test_a_share_lies_between_its_own_and_that_of_all(counted):
    for one in shrunken(counted).values():
        assert 0.0 <= one.closed <= 1.0
        assert 0.0 <= one.right <= 1.0
        if one.heeded and one.of_right.checks:
            assert one.right <= max(one.of_right.entitled / one.of_right.checks, 1.0)


# The need that comes out


def test_a_need_that_is_too_sure_is_tempered():
    draw = np.random.default_rng(5)
    true = draw.normal(-2, 1.5, 4000)
    found = (draw.random(4000) < from_log_odds(true)).astype(float)
    map_ = chosen(from_log_odds(true * 2), found, np.arange(4000), np.ones(4000))
    assert map_ is not None
    assert map_.coefficients[0] == pytest.approx(0.5, abs=0.06)


def test_a_need_that_is_right_or_hardly_checked_stays():
    draw = np.random.default_rng(6)
    said = from_log_odds(draw.normal(-2, 1.5, 2000))
    found = np.zeros(2000)
    found[: LEAST_NEEDS - 1] = 1
    assert chosen(said, found, np.arange(2000), np.ones(2000)) is None
    # what was said is what is found, in the mean: there is nothing to gain
    assert chosen(said, said, np.arange(2000), np.ones(2000)) is None


def test_a_head_without_checks_says_what_it_said():
    head = Head("aid", Objective.UNMET_NEED, 90, "granted", Prior(0.2, 0.1), Prior(1.0, 0.5))
    matrix, known = np.zeros((2, 1), dtype=np.float32), np.array([True, False])
    plain = head.score(matrix, known)[2]
    assert plain.tolist() == [pytest.approx(0.8), pytest.approx(0.4)]
    sober = replace(head, needed=Calibration("logistic", (0.5, 0.0)))
    assert np.allclose(sober.score(matrix, known)[2], from_log_odds(0.5 * log_odds(plain)))
    lifted = replace(head, needed=Calibration("logistic", (1.0, 9.0)))
    entitled, _, need = lifted.score(matrix, known)
    assert (need <= entitled).all()


# What is read of them


def checked_pack() -> Pack:
    """The town's pack with the two kinds of check."""
    pack = town_pack()
    kinds = pack.domain.event_types
    checks = {
        "check-yes": kinds["visit"].model_copy(update={"role": "found-entitled", "signals": False}),
        "check-no": kinds["visit"].model_copy(
            update={"role": "found-not-entitled", "signals": False}
        ),
    }
    domain = pack.domain.model_copy(update={"event_types": kinds | checks})
    return replace(pack, domain=domain)


@pytest.fixture(scope="module")
def checked(tmp_path_factory: pytest.TempPathFactory) -> tuple[Lake, Pack, Split, list[int]]:
    """The town, with every citizen's allowance checked once, four months before the test."""
    folder: Path = tmp_path_factory.mktemp("checked")
    lake, pack = town_lake(folder, citizens=60), checked_pack()
    people = lake.scan("facts").select(pl.col("citizen").unique().sort()).collect()["citizen"]
    test = START + timedelta(days=900)
    split = Split("test", timedelta(days=90), (START + timedelta(days=100),), (), (test,))
    at = [test + timedelta(days=30) if place == 0 else test - timedelta(days=120)
          for place in range(len(people))]  # fmt: skip
    rows = pl.DataFrame(
        {
            "event_id": [f"c{place}" for place in range(len(people))],
            "citizen": people,
            "type": ["check-yes" if place % 3 else "check-no" for place in range(len(people))],
            "occurred_at": at,
            "known_at": [day + timedelta(days=5) for day in at],
            "source": "hall",
            "case_type": "allowance",
            "order": range(len(people)),
        },
        schema_overrides={name: EVENTS[name] for name in ("citizen", "occurred_at", "known_at")},
    )
    missing = [name for name in EVENTS if name not in rows.columns]
    whole = rows.with_columns(pl.lit(None, dtype=EVENTS[name]).alias(name) for name in missing)
    lake.append("events", whole.select(pl.col(n).cast(t) for n, t in EVENTS.items()))
    return lake, pack, split, people.to_list()


def read_checks(checked: tuple[Lake, Pack, Split, list[int]], until=NOW) -> Sampled:
    lake, pack, split, _ = checked
    columns = Columns.of(dictionary(pack))
    return sampled(lake, pack, columns, split, outcomes(lake, pack, until), seed=1)


def test_checks_are_read_as_things_were_known_then_and_never_from_the_test(checked):
    found = read_checks(checked)
    people = checked[3]
    assert people[0] not in found.citizen.tolist()
    assert len(found.citizen) == len(people) - 1
    task = found.task("allowance")
    assert 0 < len(task.rows) < len(people)
    by_person = dict(zip(found.citizen[task.rows].tolist(), task.entitled.tolist(), strict=True))
    assert all(by_person[one] == int(people.index(one) % 3 > 0) for one in by_person)
    assert set(task.came.tolist()) <= {-1, 0, 1}
    assert 1 in task.came
    assert found.task("pass") is not None
    assert len(found.task("pass").rows) == 0


def test_a_check_that_became_known_after_the_cut_does_not_exist(checked):
    before = checked[2].test[0] - timedelta(days=118)
    assert len(read_checks(checked, before).citizen) == 0


def test_what_training_learns_from_is_in_its_checksum(checked):
    found = read_checks(checked)
    task = found.task("allowance")
    other = replace(task, entitled=1 - task.entitled)
    assert replace(found, tasks={"allowance": other}).checksum() != found.checksum()


def test_need_is_calibrated_for_all_heads_alike():
    """Said of all: half. Found: one in ten."""
    many = 800
    found = np.tile([1, 0, 0, 0, 0, 0, 0, 0, 0, 0], many // 10).astype(np.int8)
    task = SampledTask(np.arange(many), np.zeros(many, bool), found, np.zeros(many, np.int8))
    matrix = np.zeros((many, 1), dtype=np.float32)
    examples = Examples(
        Split("test", timedelta(days=1), (), (), ()), Columns(("a",)), matrix,
        np.arange(many), np.zeros(many, np.int16), np.zeros(many, np.int8), {},
        sampled=Sampled(matrix, np.arange(many), np.ones(many), {"aid": task}),
    )  # fmt: skip
    prior = Prior(0.0, 0.0)
    heads = {
        name: Head(name, Objective.UNMET_NEED, 90, "granted", prior, Prior(1.0, 0.5))
        for name in ("aid", "other")
    }
    heads["later"] = replace(heads["aid"], service="later", objective=Objective.UPTAKE)
    done = calibrated_on_checks(heads, examples)
    assert done["aid"].needed == done["other"].needed != Calibration()
    assert done["later"].needed == Calibration()
    need = done["aid"].score(matrix, task.known)[2]
    assert need.mean() == pytest.approx(0.1, abs=0.03)
    assert VerdictChecks().as_dict()["heeded"] is False
