"""Plots say what was measured, and there is none where nothing was."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models import plots
from models.contenders import LISTS, MODELS
from models.need_reached import CAPACITIES
from models.plots.drawing import LOOKS, NAMES
from models.reliability import reliability
from models.small_groups import SMALLEST

NOTHING = {"value": None, "low": None, "high": None}


def head(service: str, **told: Any) -> dict[str, Any]:
    """As it stands in a bundle."""
    reach = {name: [share**0.5 for share in CAPACITIES] for name in MODELS}
    need = {"ground": "rules", "shown": 40, "capacity": 0.1, "capacities": list(CAPACITIES)}
    bins = [
        {"said": said, "seen": said / 2, "low": said / 3, "high": said, "people": 50}
        for said in (0.1, 0.4, 0.8)
    ]
    found: dict[str, Any] = {"service": service, "positives": 60, "reliability": bins}
    found["metrics"] = {"calibration_error": 0.02}
    return found | {"unmet_need": need | {"by_capacity": reach}} | told


def evaluation() -> dict[str, Any]:
    value = {"value": 0.5, "low": 0.4, "high": 0.6}
    metrics = ("unmet_need_at_capacity", "ndcg_at_5", "novelty", "coverage")
    lists = {name: dict.fromkeys(metrics, value) for name in LISTS}
    lists["ranker"] = lists["ranker"] | {"unmet_need_at_capacity": NOTHING}
    quiet = head("quiet", reliability=[], unmet_need={"ground": None})
    heads = {"aid": head("aid"), "bus": head("bus", positives=99), "quiet": quiet}
    return {"heads": heads, "list_intervals": lists}


def test_every_contender_has_a_look_and_a_name() -> None:
    assert set(LOOKS) == set(NAMES) == {*LISTS, *MODELS}


def test_reliability_draws_the_heads_with_bins_most_takers_first() -> None:
    figure = plots.reliability(evaluation(), {"bus": "Bus pass"})
    assert figure is not None
    titles = [axes.get_title() for axes in figure.axes]
    assert [title.splitlines()[0] for title in titles] == ["Bus pass", "aid"]
    points = figure.axes[0].containers[0][0]
    assert points.get_xydata().tolist() == [[0.1, 0.05], [0.4, 0.2], [0.8, 0.4]]


def test_lift_draws_every_contender_from_nothing_to_all() -> None:
    figure = plots.lift(evaluation())
    assert figure is not None
    assert len(figure.axes) == 2
    drawn = {line.get_label(): line for line in figure.axes[0].get_lines()}
    assert NAMES["need"] in drawn
    assert NAMES["take_up"] in drawn
    line = drawn[NAMES["need"]].get_xydata()
    assert line[0].tolist() == [0, 0]
    assert line[-1].tolist() == [1, 1]


def test_lists_say_what_was_not_measured() -> None:
    figure = plots.lists(evaluation())
    assert figure is not None
    assert [text.get_text() for text in figure.axes[0].texts] == ["not measured"]
    figure.savefig(BytesIO())


def test_over_time_draws_one_point_a_round() -> None:
    summary = {"auc": 0.8, "auc_rules": 0.6, "calibration_error": 0.01, "ndcg_at_5_need": None}
    rounds = [
        {"tested_from": f"2026-0{month}-01T00:00:00+00:00", "summary": summary}
        for month in (1, 4, 7)
    ]
    figure = plots.over_time(rounds)
    lines = {line.get_label(): line for line in figure.axes[0].get_lines()}
    assert set(lines) == {NAMES["heads"], NAMES["rules"]}
    assert list(lines[NAMES["rules"]].get_ydata()) == [0.6, 0.6, 0.6]
    assert not figure.axes[2].get_lines()
    figure.savefig(BytesIO())


def test_what_was_not_measured_is_not_drawn() -> None:
    nothing = {"heads": {"quiet": evaluation()["heads"]["quiet"]}, "list_intervals": {}}
    assert plots.reliability(nothing) is plots.lift(nothing) is plots.lists(nothing) is None


@given(st.integers(0, 300), st.integers(1, 10_000))
def test_bins_hold_enough_people_and_what_they_say_lies_within(rows: int, seed: int) -> None:
    random = np.random.default_rng(seed)
    said = random.random(rows).round(1)
    labels = (random.random(rows) < said).astype(np.float64)
    bins = reliability(labels, said, random.gamma(2, 1, rows), random.integers(0, 80, rows))
    assert [one.said for one in bins] == sorted({one.said for one in bins})
    for one in bins:
        assert one.people >= SMALLEST
        assert 0 <= one.low <= one.seen <= one.high <= 1


def test_a_bin_by_hand() -> None:
    said = np.repeat([0.2, 0.6], 50)
    labels = np.concatenate([np.arange(50) < 10, np.arange(50) < 30]).astype(np.float64)
    first, second = reliability(labels, said, np.ones(100), np.arange(100))
    assert (first.said, first.seen, first.people) == pytest.approx((0.2, 0.2, 50))
    assert (second.said, second.seen) == pytest.approx((0.6, 0.6))
