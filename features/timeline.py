"""One citizen, or a few: the records as known at a date, and the timeline a person reads."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import polars as pl

from features.arrivals import arrived, silences
from features.codes import places
from features.domain import Sensitivity
from features.events import INSTANT
from features.lake import Lake
from features.life_events import life_events
from features.pack import Pack
from features.recorded import of_citizens
from features.records import Records, known_records

TIMELINE = pl.Schema(
    {
        "occurred_at": INSTANT,  # when it happened, began to hold, or fell silent
        "known_at": INSTANT,
        "kind": pl.String,  # event, fact, life-event or gap
        "type": pl.String,  # event type, fact, life event; the source of a gap
        "title": pl.String,
        "source": pl.String,
        "channel": pl.String,
        "case_id": pl.String,
        "case_type": pl.String,
        "value": pl.String,
        "ends_at": INSTANT,  # of a fact or gap that ended
        "upcoming": pl.Boolean,
    }
)


def read_records(lake: Lake, pack: Pack, as_of: datetime, citizens: Sequence[int]) -> Records:
    """The records of ``citizens`` as known at ``as_of``; a citizen without records has no rows."""
    return known_records(
        as_of=as_of,
        citizens=pl.Series("citizen", citizens, pl.Int64),
        events=of_citizens(lake, "events", citizens, as_of),
        facts=_named(of_citizens(lake, "facts", citizens, as_of), pack, Sensitivity.FREE),
        relations=of_citizens(lake, "relations", citizens, as_of),
        sources=arrived(lake, as_of),
    )


def protected_facts(
    lake: Lake, pack: Pack, citizens: Sequence[int], as_of: datetime
) -> pl.DataFrame:
    """The *criterion-only* facts of ``citizens`` known at ``as_of``, for rules and nothing else.

    Returns :data:`features.facts.FACTS`, with or without its ids.
    """
    told = of_citizens(lake, "protected", citizens, as_of)
    return _named(told, pack, Sensitivity.CRITERION_ONLY)


def timeline(
    lake: Lake, pack: Pack, citizen: int, as_of: datetime, language: str | None = None
) -> pl.DataFrame:
    """Everything known of one citizen, newest first.

    Protected facts are not in it, nor who was drawn into a trial: whoever meets the citizen must
    not know the arm.

    Parameters
    ----------
    language
        Of the titles; the pack's first when not given.

    Returns
    -------
    :data:`TIMELINE`. A gap is a time in which a source delivered nothing about anyone for longer
    than its ``expected_every_days``: what happened then may be missing here.
    """
    records = read_records(lake, pack, as_of, [citizen])
    said = language or pack.languages[0]
    parts = [
        _events(records, pack, said),
        _facts(records, pack, said),
        _life_events(records, pack, said),
        _gaps(lake, pack, as_of, said),
    ]
    told = pl.concat([TIMELINE.to_frame(), *parts], how="diagonal")
    return told.with_columns((pl.col("occurred_at") > as_of).alias("upcoming")).sort(
        "occurred_at", "kind", "type", "case_id", descending=[True, False, False, False]
    )


def _named(facts: pl.DataFrame, pack: Pack, allowed: Sensitivity) -> pl.DataFrame:
    """The facts that the pack declares with that sensitivity."""
    mine = places(facts["name"], tuple(pack.facts(allowed))) >= 0
    return facts if mine.all() else facts[mine.nonzero()[0]]


def _titled(column: str, titles: dict[str, str]) -> pl.Expr:
    named = pl.col(column).replace_strict(titles, default=None, return_dtype=pl.String)
    return named.fill_null(pl.col(column)).alias("title")


def _events(records: Records, pack: Pack, language: str) -> pl.DataFrame:
    titles = {k: pack.say(t.title, language) for k, t in pack.domain.event_types.items()}
    told = records.events.filter(~pl.col("type").is_in(pack.event_types_in("drawn")))
    return told.select(
        "occurred_at",
        "known_at",
        pl.lit("event").alias("kind"),
        "type",
        _titled("type", titles),
        "source",
        "channel",
        "case_id",
        "case_type",
        pl.col("value").cast(pl.String),
    )


def _facts(records: Records, pack: Pack, language: str) -> pl.DataFrame:
    titles = {name: pack.say(fact.title, language) for name, fact in pack.domain.facts.items()}
    return records.facts.select(
        pl.col("valid_from").alias("occurred_at"),
        "known_at",
        pl.lit("fact").alias("kind"),
        pl.col("name").alias("type"),
        _titled("name", titles),
        "source",
        "value",
        pl.col("valid_to").alias("ends_at"),
    )


def _life_events(records: Records, pack: Pack, language: str) -> pl.DataFrame:
    titles = {name: pack.say(one.title, language) for name, one in pack.life_events.items()}
    return life_events(records, pack).select(
        pl.col("happens_at").alias("occurred_at"),
        "known_at",
        pl.lit("life-event").alias("kind"),
        pl.col("life_event").alias("type"),
        _titled("life_event", titles),
        "source",
    )


def _gaps(lake: Lake, pack: Pack, as_of: datetime, language: str) -> pl.DataFrame:
    sources = pack.domain.sources
    expected = {
        name: source.expected_every_days
        for name, source in sources.items()
        if source.expected_every_days
    }
    titles = {name: pack.say(source.title, language) for name, source in sources.items()}
    return silences(lake, as_of, expected).select(
        pl.col("from").alias("occurred_at"),
        pl.col("from").alias("known_at"),
        pl.lit("gap").alias("kind"),
        pl.col("source").alias("type"),
        _titled("source", titles),
        "source",
        pl.col("to").alias("ends_at"),
    )
