"""The group that stays behind, as an Evidently metric.

Evidently's own ``GroupBy`` gives the overall value for every group, so the rates are computed by
:mod:`monitoring.fairness` and shown here.
"""

from __future__ import annotations

import plotly.graph_objects as go
from evidently.core.metric_types import SingleValueCalculation, SingleValueMetric
from evidently.legacy.renderers.html_widgets import plotly_figure

from monitoring.fairness import UNKNOWN


class GroupGap(SingleValueMetric):  # type: ignore[misc]  # evidently ships no types
    """How far the group that stays behind most certainly lags: 0 when none certainly does.

    Parameters
    ----------
    measure
        What the rates are of: *suggested anything*, *uptake that was suggested*.
    grouping
        The grouping of the domain.
    rows
        One a group: group, n, value, low, high, gap_high. Hidden groups are not in it.
    """

    measure: str
    grouping: str
    rows: list[dict]  # type: ignore[type-arg]  # evidently's models take plain containers


class GroupGapCalculation(SingleValueCalculation[GroupGap]):  # type: ignore[misc]
    """Publishes the gap with a picture of the groups."""

    def calculate(self, context, current_data, reference_data):  # type: ignore[no-untyped-def]
        """The value, and nothing for the reference: the groups are compared with each other.
        Those whom no source places in a group are drawn, and not judged.
        """
        placed = (row for row in self.metric.rows if row["group"] != UNKNOWN)
        lag = max((-row["gap_high"] for row in placed), default=0.0)
        result = self.result(max(0.0, lag))
        result.widget = [plotly_figure(title=self.display_name(), figure=self._figure())]
        return result, None

    def display_name(self) -> str:
        """The heading in the report."""
        return f"{self.metric.measure}, by {self.metric.grouping}: certain lag of the worst-off"

    def _figure(self) -> go.Figure:
        rows = self.metric.rows
        value = [row["value"] for row in rows]
        figure = go.Figure(
            go.Scatter(
                x=value,
                y=[f"{row['group']} (n={row['n']})" for row in rows],
                mode="markers",
                error_x={
                    "type": "data",
                    "symmetric": False,
                    "array": [row["high"] - row["value"] for row in rows],
                    "arrayminus": [row["value"] - row["low"] for row in rows],
                },
            )
        )
        figure.update_layout(height=120 + 28 * len(rows), xaxis_title="rate, 95% interval")
        return figure
