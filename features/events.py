"""Events: something that happened to a citizen or in a case.

The table is bitemporal: ``occurred_at`` is when it happened, ``known_at`` when the organisation
could know of it. What is not known at a date does not exist at that date.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

if TYPE_CHECKING:
    from polars._typing import PolarsDataType

INSTANT: PolarsDataType = pl.Datetime("us", "UTC")
"""Every moment is kept in UTC; a day-granular moment is local midnight of the domain's zone."""

EVENTS = pl.Schema(
    {
        "event_id": pl.String,  # unique within its source
        "citizen": pl.Int64,  # keyed pseudonym
        "type": pl.String,  # an event type of the domain
        "occurred_at": INSTANT,
        "known_at": INSTANT,
        "source": pl.String,
        "case_id": pl.String,
        "case_type": pl.String,  # a service id or a case type of the domain
        "actor": pl.String,  # the employee, as the source names them
        "team": pl.String,
        "channel": pl.String,
        "value": pl.Float64,
        "attributes": pl.String,  # a JSON object, or null
        "order": pl.Int64,  # place in the delivered file: breaks ties in time
        "alias": pl.Int64,  # the pseudonym it was delivered under, where a link moved it
    }
)
