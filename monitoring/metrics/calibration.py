"""Observed over expected uptake of one head, as an Evidently metric."""

from __future__ import annotations

import plotly.graph_objects as go
from evidently.core.metric_types import SingleValueCalculation, SingleValueMetric
from evidently.legacy.renderers.html_widgets import plotly_figure


class Calibration(SingleValueMetric):  # type: ignore[misc]  # evidently ships no types
    """How far a head's expected uptake lies outside the interval of what was observed.

    0 when the expected rate lies inside the interval; else the distance, as a proportion.

    Parameters
    ----------
    service
        The head.
    bins
        One a bin of equal size by score: n, expected, value, low, high.
    expected, value, low, high
        The same over all.
    """

    service: str
    bins: list[dict]  # type: ignore[type-arg]
    expected: float
    value: float
    low: float
    high: float


class CalibrationCalculation(SingleValueCalculation[Calibration]):  # type: ignore[misc]
    """Publishes the distance with a reliability diagram."""

    def calculate(self, context, current_data, reference_data):  # type: ignore[no-untyped-def]
        """The distance; nothing for the reference."""
        metric = self.metric
        result = self.result(max(0.0, metric.low - metric.expected, metric.expected - metric.high))
        result.widget = [plotly_figure(title=self.display_name(), figure=self._figure())]
        return result, None

    def display_name(self) -> str:
        """The heading in the report."""
        return f"{self.metric.service}: expected against observed uptake without help"

    def _figure(self) -> go.Figure:
        bins = self.metric.bins
        expected = [row["expected"] for row in bins]
        ceiling = max([*expected, *(row["high"] for row in bins), 0.01])
        figure = go.Figure(
            [
                go.Scatter(x=[0, ceiling], y=[0, ceiling], mode="lines", name="perfect"),
                go.Scatter(
                    x=expected,
                    y=[row["value"] for row in bins],
                    mode="markers",
                    name="bins",
                    error_y={
                        "type": "data",
                        "symmetric": False,
                        "array": [row["high"] - row["value"] for row in bins],
                        "arrayminus": [row["value"] - row["low"] for row in bins],
                    },
                ),
            ]
        )
        figure.update_layout(height=320, xaxis_title="expected", yaxis_title="observed")
        return figure
