"""Metrics, one a file. Where there is no ground truth a metric is NaN, never a comfortable zero.

Weights are inverse probabilities of being censored; a metric that takes draws gets a matrix of
weights (draws, rows) and returns one value per draw.
"""

from models.metrics.area_under_curve import area_under_curve
from models.metrics.average_precision import average_precision
from models.metrics.brier import brier, brier_skill
from models.metrics.calibration_error import calibration_error
from models.metrics.calibration_slope import calibration_slope
from models.metrics.coverage import coverage
from models.metrics.first_hit import first_hit
from models.metrics.interval import Interval, cluster_draws, cluster_mean, interval
from models.metrics.log_loss import log_loss
from models.metrics.ndcg import ndcg
from models.metrics.recall_at_capacity import recall_at_capacity

__all__ = [
    "Interval",
    "area_under_curve",
    "average_precision",
    "brier",
    "brier_skill",
    "calibration_error",
    "calibration_slope",
    "cluster_draws",
    "cluster_mean",
    "coverage",
    "first_hit",
    "interval",
    "log_loss",
    "ndcg",
    "recall_at_capacity",
]
