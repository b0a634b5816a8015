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
    coverage,
    interval,
    log_loss,
    ndcg,
    recall_at_capacity,
)
from models.metrics.area_under_curve import area_under_curve_draws

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
