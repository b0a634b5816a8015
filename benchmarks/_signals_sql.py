"""The signals of some families as plain DuckDB SQL: what somebody would write by hand.

One common table of events with their age in local days, one of gaps, one of amounts, and one
``GROUP BY`` each with a ``FILTER`` a column. Names are those of the families.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime

from features.families import families_of
from features.families.base import Family
from features.pack import Pack

FAMILIES = ("counts", "recency", "values", "contact", "intervals", "distinct")


def statement(pack: Pack, files: str, as_of: datetime) -> str:
    """``SELECT citizen, …`` over the Parquet ``files``; a row per citizen with any event."""
    day = f"DATE '{as_of:%Y-%m-%d}'"
    zone = pack.domain.time_zone
    parts = [
        ("plain", "past", [*_counts(pack), *_recency(pack), *_contact(pack), *_distinct(pack)]),
        ("gaps", "gap", list(_intervals(pack))),
        ("amounts", "amount", list(_values(pack))),
    ]
    grouped = ",\n".join(
        f"{name} AS (SELECT citizen, {', '.join(columns)} FROM {table} GROUP BY citizen)"
        for name, table, columns in parts
    )
    return f"""
WITH past AS (
  SELECT *, datediff('day', (occurred_at AT TIME ZONE '{zone}')::DATE, {day}) AS age
  FROM read_parquet('{files}', hive_partitioning=false)
  WHERE known_at <= '{as_of.isoformat()}' AND occurred_at <= '{as_of.isoformat()}'
),
gap AS (
  SELECT citizen, type, days_before - age AS days, place FROM (
    SELECT citizen, type, age, lag(age) OVER one AS days_before, row_number() OVER one AS place
    FROM past WHERE age < {_windows(pack, "intervals")[-1]}
    WINDOW one AS (
      PARTITION BY citizen, type ORDER BY occurred_at, known_at, source, "order")
  ) WHERE days_before IS NOT NULL
),
amount AS (
  SELECT citizen, type, value, age, row_number() OVER (
    PARTITION BY citizen, type
    ORDER BY occurred_at DESC, known_at DESC, source DESC, "order" DESC) AS back
  FROM past WHERE value IS NOT NULL
),
{grouped}
SELECT plain.*, gaps.* EXCLUDE (citizen), amounts.* EXCLUDE (citizen)
FROM plain LEFT JOIN gaps USING (citizen) LEFT JOIN amounts USING (citizen)
ORDER BY citizen
"""


def columns(pack: Pack) -> list[str]:
    """The signals that the statement computes."""
    written = set(re.findall(r" AS (\w+)", statement(pack, "", datetime.now(UTC))))
    asked = [family for family in families_of(pack) if family.name in FAMILIES]
    return [one.name for family in asked for one in family.signals(pack) if one.name in written]


def _family(pack: Pack, name: str) -> Family:
    return next(family for family in families_of(pack) if family.name == name)


def _windows(pack: Pack, name: str) -> tuple[int, ...]:
    return _family(pack, name).windows_in(pack)


def _types(pack: Pack) -> Iterator[tuple[str, str]]:
    for kind in pack.domain.event_types:
        yield kind, kind.replace("-", "_")


def _counts(pack: Pack) -> Iterator[str]:
    for kind, name in _types(pack):
        for days in _windows(pack, "counts"):
            yield f"count(*) FILTER (type = '{kind}' AND age < {days}) AS count_{name}_{days}d"


def _recency(pack: Pack) -> Iterator[str]:
    for kind, name in _types(pack):
        yield f"min(age) FILTER (type = '{kind}') AS days_since_last_{name}"


def _contact(pack: Pack) -> Iterator[str]:
    contact = "type IN ('contact', 'contact-failed')"
    for days in _windows(pack, "contact"):
        yield f"count(*) FILTER ({contact} AND age < {days}) AS contact_total_{days}d"
    recent = f"{contact} AND age < 365"
    for channel in pack.domain.channels:
        name = channel.replace("-", "_")
        yield f"count(*) FILTER ({recent} AND channel = '{channel}') AS contact_{name}_365d"
    yield (
        f"count(*) FILTER (type = 'contact-failed' AND age < 365) / "
        f"nullif(count(*) FILTER ({recent}), 0) AS contact_failed_share_365d"
    )


def _distinct(pack: Pack) -> Iterator[str]:
    of = {
        "channels": "channel",
        "teams": "team",
        "organisations": "source",
        "case_types": "case_type",
        "event_types": "type",
    }
    for what, column in of.items():
        for days in _windows(pack, "distinct"):
            yield f"count(DISTINCT {column}) FILTER (age < {days}) AS distinct_{what}_{days}d"


def _intervals(pack: Pack) -> Iterator[str]:
    (days,) = _windows(pack, "intervals")
    for kind, name in _types(pack):
        mine = f"FILTER (type = '{kind}')"
        yield f"avg(days) {mine} AS interval_mean_{name}_{days}d"
        yield f"min(days) {mine} AS interval_shortest_{name}_{days}d"
        yield f"arg_max(days, place) {mine} AS interval_last_{name}_{days}d"
        yield (
            f"CASE WHEN count(*) {mine} > 1 AND avg(days) {mine} > 0 "
            f"THEN stddev_pop(days) {mine} / avg(days) {mine} END "
            f"AS interval_variation_{name}_{days}d"
        )


def _values(pack: Pack) -> Iterator[str]:
    for kind, name in _types(pack):
        if pack.domain.event_types[kind].unit is None:
            continue
        for days in _windows(pack, "values"):
            mine = f"FILTER (type = '{kind}' AND age < {days})"
            yield f"coalesce(sum(value) {mine}, 0) AS value_sum_{name}_{days}d"
            yield f"avg(value) {mine} AS value_mean_{name}_{days}d"
            yield f"max(value) {mine} AS value_max_{name}_{days}d"
            yield f"365.25 * regr_slope(value, -age) {mine} AS value_trend_{name}_{days}d"
        newest = f"max(value) FILTER (type = '{kind}' AND back = 1)"
        earlier = f"FILTER (type = '{kind}' AND back > 1)"
        yield f"{newest} AS value_last_{name}"
        yield f"{newest} - avg(value) {earlier} AS value_above_own_mean_{name}"
        yield (
            f"CASE WHEN count(*) {earlier} >= 3 AND stddev_samp(value) {earlier} > 0 "
            f"THEN ({newest} - avg(value) {earlier}) / stddev_samp(value) {earlier} END "
            f"AS value_unusual_{name}"
        )
