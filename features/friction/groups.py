"""The measures added up: a row a case, and a row a team or step of a source."""

from __future__ import annotations

from typing import Literal

import numpy as np
import polars as pl

from features.friction.case_work import in_source
from features.friction.measured import COUNTED, RESTS_ON, Measured
from features.friction.ordering import Places
from features.kernels.cases import NEVER
from features.kernels.groups import grouped, last_told, wholes_by_group
from features.kernels.marks import days_by_group
from features.pack import Pack
from features.past_events import PastEvents
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
    group, example = grouped(code)
    one = events.take(example)
    named = one.texts("team") if by == "team" else _steps(one)
    return pl.DataFrame(
        {
            "source": one.texts("source"),
            by: named,
            "citizens": wholes_by_group(events.row, group, len(example)),
            "cases": wholes_by_group(of.work.case, group, len(example)),
            **sums(of, group, len(example)),
        }
    )


def sums(of: Measured, group: Places, groups: int) -> dict[str, Places]:
    """Every measure added up by group; ``group`` is that of each event of the work."""
    number = of.marks.by_group(group, groups)
    return {
        "events": np.bincount(group, minlength=groups),
        **{measure: number[measure] for measure in COUNTED},
        **{measure: days_by_group(group, days, groups) for measure, days in of.summed.items()},
        "follow_ups": number["follow_ups"],
        **{f"{on}_told": number[on] for on in dict.fromkeys(RESTS_ON.values())},
    }


def _last_told(of: Measured, column: Literal["team", "case_type"]) -> pl.Series:
    """The last text of ``column`` in each case of the course, or null."""
    place = last_told(of.course.case, of.course.codes(column), of.course.cases)
    texts = of.course.events.take(np.maximum(place, 0)).texts(column)
    return pl.select(pl.when(pl.Series(place >= 0)).then(texts)).to_series()


def _steps(events: PastEvents) -> pl.Series:
    written = events.texts("attributes")
    named = [written.str.json_path_match(path) for path in ("$.step", "$.activity")]
    return pl.select(pl.coalesce(*named)).to_series()
