"""Which records the lake holds, so that each lands once and a different one is not let by."""

from __future__ import annotations

import numpy as np
import polars as pl
from numpy.typing import NDArray

from features.domain import Sensitivity
from features.lake import Lake
from features.pack import Pack
from features.quarantine import Reason
from features.quarantined import Bad
from features.seen import Seen
from features.tables import columns_of

_NOT_CONTENT = ("order", "known_at", "alias", "relative_alias", "at")
"""A record delivered again may stand elsewhere in its file, and be known since another day."""


class KnownRecords:
    """The ids in the lake, by table and source: read when first asked for, then kept up.

    Parameters
    ----------
    pack
        For which facts are free, and which identifier schemes are linked.
    """

    def __init__(self, lake: Lake, pack: Pack) -> None:
        self._lake = lake
        self._seen: dict[tuple[str, str], Seen] = {}
        self.free_facts = frozenset(pack.facts(Sensitivity.FREE))
        self.linked_schemes = frozenset(
            scheme
            for source in pack.mappings.values()
            for file in source.files
            if file.links
            for scheme in (file.subject.scheme, *(link.scheme for link in file.links))
        )

    def fresh(self, table: str, column: str, records: pl.DataFrame, bad: list[Bad]) -> pl.DataFrame:
        """The ``records`` (of one source, ids in ``column``) that are new.

        One that says the same as what is known is left out; one that says something else under
        the same id is marked in ``bad`` (found by its ``\\0part`` and ``\\0at``) as a conflict.
        Where ``\\0versioned`` is true another ``known_at`` makes another version: then only what
        is said of the same id and moment is the same or a conflict.
        """
        if "\0versioned" not in records.columns:
            return self._fresh(table, [column], records, bad)
        versioned = pl.col("\0versioned").fill_null(value=False)
        once = self._fresh(table, [column], records.filter(~versioned), bad)
        several = records.filter(versioned)
        return pl.concat([once, self._fresh(table, [column, "known_at"], several, bad, once)])

    def _fresh(
        self,
        table: str,
        key: list[str],
        records: pl.DataFrame,
        bad: list[Bad],
        beside: pl.DataFrame | None = None,
    ) -> pl.DataFrame:
        """The first of the ``records`` under each ``key`` that is not in the lake or ``beside``."""
        if records.is_empty():
            return records
        ids, source = records[key[0]], records["source"][0]
        if beside is None or beside.is_empty():
            if not self._of(table, source).overlap(_hashes(ids)):
                return records
            beside = records.head(0)
        known = self.contains(table, source, ids)
        first = records.select(
            (pl.struct(key) if len(key) > 1 else pl.col(key)).is_first_distinct()
        ).to_series()
        held = self._held(table, key, records.filter(known))
        held = pl.concat([held, beside.select(held.columns)])
        there = records.with_row_index("\0index").join(held, on=key, how="semi")["\0index"]
        new = first & ~pl.int_range(records.height, eager=True).is_in(there.implode())
        if "\0part" in records.columns:
            here = records.filter(new).select(held.columns)
            again = records.filter(~new)
            _mark_conflicts(again, pl.concat([held, here]), key, bad)
        return records.filter(new)

    def contains(self, table: str, source: str, ids: pl.Series) -> pl.Series:
        """Which of ``ids`` the lake holds for ``source`` (one in many million is a mistake)."""
        return pl.Series(self._of(table, source).contains(_hashes(ids)))

    def add(self, table: str, records: pl.DataFrame) -> None:
        """Take in ``records`` that were committed."""
        column = columns_of(table)[0]
        self._of(table, records["source"][0]).add(_hashes(records[column]))

    def _of(self, table: str, source: str) -> Seen:
        if (table, source) not in self._seen:
            column = columns_of(table)[0]
            ids = self._lake.scan(table).filter(pl.col("source") == source).select(column)
            seen = Seen()
            seen.add(_hashes(ids.collect()[column]))
            self._seen[table, source] = seen
        return self._seen[table, source]

    def _held(self, table: str, key: list[str], likely: pl.DataFrame) -> pl.DataFrame:
        """What the lake holds under the ids of ``likely``: the ``key`` and the content."""
        column = key[0]
        content = [name for name in columns_of(table) if name in key or name not in _NOT_CONTENT]
        found = self._lake.scan(table).select(content)
        if likely.is_empty():
            return found.head(0).collect()
        return found.filter(
            pl.col("source") == likely["source"][0],
            pl.col(column).is_in(likely[column].unique().implode()),
        ).collect()


def _mark_conflicts(
    again: pl.DataFrame, held: pl.DataFrame, key: list[str], bad: list[Bad]
) -> None:
    """Mark those ``again`` that are like none of what is ``held`` under their ``key``."""
    content = [name for name in held.columns if name not in key]
    pair = again.join(held, on=key, how="left", suffix="\0held", maintain_order="left")
    same = pl.all_horizontal(pl.col(name).eq_missing(pl.col(f"{name}\0held")) for name in content)
    alike = pair.group_by("\0part", "\0at", maintain_order=True).agg(same.any().alias("same"))
    for part, at in alike.filter(~pl.col("same")).select("\0part", "\0at").iter_rows():
        bad[part].mark(at, Reason.CONFLICTING_DUPLICATE, key[0])


def _hashes(ids: pl.Series) -> NDArray[np.uint64]:
    return ids.hash().to_numpy()
