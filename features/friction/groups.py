"""The measures added up: a row a case, and a row a team or step of a source."""

from __future__ import annotations

from typing import Literal

import numpy as np
import polars as pl

from features.friction.case_work import in_source
from features.friction.clocks import NEVER
from features.friction.measured import Measured
from features.friction.ordering import Flags, Places, by_code
from features.pack import Pack
from features.past_events import UNTOLD, Codes, PastEvents
from features.records import Records

STATES = ("waiting", "settled", "silent", "unopened")


def case_rows(records: Records, pack: Pack, of: Measured) -> pl.DataFrame:
    """A row a case, with numbers of what was told where the report has shares."""
    events, clock = of.course.events, of.clock
    state = np.full(of.course.cases, STATES.index("unopened"))
    state[clock.settled != NEVER] = STATES.index("settled")
    state[clock.silent] = STATES.index("silent")
    state[clock.waiting] = STATES.index("waiting")
    first = events.take(clock.first)
    return pl.DataFrame(
        {
            "citizen": records.citizens.gather(first.row),
            "source": first.texts("source"),
            "case_id": first.texts("case_id"),
            "case_type": _last_told(of, "case_type"),
            "team": _last_told(of, "team"),
            "state": pl.Series(STATES, dtype=pl.Enum(STATES)).gather(state),
            "past_norm": pl.Series(clock.past_norm, nan_to_null=True).cast(pl.Int64),
            "past_term": pl.Series(clock.past_term, nan_to_null=True).cast(pl.Int64),
            **sums(of, of.work.case, of.course.cases),
        }
    )


def grouped_rows(pack: Pack, of: Measured, by: Literal["team", "step"]) -> pl.DataFrame:
    """A row a team or step of each source: ``source``, it, ``citizens``, ``cases`` and the sums."""
    events = of.work.events
    told = of.work.codes("team") if by == "team" else of.work.steps()
    code = in_source(events, told, pack)
    group, example = _groups(code)
    one = events.take(example)
    named = one.texts("team") if by == "team" else _steps(one)
    return pl.DataFrame(
        {
            "source": one.texts("source"),
            by: named,
            "citizens": _distinct(events.row, code, group, len(example)),
            "cases": _distinct(of.work.case, code, group, len(example)),
            **sums(of, group, len(example)),
        }
    )


def sums(of: Measured, group: Places, groups: int) -> dict[str, Places]:
    """Every measure added up by group; ``group`` is that of each event of the work."""

    def number(at: Places) -> Places:
        return np.bincount(group[at], minlength=groups)

    possible = number(of.possible)
    return {
        "events": np.bincount(group, minlength=groups),
        **{measure: number(at) for measure, at in of.counted.items()},
        **{measure: _added(group, days, groups) for measure, days in of.summed.items()},
        "follow_ups": possible,
        **{f"{on}_told": possible - number(at) for on, at in of.untold.items()},
    }


def _added(group: Places, days: Places, groups: int) -> Places:
    return np.bincount(group, weights=days, minlength=groups).astype(np.int64)


def _groups(code: Codes) -> tuple[Places, Places]:
    """The group of each event, groups numbered in no order that means anything, and the place of
    an event of each."""
    found = (
        pl.DataFrame({"code": code})
        .with_row_index("place")
        .group_by("code")
        .agg(pl.col("place").first())
        .sort("code")
    )
    group: Places = np.searchsorted(found["code"].to_numpy(), code)
    return group, found["place"].to_numpy().astype(np.int64)


def _distinct(whole: Places, code: Codes, group: Places, groups: int) -> Places:
    """In how many different values of ``whole``, which never falls, each group occurs."""
    order, first = by_code(whole, code)
    return np.bincount(group[order[first]], minlength=groups)


def _last_told(of: Measured, column: Literal["team", "case_type"]) -> pl.Series:
    """The last text of ``column`` in each case of the course, or null."""
    events, clock = of.course.events, of.clock
    told: Flags = events.codes(column) != UNTOLD
    if not len(told):
        return pl.Series(dtype=pl.String)
    place = np.maximum.reduceat(np.where(told, np.arange(len(told)), NEVER), clock.first)
    texts = events.take(np.maximum(place, 0)).texts(column)
    return pl.select(pl.when(pl.Series(place != NEVER)).then(texts)).to_series()


def _steps(events: PastEvents) -> pl.Series:
    written = events.texts("attributes")
    named = [written.str.json_path_match(path) for path in ("$.step", "$.activity")]
    return pl.select(pl.coalesce(*named)).to_series()
