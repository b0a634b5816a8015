"""Not eligible: a criterion says no. An unknown is no reason to withhold: it is asked."""

from __future__ import annotations

from typing import ClassVar

import polars as pl

from features.domain import Text
from models.gates.base import GateState, held_by_rules


class NotEligibleGate:
    """Withholds what the rules decide against."""

    name: ClassVar[str] = "not-eligible"
    reasons: ClassVar[dict[str, Text]] = {
        "not-eligible": {
            "nl": "De inwoner voldoet niet aan een voorwaarde.",
            "en": "The citizen does not meet a condition.",
        }
    }

    def check(self, candidates: pl.DataFrame, state: GateState) -> pl.Series:
        """See :class:`models.gates.base.Gate`."""
        return held_by_rules(candidates, "not-eligible")
