"""Uplift: definitions by hand, folds that keep households, and honest abstention."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.uplift import LEARNERS, Experiment, Growth, Trial, allocate, auuc, conclude, qini
from models.uplift.crossfit import Targeting, out_of_fold
from models.uplift.folds import folds_of
from models.uplift.qini import qini_interval
from models.uplift.signal import holm, signal_test

GROWTH = Growth(rounds=20, folds=3)


def trial(treated: list[int], outcome: list[float]) -> Trial:
    n = len(treated)
    return Trial(
        np.zeros((n, 1), np.float32),
        np.array(outcome, float),
        np.array(treated, bool),
        np.full(n, 0.5),
        np.arange(n),
    )


def drawn(n: int, *, gain: float, seed: int, size: int = 1) -> Trial:
    """People in households of ``size``; the first signal says who gains ``gain``, or loses it."""
    random = np.random.default_rng(seed)
    matrix = random.normal(size=(n, 4)).astype(np.float32)
    treated = random.random(n) < 0.5
    outcome = random.normal(size=n) + treated * gain * np.sign(matrix[:, 0])
    return Trial(matrix, outcome, treated, np.full(n, 0.5), np.arange(n) // size)


def experiment(*gains: float, n: int = 500) -> Experiment:
    """A control and one arm per gain, of ``n`` people each."""
    random = np.random.default_rng(3)
    people = n * (len(gains) + 1)
    matrix = random.normal(size=(people, 4)).astype(np.float32)
    arm = random.permutation(np.repeat(np.arange(len(gains) + 1), n)).astype(np.int8)
    gain = np.array([0.0, *gains])[arm]
    outcome = random.normal(size=people) + gain * np.sign(matrix[:, 1])
    names = tuple(f"arm-{place}" for place in range(1, len(gains) + 1))
    one_draw = np.zeros(people, np.int64)
    return Experiment(names, matrix, outcome, arm, np.arange(people), one_draw)


def test_qini_and_uplift_of_four_people_worked_out_by_hand() -> None:
    """In order of score: treated and came, held out and did not, held out and came, treated and
    did not. Curve 1, 1, ½, 0 over two treated; the straight line ends at 0."""
    four = trial([1, 0, 0, 1], [1, 0, 1, 0])
    scores = np.array([4.0, 3.0, 2.0, 1.0])
    trapezium = (0.5 * 1 + 1 + 0.75 + 0.25) / 4
    assert qini(four, scores, seed=1) == pytest.approx(trapezium / 2)
    # Differences in rate times the share looked at: 1·¼, 1·½, (1-½)·¾, 0
    assert auuc(four, scores, seed=1) == pytest.approx((0.25 + 0.5 + 0.375 + 0) / 4)


def test_equal_scores_gain_nothing_whatever_order_they_stand_in() -> None:
    """Treated takers stand on top of the file; a sort that kept the order would find a signal."""
    tied = trial([1] * 200 + [0] * 200 + [1] * 200, [1] * 200 + [0] * 400)
    assert abs(qini(tied, np.zeros(600), seed=1)) < 0.03
    assert qini(tied, -np.arange(600.0), seed=1) > 0.1


@given(seed=st.integers(0, 1_000), move=st.floats(0.1, 5), raise_by=st.floats(-3, 3))
def test_only_the_order_of_scores_counts(seed: int, move: float, raise_by: float) -> None:
    some = drawn(60, gain=1, seed=seed)
    scores = some.matrix[:, 0].astype(float)
    again = np.exp(move * scores) + raise_by
    assert qini(some, scores, seed=1) == pytest.approx(qini(some, again, seed=1))


@given(seed=st.integers(0, 1_000), shift=st.floats(-3, 3))
def test_a_gain_that_is_the_same_for_everybody_is_no_signal(seed: int, shift: float) -> None:
    """It raises both ends of the curve alike, up to how the arms lie on the list."""
    some = drawn(200, gain=0, seed=seed)
    more = replace(some, outcome=some.outcome + shift * some.treated)
    scores = some.matrix[:, 0].astype(float)
    assert abs(qini(more, scores, seed=1) - qini(some, scores, seed=1)) < 0.1 * abs(shift) + 1e-9


def test_unequal_chances_are_balanced_out() -> None:
    """Two draws with other chances and other levels: a score that only tells them apart has
    nothing to find."""
    random = np.random.default_rng(1)
    second = np.arange(4_000) % 2 == 1
    chance = np.where(second, 0.8, 0.2)
    treated = random.random(4_000) < chance
    outcome = 5.0 * second + random.normal(size=4_000)
    both = Trial(np.zeros((4_000, 1), np.float32), outcome, treated, chance, np.arange(4_000))
    scores = second + 0.01 * random.random(4_000)
    assert abs(qini(both, scores, seed=1)) < 0.1
    unbalanced = replace(both, chance=np.full(4_000, 0.5))
    assert abs(qini(unbalanced, scores, seed=1)) > 0.3


@given(
    homes=st.lists(st.integers(0, 30), min_size=1, max_size=80),
    folds=st.integers(2, 6),
    seed=st.integers(0, 99),
)
def test_a_household_is_never_divided_over_folds(homes: list[int], folds: int, seed: int) -> None:
    household = np.array(homes)
    fold = folds_of(household, folds, seed=seed)
    assert all(len(set(fold[household == home])) == 1 for home in homes)
    sizes = [len(set(household[fold == part])) for part in range(folds)]
    assert max(sizes) - min(sizes) <= 1


@pytest.mark.parametrize("learner", list(LEARNERS))
def test_every_learner_finds_who_gains_out_of_fold(learner: str) -> None:
    some = drawn(1_200, gain=1.0, seed=4)
    scored = out_of_fold(some, learner, GROWTH)
    gains = some.matrix[:, 0] > 0
    assert scored.place[gains].mean() > scored.place[~gains].mean() + 0.2
    assert scored.score[gains].mean() > 0 > scored.score[~gains].mean()
    again = out_of_fold(some, learner, GROWTH)
    assert np.array_equal(scored.score, again.score)


@pytest.mark.parametrize("learner", list(LEARNERS))
def test_no_score_rests_on_its_own_households_outcome(learner: str) -> None:
    """A household's outcomes may be anything: its own scores stay the same."""
    some = drawn(400, gain=0.5, seed=5, size=2)
    other = some.outcome.copy()
    other[:2] += 1_000
    scored = out_of_fold(some, learner, GROWTH)
    changed = out_of_fold(replace(some, outcome=other), learner, GROWTH)
    assert np.array_equal(scored.score[:2], changed.score[:2])
    assert not np.array_equal(scored.score, changed.score)


def test_p_values_are_raised_as_holm_does() -> None:
    assert holm([0.01, 0.04, 0.03]) == pytest.approx([0.03, 0.06, 0.06])
    assert holm([]) == []


def test_an_arm_with_a_signal_is_targeted_and_one_without_is_not() -> None:
    found = conclude(experiment(0.0, 0.8), growth=GROWTH, shuffles=100)
    none, strong = found.arms
    assert (none.why, strong.why) == ("no-signal", "signal")
    assert list(found.models) == ["arm-2"]
    assert not found.abstains
    assert strong.qini.low > 0
    assert strong.adjusted < 0.05 < none.adjusted
    assert 0 < none.detectable < 1.6, "an effect of ±0.8 differs 1.6 between the halves"


def test_it_abstains_and_tells_what_it_could_have_seen() -> None:
    found = conclude(experiment(0.0), growth=GROWTH, shuffles=100)
    assert found.abstains
    told = found.as_dict()["arms"][0]
    assert told["why"] == "no-signal"
    assert told["detectable_between_halves"] > 0


def test_with_too_few_people_nothing_is_learned() -> None:
    found = conclude(experiment(3.0, n=40), growth=GROWTH)
    assert found.arms[0].why == "too-few"
    assert found.abstains
    assert found.as_dict()["arms"][0]["z"] is None


def test_members_of_a_household_do_not_count_as_witnesses_of_their_own() -> None:
    """Ten copies of everybody, each household one person ten times: no surer than one each."""
    some = drawn(300, gain=0.3, seed=6)
    place = some.matrix[:, 0].argsort().argsort() / 300.0
    fold = folds_of(some.household, 3, seed=1)
    once = signal_test(some, Targeting(place, place, fold), seed=1, shuffles=200)
    rows = np.repeat(np.arange(300), 10)
    copies = Trial(
        some.matrix[rows], some.outcome[rows], some.treated[rows], some.chance[rows], rows
    )
    many = signal_test(
        copies, Targeting(place[rows], place[rows], fold[rows]), seed=1, shuffles=200
    )
    assert many.z == pytest.approx(once.z, rel=0.25)
    wide, narrow = (
        qini_interval(one, where, seed=1) for one, where in ((copies, place[rows]), (some, place))
    )
    assert wide.high - wide.low == pytest.approx(narrow.high - narrow.low, rel=0.3)


EFFECTS = st.lists(st.tuples(st.floats(-1, 1), st.floats(-1, 1)), min_size=1, max_size=12)


@given(effects=EFFECTS, budget=st.floats(0, 60), cost=st.tuples(st.floats(1, 5), st.floats(5, 20)))
def test_money_is_never_overspent_and_never_spent_on_harm(
    effects: list[tuple[float, float]], budget: float, cost: tuple[float, float]
) -> None:
    costs = dict(zip(("letter", "visit"), cost, strict=True))
    gains = {name: np.array([one[place] for one in effects]) for place, name in enumerate(costs)}
    given_to = allocate(gains, costs, budget)
    assert sum(costs[name] for name in given_to if name) <= budget + 1e-6
    assert all(gains[name][person] > 0 for person, name in enumerate(given_to) if name)


def test_the_dearer_approach_goes_to_whom_it_moves_most() -> None:
    effects = {"letter": np.array([0.10, 0.10, 0.0]), "visit": np.array([0.11, 0.60, 0.0])}
    costs = {"letter": 1.0, "visit": 10.0}
    assert allocate(effects, costs, 11.0) == ["letter", "visit", ""]
    assert allocate(effects, costs, 1.0) == ["letter", "", ""]
    with pytest.raises(ValueError, match="cost"):
        allocate(effects, {"letter": 1.0}, 5.0)
