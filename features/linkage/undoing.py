"""Undoing a link: two who were taken for one person are two again, everywhere in the lake.

It is said first, and done after: from the separation on, no reader and no delivery joins the two.
Killed anywhere, doing it again makes it whole; done twice, it changes nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import polars as pl

from features.errors import VoorzetError
from features.lake import Lake
from features.links import Aliases
from features.matches import standing
from features.moving import put_back, strike
from features.separations import SEPARATIONS, without_separated
from features.tables import CITIZEN_TABLES


@dataclass(frozen=True, slots=True)
class Undone:
    """What undoing a link did: from whom the alias was separated, and how many rows moved back."""

    alias: int
    citizens: tuple[int, ...]
    moved: int


def unlink(lake: Lake, alias: int, citizen: int | None, *, source: str, now: datetime) -> Undone:
    """Undo the link or match of ``alias``, and remember that the two are not the same person.

    Parameters
    ----------
    citizen
        Who the alias is not. When not given: who it was linked to, or else its best match.
    source
        Who says so: a place in the organisation, not a person's name.

    Raises
    ------
    VoorzetError
        When no citizen is given and nothing links the alias.
    """
    with lake.sole_writer():
        lake.refresh()
        if citizen is not None and _links_of(lake, citizen) and not _links_of(lake, alias):
            alias, citizen = citizen, alias  # whichever of the two is the alias
        wrong = _joined_to(lake, alias, citizen)
        _remember(lake, alias, wrong, source, now)
        for one in wrong:
            strike(lake, "links", (alias, one))
            strike(lake, "matches", (alias, one))
        moved = settle(lake)
    return Undone(alias, tuple(wrong), moved)


def settle(lake: Lake) -> int:
    """Put every row that was delivered under an alias where the links in force say it belongs.

    Returns how many moved: none, unless a link was undone.
    """
    aliases = in_force(lake)
    moved = 0
    for table in CITIZEN_TABLES:
        moved += put_back(lake, table, _astray(lake, table, aliases, "citizen", "alias"))
    astray = _astray(lake, "relations", aliases, "relative", "relative_alias")
    return moved + put_back(lake, "relations", astray, of="relative")


def in_force(lake: Lake) -> Aliases:
    """The links by number that nobody undid."""
    return Aliases(lake.scan("links").collect(), lake.scan("separations").collect())


def _links_of(lake: Lake, alias: int) -> list[int]:
    """Whom the links name for ``alias``."""
    named = lake.scan("links").filter(pl.col("alias") == alias).select("citizen").collect()
    return named["citizen"].to_list()


def _joined_to(lake: Lake, alias: int, citizen: int | None) -> list[int]:
    """Whom the alias is to be separated from: the one asked for, who that one is by now, and
    whom the alias's own link names where that is what joins them."""
    aliases, links = in_force(lake), lake.scan("links").collect()
    own = _links_of(lake, alias)
    asked = _linked(lake, own, alias) if citizen is None else citizen
    one, other = aliases.resolve(pl.Series([alias, asked], dtype=pl.Int64))
    through = own if one == other else []
    rest = Aliases(links.filter(pl.col("alias") != alias), lake.scan("separations").collect())
    ends = rest.resolve(pl.Series([asked, *through], dtype=pl.Int64))
    return [one for one in dict.fromkeys((asked, *through, *ends)) if one != alias]


def _linked(lake: Lake, own: list[int], alias: int) -> int:
    of_alias = pl.col("alias") == alias
    said = lake.scan("separations").filter(of_alias).collect()
    matches = standing(lake.scan("matches").filter(of_alias).collect())
    best = without_separated(matches, said).filter(pl.col("probability") > 0.5)["citizen"].to_list()
    if not own and best and not said.is_empty():
        raise VoorzetError(
            "this alias was separated from someone before; say whom it is not now: name the citizen"
        )
    for found in (own, said["citizen"].to_list(), best):
        if found:
            return int(found[0])
    raise VoorzetError(
        "nothing links this alias: there is nothing to undo. To keep two apart beforehand, "
        "name the citizen too"
    )


def _remember(lake: Lake, alias: int, wrong: list[int], source: str, now: datetime) -> None:
    pairs = pl.DataFrame({"alias": alias, "citizen": wrong}, schema_overrides={"alias": pl.Int64})
    pairs = pairs.cast({"citizen": pl.Int64})
    new = without_separated(pairs, lake.scan("separations").collect())
    rows = new.with_columns(
        pl.lit(now).cast(SEPARATIONS["known_at"]).alias("known_at"),
        pl.lit(source).alias("source"),
    )
    lake.append("separations", rows.select(SEPARATIONS.names()))


def _astray(lake: Lake, table: str, aliases: Aliases, of: str, alias: str) -> pl.DataFrame:
    """The aliases with rows elsewhere than they belong, and where that is."""
    delivered = lake.scan(table).filter(pl.col(alias).is_not_null()).select(alias, of).unique()
    pairs = delivered.collect()
    ends = pairs.with_columns(aliases.resolve(pairs[alias]).alias("end"))
    astray = ends.filter(pl.col("end") != pl.col(of))
    return astray.select(alias=alias, citizen="end").unique("alias").sort("alias")
