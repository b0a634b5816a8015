"""What everybody's lists are worth, contender by contender, with intervals."""

from __future__ import annotations

from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from models.plots.drawing import LOOKS, NAMES, panels

SHOWN = {
    "unmet_need_at_capacity": "unmet need reached,\none suggestion for four citizens",
    "ndcg_at_5": "NDCG@5 of unaided take-up",
    "novelty": "novelty of the first five (bits)",
    "coverage": "share of the catalogue\nin anyone's first five",
}


def lists(evaluation: dict[str, Any]) -> Figure | None:
    """A panel a metric; None for a bundle that kept no intervals of its lists."""
    found = evaluation.get("list_intervals", {})
    names = [name for name in LOOKS if name in found][::-1]
    if not names:
        return None
    figure, axes = panels(len(SHOWN), "Lists of suggestions, ordered by", across=2)
    for one, (metric, title) in zip(axes, SHOWN.items(), strict=True):
        _panel(one, {name: found[name][metric] for name in names}, title)
    return figure


def _panel(axes: Axes, found: dict[str, dict[str, float | None]], title: str) -> None:
    for place, (name, one) in enumerate(found.items()):
        value, low, high = one["value"], one["low"], one["high"]
        if value is None:
            beside: dict[str, Any] = {"xycoords": ("axes fraction", "data"), "va": "center"}
            axes.annotate("not measured", (0.02, place), color="#666666", fontsize=8, **beside)
            continue
        if low is not None and high is not None:
            axes.plot([low, high], [place, place], color=LOOKS[name]["color"], linewidth=2)
        axes.plot(value, place, "o", color=LOOKS[name]["color"], markersize=6)
    axes.set_yticks(range(len(found)), [NAMES[name] for name in found], fontsize=8)
    axes.set_ylim(-0.6, len(found) - 0.4)
    axes.set_title(title, fontsize=10)
    if all((one["value"] or 0) <= 1 for one in found.values()):
        axes.set_xlim(0, 1.03)
