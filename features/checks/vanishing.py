"""A mapping whose rows may vanish: each of its records can be found again by the key of its row.

Else a record would be taken back that another mapping gave, or that has no key to be known by.
"""

from __future__ import annotations

import re

from features.checks.draft import Draft
from features.sources.mapped_ids import id_columns
from features.sources.mapping import EventMapping, FactMapping, FileMapping, RecordMapping
from features.sources.row_keys import key_columns

_COLUMN = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


def check_vanishing(draft: Draft) -> None:
    """Refuse ``may_vanish`` where it could take back what is still true."""
    for source, mapping in draft.pack.mappings.items():
        for index, file in enumerate(mapping.files):
            problem = None if file.may_vanish is None else _problem(file, mapping.files, source)
            if problem is not None:
                raise draft.mapping_fault(source, ("files", index, "may_vanish"), problem)


def _problem(file: FileMapping, files: tuple[FileMapping, ...], source: str) -> str | None:
    if file.unpivot is not None:
        return "rows that are made of columns have no key: leave unpivot out"
    for output in file.outputs:
        if not id_columns(output):
            return (
                f"{_what(output)} of this query have no key: give event_id, fact_id or "
                "relation_id to each"
            )
    for column in key_columns(file):
        if not _COLUMN.fullmatch(column):
            return f"expected a key of plain column names, got {column!r}: rename it in the query"
    given = {_what(output) for output in file.outputs}
    for other in files:
        together = other.may_vanish is not None and _database(other, source) == _database(
            file, source
        )
        if not together and given & {_what(output) for output in other.outputs}:
            return (
                f"{other.name} gives {', '.join(sorted(given))} of the same source, which would "
                "seem to be gone: read it from the same database with may_vanish too, or make it "
                "a source of its own"
            )
    return None


def _database(file: FileMapping, source: str) -> str | None:
    return (file.database or source) if file.format == "sql" else None


def _what(output: RecordMapping) -> str:
    if isinstance(output, EventMapping):
        return "events"
    return "facts" if isinstance(output, FactMapping) else "relations"
