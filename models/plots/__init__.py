"""Plots people look at, drawn from what a bundle keeps of its evaluation.

Each is a Matplotlib figure that nothing shows by itself: the caller saves it. A contender has one
colour and one dash in all of them.
"""

from models.plots.lift import lift
from models.plots.lists import lists
from models.plots.over_time import over_time
from models.plots.reliability import reliability

__all__ = ["lift", "lists", "over_time", "reliability"]
