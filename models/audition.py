"""Which kind of model to trust next time: regret over past test periods.

After Triage's audition: what would have been lost by choosing, each time, by a rule that knew only
the periods before, beside the best that there was.
"""

from __future__ import annotations

import polars as pl

from features.events import INSTANT

MEASURED = pl.Schema({"at": INSTANT, "group": pl.String, "value": pl.Float64})
"""One value per test period and kind of model; higher is better."""

RULES = ("best last time", "best on average", "steadiest near the best")
NEAR = 0.02
"""So little below the best average still counts as near it."""


def distances(measured: pl.DataFrame) -> pl.DataFrame:
    """:data:`MEASURED` with ``behind``: how far each kind was behind the best of its period."""
    best = pl.col("value").max().over("at")
    return measured.filter(pl.col("value").is_finite()).with_columns(behind=best - pl.col("value"))


def regret(measured: pl.DataFrame) -> pl.DataFrame:
    """What each rule would have chosen at each period but the first, and lost.

    Returns
    -------
    ``at, rule, group, regret``, in order of time and rule.
    """
    told = distances(measured)
    rows = []
    for at in told["at"].unique().sort().to_list()[1:]:
        before, now = told.filter(pl.col("at") < at), told.filter(pl.col("at") == at)
        for rule in RULES:
            group = chosen(before, rule)
            lost = now.filter(pl.col("group") == group)["behind"]
            rows.append((at, rule, group, lost[0] if len(lost) else None))
    schema = pl.Schema({"at": INSTANT, "rule": pl.String, "group": pl.String, "regret": pl.Float64})
    return pl.DataFrame(rows, schema=schema, orient="row")


def chosen(before: pl.DataFrame, rule: str) -> str:
    """The kind of model that a rule picks from the periods ``before``; ties go by name."""
    if rule == "best last time":
        last = before.filter(pl.col("at") == pl.col("at").max())
        return str(last.sort(["value", "group"], descending=[True, False])["group"][0])
    summed = before.group_by("group").agg(
        pl.col("value").mean().alias("mean"), pl.col("value").std().fill_null(0.0).alias("spread")
    )
    if rule == "best on average":
        return str(summed.sort(["mean", "group"], descending=[True, False])["group"][0])
    near = summed.filter(pl.col("mean") >= pl.col("mean").max() - NEAR)
    return str(near.sort(["spread", "group"])["group"][0])
