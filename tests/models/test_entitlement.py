"""Who is entitled, beyond rules and applications: levels, ceilings, bounds, and their grounds."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from features.catalogue import Objective
from features.domain import NonTakeUp
from features.snapshot import dictionary
from models.anchors import LEAST_LEVEL, Anchor, Counted, anchor, believed, with_checks
from models.bounds import bounds
from models.circumstances import circumstances, told_by_applying
from models.entitlement import Share, expected_share
from models.heads import Head, Prior
from models.matrix import Columns
from models.objectives import pursued
from models.random_checks import random_checks
from models.selection import MOST_WEIGHT, decision_weights, granted_share
from models.support import NOT_CALIBRATED, calibration_told, help_weights
from tests.models.town import START, criterion, service, town_pack

RATE = NonTakeUp(low=0.2, high=0.4, source="a study")
chances = st.floats(0.001, 0.999)


def head(unaided: float, rest: float, most: float, *, decisive: bool = True) -> Head:
    return Head(
        "allowance",
        Objective.UNMET_NEED,
        90,
        "granted",
        Prior(unaided, unaided),
        Prior(rest, rest),
        ceiling=Prior(most, most),
        decisive=decisive,
    )


# The level


def test_rates_of_criteria_hold_where_most_people_told():
    found = anchor(Share(0.3, people=100, told=0.8), RATE, Counted(50, 0, 1000))
    assert (found.source, found.share) == ("rules", 0.3)


def test_rates_among_the_few_who_told_are_a_ceiling():
    """Of 50 users with 30% non-take-up, 21 are entitled without it: 5 the rules found already."""
    found = anchor(Share(0.9, people=100, told=0.02), RATE, Counted(50, 5, 1000))
    assert found.source == "published"
    assert found.share == pytest.approx((50 * 0.3 / 0.7 - 5) / 1000)
    assert found.low < found.share < found.high
    assert anchor(Share(0.01, 100, told=0.02), RATE, Counted(50, 0, 1000)).share == 0.01


def test_without_any_ground_only_bounds_are_left():
    found = anchor(Share(0.9, people=100, told=0.1), None, Counted(50, 0, 1000))
    assert (found.source, found.low, found.high) == ("bounds", 0.0, 0.9)
    assert found.share == pytest.approx(0.09)


def test_random_checks_move_the_level_the_further_the_more_there_are():
    start = anchor(Share(0.9, people=100, told=0.8), None, Counted(50, 0, 1000))
    few, many = with_checks(start, 1, 10), with_checks(start, 100, 1000)
    assert start.share > few.share > many.share > 0.1
    assert (many.source, many.people) == ("checks", 1000)
    assert many.low < 0.1 < many.high + 0.02


def test_one_find_does_not_make_a_rare_right_common():
    """1 of 135 found where 1 in 1,000 was expected: u = 1 - 0.135 exp(u) is at u = 0.77, about
    twice as many; and none of 135 hardly says less than was expected."""
    start = Anchor("published", 0.001, 0.0005, 0.002)
    assert with_checks(start, 1, 135).share == pytest.approx(0.001 * np.exp(0.77), rel=0.05)
    assert with_checks(start, 0, 135).share == LEAST_LEVEL


@given(share=st.floats(0.002, 0.99), finds=st.integers(0, 50), others=st.integers(0, 50))
def test_a_level_moves_towards_what_was_found_and_not_past_it(share, finds, others):
    checks = finds + others
    moved = with_checks(Anchor("published", share, 0.0, 1.0), finds, checks)
    seen = finds / checks if checks else share
    assert min(share, seen) - 1e-6 <= moved.share <= max(share, seen, LEAST_LEVEL) + 1e-6


def test_rules_that_find_more_people_than_there_can_be_are_believed_in_proportion():
    """Of 60 users with at most 40% non-take-up, 40 can be entitled without it."""
    assert believed(RATE, 60, 30) == 1.0
    assert believed(RATE, 60, 80) == pytest.approx(0.5)
    assert believed(RATE, 0, 0) == 1.0


# Selection into applying


@given(st.lists(chances, min_size=1, max_size=50))
def test_weights_keep_their_sum_and_none_is_too_heavy(propensity):
    found = decision_weights(np.array(propensity))
    assert found.weights.mean() == pytest.approx(1.0)
    assert found.weights.max() <= MOST_WEIGHT / np.minimum(found.weights.min(), 1.0) + 1e-9
    assert 1.0 <= found.effective <= len(propensity) + 1e-9


def test_rare_kinds_of_applicants_weigh_more():
    """Nine in ten of the keen are granted, and half of the shy, who apply four times less often."""
    keen, shy = np.full(400, 0.4), np.full(100, 0.1)
    decided = np.r_[np.tile([1] * 9 + [0], 40), np.tile([1, 0], 50)].astype(np.int8)
    weights = decision_weights(np.r_[keen, shy]).weights
    assert granted_share(decided, np.ones(500)) == pytest.approx(0.82, abs=0.01)
    assert granted_share(decided, weights) == pytest.approx(0.7, abs=0.01)


def test_few_refusals_do_not_make_a_low_ceiling():
    assert granted_share(np.array([0], dtype=np.int8), np.ones(1)) > 0.8


# From parts to a probability


@given(unaided=chances, rest=chances, most=chances)
def test_what_a_head_says_lies_within_the_bounds(unaided, rest, most):
    one = head(unaided, rest, most)
    matrix, known = np.zeros((2, 1), dtype=np.float32), np.array([True, False])
    entitled, both, need = one.score(matrix, known)
    found = bounds(~one.undecided(matrix, known), entitled, both, one.most(matrix, known))
    assert found.lower <= found.point + 1e-9
    assert found.point <= found.upper_monotone + 1e-9 <= found.upper + 2e-9
    assert entitled[0] == 1.0
    assert (need >= 0).all()
    assert (both <= entitled + 1e-12).all()
    assert entitled[1] <= most + 1e-9


def test_who_surely_applies_is_known_by_decisions_alone():
    """Of the undecided, one in five applies and four in five of those are granted; of the rest one
    in ten is entitled."""
    matrix, known = np.zeros((1, 1), dtype=np.float32), np.array([False])
    entitled, both, _ = head(0.16, 0.1, 0.8).score(matrix, known)
    assert entitled[0] == pytest.approx(0.16 + 0.8 * 0.1)
    assert both[0] == pytest.approx(0.16)


def test_rules_that_only_leave_people_out_decide_for_nobody():
    matrix, known = np.zeros((1, 1), dtype=np.float32), np.array([True])
    assert head(0.1, 0.3, 0.9).score(matrix, known)[0][0] == 1.0
    assert head(0.1, 0.3, 0.9, decisive=False).score(matrix, known)[0][0] < 0.4
    assert head(0.1, 0.3, 0.9, decisive=False).basis(matrix, known)[0] == "prior"


def test_a_failing_process_is_its_own_need():
    one = Head("help", Objective.FAILING_PROCESS, 90, "granted", Prior(0.3, 0.3))
    entitled, unaided, need = one.score(np.zeros((1, 1), dtype=np.float32), np.array([True]))
    assert (entitled[0], unaided[0], need[0]) == (0.3, 0.0, 0.3)


# What it is read from


def test_those_who_have_a_service_tell_nothing_of_who_might():
    """The rate and how many told are of the frame that is given: who has it is left out before."""
    wanted = service(criteria=(criterion("low", "income < norm"),))
    results = pl.DataFrame({"citizen": range(10), "allowance/low": [True, False] + [None] * 8})
    found = expected_share(results, "allowance", wanted)
    assert (found.people, found.told) == (8, 0.2)
    assert found.expected == pytest.approx(0.5)


def test_circumstances_leave_out_how_people_deal_with_the_office():
    pack = town_pack()
    columns = Columns.of(dictionary(pack))
    chosen = {columns.names[place] for place in circumstances(pack, columns)}
    assert {"fact_income", "derived_age"} <= chosen
    assert not any("visit" in name or "granted" in name or "letter" in name for name in chosen)


def test_a_fact_that_only_applying_tells_is_left_out():
    columns = Columns(("fact_income", "fact_tenure"))
    pack = town_pack()
    nothing, something = np.nan, 1.0
    candidates = np.array([[nothing, something]] * 9 + [[something, something]], dtype=np.float32)
    holders = np.array([[something, something]] * 10, dtype=np.float32)
    assert told_by_applying(pack, columns, candidates, holders) == {0}
    assert told_by_applying(pack, columns, holders, holders) == frozenset()


def test_checks_are_read_by_their_roles_and_case_type():
    pack = town_pack()
    kinds = pack.domain.event_types
    checked = {
        "checked-yes": kinds["visit"].model_copy(update={"role": "found-entitled"}),
        "checked-no": kinds["visit"].model_copy(update={"role": "found-not-entitled"}),
    }
    domain = pack.domain.model_copy(update={"event_types": kinds | checked})
    events = pl.DataFrame(
        {
            "event_id": ["a", "b", "c"],
            "citizen": [1, 2, 3],
            "type": ["checked-yes", "checked-no", "visit"],
            "occurred_at": [START + timedelta(days=day) for day in (3, 1, 2)],
            "case_type": ["allowance", "allowance", "allowance"],
        }
    )
    found = random_checks(events, replace(pack, domain=domain))
    assert found.select("citizen", "service", "entitled").rows() == [
        (2, "allowance", 0),
        (1, "allowance", 1),
    ]


# What is said of it


def test_reports_say_whether_need_is_calibrated():
    nobody = {"aid": {"checked": 0, "uncalibrated": NOT_CALIBRATED}}
    some = {"aid": {"checked": 900, "uncalibrated": ""}, "pass": {"checked": 300}}
    assert "not calibrated" in calibration_told(nobody)
    assert "1,200 checks" in calibration_told(some)


def test_objectives_fall_back_with_a_reason():
    assert pursued(Objective.UPTAKE).used is Objective.UPTAKE
    assert pursued(Objective.UPLIFT).used is Objective.UPLIFT
    fallen = pursued(Objective.UPLIFT, uplift="nobody was drawn by lot")
    assert (fallen.used, fallen.why) == (Objective.UNMET_NEED, "nobody was drawn by lot")


def test_the_weights_against_help_say_what_they_cost():
    assert help_weights(np.array([1.0, 1.0, 0.0, 0.0]))["effective"] == 2.0
    assert help_weights(np.array([10.0, 1.0]))["effective"] < 1.3
    assert help_weights(np.zeros(3))["seen"] == 0.0
