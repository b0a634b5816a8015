"""Contact policy, for outreach only: nobody is approached again and again."""

from __future__ import annotations

from datetime import timedelta
from typing import ClassVar

import polars as pl

from features.domain import Text
from models.gates.base import GateState, held_where, passes


class ContactPolicyGate:
    """Withholds whoever was approached within the rest period."""

    name: ClassVar[str] = "contact-policy"
    reasons: ClassVar[dict[str, Text]] = {
        "recently-contacted": {
            "nl": "De inwoner is kort geleden al benaderd.",
            "en": "The citizen was approached only recently.",
        }
    }

    def check(self, candidates: pl.DataFrame, state: GateState) -> pl.Series:
        """See :class:`models.gates.base.Gate`."""
        if state.contact_rest_days is None:
            return passes(candidates)
        since = state.as_of - timedelta(days=state.contact_rest_days)
        approached = state.recent_contact.filter(pl.col("at") > since)["citizen"].unique()
        return held_where(
            candidates, pl.col("citizen").is_in(approached.implode()), "recently-contacted"
        )
