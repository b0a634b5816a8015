"""Landing: one delivered file into the lake, chunk by chunk, each exactly once.

A chunk is committed table by table, each commit carrying (load, chunk number). Killed anywhere,
the next run reads the file again, makes the same chunks, and every table takes up where it was.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
import polars as pl

from features.deliveries import Delivered
from features.erased_rows import without_erased
from features.known_records import KnownRecords
from features.lake import Lake
from features.links import LINKS, Aliases
from features.loads import LOADS
from features.mapped_chunks import ChunkMapper, MappedChunk
from features.quarantine import Reason
from features.quarantined import Bad, malformed_rows, quarantine_rows, truncated_file
from features.revising import Revising
from features.revisions import REVISIONS
from features.row_ids import occurrence_ids, row_lanes
from features.seen import Seen
from features.sources.chunks import Malformed, TruncatedFile
from features.sources.mapping import Subject
from features.sources.mapping_rows import (
    Door,
    Output,
    Rows,
    citizens,
    identifiers,
)
from features.sources.values import Faults
from features.tables import columns_of

IdentitySink = Callable[[pl.DataFrame], None]
"""Takes ``citizen, delivered_as, name, birth_date, address, postcode, city, phone, email,
identifier, scheme, protected_address``: texts, but for the Int64 citizen and the pseudonym that
the row was delivered under."""

IDENTITY_COLUMNS = (
    "name",
    "birth_date",
    "address",
    "postcode",
    "city",
    "phone",
    "email",
    "protected_address",
)

_TABLES = ("quarantine", "links", "protected", "facts", "relations", "events", "revisions")
"""The order of commits within a chunk: what depends on another table's state comes before it."""

_IDS = {
    "events": "event_id",
    "facts": "fact_id",
    "protected": "fact_id",
    "relations": "relation_id",
}

_NOT_SAID = {
    table: {column, "source", "order", "alias", "relative_alias"} for table, column in _IDS.items()
}
"""The columns that play no part in an id made of what a record says."""


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

    def _land_chunk(self, chunk: MappedChunk) -> None:
        rows, bad = chunk.rows, chunk.bad_outputs
        self._lake.append("tombstones", chunk.tombstones)
        self.landed.erased += chunk.erased
        bad_links: list[Bad] = []
        links = self._links(rows, bad_links)
        fresh, revisions = {}, [REVISIONS.to_frame()]
        for table, made in chunk.records.items():
            versions, withdrawn = _taken_apart(self._identified(table, made))
            fresh[table] = self._known.fresh(table, _IDS[table], versions, bad)
            revisions.append(
                self._revising.rows(table, self._delivery.source, versions, withdrawn, fresh[table])
            )
        self._hand_over_identities(rows)
        self._count_unlinked(rows)
        self.landed.rows += chunk.height
        quarantine = self._quarantine([chunk.bad_rows, *bad_links, *bad], chunk.malformed)
        self._commit(
            {"quarantine": quarantine, "links": links, **fresh, "revisions": pl.concat(revisions)}
        )

    # -- the parts of a chunk --------------------------------------------------------------

    def _links(self, rows: Rows, bad: list[Bad]) -> pl.DataFrame:
        """New links out of the rows; taken into account at once."""
        found = [self._link(place, rows, bad) for place in range(len(self._mapping.links))]
        new = pl.concat([LINKS.to_frame(), *found]).unique(
            "alias", keep="first", maintain_order=True
        )
        self._aliases.add(new)
        return new

    def _link(self, place: int, rows: Rows, bad: list[Bad]) -> pl.DataFrame:
        link, subject = self._mapping.links[place], self._mapping.subject
        faults = Faults(rows.frame.height)
        other = citizens(
            Subject(column=link.column, scheme=link.scheme),
            rows.frame,
            faults,
            self._door,
            required=False,
        )
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
        column = _IDS[table]
        records = records.with_columns(_told_apart(records, column))
        if records[column].null_count():
            made = self._made_ids(table, records)
            records = records.with_columns(pl.col(column).fill_null(made))
        resolved = self._aliases.resolved(records["citizen"], "citizen", "alias")
        if "relative" in records.columns:
            resolved |= self._aliases.resolved(records["relative"], "relative", "relative_alias")
        return without_erased(records.with_columns(**resolved), self._door)

    def _made_ids(self, table: str, records: pl.DataFrame) -> pl.Series:
        """Ids out of what the records say of their subject as it was delivered."""
        said = [name for name in columns_of(table) if name not in _NOT_SAID[table]]
        content = records.select(said)
        context = "\0".join((self._delivery.source, self._mapping.name, table))
        lanes = row_lanes(content, self._key, context)
        # Two equal events are two; a fact or relation said twice is one.
        occurrence = np.zeros(records.height, dtype=np.uint64)
        if table == "events":
            occurrence = self._equal.occurrence(lanes.high)
        return occurrence_ids(lanes, occurrence)

    def _quarantine(self, bad: list[Bad], malformed: Sequence[Malformed]) -> pl.DataFrame:
        rows = quarantine_rows(bad, self._delivery, self._door, self._bad_equal)
        rows = rows.extend(malformed_rows(malformed, self._delivery, self._door, self._load))
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
        for table in (*_IDS, "revisions"):
            self.landed.moved += self._lake.rekey(table, self._aliases.frame)
        self.landed.moved += self._lake.rekey_relatives(self._aliases.frame)

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
        mapped = self._mapping.identity
        if mapped is None or self._identities is None or rows.frame.is_empty():
            return
        columns = {name: getattr(mapped, name) for name in IDENTITY_COLUMNS}
        subject = self._mapping.subject
        batch = rows.frame.select(
            self._aliases.resolve(rows.citizen).alias("citizen"),
            rows.citizen.alias("delivered_as"),
            *(
                pl.lit(None, dtype=pl.String).alias(name)
                if column is None
                else pl.col(column).cast(pl.String).alias(name)
                for name, column in columns.items()
            ),
            identifiers(subject, rows.frame, self._door).alias("identifier"),
            pl.lit(subject.scheme).alias("scheme"),
        )
        self._identities(batch.unique("delivered_as", keep="last", maintain_order=True))

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


def _told_apart(records: pl.DataFrame, column: str) -> pl.Series:
    """The mapped ids, numbered where one row of the file gives several records under one id."""
    ids = records[column]
    if ids.null_count() == len(ids) or records["\0part"].n_unique() == 1:
        return ids
    nth = pl.int_range(pl.len()).over(column, "\0row")
    numbered = pl.format("{}#{}", column, nth)
    return records.select(pl.when(nth > 0).then(numbered).otherwise(column).alias(column))[column]
