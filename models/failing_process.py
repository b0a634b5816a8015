"""When the standard process failed a citizen: what a pack counts as failing, and when it showed.

A sign is read off the same measures as friction (:mod:`features.friction`), each at the moment at
which it showed:

- *overdue*: the day on which a case passed its statutory term, or its norm where there is no term;
- *objection*, *complaint*, *drop-out*: the day of the objection, the complaint, the withdrawal of
  an application;
- *repeat contact*: the day of a contact on the same need again, where the contact before it had no
  result.

**Silence is not health.** A source that leaves the case or the need of its records empty shows no
failing. So beside the signs stands, for citizens of whom anything was left empty, which of their
work and contacts were told well enough to show one; who shows none while less than half was told is
*unknown*, and no example.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from features.arrivals import arrived
from features.catalogue import Objective, Sign
from features.checks.services import ROLES_OF_SIGN
from features.events import INSTANT
from features.facts import FACTS
from features.friction.case_work import case_course, course_events, is_work
from features.friction.clocks import clocks
from features.friction.completeness import ENOUGH
from features.friction.contacts import contact_marks, contacts_of, need_of
from features.friction.marks import Marks
from features.kernels.cases import NEVER
from features.lake import Lake
from features.pack import Pack
from features.past_events import UNTOLD, PastEvents, past_events
from features.provenance import sources_of_event_type
from features.recorded import of_bucket
from features.records import Records, records_in_order
from features.relations import RELATIONS
from features.windows import microseconds

SIGNS = pl.Schema({"citizen": pl.Int64, "sign": pl.String, "at": INSTANT})
TOLD = pl.Schema({"citizen": pl.Int64, "at": INSTANT, "told": pl.Boolean})
COMPLETENESS = pl.Schema(
    {"sign": pl.String, "source": pl.String, "records": pl.Int64, "told": pl.Int64}
)
DAY = 86_400_000_000
_DATED = (Sign.OBJECTION, Sign.COMPLAINT, Sign.DROP_OUT)


@dataclass(frozen=True)
class Failings:
    """What showed of failing, as known at one date.

    Parameters
    ----------
    signs
        :data:`SIGNS`: every sign at the moment it showed.
    told
        :data:`TOLD`: work and contacts, of the citizens of whom some was left empty.
    completeness
        :data:`COMPLETENESS`: by sign and source, how many records could show it, and how many told
        what it takes.
    """

    signs: pl.DataFrame
    told: pl.DataFrame
    completeness: pl.DataFrame

    def report(self, signs: tuple[Sign, ...], pack: Pack) -> dict[str, Any]:
        """How often each sign showed, and by which sources it can (plain JSON)."""
        counts = dict(self.signs.group_by("sign").len().iter_rows())
        shares = self.completeness.with_columns(share=pl.col("told") / pl.col("records"))
        return {
            sign.value: {
                "seen": int(counts.get(sign.value, 0)),
                "sources": {
                    source: {"records": records, "told": share}
                    for source, records, share in shares.filter(pl.col("sign") == sign.value)
                    .sort("source")
                    .select("source", "records", "share")
                    .iter_rows()
                },
                "could_be_told_by": sorted(_sources(sign, pack)),
            }
            for sign in signs
        }


def foretells_failing(pack: Pack) -> bool:
    """Whether any service of ``pack`` has that objective."""
    return any(one.objective is Objective.FAILING_PROCESS for one in pack.services.values())


def failings(lake: Lake, pack: Pack, until: datetime) -> Failings:
    """Every sign that showed by ``until``, of everybody, a bucket at a time."""
    sources = arrived(lake, until)
    parts = [_of_bucket(lake, pack, until, bucket, sources) for bucket in range(lake.buckets)]
    shown = pl.concat([part.completeness for part in parts])
    return Failings(
        pl.concat([part.signs for part in parts]),
        pl.concat([part.told for part in parts]),
        shown.group_by("sign", "source").sum().sort("sign", "source"),
    )


def first_failing(
    found: Failings, signs: tuple[Sign, ...], as_of: datetime, horizon: timedelta
) -> pl.DataFrame:
    """``citizen, first``: days from ``as_of`` to the first sign within the horizon."""
    days = (pl.col("at") - pl.lit(as_of, INSTANT)).dt.total_seconds() / 86_400.0
    return (
        found.signs.filter(
            pl.col("sign").is_in([sign.value for sign in signs]),
            pl.col("at") > as_of,
            pl.col("at") <= as_of + horizon,
        )
        .group_by("citizen")
        .agg(days.min().alias("first"))
    )


def hardly_told(found: Failings, as_of: datetime, horizon: timedelta) -> pl.Series:
    """The citizens of whose records within the horizon less than half could show a sign."""
    inside = found.told.filter(pl.col("at") > as_of, pl.col("at") <= as_of + horizon)
    shares = inside.group_by("citizen").agg(pl.col("told").mean())
    return shares.filter(pl.col("told") < ENOUGH)["citizen"]


def _of_bucket(
    lake: Lake, pack: Pack, until: datetime, bucket: int, sources: frozenset[str]
) -> Failings:
    events = of_bucket(lake, "events", bucket, until)
    records = records_in_order(
        as_of=until,
        citizens=events["citizen"],
        events=events,
        facts=FACTS.to_frame(),
        relations=RELATIONS.to_frame(),
        sources=sources,
    )
    work = course_events(records, pack)
    contacts, failed = contacts_of(records, pack)
    marks = contact_marks(contacts, failed, work)
    signs = [_overdue(records, pack, work), _again(records, contacts, marks)]
    dated = [_dated(records, pack, sign) for sign in _DATED]
    close = marks.at("follow_ups")
    after, needs = contacts.where(close), marks.at("need")[close]
    handled = work.where(is_work(work, pack))
    cased = handled.codes("case_id") != UNTOLD
    return Failings(
        pl.concat([*signs, *(_signs(records, sign, found) for sign, found in dated)]),
        _left_empty(records, [(after, needs), (handled, cased)]),
        pl.concat(
            [
                _counted(pack, Sign.OVERDUE, handled, cased),
                _counted(pack, Sign.REPEAT_CONTACT, after, needs),
                *(
                    _counted(pack, sign, found, np.ones(len(found), dtype=bool))
                    for sign, found in dated
                ),
            ]
        ),
    )


def _overdue(records: Records, pack: Pack, work: PastEvents) -> pl.DataFrame:
    """Cases at the day on which they passed their term, or norm where there is none."""
    course = case_course(work, pack)
    clock = clocks(course, pack)
    past = np.where(np.isnan(clock.past_term), clock.past_norm, clock.past_term)
    late = np.flatnonzero(past > 0)
    ended = clock.settled[late]
    age = np.where(ended != NEVER, course.events.age[ended], 0) if len(late) else ended
    moment = microseconds(records.as_of) - ((age + past[late]) * DAY).astype(np.int64)
    row = course.events.row[clock.first[late]] if len(late) else late
    return _frame(records, Sign.OVERDUE, row, moment)


def _again(records: Records, contacts: PastEvents, marks: Marks) -> pl.DataFrame:
    """Contacts on a need on which the contact before had no result."""
    need = need_of(contacts)
    told = np.flatnonzero(need != UNTOLD)
    before = (
        pl.DataFrame({"row": contacts.row[told], "need": need[told], "place": told})
        .select(pl.col("place").shift(1).over("row", "need").fill_null(-1))
        .to_series()
        .to_numpy()
    )
    nowhere = np.append(marks.at("contacts_without_result"), False)
    again = told[marks.at("repeat_contact")[told] & nowhere[before]]
    return _signs(records, Sign.REPEAT_CONTACT, contacts.take(again))


def _dated(records: Records, pack: Pack, sign: Sign) -> tuple[Sign, PastEvents]:
    return sign, past_events(records, pack, pack.event_types_in(*ROLES_OF_SIGN[sign]))


def _signs(records: Records, sign: Sign, found: PastEvents) -> pl.DataFrame:
    return _frame(records, sign, found.row, found.moments("occurred_at"))


def _frame(
    records: Records, sign: Sign, row: NDArray[np.int64], moment: NDArray[np.int64]
) -> pl.DataFrame:
    return pl.DataFrame(
        {"citizen": records.citizens.to_numpy()[row], "sign": sign.value, "at": moment},
        schema_overrides={"at": pl.Int64},
    ).cast(SIGNS)


def _left_empty(
    records: Records, parts: list[tuple[PastEvents, NDArray[np.bool_]]]
) -> pl.DataFrame:
    """The records of citizens of whom some left empty what it takes."""
    frames = [
        pl.DataFrame(
            {
                "citizen": records.citizens.to_numpy()[found.row],
                "at": found.moments("occurred_at"),
                "told": told,
            },
            schema_overrides={"at": pl.Int64},
        ).cast(TOLD)
        for found, told in parts
    ]
    every = pl.concat(frames)
    return every.filter((~pl.col("told")).any().over("citizen"))


def _counted(pack: Pack, sign: Sign, found: PastEvents, told: NDArray[np.bool_]) -> pl.DataFrame:
    names = tuple(pack.domain.sources)
    place = found.places("source", names)
    known = place >= 0
    records = np.bincount(place[known], minlength=len(names))
    shown = np.bincount(place[known & told], minlength=len(names))
    frame = pl.DataFrame(
        {"sign": sign.value, "source": names, "records": records, "told": shown},
        schema_overrides=dict(COMPLETENESS),
    )
    return frame.filter(pl.col("records") > 0)


def _sources(sign: Sign, pack: Pack) -> frozenset[str]:
    """The sources of which a mapping delivers what the sign is read off."""
    delivered = sources_of_event_type(pack)
    types = pack.event_types_in(*ROLES_OF_SIGN[sign])
    return frozenset().union(*(delivered[kind] for kind in types))
