"""Purpose limitation (*doelbinding*): a service is suggested only under its own purpose."""

from __future__ import annotations

from typing import ClassVar

import polars as pl

from features.domain import Text
from models.gates.base import GateState, first_of, held_unless


class PurposeGate:
    """Withholds what the purpose of the view, or a missing legal basis, does not allow."""

    name: ClassVar[str] = "purpose"
    reasons: ClassVar[dict[str, Text]] = {
        "other-purpose": {
            "nl": "Dit hoort bij een ander doel dan waarvoor u nu kijkt.",
            "en": "This belongs to another purpose than the one you are looking for now.",
        },
        "no-legal-basis": {
            "nl": "Voor dit doel is geen wettelijke grondslag vastgelegd.",
            "en": "No legal basis has been recorded for this purpose.",
        },
    }

    def check(self, candidates: pl.DataFrame, state: GateState) -> pl.Series:
        """See :class:`models.gates.base.Gate`."""
        purposes, services = state.pack.domain.purposes, state.pack.services
        grounded = [
            name
            for name, service in services.items()
            if service.purpose in purposes and purposes[service.purpose].legal_basis.strip()
        ]
        baseless = held_unless(candidates, grounded, "no-legal-basis")
        if state.purpose is None:
            return baseless
        fitting = [name for name, service in services.items() if service.purpose == state.purpose]
        other = held_unless(candidates, fitting, "other-purpose")
        return first_of(other, baseless)
