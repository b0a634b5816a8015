"""Cases that are open: how long they run against their norm, and since when they are silent.

*Open.* A case is open from its opening, or its reopening, until it is closed or decided on
(granted, refused, withdrawn), or what it gave has ended. A decision stops the clock, whether or not
anybody recorded the closing. A second opening of a case that is open does not start it anew.

*Successor.* An application that was started again under another number is one need: a decision on
the later case settles the earlier ones of the same kind in that source. Not so for services that
can be had more than once, nor for other kinds of case: two questions are two.

*Clock.* Calendar days, as in statutory terms, from that opening until now. From a suspension to the
next step the clock stands still: the wait is for somebody else.

*Norm.* What the organisation promised (``norm_days``), or else the statutory term (``term_days``),
of the case type or of the service that the case is about. Without either a case is never late.

*Silent.* When nothing happened in a case for over :data:`SILENT_DAYS` and no closing is recorded,
the record is what fell behind: a gap in the source, not a citizen who waits.
"""

from __future__ import annotations

import numpy as np
import polars as pl
from numpy.typing import NDArray

from features.case_work import DECISION_ROLES, CaseWork, at_role
from features.pack import Pack
from features.provenance import case_types_of
from features.windows import Days

SILENT_DAYS = 365
"""After so many days without any event an open case is taken for one that was never closed off."""

_NEVER_DECIDED = np.iinfo(np.int32).max

Flags = NDArray[np.bool_]
Places = NDArray[np.int64]


def open_cases(course: CaseWork, pack: Pack) -> pl.DataFrame:
    """The open cases.

    Returns
    -------
    ``row`` (place of the citizen), ``source``, ``silent`` (Boolean), ``idle_days`` since the last
    event (suspended or not), and ``past_norm``: days beyond the norm (0 within it; null without).
    """
    starts = np.flatnonzero(np.diff(course.case, prepend=0))
    if not len(starts):
        return _NONE
    opened = _opened(course, pack, starts)
    last = np.append(starts[1:], len(course.case)) - 1
    open_ = opened >= 0
    opened, first, last = opened[open_], starts[open_], last[open_]
    age = course.events.age
    cases = pl.DataFrame(
        {
            "row": course.events.row[first],
            "source": course.events.texts("source").gather(first),
            "case_type": _case_type(course, first, last),
            "opened_days": age[opened],
            "running_days": age[opened] - _stood_still(course, pack, opened, last),
            "idle_days": age[last],
        }
    )
    norm = pl.col("case_type").replace_strict(_norms(pack), default=None, return_dtype=pl.Int64)
    return _unsettled(cases, course, pack).select(
        "row",
        "source",
        (pl.col("idle_days") > SILENT_DAYS).alias("silent"),
        "idle_days",
        (pl.col("running_days") - norm).clip(0).alias("past_norm"),
    )


_NONE = pl.DataFrame(
    schema={
        "row": pl.Int64,
        "source": pl.String,
        "silent": pl.Boolean,
        "idle_days": pl.Int32,
        "past_norm": pl.Int64,
    }
)


def _opened(course: CaseWork, pack: Pack, starts: Places) -> Places:
    """The place of the event that opened each case, after all that settled it; -1 when settled."""
    opening = at_role(course, pack, "case-opened", "case-reopened")
    settling = at_role(course, pack, "case-closed", "ended", *DECISION_ROLES)
    place = np.arange(len(course.case))
    settled = np.maximum.reduceat(np.where(settling, place, -1), starts)
    size = np.diff(starts, append=len(place))
    fresh = opening & (place > np.repeat(settled, size))
    first = np.minimum.reduceat(np.where(fresh, place, len(place)), starts)
    return np.where(first < len(place), first, -1)


def _stood_still(course: CaseWork, pack: Pack, opened: Places, last: Places) -> Days:
    """The days from each suspension to the next event, or until now, summed per open case."""
    age = course.events.age
    following = np.append(age[1:], np.int32(0))
    following[last] = 0
    still = np.where(at_role(course, pack, "case-suspended"), age - following, 0)
    summed = np.concatenate([[0], np.cumsum(still)])
    days: Days = (summed[last + 1] - summed[opened]).astype(np.int32)
    return days


def _case_type(course: CaseWork, first: Places, last: Places) -> pl.Series:
    """The last case type told in each case, or null."""
    told = course.events.texts("case_type")
    place = np.where(told.is_not_null().to_numpy(), np.arange(len(told)), -1)
    latest = np.maximum.accumulate(place)[last]
    return told.gather(pl.Series(np.where(latest >= first, latest, -1)).replace(-1, None))


def _unsettled(cases: pl.DataFrame, course: CaseWork, pack: Pack) -> pl.DataFrame:
    """``cases`` without those of which a successor was decided on, on a later day."""
    once = [
        case_type
        for name, service in pack.services.items()
        if not service.repeatable
        for case_type in case_types_of(name, service)
    ]
    key = ["row", "source", "case_type"]
    decided = course.where(at_role(course, pack, *DECISION_ROLES))
    latest = (
        pl.DataFrame(
            {
                "source": decided.events.texts("source"),
                "case_type": decided.events.texts("case_type"),
                "row": decided.events.row,
                "decided_days": decided.events.age,
            }
        )
        .filter(pl.col("case_type").is_in(once))
        .group_by(key)
        .agg(pl.col("decided_days").min())
    )
    return cases.join(latest, on=key, how="left", maintain_order="left").filter(
        pl.col("decided_days").fill_null(_NEVER_DECIDED) >= pl.col("opened_days")
    )


def _norms(pack: Pack) -> dict[str, int]:
    """The days that a case of each type may take, where anything says so."""
    terms = [
        (case_type, service.norm_days or service.term_days)
        for name, service in pack.services.items()
        for case_type in case_types_of(name, service)
    ]
    kinds = pack.domain.case_types.items()
    terms += [(name, kind.norm_days or kind.term_days) for name, kind in kinds]
    return {case_type: days for case_type, days in terms if days is not None}
