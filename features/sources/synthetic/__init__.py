"""A synthetic municipality: its people, its silos, and the truth behind them."""

from features.sources.synthetic.magnitudes import Magnitudes
from features.sources.synthetic.simulate import SimulationReport, simulate

__all__ = ["Magnitudes", "SimulationReport", "simulate"]
