"""One citizen, or a few: the records as known at a date, and the timeline a person reads."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import numpy as np
import polars as pl

from features.arrivals import arrived, silences
from features.codes import moments, places, words_at
from features.departures import deaths
from features.domain import Sensitivity
from features.events import INSTANT
from features.lake import Lake
from features.life_events import life_events
from features.linkage.resolving import counting
from features.pack import Pack
from features.recorded import of_citizens
from features.records import Records, records_in_order
from features.windows import microseconds

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

_UNSAID = {
    name: pl.Series(name, [None], dtype) for name, dtype in TIMELINE.items() if name != "upcoming"
}


def read_records(
    lake: Lake, pack: Pack, as_of: datetime, citizens: Sequence[int], *, purpose: str | None = None
) -> Records:
    """The records of ``citizens`` as known at ``as_of``; a citizen without records has no rows.

    Under a ``purpose``, matches that are sure enough for it count; else only links by number do.
    """
    counted = counting(lake, pack, as_of, purpose)
    return records_in_order(
        as_of=as_of,
        citizens=pl.Series("citizen", citizens, pl.Int64),
        events=of_citizens(lake, "events", citizens, as_of, counted=counted),
        facts=_named(
            of_citizens(lake, "facts", citizens, as_of, counted=counted), pack, Sensitivity.FREE
        ),
        relations=of_citizens(lake, "relations", citizens, as_of, counted=counted),
        sources=arrived(lake, as_of),
    )


def protected_facts(
    lake: Lake,
    pack: Pack,
    citizens: Sequence[int],
    as_of: datetime,
    *,
    purpose: str | None = None,
) -> pl.DataFrame:
    """The *criterion-only* facts of ``citizens`` known at ``as_of``, for rules and nothing else.

    Returns :data:`features.facts.FACTS`, with or without its ids.
    """
    counted = counting(lake, pack, as_of, purpose)
    told = of_citizens(lake, "protected", citizens, as_of, counted=counted)
    return _named(told, pack, Sensitivity.CRITERION_ONLY)


def timeline(
    lake: Lake,
    pack: Pack,
    citizen: int,
    as_of: datetime,
    language: str | None = None,
    *,
    purpose: str | None = None,
) -> pl.DataFrame:
    """Everything known of one citizen, newest first.

    Protected facts are not in it, nor who was drawn into a trial: whoever meets the citizen must
    not know the arm.

    Parameters
    ----------
    language
        Of the titles; the pack's first when not given.
    purpose
        As of :func:`read_records`.

    Returns
    -------
    :data:`TIMELINE`. A gap is a time in which a source delivered nothing about anyone for longer
    than its ``expected_every_days``: what happened then may be missing here.
    """
    return told(read_records(lake, pack, as_of, [citizen], purpose=purpose), lake, pack, language)


def told(records: Records, lake: Lake, pack: Pack, language: str | None = None) -> pl.DataFrame:
    """The timeline of the one citizen of ``records``, which were read before."""
    said = language or pack.languages[0]
    parts = [
        _events(records, pack, said),
        _facts(records, pack, said),
        _life_events(records, pack, said),
        _gaps(lake, pack, records.as_of, said),
    ]
    some = [part for part in parts if len(part["occurred_at"])] or parts[:1]
    rows = pl.concat([_row(part) for part in some])
    upcoming = moments(rows["occurred_at"]) > microseconds(records.as_of)
    return rows.insert_column(rows.width, pl.Series("upcoming", upcoming)).sort(
        "occurred_at", "kind", "type", "case_id", descending=[True, False, False, False]
    )


def _row(columns: dict[str, pl.Series]) -> pl.DataFrame:
    """A part of the timeline; what it does not say is null."""
    n = len(columns["occurred_at"])
    return pl.DataFrame(
        [
            columns[name].alias(name) if name in columns else nothing.new_from_index(0, n)
            for name, nothing in _UNSAID.items()
        ]
    )


def _named(facts: pl.DataFrame, pack: Pack, allowed: Sensitivity) -> pl.DataFrame:
    """The facts that the pack declares with that sensitivity."""
    mine = places(facts["name"], tuple(pack.facts(allowed))) >= 0
    return facts if mine.all() else facts[mine.nonzero()[0]]


def _titled(names: pl.Series, titles: dict[str, str]) -> pl.Series:
    """The title of each name; the name itself where it has none."""
    place = places(names, tuple(titles))
    found = words_at(tuple(titles.values()), place)
    return found if (place >= 0).all() else found.zip_with(found.is_not_null(), names)


def _kind(kind: str, rows: pl.DataFrame) -> pl.Series:
    return pl.Series([kind], dtype=pl.String).new_from_index(0, rows.height)


def _events(records: Records, pack: Pack, language: str) -> dict[str, pl.Series]:
    titles = {k: pack.say(t.title, language) for k, t in pack.domain.event_types.items()}
    drawn = places(records.events["type"], pack.event_types_in("drawn")) >= 0
    rows = records.events[np.flatnonzero(~drawn)] if drawn.any() else records.events
    same = ("occurred_at", "known_at", "type", "source", "channel", "case_id", "case_type")
    return {
        **{name: rows[name] for name in same},
        "kind": _kind("event", rows),
        "title": _titled(rows["type"], titles),
        "value": rows["value"].cast(pl.String),
    }


def _facts(records: Records, pack: Pack, language: str) -> dict[str, pl.Series]:
    titles = {name: pack.say(fact.title, language) for name, fact in pack.domain.facts.items()}
    rows = records.facts
    return {
        "occurred_at": rows["valid_from"],
        "known_at": rows["known_at"],
        "kind": _kind("fact", rows),
        "type": rows["name"],
        "title": _titled(rows["name"], titles),
        "source": rows["source"],
        "value": rows["value"],
        "ends_at": rows["valid_to"],
    }


def _life_events(records: Records, pack: Pack, language: str) -> dict[str, pl.Series]:
    titles = {name: pack.say(one.title, language) for name, one in pack.life_events.items()}
    rows = _while_alive(life_events(records, pack), records, pack)
    return {
        "occurred_at": rows["happens_at"],
        "known_at": rows["known_at"],
        "kind": _kind("life-event", rows),
        "type": rows["life_event"],
        "title": _titled(rows["life_event"], titles),
        "source": rows["source"],
    }


def _while_alive(rows: pl.DataFrame, records: Records, pack: Pack) -> pl.DataFrame:
    """Nobody comes of an age, and nothing is foreseen, after the one citizen's death."""
    died = deaths(records.events, pack, records.as_of)
    return rows if died.is_empty() else rows.filter(pl.col("happens_at") <= died["occurred_at"][0])


def _gaps(lake: Lake, pack: Pack, as_of: datetime, language: str) -> dict[str, pl.Series]:
    sources = pack.domain.sources
    expected = {
        name: source.expected_every_days
        for name, source in sources.items()
        if source.expected_every_days
    }
    titles = {name: pack.say(source.title, language) for name, source in sources.items()}
    rows = silences(lake, as_of, expected)
    return {
        "occurred_at": rows["from"],
        "known_at": rows["from"],
        "kind": _kind("gap", rows),
        "type": rows["source"],
        "title": _titled(rows["source"], titles),
        "source": rows["source"],
        "ends_at": rows["to"],
    }
