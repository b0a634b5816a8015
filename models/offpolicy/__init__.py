"""Off-policy evaluation: what another way of choosing would have brought, from explored slots.

A share of last places is drawn at random with known chances. Of those places alone can be said
what would have followed had another service stood there; the places before them are as they were.
No figure is given where the logged draws do not support it.
"""

from models.offpolicy.estimating import Figure, PolicyValue, Requirements, evaluate_policy
from models.offpolicy.policies import by_score, greedy, logged, uniform
from models.offpolicy.slots import SLOTS, ExploredSlots, explored_slots

__all__ = [
    "SLOTS",
    "ExploredSlots",
    "Figure",
    "PolicyValue",
    "Requirements",
    "by_score",
    "evaluate_policy",
    "explored_slots",
    "greedy",
    "logged",
    "uniform",
]
