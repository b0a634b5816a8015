"""Calibrations: within bounds, monotone, plain numbers, and right on held-out rows."""

from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.calibrating import calibrate, shift_to
from models.calibration import Calibration, from_log_odds, log_odds
from models.metrics import calibration_error, calibration_slope

FORMS = [
    Calibration(),
    Calibration("logistic", (0.7, -1.2)),
    Calibration("beta", (0.8, 1.3, 0.1), shift=2.0),
    Calibration("isotonic", knots=((0.1, 0.0), (0.5, 0.2), (0.9, 1.0))),
]


@pytest.mark.parametrize("form", FORMS)
@given(raw=st.lists(st.floats(0, 1), min_size=1, max_size=30))
def test_probabilities_stay_probabilities_and_in_order(form: Calibration, raw: list[float]) -> None:
    found = form.apply(np.sort(np.array(raw)))
    assert ((found > 0) & (found < 1)).all()
    assert (np.diff(found) >= -1e-12).all()


@pytest.mark.parametrize("form", FORMS)
def test_json_keeps_every_bit(form: Calibration) -> None:
    read = Calibration.from_dict(json.loads(json.dumps(form.as_dict())))
    assert read == form


@pytest.mark.parametrize(("slope", "level", "rows"), [(0.4, -1.0, 20_000), (1.0, -2.0, 3_000)])
def test_a_distorted_model_is_set_right(slope: float, level: float, rows: int) -> None:
    random = np.random.default_rng(7)
    odds = random.normal(-1, 1.5, rows)
    labels = (random.random(rows) < from_log_odds(odds)).astype(np.float64)
    raw = from_log_odds(odds / slope - level)
    later = (np.arange(rows) >= rows / 2).astype(np.float64)
    found = calibrate(raw, labels, np.ones(rows), later)
    fresh = random.normal(-1, 1.5, 40_000)
    truth = (random.random(40_000) < from_log_odds(fresh)).astype(np.float64)
    said = found.apply(from_log_odds(fresh / slope - level))
    assert calibration_error(truth, said) < 0.02
    assert 0.9 < calibration_slope(truth, said) < 1.1


def test_with_few_positives_only_the_level_moves() -> None:
    raw = np.linspace(0.1, 0.4, 200)
    labels = np.zeros(200)
    labels[:5] = 1
    found = calibrate(raw, labels, np.ones(200), np.zeros(200))
    assert found.coefficients[0] == 1.0
    assert found.apply(raw).mean() < raw.mean()


def test_a_shift_reaches_the_share_it_is_asked_for() -> None:
    probability = np.random.default_rng(2).beta(2, 5, 500)
    moved = from_log_odds(log_odds(probability) + shift_to(0.6, probability))
    assert moved.mean() == pytest.approx(0.6)
