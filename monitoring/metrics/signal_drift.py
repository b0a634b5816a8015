"""The share of signals that moved, as an Evidently metric over every signal there is."""

from __future__ import annotations

from evidently.core.metric_types import SingleValueCalculation, SingleValueMetric
from evidently.legacy.model.widget import BaseWidgetInfo
from evidently.legacy.renderers.html_widgets import table_data


class SignalDrift(SingleValueMetric):  # type: ignore[misc]  # evidently ships no types
    """The share of signals whose effect size passes the threshold.

    Parameters
    ----------
    what
        *signals* or *scores*.
    threshold
        In standard deviations of the reference, see :mod:`monitoring.drift`.
    rows
        One a signal, largest first: name, distance, reference_missing, current_missing.
    """

    what: str
    threshold: float
    rows: list[dict]  # type: ignore[type-arg]


class SignalDriftCalculation(SingleValueCalculation[SignalDrift]):  # type: ignore[misc]
    """Publishes the share with a table of what moved most."""

    SHOWN = 25

    def calculate(self, context, current_data, reference_data):  # type: ignore[no-untyped-def]
        """The share; nothing for the reference, which every distance is measured from."""
        rows = self.metric.rows
        moved = sum(row["distance"] > self.metric.threshold for row in rows)
        result = self.result(moved / len(rows) if rows else 0.0)
        result.widget = [self._table()]
        return result, None

    def display_name(self) -> str:
        """The heading in the report."""
        return (
            f"Share of {len(self.metric.rows)} {self.metric.what} that moved more than "
            f"{self.metric.threshold:g} standard deviations"
        )

    def _table(self) -> BaseWidgetInfo:
        return table_data(
            title=self.display_name(),
            column_names=[self.metric.what, "distance", "missing before", "missing now"],
            data=[
                [
                    row["name"],
                    f"{row['distance']:.3f}",
                    f"{row['reference_missing']:.1%}",
                    f"{row['current_missing']:.1%}",
                ]
                for row in self.metric.rows[: self.SHOWN]
            ],
        )
