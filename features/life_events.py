"""Life events: what changes what someone needs, past and upcoming, with where it was read."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeVar

import numpy as np
import polars as pl

from features.columns import ages, rows_of
from features.domain import (
    AgeTrigger,
    DateTrigger,
    EventTrigger,
    FactChangeTrigger,
    FactType,
    LifeEvent,
)
from features.events import INSTANT
from features.pack import Pack, life_event_column
from features.records import Records
from features.relatives import age_limit
from features.remembered import remembered
from features.windows import Days, local_midnight, today

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

_TOLD = ("known_at", "source")
_HELD = ("valid_from", "valid_to")

T = TypeVar("T", EventTrigger, FactChangeTrigger, AgeTrigger, DateTrigger)


@remembered(2)
def life_events(records: Records, pack: Pack) -> pl.DataFrame:
    """The life events of each citizen as seen at ``records.as_of``.

    An age or a date is foreseen ``ahead_days`` before; an event or fact change only when a
    source announced it. Returns :data:`LIFE_EVENTS`, sorted by citizen, happens_at, life_event;
    one row per citizen, life event and moment, the first that was known.
    """
    found = [
        _by_event(records, pack),
        _by_change(records, pack),
        _by_age(records, pack),
        _by_date(records, pack),
    ]
    table = pl.concat([part.select(LIFE_EVENTS.names()[:-1]) for part in found])
    key = ["citizen", "happens_at", "life_event"]
    ordered = table.drop_nulls("happens_at").sort(*key, "known_at", "source")
    return ordered.unique(key, keep="first", maintain_order=True).with_columns(
        (pl.col("happens_at") > records.as_of).alias("upcoming")
    )


def life_event_days(records: Records, pack: Pack) -> Iterator[tuple[str, Days, Days]]:
    """For each life event: its name, the days since it last happened, and the days until it
    happens next; arrays over the citizens, -1 where there is none."""
    table = life_events(records, pack)
    names = list(pack.life_events)
    code = table["life_event"].cast(pl.Enum(names)).to_physical().to_numpy().astype(np.int64)
    row = rows_of(table["citizen"], records)
    age = ages(table["happens_at"], records, pack)
    ahead = table["upcoming"].to_numpy()
    since = np.full((len(names), len(records.citizens)), -1, dtype=np.int32)
    until = since.copy()
    since[code[~ahead], row[~ahead]] = age[~ahead]
    until[code[ahead][::-1], row[ahead][::-1]] = -age[ahead][::-1]
    yield from zip(names, since, until, strict=True)


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


def _triggers(pack: Pack, kind: type[T]) -> list[tuple[str, LifeEvent, T]]:
    return [
        (name, life_event, trigger)
        for name, life_event in pack.life_events.items()
        for trigger in life_event.triggers
        if isinstance(trigger, kind)
    ]


def _joined(table: pl.DataFrame, on: str, triggers: list[dict[str, object]]) -> pl.DataFrame:
    """Each row of ``table`` with each trigger on the same ``on``."""
    schema = {on: pl.String, "life_event": pl.String, "ahead": pl.Int64, "wanted": pl.String}
    asked = pl.DataFrame(triggers, schema=schema)
    return table.join(asked, on=on, maintain_order="left_right")


def _by_event(records: Records, pack: Pack) -> pl.DataFrame:
    triggers: list[dict[str, object]] = [
        {"type": trigger.event, "life_event": name, "wanted": trigger.case_type}
        for name, _, trigger in _triggers(pack, EventTrigger)
    ]
    events = records.events.select(
        "citizen", "type", "case_type", pl.col("occurred_at").alias("happens_at"), *_TOLD
    )
    any_case = pl.col("wanted").is_null()
    return _joined(events, "type", triggers).filter(
        any_case | (pl.col("wanted") == pl.col("case_type"))
    )


def _by_change(records: Records, pack: Pack) -> pl.DataFrame:
    """The moments at which a fact took another value.

    The first value known is no change, for nothing is known of the value before; except that
    nothing recorded counts as *no* for a boolean, as registers record only who is.
    """
    triggers: list[dict[str, object]] = [
        {"name": trigger.fact, "life_event": name, "wanted": trigger.to}
        for name, _, trigger in _triggers(pack, FactChangeTrigger)
    ]
    booleans = [name for name, one in pack.domain.facts.items() if one.type is FactType.BOOLEAN]
    unsaid = pl.when(pl.col("name").is_in(booleans)).then(pl.lit("false"))
    before = pl.col("value").shift(1).over("citizen", "name").fill_null(unsaid)
    versions = records.facts.filter(pl.col("name").is_in([one["name"] for one in triggers]))
    changed = versions.filter((before != pl.col("value")).fill_null(value=False)).select(
        "citizen", "name", "value", pl.col("valid_from").alias("happens_at"), *_TOLD
    )
    any_value = pl.col("wanted").is_null()
    return _joined(changed, "name", triggers).filter(
        any_value | (pl.col("wanted") == pl.col("value"))
    )


def _by_date(records: Records, pack: Pack) -> pl.DataFrame:
    """The dates of a fact that arrive while that version of the fact holds."""
    triggers: list[dict[str, object]] = [
        {"name": trigger.date_fact, "life_event": name, "ahead": life_event.ahead_days}
        for name, life_event, trigger in _triggers(pack, DateTrigger)
    ]
    versions = records.facts.filter(pl.col("name").is_in([one["name"] for one in triggers]))
    dated = versions.with_columns(
        local_midnight(_as_date(pl.col("number")), pack.domain.time_zone).alias("happens_at"),
        pl.col("valid_from").shift(-1).over("citizen", "name").alias("replaced_at"),
    ).filter(
        pl.col("happens_at") >= pl.col("valid_from"),
        pl.col("valid_to").is_null() | (pl.col("valid_to") >= pl.col("happens_at")),
        pl.col("replaced_at").is_null() | (pl.col("replaced_at") > pl.col("happens_at")),
    )
    return _joined(dated, "name", triggers).filter(_foreseen(records))


def _by_age(records: Records, pack: Pack) -> pl.DataFrame:
    """The moments at which citizens and their relatives (while they are) reach an age."""
    zone = pack.domain.time_zone
    parameters = pack.parameters_at(today(records.as_of, zone))
    triggers = [
        {
            "of": trigger.of,
            "life_event": name,
            "ahead": life_event.ahead_days,
            "months": round(age * 12),
        }
        for name, life_event, trigger in _triggers(pack, AgeTrigger)
        if (age := age_limit(trigger.reaches_age, parameters)) is not None
    ]
    schema = {"of": pl.String, "life_event": pl.String, "ahead": pl.Int64, "months": pl.Int64}
    born = pl.concat([_births(records, pack), _relatives(records)])
    reaching = born.join(pl.DataFrame(triggers, schema=schema), on="of")
    reached = pl.col("born").dt.offset_by(pl.format("{}mo", "months"))
    return reaching.with_columns(local_midnight(reached, zone).alias("happens_at")).filter(
        pl.col("valid_to").is_null() | (pl.col("valid_to") > pl.col("happens_at")),
        (pl.col("of") == "self") | (pl.col("valid_from") <= pl.col("happens_at")),
        _foreseen(records),
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
    return last.select(
        "citizen",
        pl.lit("self").alias("of"),
        _as_date(pl.col("number")).alias("born"),
        *_HELD,
        *_TOLD,
    )


def _relatives(records: Records) -> pl.DataFrame:
    return records.relations.select(
        "citizen",
        pl.col("kind").alias("of"),
        pl.col("relative_birth_date").alias("born"),
        *_HELD,
        *_TOLD,
    )


def _foreseen(records: Records) -> pl.Expr:
    """Whether it has happened, or is near enough to be seen."""
    return pl.col("happens_at") <= pl.lit(records.as_of) + pl.duration(days="ahead")


def _as_date(number: pl.Expr) -> pl.Expr:
    return number.cast(pl.Int32).cast(pl.Date)
