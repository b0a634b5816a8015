"""Facts, their changes, ages and life events, and when sources last spoke, as plain SQL."""

from __future__ import annotations

from collections.abc import Iterator

from benchmarks._signals_sql_parts import Part, Town, in_words
from features.domain import AgeTrigger, EventTrigger, FactChangeTrigger, FactType, LifeEvent

_HOLDS = "valid_from <= {moment} AND (valid_to IS NULL OR valid_to > {moment})"


def facts_part(town: Town) -> Part:
    """One table of versions with the one before and after, grouped once; and of happenings."""
    of_facts = [*_facts(town), *_changes(town), *_amounts(town)]
    return Part(
        f"""
told AS (
  SELECT * FROM {town.read("facts")} WHERE known_at <= {town.moment}
  QUALIFY row_number() OVER (
    PARTITION BY citizen, name, valid_from, source ORDER BY known_at DESC, "order" DESC) = 1
),
beside AS (
  SELECT *, row_number() OVER versions AS version,
    lag(number) OVER versions AS was, lag(value) OVER versions AS said,
    lag(valid_to) OVER versions AS ended,
    lead(number) OVER versions AS became, lead(valid_from) OVER versions AS replaced
  FROM told
  WINDOW versions AS (
    PARTITION BY citizen, name ORDER BY valid_from, known_at, "order", source, fact_id)
),
fact AS (
  SELECT *, {town.age("valid_from")} AS age,
    last_value(CASE WHEN version = 1 OR number IS DISTINCT FROM was OR ended < valid_from
      THEN valid_from END IGNORE NULLS) OVER (
        PARTITION BY citizen, name ORDER BY version ROWS UNBOUNDED PRECEDING) AS since
  FROM beside
),
held AS (SELECT citizen, {", ".join(of_facts)} FROM fact GROUP BY citizen),
related AS (
  SELECT * FROM {town.read("relations")} WHERE known_at <= {town.moment}
),
happened AS ({" UNION ALL ".join(_happenings(town))}),
lived AS (
  SELECT citizen, {", ".join(_lived(town))} FROM happened GROUP BY citizen
),
spoken AS (
  SELECT citizen, source, known_at FROM past
  UNION ALL SELECT citizen, source, known_at FROM told
  UNION ALL SELECT citizen, source, known_at FROM related
),
silent AS (
  SELECT citizen, {", ".join(_last_words(town))} FROM spoken GROUP BY citizen
)""",
        ("held", "lived", "silent"),
        (
            *in_words(of_facts),
            *in_words(_lived(town)),
            *in_words(_last_words(town)),
            *_missing(town),
            f"{_years(town, 'fact_birth_date')} AS derived_age",
        ),
    )


def _facts(town: Town) -> Iterator[str]:
    holds = _HOLDS.format(moment=town.moment)
    for name, fact in town.pack.domain.facts.items():
        mine = f"FILTER (name = '{name}' AND {holds})"
        today = f" - datediff('day', DATE '1970-01-01', {town.day})"
        value = f"arg_max(number, version) {mine}"
        yield f"{value}{today if fact.type is FactType.DATE else ''} AS fact_{name}"
        since = town.age(f"arg_max(since, version) {mine}")
        yield f"{since} AS fact_{name}_held_days"


def _changes(town: Town) -> Iterator[str]:
    changed = f"version > 1 AND number IS DISTINCT FROM was AND valid_from <= {town.moment}"
    for name in town.pack.domain.facts:
        yield (
            f"count(*) FILTER (name = '{name}' AND {changed} AND age < 365) "
            f"AS fact_changes_{name}_365d"
        )
    yield f"count(*) FILTER ({changed} AND age < 365) AS changes_365d"
    yield f"min(age) FILTER ({changed}) AS changes_days_since_last"


def _amounts(town: Town) -> Iterator[str]:
    now, then = town.moment, f"({town.moment} - INTERVAL 8760 HOUR)"
    for name, fact in town.pack.domain.facts.items():
        if fact.type is not FactType.NUMBER:
            continue
        value = f"arg_max(number, version) FILTER (name = '{name}' AND "
        held = f"{value}{_HOLDS.format(moment=now)})"
        before = f"{value}became <> number AND replaced <= {now})"
        yield f"{held} - {before} AS value_change_{name}"
        yield f"{held} - {value}{_HOLDS.format(moment=then)}) AS value_trend_{name}_365d"


def _happenings(town: Town) -> Iterator[str]:
    """``citizen, life_event, happens``, of each trigger."""
    for name, life_event in town.pack.life_events.items():
        for trigger in life_event.triggers:
            chosen = f"SELECT citizen, '{name}' AS life_event"
            match trigger:
                case EventTrigger():
                    mine = f"FROM past WHERE type = '{trigger.event}'"
                    yield f"{chosen}, occurred_at AS happens {mine}"
                case FactChangeTrigger():
                    boolean = town.pack.domain.facts[trigger.fact].type is FactType.BOOLEAN
                    was = "coalesce(said, 'false')" if boolean else "said"
                    to = "" if trigger.to is None else f" AND value = '{trigger.to}'"
                    yield (
                        f"{chosen}, valid_from AS happens FROM fact "
                        f"WHERE name = '{trigger.fact}' AND value <> {was}{to}"
                    )
                case AgeTrigger():
                    yield f"{chosen}, happens FROM ({_of_age(town, trigger, life_event)})"


def _of_age(town: Town, trigger: AgeTrigger, life_event: LifeEvent) -> str:
    reached = f"INTERVAL {round(float(trigger.reaches_age) * 12)} MONTH"
    zone, ahead = town.pack.domain.time_zone, f"INTERVAL {24 * life_event.ahead_days} HOUR"
    if trigger.of == "self":
        born = (
            f"SELECT citizen, DATE '1970-01-01' + number::INT AS born, valid_from, valid_to "
            f"FROM fact WHERE name = 'birth_date' AND valid_from <= {town.moment} "
            "QUALIFY version = max(version) OVER (PARTITION BY citizen)"
        )
        since = "true"
    else:
        born = (
            "SELECT citizen, relative_birth_date AS born, valid_from, valid_to "
            f"FROM related WHERE kind = '{trigger.of}'"
        )
        since = "valid_from <= happens"
    return (
        f"SELECT *, (born + {reached})::TIMESTAMP AT TIME ZONE '{zone}' AS happens FROM ({born}) "
        f"WHERE happens <= {town.moment} + {ahead} AND {since} "
        "AND (valid_to IS NULL OR valid_to > happens)"
    )


def _lived(town: Town) -> Iterator[str]:
    for name, life_event in town.pack.life_events.items():
        word = name.replace("-", "_")
        past = town.age(f"max(happens) FILTER (life_event = '{name}' AND happens <= {town.moment})")
        yield f"{past} AS life_event_days_since_{word}"
        if life_event.ahead_days:
            ahead = town.age(
                f"min(happens) FILTER (life_event = '{name}' AND happens > {town.moment})"
            )
            yield f"-{ahead} AS life_event_days_until_{word}"


def _last_words(town: Town) -> Iterator[str]:
    for source in town.pack.domain.sources:
        last = town.age(f"max(known_at) FILTER (source = '{source}')")
        yield f"{last} AS source_days_since_last_{source}"


def _missing(town: Town) -> Iterator[str]:
    for source in town.pack.domain.sources:
        yield (
            f"(SELECT count(source_days_since_last_{source}) = 0 FROM silent)::INT "
            f"AS source_missing_{source}"
        )


def _years(town: Town, days_until_birth: str) -> str:
    """Completed years; who is born on 29 February turns a year older on 1 March."""
    born = f"({town.day} + {days_until_birth}::INT)"
    later = f"(month({born}), day({born})) > (month({town.day}), day({town.day}))"
    return f"year({town.day}) - year({born}) - ({later})::INT"
