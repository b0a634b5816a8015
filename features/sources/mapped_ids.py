"""The source's own ids for its records: the columns of a row that a mapping names, joined."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from features.scrubbing import Scrubber
from features.sources.mapping import EventMapping, FactMapping, FileMapping, RecordMapping

_TELLING = ("name", "address", "phone", "email")
"""The identity columns whose text is taken out of ids, case numbers and notes."""


def id_columns(mapping: RecordMapping) -> tuple[str, ...]:
    """The columns that identify a record; none where its id is made of what it says."""
    if isinstance(mapping, EventMapping):
        return mapping.event_id
    return mapping.fact_id if isinstance(mapping, FactMapping) else mapping.relation_id


def mapped_ids(
    mapping: RecordMapping,
    frame: pl.DataFrame,
    identities: Sequence[pl.Series],
    scrub: Scrubber,
) -> pl.Series:
    """The id of each row of ``frame``; null where every part is empty, or none is mapped.

    A fact's holds its name too, for one row of a register gives many facts. ``identities`` are the
    texts of :func:`telling_columns`.
    """
    joined = _joined(id_columns(mapping), frame, identities, scrub)
    if isinstance(mapping, FactMapping) and mapping.fact_id:
        return joined + f"|{mapping.name}"
    return joined


def telling_columns(mapping: FileMapping) -> tuple[str, ...]:
    """The columns whose text says who a row is about."""
    mapped = mapping.identity
    columns = [mapping.subject.column, *(link.column for link in mapping.links)]
    columns += [getattr(mapped, name) for name in _TELLING if getattr(mapped, name, None)]
    for relation in mapping.relations:
        columns += [relation.relative.column] if relation.relative else []
    return tuple(dict.fromkeys(columns))


def _joined(
    columns: tuple[str, ...],
    rows: pl.DataFrame,
    identities: Sequence[pl.Series],
    scrub: Scrubber,
) -> pl.Series:
    nothing = pl.Series([None], dtype=pl.String).new_from_index(0, rows.height)
    if not columns:
        return nothing
    parts = [scrub.own(rows[column].cast(pl.String), identities) for column in columns]
    if len(parts) == 1:
        return parts[0]
    frame = pl.DataFrame({str(place): part for place, part in enumerate(parts)})
    filled = frame.select(pl.any_horizontal(pl.all().is_not_null())).to_series()
    joined = frame.select(pl.concat_str(pl.all().fill_null(""), separator="|")).to_series()
    return joined.zip_with(filled, nothing)
