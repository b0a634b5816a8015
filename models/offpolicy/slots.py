"""Explored slots: the places of the ledger that chance had a hand in."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import polars as pl

ACCEPTED = "accepted"
SLOTS = pl.Schema(
    {
        "slot": pl.Int64,  # one drawn place: a slate and a kind
        "slate": pl.String,
        "citizen": pl.Int64,
        "service": pl.String,
        "rank": pl.Int32,
        "propensity": pl.Float64,
        "drawn": pl.Boolean,  # this one was shown
        "reward": pl.Float64,  # 1 when what was shown was accepted; null for what was not shown
    }
)
"""One row per candidate of a slot."""
_SURE = 1e-6


@dataclass(frozen=True, slots=True)
class ExploredSlots:
    """Slots of which the outcome is known.

    Parameters
    ----------
    rows
        :data:`SLOTS`.
    open
        How many are left out because nobody has decided yet and they are not old enough.
    torn
        How many are left out because their chances do not add up, or not one service was shown.
    fixed
        How many last places chance had no hand in: nothing can be said of them.
    """

    rows: pl.DataFrame
    open: int = 0
    torn: int = 0
    fixed: int = 0

    @property
    def count(self) -> int:
        """How many slots there are."""
        return self.rows["slot"].n_unique()


def explored_slots(
    ledger: pl.DataFrame, now: datetime, *, patience: timedelta = timedelta(days=30)
) -> ExploredSlots:
    """The explored slots of a ledger (:data:`models.ledger.LEDGER`).

    What was shown and not decided on within ``patience`` counts as not accepted.
    """
    passed = ledger.filter(pl.col("propensity").is_not_null())
    drawn_from = passed.filter(pl.col("propensity").is_between(0, 1 - _SURE, closed="none"))
    whole = pl.struct("slate", "kind")
    rows = drawn_from.select(
        "slate",
        "citizen",
        "service",
        "rank",
        "propensity",
        slot=whole.rank("dense").cast(pl.Int64) - 1,
        drawn="shown",
        reward=pl.when("shown").then(
            pl.col("outcome").eq_missing(pl.lit(ACCEPTED)).cast(pl.Float64)
        ),
        waiting=pl.col("shown") & pl.col("outcome").is_null() & (pl.col("at") > now - patience),
    )
    of_slot = rows.group_by("slot").agg(
        sound=(pl.col("propensity").sum() - 1).abs().lt(_SURE) & pl.col("drawn").sum().eq(1),
        waits=pl.col("waiting").any(),
    )
    kept = of_slot.filter("sound", ~pl.col("waits")).select("slot")
    places = passed.filter("shown").select(whole.n_unique()).item()
    return ExploredSlots(
        rows.join(kept, on="slot", how="semi", maintain_order="left")
        .sort("slot", "rank", "service")
        .select(SLOTS.names())
        .cast(SLOTS),
        open=of_slot.filter("sound", "waits").height,
        torn=of_slot.filter(~pl.col("sound")).height,
        fixed=places - of_slot.height,
    )
