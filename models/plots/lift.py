"""Lift at capacity: of the unmet need that records show, the share reached by how many to ask."""

from __future__ import annotations

from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from models.contenders import BY_NEED
from models.plots.drawing import LOOKS, MOST_PANELS, NAMES, legend, panels


def lift(evaluation: dict[str, Any], titles: dict[str, str] | None = None) -> Figure | None:
    """The services with most needs shown; None when no record shows any need.

    Parameters
    ----------
    evaluation
        As it stands in a bundle.
    titles
        Of the services; their ids where not given.
    """
    heads = [one for one in evaluation["heads"].values() if one.get("unmet_need", {}).get("ground")]
    heads = sorted(heads, key=lambda one: -one["unmet_need"]["shown"])[:MOST_PANELS]
    if not heads:
        return None
    figure, axes = panels(len(heads), "Unmet need reached, by the share of candidates asked")
    for one, head in zip(axes, heads, strict=True):
        _panel(one, head["unmet_need"], (titles or {}).get(head["service"], head["service"]))
    legend(figure, axes)
    return figure


def _panel(axes: Axes, need: dict[str, Any], title: str) -> None:
    shares = [0.0, *need["capacities"]]
    for name, reached in need["by_capacity"].items():
        look = BY_NEED.get(name, name)
        axes.plot(shares, [0.0, *reached], label=NAMES[look], **LOOKS[look])
    axes.axvline(need["capacity"], color="#bbbbbb", linewidth=0.8)
    axes.set_title(f"{title}\n{need['shown']:,} needs shown by {need['ground']}", fontsize=10)
    axes.set(xlim=(0, 1), ylim=(0, 1.02), xlabel="share asked", ylabel="share of the need reached")
