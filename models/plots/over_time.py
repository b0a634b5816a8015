"""Metrics over time: each round of a rolling validation, contender by contender."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from matplotlib.axes import Axes
from matplotlib.dates import AutoDateLocator, ConciseDateFormatter
from matplotlib.figure import Figure

from models.plots.drawing import LOOKS, NAMES, legend, panels

SHOWN = {
    "auc": "area under the curve, mean of the heads",
    "unmet_need_at_capacity": "unmet need reached,\none suggestion for four citizens",
    "ndcg_at_5": "NDCG@5 of unaided take-up",
    "calibration_error": "calibration error, mean of the heads",
}


def over_time(rounds: list[dict[str, Any]]) -> Figure:
    """A panel a metric.

    Parameters
    ----------
    rounds
        ``tested_from`` and ``summary`` of each, as :class:`models.over_time.OverTime` has them.
    """
    figure, axes = panels(len(SHOWN), "Trained anew, and tested on what followed", across=2)
    at = [datetime.fromisoformat(one["tested_from"]) for one in rounds]
    for one, (metric, title) in zip(axes, SHOWN.items(), strict=True):
        _panel(one, at, [found["summary"] for found in rounds], metric)
        one.set_title(title, fontsize=10)
    legend(figure, axes)
    return figure


def _panel(axes: Axes, at: list[datetime], summaries: list[dict[str, Any]], metric: str) -> None:
    for name, look in LOOKS.items():
        told = [
            (day, value)
            for day, summary in zip(at, summaries, strict=True)
            if (value := summary.get(_key(metric, name))) is not None
        ]
        if told:
            days, values = zip(*told, strict=True)
            axes.plot(days, values, marker="o", markersize=4, label=NAMES[name], **look)
    ticks = AutoDateLocator(maxticks=6)  # type: ignore[no-untyped-call]
    axes.xaxis.set_major_locator(ticks)
    axes.xaxis.set_major_formatter(ConciseDateFormatter(ticks))  # type: ignore[no-untyped-call]
    axes.set_xlabel("first date of the test period")


def _key(metric: str, name: str) -> str:
    """How a summary calls it: what is said of the heads alone has no name after it."""
    own = name == "heads" and metric in ("auc", "calibration_error")
    return metric if own else f"{metric}_{name}"
