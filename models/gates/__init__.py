"""Gates: the checks that can withhold a suggestion, each with a reason that can be shown."""

from models.gates.base import Gate, GateState
from models.gates.run import GATES, reason_text, run_gates

__all__ = ["GATES", "Gate", "GateState", "reason_text", "run_gates"]
