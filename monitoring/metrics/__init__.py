"""Our own Evidently metrics: computed over the whole population, published in the one report."""

from monitoring.metrics.calibration import Calibration
from monitoring.metrics.group_gap import GroupGap
from monitoring.metrics.signal_drift import SignalDrift

__all__ = ["Calibration", "GroupGap", "SignalDrift"]
