"""What a head is after, and what it falls back on when that cannot be learned.

*Unmet need* is the rule. *Uptake* is for packs without decisions. *Uplift* (who is moved by being
approached) can only be learned from citizens whom chance approached or left alone; without such
data, or where they show nothing to target by, a service with that objective is ranked by need, and
says so.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from features.catalogue import Objective


@dataclass(frozen=True, slots=True)
class Pursued:
    """The objective that a pack asks for, and the one that scores are by.

    Parameters
    ----------
    why
        Why they differ; empty when they do not.
    """

    asked: Objective
    used: Objective
    why: str = ""

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return asdict(self) | {"asked": self.asked.value, "used": self.used.value}


def pursued(asked: Objective, *, uplift: str | None = None) -> Pursued:
    """What the head of a service with objective ``asked`` is after.

    Parameters
    ----------
    uplift
        Why nothing was learned from randomised data; None when something was. Asked only where
        the objective is uplift.
    """
    if asked is not Objective.UPLIFT or uplift is None:
        return Pursued(asked, asked)
    return Pursued(asked, Objective.UNMET_NEED, uplift)


def needs_entitlement(objective: Objective) -> bool:
    """Whether entitlement plays a part in what a head is after."""
    return objective in (Objective.UNMET_NEED, Objective.UPLIFT)
