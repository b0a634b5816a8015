"""The truth about unmet need on a day, as the simulator kept it: for benchmarks alone.

Someone has an unmet need for a service who is entitled to it on the day, has not got it, and would
not get it by themselves within the horizon: no application of their own is waiting, and none that
they make without help, or would have made had nobody helped, is decided on in time.
"""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import polars as pl

from benchmarks._municipality import AS_OF, Municipality, pseudonyms
from features.catalogue import Kind
from features.facts import FACTS
from features.pack import Pack
from features.sources.synthetic.behaviour import behaviours

WAITING = timedelta(days=182)
"""An application that old and not granted is taken for refused."""


def unmet(town: Municipality) -> pl.DataFrame:
    """``citizen, service``: every unmet need for a service (interventions left out)."""
    day = AS_OF.date()
    lacking = _named(pl.read_parquet(town.truth / "response.parquet"), town).filter(
        pl.col("as_of") == day
    )
    claims = _named(pl.read_parquet(town.truth / "unaided.parquet"), town)
    own = claims.join(_last_day(town.pack), on="service").filter(
        pl.col("applied_on") > day - WAITING, pl.col("applied_on") <= pl.col("last")
    )
    return lacking.join(own, on=["citizen", "service"], how="anti").select("citizen", "service")


def households(town: Municipality) -> pl.DataFrame:
    """``citizen, household``: who are partners, or parent and child, stand in one."""
    pairs = (
        town.lake.scan("relations")
        .filter(pl.col("relative").is_not_null(), pl.col("kind").is_in(["partner", "child"]))
        .select("citizen", "relative")
        .collect()
    )
    of = {citizen: citizen for citizen in pl.concat([pairs["citizen"], pairs["relative"]])}

    def head(citizen: int) -> int:
        while of[citizen] != citizen:
            of[citizen] = of[of[citizen]]
            citizen = of[citizen]
        return citizen

    for one, other in pairs.iter_rows():
        of[head(one)] = head(other)
    return pl.DataFrame(
        {"citizen": list(of), "household": [head(citizen) for citizen in of]},
        schema={"citizen": pl.Int64, "household": pl.Int64},
    )


def groups(town: Municipality) -> pl.DataFrame:
    """``citizen`` and a column of group names per grouping that the pack audits."""
    wanted = town.pack.domain.fairness
    told = pl.concat(
        [town.lake.scan(table).select(list(FACTS)).collect() for table in ("facts", "protected")]
    ).filter(pl.col("known_at") <= AS_OF)
    last = told.sort("valid_from", "known_at", "order").group_by("citizen", "name").last()
    found = last.select("citizen").unique()
    for name, group in wanted.items():
        value = last.filter(pl.col("name") == group.fact)
        band = pl.col("value")
        if group.bands:
            age = (AS_OF.date().toordinal() - 719_163 - pl.col("number")) / 365.25
            band = age.cut([float(edge) for edge in group.bands], left_closed=True).cast(pl.String)
        found = found.join(value.select("citizen", band.alias(name)), on="citizen", how="left")
    return found


def services(pack: Pack) -> list[str]:
    """The services, without the interventions."""
    return [name for name, one in pack.services.items() if one.kind is Kind.SERVICE]


def _last_day(pack: Pack) -> pl.DataFrame:
    """``service, last``: the last day of an application that is usually decided on in time."""
    ways = behaviours(pack)
    rows = [
        (name, AS_OF.date() + timedelta(days=round(one.horizon_days - ways[name].delay)))
        for name, one in pack.services.items()
        if one.kind is Kind.SERVICE
    ]
    return pl.DataFrame(rows, schema={"service": pl.String, "last": pl.Date}, orient="row")


def _named(frame: pl.DataFrame, town: Municipality) -> pl.DataFrame:
    """With ``citizen`` for the citizen service number, and services alone."""
    numbers = frame["bsn"].unique()
    table = pl.DataFrame(
        {"bsn": numbers, "citizen": pseudonyms().of("bsn", numbers.cast(pl.String))}
    )
    return frame.join(table, on="bsn").filter(pl.col("service").is_in(services(town.pack)))


def place(keys: pl.DataFrame, among: pl.DataFrame) -> np.ndarray:
    """Which rows of ``keys`` (citizen, service) stand in ``among``."""
    marked = among.select("citizen", "service", there=pl.lit(value=True))
    joined = keys.join(marked, on=["citizen", "service"], how="left", maintain_order="left")
    return joined["there"].fill_null(value=False).to_numpy()
