"""What all plots share: a grid of panels, and how each contender looks."""

from __future__ import annotations

from math import ceil
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure

ACROSS = 3
MOST_PANELS = 12
LOOKS: dict[str, dict[str, Any]] = {
    "need": {"color": "#000000", "linestyle": "-", "linewidth": 2.4},
    "heads": {"color": "#0072B2", "linestyle": "-", "linewidth": 2.0},
    "champion_need": {"color": "#CC79A7", "linestyle": (0, (2, 1))},
    "rules_need": {"color": "#009E73", "linestyle": (0, (6, 2))},
    "champion": {"color": "#CC79A7", "linestyle": (0, (5, 1))},
    "take_up": {"color": "#D55E00", "linestyle": "--"},
    "ranker": {"color": "#7B4FA3", "linestyle": (0, (3, 1, 1, 1, 1, 1))},
    "logistic": {"color": "#E69F00", "linestyle": "-."},
    "last_state": {"color": "#56B4E9", "linestyle": (0, (1, 1))},
    "rules": {"color": "#009E73", "linestyle": ":"},
    "popularity": {"color": "#999999", "linestyle": (0, (4, 3))},
}
"""Mostly the colours of Okabe and Ito (2008), which people can tell apart, and a dash for each."""
NAMES = {
    "need": "this model, by need",
    "heads": "this model, by unaided take-up",
    "champion_need": "champion, by need",
    "champion": "champion, by unaided take-up",
    "take_up": "plain take-up model",
    "ranker": "LambdaMART",
    "logistic": "logistic regression",
    "last_state": "last state",
    "rules_need": "rules only, eligible first",
    "rules": "rules only, by take-up",
    "popularity": "popularity",
}


def panels(count: int, title: str, *, across: int = ACROSS) -> tuple[Figure, list[Axes]]:
    """A figure with ``count`` panels under one title."""
    columns = max(min(across, count), 1)
    rows = max(ceil(count / columns), 1)
    figure = Figure(figsize=(4.2 * columns + 0.6, 3.5 * rows + 1.3), layout="constrained")
    figure.suptitle(title, fontsize=13)
    axes = figure.subplots(rows, columns, squeeze=False).ravel().tolist()
    for extra in axes[count:]:
        extra.set_axis_off()
    for one in axes[:count]:
        one.grid(alpha=0.25)
        one.spines[["top", "right"]].set_visible(False)
    return figure, axes[:count]


def legend(figure: Figure, axes: list[Axes]) -> None:
    """One legend under all panels, of everything that any of them shows."""
    told: dict[str, Any] = {}
    for one in axes:
        for handle, label in zip(*one.get_legend_handles_labels(), strict=True):
            told.setdefault(label, handle)
    if told:
        figure.legend(
            list(told.values()), list(told), loc="outside lower center", ncols=3, frameon=False
        )
