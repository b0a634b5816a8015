"""The quarantine rows of a chunk: what was wrong, told without saying of whom."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import polars as pl
from pydantic import BaseModel

from features.deliveries import Delivered
from features.quarantine import QUARANTINE, Reason
from features.seen import Seen
from features.sources.chunks import Malformed
from features.sources.mapping import FileMapping
from features.sources.mapping_rows import Door, Output, Rows, json_object
from features.sources.reading import value_columns


@dataclass(slots=True)
class Bad:
    """The rows of one part of a mapping that are at fault.

    Parameters
    ----------
    part
        ``row`` for the row itself, or the output: ``events.0``, ``facts.2``, ``links.0``.
    rows
        The rows that the part looked at.
    reads
        The columns that the part reads as values.
    found
        By place in ``rows``: the reason, and the column at fault.
    """

    part: str
    rows: Rows
    reads: tuple[str, ...]
    found: dict[int, tuple[str, str]] = field(default_factory=dict)

    @classmethod
    def of_output(cls, part: str, output: Output, mappings: Sequence[BaseModel]) -> Bad:
        """The faults of an output (``mappings`` is the one it was made by, if any)."""
        reads = tuple(column for mapping in mappings for column in value_columns(mapping))
        at = output.faults.reason.is_not_null().arg_true()
        reasons = output.faults.reason.gather(at).to_list()
        columns = output.faults.column.gather(at).to_list()
        found = dict(zip(at.to_list(), zip(reasons, columns, strict=True), strict=True))
        return cls(part, output.rows, reads, found)

    def mark(self, at: int, reason: Reason, column: str) -> None:
        """Note a fault on the row at place ``at``."""
        self.found[at] = (str(reason), column)


def quarantine_rows(
    bad: Iterable[Bad], delivery: Delivered, door: Door, equal: Seen
) -> pl.DataFrame:
    """The rows of :data:`features.quarantine.QUARANTINE` for what is ``bad`` in a chunk.

    ``equal`` counts the records of earlier chunks, to tell equal ones apart.
    """
    parts = [_rows_of(part, delivery, door) for part in bad if part.found]
    rows = pl.concat([QUARANTINE.to_frame(), *parts])
    rows = rows.unique(["row", "part", "record_id"], keep="first", maintain_order=True)
    if rows.is_empty():
        return rows
    count = pl.Series(equal.occurrence(rows["record_id"].hash().to_numpy()))
    numbered = rows["record_id"] + "-" + count.cast(pl.String)
    return rows.with_columns(record_id=rows["record_id"].zip_with(count == 0, numbered))


def malformed_rows(
    rows: Sequence[Malformed], delivery: Delivered, door: Door, load: str
) -> pl.DataFrame:
    """Rows of ``load`` that do not fit their table; nothing of them is kept."""
    told = [_about(delivery, door, f"row {bad.row} of {load}", bad) for bad in rows]
    return pl.concat([QUARANTINE.to_frame(), *told])


def truncated_file(delivery: Delivered, door: Door, load: str) -> pl.DataFrame:
    """One row that says that the file of ``load`` stops short."""
    return _about(delivery, door, f"file {load}", Malformed(0, Reason.TRUNCATED_FILE))


def _about(delivery: Delivered, door: Door, what: str, bad: Malformed) -> pl.DataFrame:
    name = delivery.mapping.name
    about = {
        "record_id": door.pseudonyms.token("record", f"{delivery.source}\0{name}\0{what}"),
        "source": delivery.source,
        "mapping": name,
        "file": door.scrubber.text(delivery.name),
        "row": bad.row or None,
        "part": "row" if bad.row else "file",
        "reason": str(bad.reason),
        "column": bad.column,
        "record": None,
        "at": door.now,
    }
    return pl.DataFrame([about], schema=QUARANTINE)


def _rows_of(bad: Bad, delivery: Delivered, door: Door) -> pl.DataFrame:
    at = pl.Series(list(bad.found), dtype=pl.UInt32)
    reasons, columns = zip(*bad.found.values(), strict=True)
    told = _told(bad, at, delivery.mapping, door)
    name = delivery.mapping.name
    ids = [
        door.pseudonyms.token("record", "\0".join((delivery.source, name, bad.part, *cells)))
        for cells in zip(reasons, _whole(bad.rows.frame[at]), strict=True)
    ]
    return pl.DataFrame(
        {
            "record_id": ids,
            "source": delivery.source,
            "mapping": name,
            "file": door.scrubber.text(delivery.name),
            "row": bad.rows.row.gather(at),
            "part": bad.part,
            "reason": list(reasons),
            "column": list(columns),
            "record": told,
            "at": door.now,
        },
        schema=QUARANTINE,
    )


def _whole(frame: pl.DataFrame) -> list[str]:
    """Each row as one text, for its keyed hash alone."""
    cells = [pl.col(column).cast(pl.String).fill_null("\1") for column in frame.columns]
    return frame.select(pl.concat_str(cells, separator="\2")).to_series().to_list()


def _told(bad: Bad, at: pl.Series, mapping: FileMapping, door: Door) -> pl.Series:
    """A JSON object of the columns that the part reads, but for those that say who it is."""
    private = {mapping.subject.column, *(link.column for link in mapping.links)}
    private.update(relation.relative.column for relation in mapping.relations if relation.relative)
    if mapping.identity is not None:
        private.update(mapping.identity.model_dump(exclude_none=True).values())
    shown = [column for column in bad.reads if column not in private]
    frame = bad.rows.frame[at].select(pl.col(shown).cast(pl.String))
    own = tuple(identity.gather(at) for identity in bad.rows.identities)
    clean = pl.DataFrame({column: door.scrubber.own(frame[column], own) for column in shown})
    if not shown:
        return pl.Series([None], dtype=pl.String).new_from_index(0, at.len())
    return clean.select(json_object(shown)).to_series()
