"""The friction report: per case, per team, per step, and how complete each source is.

Made of the same measures as the signals. **Whoever shows a row of teams, steps or sources leaves
out those of fewer than ten citizens** (``citizens`` says of how many it is); the rows of cases are
for those who work on them.

A measure is null where nothing was found and less than half of what could have shown it was told,
so that silence is never read as health. Read ``sources`` first: what a source does not tell, its
teams and steps cannot show.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

import polars as pl

from features.arrivals import arrived, silences
from features.facts import FACTS
from features.friction.completeness import ENOUGH
from features.friction.groups import case_rows, grouped_rows
from features.friction.measured import RESTS_ON, measured
from features.friction.sources import source_rows, with_shares
from features.lake import Lake
from features.pack import Pack
from features.records import Records, known_records
from features.relations import RELATIONS


@dataclass(frozen=True, slots=True)
class FrictionReport:
    """Four frames. All but ``cases`` are sorted by their keys.

    In every frame: ``events`` (pieces of work), the counts handovers, spirals, bounces,
    team_handovers, team_spirals, reassignments, repeats, redos, reopenings and suspensions, the
    working days ``worked_days``, ``idle_days`` and, of these, ``suspended_days``; ``follow_ups``
    (events that could show friction) and the share of those that tell the ``employee``, the
    ``team``, a ``reassignment`` and the ``step`` (``employee_told``, …). A handover counts with the
    team and step at which the case arrives, a wait with those after which it lay still.

    Parameters
    ----------
    cases
        ``citizen, source, case_id, case_type, team`` (the last told), ``state`` (``waiting``,
        ``settled``, ``silent``: a closing that nobody recorded, or ``unopened``: no opening is
        recorded, so no clock runs), ``past_norm, past_term`` (calendar days; null without one or
        where the clock is not known).
    teams
        ``source, team, citizens, cases``; team null for work of which it is not told.
    steps
        ``source, step, citizens, cases``; step null likewise.
    sources
        As :func:`features.friction.sources.source_rows` and ``with_shares`` say.
    """

    cases: pl.DataFrame
    teams: pl.DataFrame
    steps: pl.DataFrame
    sources: pl.DataFrame


def friction_of(
    parts: Iterable[Records], pack: Pack, gaps: pl.DataFrame | None = None
) -> FrictionReport:
    """The report on some records, each citizen in one part only; memory is bounded by the largest
    part and the frame of cases.

    Parameters
    ----------
    gaps
        When sources were silent: ``source, from, to``; null in the report without.
    """
    cases, teams, steps, sources = [], [], [], []
    for records in parts:
        one = measured(records, pack)
        cases.append(case_rows(records, pack, one))
        teams.append(grouped_rows(pack, one, "team"))
        steps.append(grouped_rows(pack, one, "step"))
        sources.append(source_rows(records, pack, one, teams[-1]))
    return FrictionReport(
        cases=_finished(pl.concat(cases)),
        teams=_finished(_summed(teams, ["source", "team"])),
        steps=_finished(_summed(steps, ["source", "step"])),
        sources=with_shares(_finished(_summed(sources, ["source"])), pack, gaps),
    )


def friction_in(lake: Lake, pack: Pack, as_of: datetime) -> FrictionReport:
    """The report on everybody in ``lake``, a bucket at a time, as known at ``as_of``; those who
    have left are in it, for the process was theirs too."""
    declared = pack.domain.sources.items()
    expected = {name: one.expected_every_days for name, one in declared}
    gaps = silences(lake, as_of, {name: days for name, days in expected.items() if days})
    gaps = gaps.with_columns(pl.col("to").fill_null(as_of))
    buckets = (_bucket(lake, as_of, bucket) for bucket in range(lake.buckets))
    return friction_of(buckets, pack, gaps)


def _bucket(lake: Lake, as_of: datetime, bucket: int) -> Records:
    events = lake.scan("events", [bucket]).filter(pl.col("known_at") <= as_of).collect()
    return known_records(
        as_of=as_of,
        citizens=events["citizen"],
        events=events,
        facts=FACTS.to_frame(),
        relations=RELATIONS.to_frame(),
        sources=arrived(lake, as_of),
    )


def _summed(parts: list[pl.DataFrame], keys: list[str]) -> pl.DataFrame:
    """Rows of the same group in several parts added up. A citizen is in one part only, so the
    numbers of citizens and cases may be added too."""
    return pl.concat(parts).group_by(keys).agg(pl.all().sum()).sort(keys, nulls_last=True)


def _finished(frame: pl.DataFrame) -> pl.DataFrame:
    """Shares told in place of numbers, and null for what is not known."""
    possible = pl.col("follow_ups")
    measures = [
        pl.when(~((pl.col(measure) == 0) & (pl.col(f"{on}_told") < ENOUGH * possible))).then(
            measure
        )
        for measure, on in RESTS_ON.items()
    ]
    shares = [
        pl.when(possible > 0).then(pl.col(f"{on}_told") / possible).alias(f"{on}_told")
        for on in dict.fromkeys(RESTS_ON.values())
    ]
    return frame.with_columns(*measures, *shares)
