"""Uplift: whom an approach would change, learned from people whom chance divided over arms.

Scores are out of fold only. Where no signal is shown that one person would gain more than another,
nothing is targeted by uplift, and the conclusion says so.
"""

from models.uplift.allocation import allocate
from models.uplift.concluding import ArmFinding, Conclusion, conclude
from models.uplift.crossfit import Targeting, out_of_fold
from models.uplift.learners import LEARNERS, Growth, UpliftModel
from models.uplift.qini import auuc, qini
from models.uplift.trial import Experiment, Trial

__all__ = [
    "LEARNERS",
    "ArmFinding",
    "Conclusion",
    "Experiment",
    "Growth",
    "Targeting",
    "Trial",
    "UpliftModel",
    "allocate",
    "auuc",
    "conclude",
    "out_of_fold",
    "qini",
]
