"""One run of the linker: persons in, matches into the lake. Names and dates stay in memory."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import polars as pl

from features.lake import Lake
from features.linkage.model import LinkageModel
from features.linkage.persons import PERSONS, prepared
from features.linkage.splink_linker import candidates, learn
from features.linkage.undoing import in_force, settle
from features.linkage.weighing import changed, weighed
from features.matches import standing
from features.pack import Pack
from features.separations import without_separated


@dataclass(frozen=True, slots=True)
class Linked:
    """What a run found: whom it compared, the pairs that stand, and what it wrote."""

    aliases: int
    citizens: int
    pairs: int
    written: int
    by_purpose: dict[str, int | None]
    """How many aliases count for each purpose; None where it uses no matches."""
    model: LinkageModel


def link(
    persons: pl.DataFrame,
    lake: Lake,
    pack: Pack,
    *,
    now: datetime,
    model: LinkageModel | None = None,
    seed: int = 1,
) -> Linked:
    """Weigh who the people of silos without a BSN are, and keep every pair above the floor.

    People who were linked by number are not compared; nor are two who were separated. A run that
    finds what stood already writes nothing, so it can be repeated after being cut off.

    Parameters
    ----------
    persons
        :data:`features.linkage.persons.PERSONS`: everybody the vault knows.
    model
        The model to weigh with; learnt from these persons when not given.

    Raises
    ------
    VoorzetError
        When the extra is not installed, or there is too little to learn from.
    """
    silo, register = sides(persons, lake, pack)
    left, right = prepared(silo), prepared(register)
    held_model = model or learn(left, right, seed=seed)
    pairs = candidates(left, right, held_model)
    with lake.sole_writer():
        lake.refresh()
        settle(lake)
        lawful = without_separated(pairs, lake.scan("separations").collect())
        schemes = silo.select(alias="person", scheme="scheme").unique("alias")
        new = weighed(lawful, held_model, schemes, now)
        versions = changed(new, standing(lake.scan("matches").collect()), now)
        lake.append("matches", versions)
    return Linked(
        aliases=left.height,
        citizens=right.height,
        pairs=new.height,
        written=versions.height,
        by_purpose={name: _counting(new, pack, name) for name in pack.domain.purposes},
        model=held_model,
    )


def sides(persons: pl.DataFrame, lake: Lake, pack: Pack) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Whom to find, known by a silo's own number alone; and among whom, known by a BSN."""
    aliases = in_force(lake).frame["alias"]
    open_ones = persons.select(PERSONS.names()).filter(~pl.col("person").is_in(aliases.implode()))
    numbered = [name for name, kind in pack.domain.identifiers.items() if kind == "bsn"]
    by_bsn = pl.col("scheme").is_in(numbered)
    return open_ones.filter(~by_bsn), open_ones.filter(by_bsn)


def _counting(matches: pl.DataFrame, pack: Pack, purpose: str) -> int | None:
    least = pack.domain.purposes[purpose].link_probability
    if least is None:
        return None
    return matches.filter(pl.col("probability") >= least).height
