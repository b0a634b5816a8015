"""Idle and worked days within each case, by the organisation's calendar.

- *worked*: a working day on which something was done in the case, counted at the first event of
  that day;
- *idle*: a working day strictly between two days on which something was done, or after the last
  one up to and including today while the citizen waits. It counts at the event before it: with whom
  and after what the case lay still. Days after a decision or closing are nobody's wait, nor are
  those of a case that fell silent;
- *suspended*: the idle days that follow a suspension, in which somebody else was waited for.

After edeaR's idle time, where an activity is an event without length of its own.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from features.friction.case_work import CaseWork
from features.friction.clocks import Clocks, effects
from features.friction.ordering import Places
from features.friction.working_days import working_days, working_days_before
from features.kernels.cases import SUSPENDS, case_waits
from features.pack import Pack
from features.windows import Days


@dataclass(frozen=True, slots=True)
class Waits:
    """Working days at each event of the course."""

    worked: Places
    idle: Places
    suspended: Places


def waits(course: CaseWork, clock: Clocks, pack: Pack, today: int) -> Waits:
    """The days at each event of ``course``; ``today`` is in days since 1970-01-01."""
    age, effect = course.events.age, effects(course, pack)
    oldest = int(age.max()) if len(age) else 0
    table = working_days_before(pack.domain.calendar, today - oldest, today + 1)
    worked, idle = case_waits(
        course.case, age, effect, clock.waiting, table.before, table.first_day, today
    )
    return Waits(worked, idle, np.where(effect & SUSPENDS, idle, 0))


def waiting_days(course: CaseWork, clock: Clocks, pack: Pack, today: int) -> Places:
    """The working days since the last event of each case that waits, today included; in the order
    of ``clock.waiting``."""
    since: Days = np.int32(today) - clock.idle_days[clock.waiting]
    return working_days(since, np.full_like(since, today), pack.domain.calendar)
