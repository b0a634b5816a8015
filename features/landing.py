"""Landing: one delivered file into the lake, chunk by chunk, each exactly once.

A chunk is committed table by table, each commit carrying (load, chunk number). Killed anywhere,
the next run reads the file again, makes the same chunks, and every table takes up where it was.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

import polars as pl

from features.deliveries import Delivered
from features.erased_rows import without_erased
from features.identity_rows import IdentitySink, identities_of
from features.known_records import KnownRecords
from features.lake import Lake
from features.links import LINKS, Aliases
from features.loads import LOADS
from features.mapped_chunks import ChunkMapper, MappedChunk
from features.moving import rekey, rekey_relatives
from features.quarantine import Reason
from features.quarantined import Bad, malformed_rows, quarantine_rows, truncated_file
from features.record_ids import IDS, made_ids, told_apart
from features.revising import Revising
from features.revisions import REVISIONS
from features.seen import Seen
from features.sources.chunks import TruncatedFile
from features.sources.mapping_rows import Door, Output, Rows
from features.tables import columns_of

_TABLES = ("quarantine", "links", "protected", "facts", "relations", "events", "revisions")
"""The order of commits within a chunk: what depends on another table's state comes before it."""


@dataclass(slots=True)
class Landed:
    """What one file gave."""

    rows: int = 0
    added: Counter[str] = field(default_factory=Counter)
    quarantined: Counter[str] = field(default_factory=Counter)
    unlinked: int = 0
    erased: int = 0
    """Rows left out because they are of citizens who were erased."""
    moved: int = 0
    truncated: str | None = None


class Landing:
    """Lands the file of one delivery.

    Parameters
    ----------
    load
        The load's id (:func:`features.deliveries.load_id`).
    known, revising
        The records that are in the lake and what was taken back; taken on with what is landed.
    aliases
        The links that are in the lake; taken on likewise.
    """

    def __init__(
        self,
        delivery: Delivered,
        load: str,
        lake: Lake,
        door: Door,
        known: KnownRecords,
        revising: Revising,
        aliases: Aliases,
        identities: IdentitySink | None,
    ) -> None:
        self._delivery = delivery
        self._mapping = delivery.mapping
        self._load = load
        self._lake = lake
        self._door = door
        self._known = known
        self._revising = revising
        self._aliases = aliases
        self._identities = identities
        self._equal = Seen()
        self._bad_equal = Seen()
        self._chunk = 0
        self._key = door.pseudonyms.derived_key("records")
        self.landed = Landed()

    def land(self, each_chunk: Callable[[int], None] = lambda rows: None) -> Landed:
        """Read and land the whole file; ``each_chunk`` is told the rows read so far.

        Raises
        ------
        SourceError
            When the file is not what its mapping says.
        """
        again = any(self._lake.committed(table, (self._load, 1)) for table in _TABLES)
        try:
            for chunk in ChunkMapper(self._delivery, self._door).chunks():
                self._land_chunk(chunk)
                each_chunk(self.landed.rows)
        except TruncatedFile as fault:
            self.landed.truncated = fault.problem
            self._note_truncated()
        if self._mapping.links:
            self._move_linked()
        if again:
            self._recount()
        if self._delivery.noted or self.landed.added.total():
            self._note_load()
        return self.landed

    def land_batch(self, number: int, chunk: MappedChunk) -> Landed:
        """Land what was received and mapped before as the batch ``number`` of this load. Batches
        land in the order of their numbers; one that landed before is left alone."""
        self._chunk = number - 1
        self._land_chunk(chunk)
        if any(linked.other.null_count() < len(linked.other) for linked in chunk.linked):
            self._move_linked()
        return self.landed

    def _land_chunk(self, chunk: MappedChunk) -> None:
        rows, bad = chunk.rows, chunk.bad_outputs
        self._lake.append("tombstones", chunk.tombstones)
        self.landed.erased += chunk.erased
        bad_links: list[Bad] = []
        links = self._links(chunk, bad_links)
        fresh, revisions = {}, [REVISIONS.to_frame()]
        for table, made in chunk.records.items():
            versions, withdrawn = _taken_apart(self._identified(table, made))
            fresh[table] = self._known.fresh(table, IDS[table], versions, bad)
            revisions.append(
                self._revising.rows(table, self._delivery.source, versions, withdrawn, fresh[table])
            )
        self._hand_over_identities(rows)
        self._count_unlinked(rows)
        self.landed.rows += chunk.height
        quarantine = self._quarantine([chunk.bad_rows, *bad_links, *bad], chunk)
        self._commit(
            {"quarantine": quarantine, "links": links, **fresh, "revisions": pl.concat(revisions)}
        )

    # -- the parts of a chunk --------------------------------------------------------------

    def _links(self, chunk: MappedChunk, bad: list[Bad]) -> pl.DataFrame:
        """New links out of the rows; taken into account at once."""
        found = [self._link(place, chunk, bad) for place in range(len(self._mapping.links))]
        new = pl.concat([LINKS.to_frame(), *found]).unique(
            "alias", keep="first", maintain_order=True
        )
        self._aliases.add(new)
        return new

    def _link(self, place: int, chunk: MappedChunk, bad: list[Bad]) -> pl.DataFrame:
        link, subject = self._mapping.links[place], self._mapping.subject
        rows, other, faults = chunk.rows, chunk.linked[place].other, chunk.linked[place].faults
        turned = self._is_bsn(link.scheme) and not self._is_bsn(subject.scheme)
        scheme = subject.scheme if turned else link.scheme
        pair = pl.DataFrame(
            {
                "alias": rows.citizen if turned else other,
                "citizen": other if turned else rows.citizen,
                "old": self._aliases.linked_to(rows.citizen if turned else other),
            }
        )
        pair = pair.with_columns(first=pl.coalesce("old", pl.col("citizen").first().over("alias")))
        whole = pair.select(pl.col("alias").is_not_null() & pl.col("citizen").is_not_null())
        linked = whole.to_series() & (pair["alias"] != pair["citizen"])
        faults.add(
            linked & (pair["first"] != pair["citizen"]), Reason.CONFLICTING_DUPLICATE, link.column
        )
        faults.add(linked & self._aliases.contradicts(pair), Reason.SEPARATED, link.column)
        bad.append(Bad.of_output(f"links.{place}", Output(rows, rows.frame, faults), ()))
        return (
            pair.filter(linked & pair["old"].is_null() & faults.reason.is_null())
            .unique("alias", keep="first", maintain_order=True)
            .select(
                pl.lit(scheme).alias("scheme"),
                "alias",
                "citizen",
                pl.lit(self._door.now).cast(LINKS["known_at"]).alias("known_at"),
                pl.lit(self._delivery.source).alias("source"),
            )
        )

    def _identified(self, table: str, records: pl.DataFrame) -> pl.DataFrame:
        """``records`` with ids where they have none, and their citizens resolved."""
        column = IDS[table]
        records = records.with_columns(told_apart(records, column))
        if records[column].null_count():
            made = self._made_ids(table, records)
            records = records.with_columns(pl.col(column).fill_null(made))
        resolved = self._aliases.resolved(records["citizen"], "citizen", "alias")
        if "relative" in records.columns:
            resolved |= self._aliases.resolved(records["relative"], "relative", "relative_alias")
        return without_erased(records.with_columns(**resolved), self._door)

    def _made_ids(self, table: str, records: pl.DataFrame) -> pl.Series:
        # Two equal events are two; a fact or relation said twice is one.
        nth = self._equal.occurrence if table == "events" else None
        context = (self._delivery.source, self._mapping.name)
        return made_ids(table, records, self._key, context, nth)

    def _quarantine(self, bad: list[Bad], chunk: MappedChunk) -> pl.DataFrame:
        rows = quarantine_rows(bad, self._delivery, self._door, self._bad_equal)
        malformed = malformed_rows(chunk.malformed, self._delivery, self._door, self._load)
        rows = pl.concat([rows, malformed, chunk.quarantined])
        self.landed.quarantined.update(rows["reason"].to_list())
        return self._known.fresh("quarantine", "record_id", rows, [])

    def _note_truncated(self) -> None:
        row = truncated_file(self._delivery, self._door, self._load)
        self.landed.quarantined.update(row["reason"].to_list())
        self._commit({"quarantine": self._known.fresh("quarantine", "record_id", row, [])})

    # -- around the tables -----------------------------------------------------------------

    def _commit(self, tables: dict[str, pl.DataFrame]) -> None:
        self._chunk += 1
        for table in _TABLES:
            rows = tables.get(table)
            if rows is None or rows.is_empty():
                continue
            rows = rows.select(columns_of(table))
            self.landed.added[table] += self._lake.append(table, rows, (self._load, self._chunk))
            if table == "revisions":
                self._revising.add(rows)
            elif table != "links":
                self._known.add(table, rows)

    def _move_linked(self) -> None:
        for table in (*IDS, "revisions"):
            self.landed.moved += rekey(self._lake, table, self._aliases.frame)
        self.landed.moved += rekey_relatives(self._lake, self._aliases.frame)

    def _recount(self) -> None:
        for table in _TABLES:
            self.landed.added[table] = self._lake.landed(table, self._load)

    def _note_load(self) -> None:
        added = self.landed.added
        row = {
            "load_id": self._load,
            "source": self._delivery.source,
            "mapping": self._mapping.name,
            "file": self._door.scrubber.text(self._delivery.name),
            "rows": self.landed.rows,
            **{table: added[table] for table in ("events", "facts", "protected")},
            **{table: added[table] for table in ("relations", "links")},
            "quarantined": self.landed.quarantined.total(),
            "truncated": self.landed.truncated is not None,
            "landed_at": self._door.now,
        }
        self._lake.append("loads", pl.DataFrame([row], schema=LOADS), (self._load, 1))

    def _hand_over_identities(self, rows: Rows) -> None:
        if self._mapping.identity is None or self._identities is None or rows.frame.is_empty():
            return
        self._identities(identities_of(self._mapping, rows, self._aliases, self._door))

    def _count_unlinked(self, rows: Rows) -> None:
        scheme = self._mapping.subject.scheme
        if self._is_bsn(scheme) or scheme not in self._known.linked_schemes:
            return
        ends = self._aliases.resolve(rows.citizen)
        self.landed.unlinked += int((ends == rows.citizen).sum())

    def _is_bsn(self, scheme: str) -> bool:
        return self._door.pack.domain.identifiers[scheme] == "bsn"


def _taken_apart(made: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The records, and the withdrawals among them."""
    if "\0withdrawn" not in made.columns:
        return made, made.clear()
    taken = pl.col("\0withdrawn").fill_null(value=False)
    return made.filter(~taken), made.filter(taken)
