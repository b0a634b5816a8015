"""Quarantine: records that could not be landed, each with its reason. Nothing is dropped silently.

A row holds no identifier and no name: only where the record stands, what is wrong with it, and
the columns that its mapping reads as values.
"""

from __future__ import annotations

from enum import StrEnum

import polars as pl

from features.events import INSTANT


class Reason(StrEnum):
    """Why a record is in quarantine."""

    MISSING_IDENTIFIER = "missing-identifier"
    BSN_11_TEST = "bsn-11-test"
    BAD_DATE = "bad-date"
    BAD_NUMBER = "bad-number"
    UNKNOWN_EVENT_TYPE = "unknown-event-type"
    UNKNOWN_CATEGORY = "unknown-category"
    UNKNOWN_VALUE = "unknown-value"
    UNKNOWN_CHANNEL = "unknown-channel"
    FROM_THE_FUTURE = "from-the-future"
    CONFLICTING_DUPLICATE = "conflicting-duplicate"
    SEPARATED = "separated"
    """A link between two of whom was said that they are not the same person."""
    MALFORMED_ROW = "malformed-row"
    INVALID_MESSAGE = "invalid-message"
    MESSAGE_TOO_LARGE = "message-too-large"
    IDENTIFIER_IN_CONTEXT = "identifier-in-context"
    TRUNCATED_FILE = "truncated-file"


QUARANTINE = pl.Schema(
    {
        "record_id": pl.String,  # keyed hash of the record, its place in the mapping, the reason
        "source": pl.String,
        "mapping": pl.String,  # the file mapping of the source
        "file": pl.String,  # the name of the delivered file
        "row": pl.Int64,  # the first data row is 1; null when it is about the whole file
        "part": pl.String,  # what of the row: "row", "events.0", "facts.2", "links.0", …
        "reason": pl.String,  # a Reason
        "column": pl.String,  # the column at fault, where there is one
        "record": pl.String,  # a JSON object of the columns read as values
        "at": INSTANT,  # when it was put here
    }
)
