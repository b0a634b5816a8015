"""What each source tells of its work and contacts: how far its friction can be known at all."""

from __future__ import annotations

import numpy as np
import polars as pl

from features.friction.case_work import is_work
from features.friction.completeness import ENOUGH
from features.friction.contacts import contact_marks, contacts_of
from features.friction.marks import Marks
from features.friction.measured import COUNTED, SUMMED, Measured
from features.friction.ordering import Flags, Places
from features.kernels.cases import NEVER
from features.kernels.groups import met_by_group
from features.pack import Pack
from features.past_events import UNTOLD, PastEvents
from features.records import Records

_SHARES = {
    "case_told": "work",
    "closing_told": "ended",
    "need_told": "follow_up_contacts",
    "channel_told": "follow_up_contacts",
}
"""Share → of how many."""

_FIRST = (
    *("source", "delivered", "citizens", "cases", "work", "case_told", "ended", "closing_told"),
    *("waiting", "late_by_norm", "late_by_term", "caseless", "contacts", "follow_up_contacts"),
    *("need_told", "channel_told", "failed_contacts"),
)
"""The columns in the order of a reader; the rest follows."""

_CLOCKED = ("waiting", "late_by_norm", "late_by_term")

_OF_NEED = {
    "repeat_contact": "need_told",
    "channel_switches": "channel_told",
    "contacts_without_result": "need_told",
}


def source_rows(records: Records, pack: Pack, of: Measured, teams: pl.DataFrame) -> pl.DataFrame:
    """A row for every source of the pack, in numbers; :func:`with_shares` makes shares of them.

    Parameters
    ----------
    teams
        The rows of its teams, of which the sums are added up.

    Returns
    -------
    ``source``; ``delivered`` anything; ``citizens`` and ``cases`` of its work and contacts; its
    ``work`` (with and without a case), and how many tell their case (``case_told``); how many cases
    ``ended``, by a recorded decision or closing (``closing_told``) or in silence; how many are
    ``waiting``, and how many that wait or were settled were ``late_by_norm`` and ``late_by_term``;
    the sums of the report, work without a case among the ``follow_ups``; ``contacts``, the
    ``follow_up_contacts`` (within 28 days of another), those that tell the need and the channel
    too, and the friction of contacts, counted at the source of the contact.
    """
    sources, clock = tuple(pack.domain.sources), of.clock
    contacts, failed = contacts_of(records, pack)
    settled = clock.settled != NEVER
    worked = is_work(of.events, pack)
    cased = of.events.codes("case_id") != UNTOLD
    work = Marks.of(work=worked, case_told=worked & cased, caseless=worked & ~cased)
    cases = Marks.of(
        cases=np.ones(len(settled), dtype=bool),
        ended=settled | clock.silent,
        closing_told=settled,
        waiting=clock.waiting,
        late_by_norm=clock.past_norm > 0,
        late_by_term=clock.past_term > 0,
    )
    contacted = _of_contacts(contacts, failed, of)
    first = of.course.events.take(clock.first)
    told = pl.DataFrame(
        {
            "source": sources,
            "delivered": [int(source in records.sources) for source in sources],
            "citizens": _citizens(of.events, contacts, len(records.citizens), sources),
            **_by_source(cases, first, sources),
            **_by_source(work, of.events, sources),
            **_by_source(contacted, contacts, sources),
        }
    )
    added = teams.group_by("source").agg(pl.exclude("team", "citizens", "cases").sum())
    told = told.select(*_FIRST, pl.exclude(*_FIRST))
    told = told.join(added, on="source", how="left", maintain_order="left")
    filled = told.with_columns(pl.col(added.columns[1:]).fill_null(0))
    follow_ups = pl.col("follow_ups") + pl.col("caseless")
    return filled.with_columns(follow_ups=follow_ups).drop("caseless")


def with_shares(frame: pl.DataFrame, pack: Pack, gaps: pl.DataFrame | None) -> pl.DataFrame:
    """The rows of all parts together, with shares for numbers, and null for what is not known: also
    the friction of work or contacts that a source tells nothing of. ``gaps`` in delivery and their
    ``gap_days`` are null where nobody said how often to expect one."""
    work, contacts = pl.col("work") > 0, pl.col("contacts") > 0
    measures = [
        pl.when(
            contacts
            & ((pl.col(measure) > 0) | (pl.col(on) >= ENOUGH * pl.col("follow_up_contacts")))
        ).then(measure)
        for measure, on in _OF_NEED.items()
    ]
    measures += [pl.when(work).then(measure) for measure in (*COUNTED, *SUMMED, *_CLOCKED)]
    measures.append(pl.when(contacts).then("failed_contacts"))
    shares = [
        pl.when(pl.col(of) > 0).then(pl.col(share) / pl.col(of)).alias(share)
        for share, of in _SHARES.items()
    ]
    told = frame.with_columns(*measures, *shares, pl.col("delivered") > 0)
    return told.join(_gaps(pack, gaps), on="source", how="left", maintain_order="left")


def _of_contacts(contacts: PastEvents, failed: Flags, of: Measured) -> Marks:
    marks = contact_marks(contacts, failed, of.events)
    named = {"follow_ups": "follow_up_contacts", "need": "need_told", "channel": "channel_told"}
    every = Marks.of(contacts=np.ones(len(contacts), dtype=bool))
    return every.beside(Marks(tuple(named.get(one, one) for one in marks.names), marks.bits))


def _by_source(marks: Marks, events: PastEvents, sources: tuple[str, ...]) -> dict[str, Places]:
    """Each measure by the source of its ``events``."""
    return marks.by_group(events.places("source", sources), len(sources))


def _citizens(work: PastEvents, contacts: PastEvents, n: int, sources: tuple[str, ...]) -> Places:
    met = np.zeros(len(sources) * n, dtype=bool)
    for events in (work, contacts):
        met = met_by_group(events.row, events.places("source", sources), met, n)
    citizens: Places = met.reshape(len(sources), n).sum(axis=1)
    return citizens


def _gaps(pack: Pack, gaps: pl.DataFrame | None) -> pl.DataFrame:
    """``source, gaps, gap_days``: how often, and for how many days in all, a source was silent for
    longer than expected."""
    expected = [name for name, one in pack.domain.sources.items() if one.expected_every_days]
    if gaps is None:
        return pl.DataFrame(schema={"source": pl.String, "gaps": pl.UInt32, "gap_days": pl.Int64})
    found = gaps.group_by("source").agg(
        pl.len().alias("gaps"),
        (pl.col("to") - pl.col("from")).dt.total_days().sum().alias("gap_days"),
    )
    every = pl.DataFrame({"source": expected}, schema={"source": pl.String})
    return every.join(found, on="source", how="left").fill_null(0)
