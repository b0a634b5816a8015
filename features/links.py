"""Links: different identifiers of one person, so that silos meet in one citizen.

A file's ``links`` tie the client number of a case system, say, to a BSN. The pseudonym of the
BSN is the citizen; the other is an alias. What was landed under an alias before its link was
known is moved to the citizen when the link comes.
"""

from __future__ import annotations

import polars as pl

from features.events import INSTANT

LINKS = pl.Schema(
    {
        "scheme": pl.String,  # the alias's scheme
        "alias": pl.Int64,
        "citizen": pl.Int64,
        "known_at": INSTANT,
        "source": pl.String,
    }
)


class Aliases:
    """Which alias is which citizen: the lake's links in hand.

    Parameters
    ----------
    links
        :data:`LINKS`. Of an alias that was linked twice, the first link holds.
    """

    def __init__(self, links: pl.DataFrame) -> None:
        self._known = links.select("alias", "citizen").unique("alias", keep="first")
        self._final = _followed(self._known)

    @property
    def frame(self) -> pl.DataFrame:
        """``alias, citizen`` (Int64), each alias once, with the citizen it ends at."""
        return self._final

    def add(self, links: pl.DataFrame) -> None:
        """Take in new ``links`` (``alias, citizen``)."""
        if links.is_empty():
            return
        both = pl.concat([self._known, links.select("alias", "citizen")])
        self._known = both.unique("alias", keep="first", maintain_order=True)
        self._final = _followed(self._known)

    def resolve(self, citizens: pl.Series) -> pl.Series:
        """``citizens`` (Int64) with each alias replaced by the citizen it belongs to."""
        if self._final.is_empty():
            return citizens
        found = citizens.to_frame("alias").join(
            self._final, on="alias", how="left", maintain_order="left"
        )
        return found["citizen"].zip_with(found["citizen"].is_not_null(), citizens)

    def linked_to(self, aliases: pl.Series) -> pl.Series:
        """The citizen each alias was first linked to; null where it never was."""
        found = aliases.to_frame("alias").join(
            self._known, on="alias", how="left", maintain_order="left"
        )
        return found["citizen"]


def _followed(links: pl.DataFrame) -> pl.DataFrame:
    """Links of links followed to their end (a handful of steps; a circle stops there)."""
    ends = links
    for _ in range(4):
        further = ends.join(
            links.rename({"alias": "citizen", "citizen": "end"}), on="citizen", how="left"
        )
        if further["end"].null_count() == further.height:
            break
        ends = further.select("alias", citizen=pl.coalesce("end", "citizen"))
    return ends.filter(pl.col("alias") != pl.col("citizen"))
