"""Life events: what changes what someone needs, past and upcoming, with where it was read."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import polars as pl

from features.domain import (
    AgeTrigger,
    DateTrigger,
    EventTrigger,
    FactChangeTrigger,
    FactType,
    LifeEvent,
    Trigger,
)
from features.events import INSTANT
from features.pack import Pack, life_event_column
from features.records import Records
from features.relatives import age_limit
from features.windows import Days, day_number, local_days, local_midnight, today

LIFE_EVENTS = pl.Schema(
    {
        "citizen": pl.Int64,
        "life_event": pl.String,
        "happens_at": INSTANT,
        "known_at": INSTANT,
        "source": pl.String,
        "upcoming": pl.Boolean,  # happens after as_of
    }
)

_FOUND = ["citizen", "happens_at", "known_at", "source"]


def life_events(records: Records, pack: Pack) -> pl.DataFrame:
    """The life events of each citizen as seen at ``records.as_of``.

    An age or a date is foreseen ``ahead_days`` before; an event or fact change only when a
    source announced it. Returns :data:`LIFE_EVENTS`, sorted by citizen, happens_at, life_event;
    one row per citizen, life event and moment, the first that was known.
    """
    found = [
        _found(records, pack, life_event, trigger).select(
            "citizen", pl.lit(name).alias("life_event"), *_FOUND[1:]
        )
        for name, life_event in pack.life_events.items()
        for trigger in life_event.triggers
    ]
    table = pl.concat([LIFE_EVENTS.to_frame().drop("upcoming"), *found])
    key = ["citizen", "happens_at", "life_event"]
    ordered = table.drop_nulls(["happens_at"]).sort(*key, "known_at", "source")
    return ordered.unique(key, keep="first", maintain_order=True).with_columns(
        (pl.col("happens_at") > records.as_of).alias("upcoming")
    )


def life_event_days(records: Records, pack: Pack) -> Iterator[tuple[str, Days, Days]]:
    """For each life event: its name, the days since it last happened, and the days until it
    happens next; arrays over the citizens, -1 where there is none."""
    table = life_events(records, pack)
    zone = pack.domain.time_zone
    now = day_number(today(records.as_of, zone))
    citizens = records.citizens.to_numpy()
    parts = table.partition_by("life_event", as_dict=True)
    for name in pack.life_events:
        since = np.full(len(citizens), -1, dtype=np.int32)
        until = since.copy()
        if (part := parts.get((name,))) is not None:
            row = np.searchsorted(citizens, part["citizen"].to_numpy())
            day = local_days(part["happens_at"], zone)
            ahead = part["upcoming"].to_numpy()
            since[row[~ahead]] = now - day[~ahead]
            until[row[ahead][::-1]] = (day[ahead] - now)[::-1]
        yield name, since, until


def days_since(records: Records, pack: Pack) -> list[pl.Series]:
    """``days_since_<life_event>`` per citizen, Float64: the last one while it is fresh, else the
    next one as a negative number, else the last one; null when there is none."""
    columns = []
    for name, since, until in life_event_days(records, pack):
        fresh = (since >= 0) & (since <= pack.life_events[name].fresh_days)
        days = np.where(since >= 0, since, np.nan)
        days = np.where(~fresh & (until >= 0), -until, days)
        columns.append(pl.Series(life_event_column(name), days, pl.Float64, nan_to_null=True))
    return columns


def _found(records: Records, pack: Pack, life_event: LifeEvent, trigger: Trigger) -> pl.DataFrame:
    match trigger:
        case EventTrigger():
            return _by_event(records, trigger)
        case FactChangeTrigger():
            return _by_change(records, pack, trigger)
        case AgeTrigger():
            return _foreseen(_by_age(records, pack, trigger), records, life_event)
        case DateTrigger():
            return _foreseen(_by_date(records, pack, trigger), records, life_event)


def _by_event(records: Records, trigger: EventTrigger) -> pl.DataFrame:
    wanted = pl.col("type") == trigger.event
    if trigger.case_type is not None:
        wanted &= pl.col("case_type") == trigger.case_type
    return records.events.filter(wanted).select(
        "citizen", pl.col("occurred_at").alias("happens_at"), "known_at", "source"
    )


def _by_change(records: Records, pack: Pack, trigger: FactChangeTrigger) -> pl.DataFrame:
    """The moments at which the fact took another value.

    The first value known is no change, for nothing is known of the value before; except that
    nothing recorded counts as *no* for a boolean, as registers record only who is.
    """
    versions = records.facts.filter(pl.col("name") == trigger.fact)
    before = pl.col("value").shift(1).over("citizen")
    if pack.domain.facts[trigger.fact].type is FactType.BOOLEAN:
        before = before.fill_null("false")
    changed = (before != pl.col("value")).fill_null(value=False)
    if trigger.to is not None:
        changed &= pl.col("value") == trigger.to
    return versions.filter(changed).select(
        "citizen", pl.col("valid_from").alias("happens_at"), "known_at", "source"
    )


def _by_date(records: Records, pack: Pack, trigger: DateTrigger) -> pl.DataFrame:
    """The dates of the fact that arrive while that version of the fact holds."""
    zone = pack.domain.time_zone
    versions = records.facts.filter(pl.col("name") == trigger.date_fact)
    return (
        versions.with_columns(
            local_midnight(_as_date(pl.col("number")), zone).alias("happens_at"),
            pl.col("valid_from").shift(-1).over("citizen").alias("replaced_at"),
        )
        .filter(
            pl.col("happens_at") >= pl.col("valid_from"),
            pl.col("valid_to").is_null() | (pl.col("valid_to") >= pl.col("happens_at")),
            pl.col("replaced_at").is_null() | (pl.col("replaced_at") > pl.col("happens_at")),
        )
        .select(_FOUND)
    )


def _by_age(records: Records, pack: Pack, trigger: AgeTrigger) -> pl.DataFrame:
    zone = pack.domain.time_zone
    age = age_limit(trigger.reaches_age, pack.parameters_at(today(records.as_of, zone)))
    if age is None:
        return LIFE_EVENTS.to_frame().select(_FOUND)
    born = _births(records, pack) if trigger.of == "self" else _relatives(records, trigger.of)
    reached = pl.col("born").dt.offset_by(f"{round(age * 12)}mo")
    return (
        born.with_columns(local_midnight(reached, zone).alias("happens_at"))
        .filter(
            pl.col("valid_to").is_null() | (pl.col("valid_to") > pl.col("happens_at")),
            (pl.lit(trigger.of) == "self") | (pl.col("valid_from") <= pl.col("happens_at")),
        )
        .select(_FOUND)
    )


def birth_fact(pack: Pack) -> str:
    """The date fact from which ages are counted: what the derived fact ``age`` counts from, or
    else ``birth_date``."""
    age = pack.domain.derived.get("age")
    return (age.years_since if age is not None else None) or "birth_date"


def _births(records: Records, pack: Pack) -> pl.DataFrame:
    births = records.facts.filter(
        pl.col("name") == birth_fact(pack), pl.col("valid_from") <= records.as_of
    )
    last = births.unique("citizen", keep="last", maintain_order=True)
    return last.with_columns(_as_date(pl.col("number")).alias("born"))


def _relatives(records: Records, kind: str) -> pl.DataFrame:
    ties = records.relations.filter(pl.col("kind") == kind)
    return ties.with_columns(pl.col("relative_birth_date").alias("born"))


def _foreseen(found: pl.DataFrame, records: Records, life_event: LifeEvent) -> pl.DataFrame:
    horizon = pl.lit(records.as_of).dt.offset_by(f"{life_event.ahead_days}d")
    return found.filter(pl.col("happens_at") <= horizon)


def _as_date(number: pl.Expr) -> pl.Expr:
    return number.cast(pl.Int32).cast(pl.Date)
