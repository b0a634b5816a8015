"""The signals of the town as plain DuckDB SQL: what somebody would write by hand.

One common table of events with their age in local days, one of facts with the version before, and
of each what it takes more (gaps, amounts, cases, contacts); then one ``GROUP BY`` each with a
``FILTER`` a column, and a join by citizen. Names are those of the families.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime

from benchmarks._signals_sql_facts import facts_part
from benchmarks._signals_sql_friction import friction_part
from benchmarks._signals_sql_parts import Part, Town, in_words, windows
from features.families import families_of
from features.pack import Pack

FAMILIES = (
    *("counts", "recency", "values", "contact", "intervals", "distinct", "sequence"),
    *("service_history", "facts", "fact_changes", "derived", "life_events", "sources", "friction"),
)


def statement(pack: Pack, lake: str, as_of: datetime) -> str:
    """``SELECT citizen, …`` over the Parquet files of a ``lake``; a row per citizen with any
    event."""
    town = Town(pack, lake, as_of)
    parts = [
        *(_plain(town), _gaps(town), _amounts(town), _sequence(town), _services(town)),
        *(facts_part(town), friction_part(town)),
    ]
    tables = ",\n".join([_past(town), *(part.tables for part in parts)])
    joined = " ".join(f"LEFT JOIN {join} USING (citizen)" for part in parts for join in part.joined)
    chosen = ",\n".join(column for part in parts for column in part.columns)
    return f"""
WITH {tables}
SELECT citizen, {chosen}
FROM (SELECT DISTINCT citizen FROM past) {joined}
ORDER BY citizen
"""


def _past(town: Town) -> str:
    return f"""
past AS (
  SELECT *, {town.age("occurred_at")} AS age,
    row_number() OVER (
      PARTITION BY citizen ORDER BY occurred_at, known_at, source, "order") AS place
  FROM {town.read("events")} WHERE known_at <= {town.moment} AND occurred_at <= {town.moment}
)"""


def _plain(town: Town) -> Part:
    pack = town.pack
    of_events = [*_counts(pack), *_recency(pack), *_contact(pack), *_distinct(pack)]
    return Part(
        f"""
counted AS (SELECT citizen, {", ".join([*of_events, *_by_channel(pack)])}
  FROM past GROUP BY citizen)""",
        ("counted",),
        (*in_words(of_events), *_channels(pack)),
    )


def columns(pack: Pack) -> list[str]:
    """The signals that the statement computes."""
    written = set(re.findall(r"\bAS (\w+)", statement(pack, "", datetime.now(UTC))))
    asked = [family for family in families_of(pack) if family.name in FAMILIES]
    return [one.name for family in asked for one in family.signals(pack) if one.name in written]


def _types(pack: Pack) -> Iterator[tuple[str, str]]:
    for kind in pack.domain.event_types:
        yield kind, kind.replace("-", "_")


def _counts(pack: Pack) -> Iterator[str]:
    for kind, name in _types(pack):
        for days in windows(pack, "counts"):
            yield f"count(*) FILTER (type = '{kind}' AND age < {days}) AS count_{name}_{days}d"


def _recency(pack: Pack) -> Iterator[str]:
    for kind, name in _types(pack):
        yield f"min(age) FILTER (type = '{kind}') AS days_since_last_{name}"


def _contact(pack: Pack) -> Iterator[str]:
    contact = "type IN ('contact', 'contact-failed')"
    for days in windows(pack, "contact"):
        yield f"count(*) FILTER ({contact} AND age < {days}) AS contact_total_{days}d"
    recent = f"{contact} AND age < 365"
    for channel in pack.domain.channels:
        name = channel.replace("-", "_")
        yield f"count(*) FILTER ({recent} AND channel = '{channel}') AS contact_{name}_365d"
    yield (
        f"count(*) FILTER (type = 'contact-failed' AND age < 365) / "
        f"nullif(count(*) FILTER ({recent}), 0) AS contact_failed_share_365d"
    )


def _by_channel(pack: Pack) -> Iterator[str]:
    """Contacts by channel, as lists in the order of the domain's channels."""
    got = "type = 'contact' AND age < 365"
    before = "type IN ('contact', 'contact-failed') AND age >= 365 AND age < 730"
    used = "type IN ('contact', 'contact-failed') AND age < 365"
    for name, where in (("used", used), ("through", got), ("formerly", before)):
        each = [
            f"count(*) FILTER ({where} AND channel = '{channel}')"
            for channel in pack.domain.channels
        ]
        yield f"[{', '.join(each)}] AS {name}"


def _channels(pack: Pack) -> Iterator[str]:
    main, best, former = (
        f"CASE WHEN list_max({one}) > 0 THEN list_position({one}, list_max({one})) - 1 END"
        for one in ("used", "through", "formerly")
    )
    yield f"{main} AS contact_main_channel"
    yield f"{best} AS contact_best_channel"
    yield f"(({main}) <> ({former}))::INT AS contact_main_channel_changed"
    for place, channel in enumerate(pack.domain.channels, start=1):
        name = channel.replace("-", "_")
        yield f"through[{place}] / nullif(used[{place}], 0) AS contact_through_{name}_365d"


def _distinct(pack: Pack) -> Iterator[str]:
    of = {
        "channels": "channel",
        "teams": "team",
        "organisations": "source",
        "case_types": "case_type",
        "event_types": "type",
    }
    for what, column in of.items():
        for days in windows(pack, "distinct"):
            yield f"count(DISTINCT {column}) FILTER (age < {days}) AS distinct_{what}_{days}d"


def _gaps(town: Town) -> Part:
    of = list(_intervals(town.pack))
    (days,) = windows(town.pack, "intervals")
    return Part(
        f"""
gap AS (
  SELECT citizen, type, days_before - age AS days, place FROM (
    SELECT citizen, type, age, place, lag(age) OVER (
      PARTITION BY citizen, type ORDER BY place) AS days_before
    FROM past WHERE age < {days}
  ) WHERE days_before IS NOT NULL
),
gaps AS (SELECT citizen, {", ".join(of)} FROM gap GROUP BY citizen)""",
        ("gaps",),
        in_words(of),
    )


def _intervals(pack: Pack) -> Iterator[str]:
    (days,) = windows(pack, "intervals")
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


def _amounts(town: Town) -> Part:
    of = list(_values(town.pack))
    return Part(
        f"""
amount AS (
  SELECT citizen, type, value, age, row_number() OVER (
    PARTITION BY citizen, type ORDER BY place DESC) AS back
  FROM past WHERE value IS NOT NULL
),
amounts AS (SELECT citizen, {", ".join(of)} FROM amount GROUP BY citizen)""",
        ("amounts",),
        in_words(of),
    )


def _values(pack: Pack) -> Iterator[str]:
    for kind, name in _types(pack):
        if pack.domain.event_types[kind].unit is None:
            continue
        for days in windows(pack, "values"):
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


def _sequence(town: Town) -> Part:
    """The last three kinds; and of the last step what earlier steps from the same kind led to."""
    kinds = ", ".join(f"'{kind}'" for kind in town.pack.domain.event_types)
    return Part(
        f"""
step AS (
  SELECT citizen, list_position([{kinds}], type) - 1 AS kind, age,
    row_number() OVER (PARTITION BY citizen ORDER BY place DESC) AS back,
    lead(type) OVER (PARTITION BY citizen ORDER BY place) AS led_to, type
  FROM past
),
ending AS (
  SELECT citizen, max(type) FILTER (back = 1) AS outcome, max(type) FILTER (back = 2) AS origin,
    {", ".join(f"max(kind) FILTER (back = {n + 1}) AS sequence_last_{n}" for n in range(3))},
    max(age) FILTER (back = 2) - max(age) FILTER (back = 1) AS sequence_days_between
  FROM step WHERE back <= 3 GROUP BY citizen
),
led AS (
  SELECT citizen, count(*) AS tried, count(*) FILTER (led_to = outcome) AS done
  FROM step JOIN ending USING (citizen) WHERE back > 2 AND type = origin GROUP BY citizen
)""",
        ("ending", "led"),
        (
            *(f"ending.sequence_last_{n} AS sequence_last_{n}" for n in range(3)),
            "ending.sequence_days_between AS sequence_days_between",
            "CASE WHEN origin IS NOT NULL THEN (coalesce(done, 0) > 0)::INT END "
            "AS sequence_step_before",
            "done / nullif(tried, 0) AS sequence_step_rate",
        ),
    )


def _services(town: Town) -> Part:
    """The last of each step towards each service, and whether the grant still lasts."""
    each: list[str] = []
    told: list[str] = []
    held: list[str] = []
    for service, declared in town.pack.services.items():
        name = service.replace("-", "_")
        for step in ("applied", "granted", "refused", "ended"):
            mine = f"FILTER (type = '{step}' AND case_type = '{service}')"
            since = f"service_days_since_{step}_{name}"
            each += [f"min(age) {mine} AS {since}", f"max(place) {mine} AS {step}_{name}"]
            told.append(f"served.{since} AS {since}")
        refused = f"FILTER (type = 'refused' AND case_type = '{service}')"
        each.append(f"count(*) {refused} AS service_refused_{name}")
        has = (
            f"coalesce(granted_{name} > coalesce(ended_{name}, 0) "
            f"AND service_days_since_granted_{name} < {declared.lasts_days}, false)::INT"
        )
        held.append(has)
        told += [
            f"{has} AS service_has_{name}",
            f"(granted_{name} IS NOT NULL)::INT AS service_had_{name}",
            f"coalesce(service_refused_{name}, 0) AS service_refused_{name}",
        ]
    for step in ("applied", "granted", "refused", "ended"):
        since = f"service_days_since_{step}"
        each.append(f"min(age) FILTER (type = '{step}') AS {since}")
        told.append(f"served.{since} AS {since}")
    told.append(f"{' + '.join(held)} AS service_held")
    services = ", ".join(f"'{service}'" for service in town.pack.services)
    return Part(
        f"""
served AS (
  SELECT citizen, {", ".join(each)} FROM past
  WHERE type IN ('applied', 'granted', 'refused', 'ended') AND case_type IN ({services})
  GROUP BY citizen
)""",
        ("served",),
        tuple(told),
    )
