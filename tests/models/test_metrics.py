"""Metrics against scikit-learn and against sums by hand; NaN where there is no ground truth."""

from __future__ import annotations

from math import isnan, log2

import numpy as np
import polars as pl
import pytest
from sklearn import metrics as reference

from models.evaluation import DRAWN, row_metrics
from models.metrics import (
    area_under_curve,
    average_precision,
    brier,
    brier_skill,
    calibration_error,
    calibration_slope,
    cluster_draws,
    cluster_mean,
    coverage,
    interval,
    log_loss,
    ndcg,
    recall_at_capacity,
)
from models.metrics.area_under_curve import area_under_curve_draws
from models.metrics.coverage import coverage_interval, first_of
from models.metrics.novelty import novelty_by_list
from models.metrics.recall_at_capacity import reached_at_capacity
from models.metrics.unfound import unfound_by_list

RANDOM = np.random.default_rng(11)
SCORES = RANDOM.random(500).round(2)
LABELS = (RANDOM.random(500) < SCORES / 2).astype(np.float64)
WEIGHTS = RANDOM.gamma(2, 1, 500)


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        (area_under_curve, reference.roc_auc_score),
        (average_precision, reference.average_precision_score),
        (log_loss, lambda y, p, sample_weight: reference.log_loss(
            y, np.clip(p, 1e-12, 1 - 1e-12), sample_weight=sample_weight)),
        (brier, reference.brier_score_loss),
    ],
)  # fmt: skip
def test_weighted_metrics_agree_with_scikit_learn(ours, theirs) -> None:  # type: ignore[no-untyped-def]
    assert ours(LABELS, SCORES, WEIGHTS) == pytest.approx(
        theirs(LABELS, SCORES, sample_weight=WEIGHTS)
    )


@pytest.mark.parametrize(
    "metric",
    [area_under_curve, average_precision, brier_skill, calibration_error, calibration_slope,
     recall_at_capacity],
)  # fmt: skip
def test_without_a_positive_there_is_no_value(metric) -> None:  # type: ignore[no-untyped-def]
    assert isnan(metric(np.zeros(300), SCORES[:300], np.ones(300)))
    assert isnan(metric(np.zeros(0), np.zeros(0), np.zeros(0)))


def test_losses_without_rows_have_no_value() -> None:
    nothing = np.zeros(0)
    assert isnan(log_loss(nothing, nothing))
    assert isnan(brier(nothing, nothing))


def test_a_perfectly_calibrated_model_has_hardly_any_error() -> None:
    said = RANDOM.random(30_000)
    truth = (RANDOM.random(30_000) < said).astype(np.float64)
    assert calibration_error(truth, said) < 0.01
    assert calibration_slope(truth, said) == pytest.approx(1.0, abs=0.05)
    assert calibration_error(truth, np.clip(said + 0.1, 0, 1)) > 0.05


def test_recall_at_capacity_shares_ties() -> None:
    labels = np.array([1.0, 0, 1, 0, 0, 0, 0, 0, 0, 1])
    assert recall_at_capacity(labels, np.arange(10.0)[::-1], capacity=0.3) == pytest.approx(2 / 3)
    assert recall_at_capacity(labels, np.zeros(10), capacity=0.3) == pytest.approx(0.3)


def test_ndcg_by_hand() -> None:
    lists = pl.DataFrame(
        {
            "list": [1, 1, 1, 2, 2],
            "score": [0.9, 0.5, 0.1, 0.3, 0.2],
            "label": [0, 1, 0, 0, 0],
        }
    )
    assert ndcg(lists, k=5) == pytest.approx(1 / log2(3))
    assert ndcg(lists, k=1) == 0
    assert isnan(ndcg(lists.filter(pl.col("list") == 2)))


def test_tied_scores_earn_the_mean_of_their_order() -> None:
    lists = pl.DataFrame({"list": [1, 1], "score": [0.5, 0.5], "label": [1, 0]})
    assert ndcg(lists) == pytest.approx((1 + 1 / log2(3)) / 2)


def test_coverage_counts_services_in_anyones_list() -> None:
    ranked = pl.DataFrame(
        {"list": [1, 1, 2, 2], "service": ["a", "b", "a", "c"], "score": [2.0, 1, 2, 1]}
    )
    assert coverage(ranked, services=4, k=1) == 0.25
    assert coverage(ranked, services=4, k=2) == 0.75
    assert isnan(coverage(ranked.clear(), services=4))


def test_intervals_draw_citizens_not_rows() -> None:
    once = cluster_draws(np.arange(500), seed=1)
    twice = cluster_draws(np.repeat(np.arange(250), 2), seed=1)
    assert (twice[:, ::2] == twice[:, 1::2]).all()
    value = area_under_curve(LABELS, SCORES)
    found = interval(value, area_under_curve_draws(LABELS, SCORES, once))
    assert found.low < value < found.high
    doubled = area_under_curve_draws(
        np.repeat(LABELS, 2), np.repeat(SCORES, 2), np.repeat(once, 2, 1)
    )
    assert interval(value, doubled) == pytest.approx(found)


@pytest.mark.parametrize("name", DRAWN)
def test_a_draw_is_the_metric_under_its_weights(name: str) -> None:
    drawn = DRAWN[name](LABELS, SCORES, np.vstack([WEIGHTS, np.ones(500)]))
    metric = row_metrics(LABELS, SCORES, WEIGHTS)[name]
    # The slope of a draw is one Newton step from that of all draws.
    assert drawn[0] == pytest.approx(metric, rel=0.02 if name == "calibration_slope" else 1e-9)
    assert np.isnan(DRAWN[name](np.zeros(300), SCORES[:300], np.ones((2, 300)))).all() == (
        name != "log_loss"
    )


def test_the_interval_of_a_calibrated_models_error_starts_near_nothing() -> None:
    said = RANDOM.random(5_000)
    truth = (RANDOM.random(5_000) < said).astype(np.float64)
    draws = DRAWN["calibration_error"](truth, said, cluster_draws(np.arange(5_000), seed=2))
    assert interval(calibration_error(truth, said), draws).high < 0.03


LISTS = pl.DataFrame(
    {
        "list": [1, 1, 1, 2, 2, 2],
        "service": ["bus", "rent", "care"] * 2,
        "score": [0.9, 0.8, 0.1, 0.1, 0.2, 0.3],
        "label": [1, 0, 0, 0, 0, 1],
    }
)


def test_novelty_is_what_few_find_by_themselves() -> None:
    found = novelty_by_list(first_of(LISTS, k=2), {"bus": 0.5, "rent": 0.25, "care": 0.125})
    assert found.to_dict(as_series=False) == {"list": [1, 2], "value": [1.5, 2.5]}
    nobody = novelty_by_list(first_of(LISTS, k=1), {"bus": 0.0, "rent": 1.0, "care": 1.0})
    assert nobody["value"].to_list() == pytest.approx([-log2(1e-4), 0.0])


def test_unfound_is_what_did_not_come_by_itself() -> None:
    assert unfound_by_list(first_of(LISTS, k=2))["value"].to_list() == [0.5, 0.5]
    assert unfound_by_list(first_of(LISTS, k=1))["value"].to_list() == [0.0, 0.0]


def test_an_interval_of_a_mean_draws_whole_clusters() -> None:
    """Ten rows of one household are no ten witnesses."""
    values = np.repeat(RANDOM.random(60), 10)
    weights = np.ones(len(values))
    homes = np.repeat(np.arange(60), 10)
    whole = cluster_mean(values, weights, homes, seed=1, draws=500)
    rows = cluster_mean(values, weights, np.arange(len(values)), seed=1, draws=500)
    assert whole.value == pytest.approx(values.mean())
    assert whole.high - whole.low > 2 * (rows.high - rows.low)
    assert isnan(cluster_mean(values, 0 * weights, homes, seed=1).value)


def test_a_service_that_hangs_on_one_household_leaves_the_coverage_unsure() -> None:
    first = pl.DataFrame({"service": ["bus"] * 50 + ["rent"]})
    found = coverage_interval(first, np.arange(51), services=4, seed=1)
    assert (found.value, found.low, found.high) == (0.5, 0.25, 0.5)


@pytest.mark.parametrize("capacity", [0.05, 0.2, 0.37, 1.0])
def test_as_many_are_reached_as_there_is_capacity_for(capacity: float) -> None:
    reached = reached_at_capacity(SCORES, capacity)
    assert reached.sum() == pytest.approx(capacity * len(SCORES))
    assert reached[np.argmax(SCORES)] > 0
    assert ((reached == 0) | (np.quantile(SCORES, 1 - capacity) - 0.01 <= SCORES)).all()
