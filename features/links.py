"""Links: different identifiers of one person, so that silos meet in one citizen.

A file's ``links`` tie the client number of a case system, say, to a BSN. The pseudonym of the
BSN is the citizen; the other is an alias. What was landed under an alias before its link was
known is moved to the citizen when the link comes.
"""

from __future__ import annotations

import polars as pl

from features.events import INSTANT
from features.separations import SEPARATIONS, without_separated

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
    separations
        :data:`features.separations.SEPARATIONS`: who is not whom, whatever a link says.
    """

    def __init__(self, links: pl.DataFrame, separations: pl.DataFrame | None = None) -> None:
        self._separations = SEPARATIONS.to_frame() if separations is None else separations
        pairs = without_separated(links.select("alias", "citizen"), self._separations)
        self._known = pairs.unique("alias", keep="first")
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

    def resolved(self, told: pl.Series, end: str, alias: str) -> dict[str, pl.Series]:
        """Two columns: ``end``, who each of ``told`` is, and ``alias``, what it was told as where
        that is another."""
        ends, nobody = self.resolve(told), pl.Series([None], dtype=pl.Int64)
        return {end: ends, alias: told.zip_with((told != ends).fill_null(False), nobody)}

    def contradicts(self, links: pl.DataFrame) -> pl.Series:
        """Which of the new ``links`` (``alias, citizen``) would make one of two who were
        separated, through whatever other links; never null."""
        new = links.select(pl.int_range(pl.len()).alias("at"), "alias", "citizen").drop_nulls()
        new = new.filter(pl.col("alias") != pl.col("citizen"))
        lawful = new if self._separations.is_empty() else self._lawful(new)
        refused = new["at"].filter(~new["at"].is_in(lawful["at"].implode()))
        return pl.int_range(links.height, eager=True).is_in(refused.implode())

    def _lawful(self, new: pl.DataFrame) -> pl.DataFrame:
        """The new links but those that contradict a separation: by themselves, or together."""
        lawful = without_separated(self._ends(new), self._ends(self._separations))
        new = new.join(lawful, on="at", how="semi")
        while True:
            together = Aliases(pl.concat([self._known, new.drop("at")]))
            one, other = (together.resolve(self._separations[end]) for end in ("alias", "citizen"))
            joined = one.filter(one == other)
            kept = new.filter(~together.resolve(new["citizen"]).is_in(joined.implode()))
            if kept.height == new.height:
                return new
            new = kept

    def _ends(self, pairs: pl.DataFrame) -> pl.DataFrame:
        """``pairs`` with both of each taken to who they are by now."""
        return pairs.with_columns(
            self.resolve(pairs["alias"]).alias("alias"),
            self.resolve(pairs["citizen"]).alias("citizen"),
        )

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
