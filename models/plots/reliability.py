"""Reliability: what heads said beside what was seen, a panel a head."""

from __future__ import annotations

from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from models.plots.drawing import MOST_PANELS, legend, panels


def reliability(evaluation: dict[str, Any], titles: dict[str, str] | None = None) -> Figure | None:
    """The heads that most people took up; None when no head has three bins.

    Parameters
    ----------
    evaluation
        As it stands in a bundle.
    titles
        Of the services; their ids where not given.
    """
    heads = [one for one in evaluation["heads"].values() if len(one.get("reliability", [])) > 2]
    heads = sorted(heads, key=lambda one: -one["positives"])[:MOST_PANELS]
    if not heads:
        return None
    figure, axes = panels(
        len(heads), "Unaided take-up: how likely it was said to be, and how often it came true"
    )
    for one, head in zip(axes, heads, strict=True):
        _panel(one, head, (titles or {}).get(head["service"], head["service"]))
    legend(figure, axes)
    return figure


def _panel(axes: Axes, head: dict[str, Any], title: str) -> None:
    bins = head["reliability"]
    said, seen = [one["said"] for one in bins], [one["seen"] for one in bins]
    reach = [
        [one["seen"] - one["low"] for one in bins],
        [one["high"] - one["seen"] for one in bins],
    ]
    edge = 1.05 * max(max(said), max(one["high"] for one in bins))
    axes.plot([0, edge], [0, edge], color="#999999", linewidth=1, label="as it should be")
    axes.errorbar(
        said, seen, yerr=reach, fmt="o-", color="#0072B2", markersize=4, linewidth=1.2,
        elinewidth=0.9, capsize=2, label="a tenth of the candidates, with 95% interval",
    )  # fmt: skip
    error = head["metrics"]["calibration_error"]
    known = "" if error is None else f", error {error:.3f}"
    axes.set_title(f"{title}\n{head['positives']:,} took it up{known}", fontsize=10)
    axes.set(xlim=(0, edge), ylim=(0, edge), xlabel="said", ylabel="seen")
