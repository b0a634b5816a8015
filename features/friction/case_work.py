"""Work on cases: what happened in each case, in order.

A case is one citizen's, in one source: the same number in two silos is two cases. Events of a case
stand in order of time; what a day-granular source dates on the same day stands in the order of its
file.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from features.friction.ordering import Flags, Places
from features.kernels.cases import by_case
from features.pack import Pack
from features.past_events import UNTOLD, Codes, PastEvents, past_events
from features.records import Records
from features.remembered import remembered

WORK_ROLES = (
    "case-opened",
    "case-step",
    "case-handover",
    "case-suspended",
    "case-closed",
    "case-reopened",
)
"""The roles of events that are work on a case."""

DECISION_ROLES = ("granted", "refused", "withdrawn")
"""The roles of events that answer what a case was about."""

OPENING_ROLES = ("case-opened", "case-reopened")
"""The roles of events from which somebody waits."""

SUSPENDING = ("case-suspended",)
REOPENING = ("case-reopened",)
HANDING_OVER = ("case-handover",)

SETTLING_ROLES = ("case-closed", "ended", *DECISION_ROLES)
"""The roles of events after which nobody waits any more."""

COURSE_ROLES = (*WORK_ROLES, *DECISION_ROLES, "ended")
"""The roles of events that tell the course of a case."""

_CLOSING = ("case-closed",)
_WORK_AND_DECISIONS = (*WORK_ROLES, *DECISION_ROLES)
_SPREAD = np.uint64(0x9E3779B97F4A7C15)
_STEP = "a step"


@dataclass(frozen=True, slots=True)
class CaseWork:
    """The events of cases, case by case and in order within each.

    ``case`` numbers the cases from 0 and never falls; ``cases`` is how many there are.
    """

    events: PastEvents
    case: Places
    cases: int
    _codes: dict[str, Codes] = field(default_factory=dict, repr=False, compare=False)

    def codes(self, column: str) -> Codes:
        """The texts of a column, or of an attribute, as codes; each is read once."""
        if column not in self._codes:
            self._codes[column] = self.events.codes(column)
        return self._codes[column]

    def steps(self) -> Codes:
        """The name of each step: the event's attribute ``step``, or else ``activity``."""
        if _STEP not in self._codes:
            self._codes[_STEP] = first_told(self.events, "$.step", "$.activity")
        return self._codes[_STEP]

    def where(self, keep: Flags) -> CaseWork:
        """The work at which ``keep`` is true; cases keep their numbers."""
        return CaseWork(self.events.where(keep), self.case[keep], self.cases)


def course_events(records: Records, pack: Pack) -> PastEvents:
    """What happened in cases, in the order of the records, also where the case is not told."""
    return past_events(records, pack, _types(pack))


def case_course(events: PastEvents, pack: Pack) -> CaseWork:
    """What happened in each case: the work, the decisions and their ends.

    Of :func:`course_events`, those with a case id.
    """
    told = events.codes("case_id") != UNTOLD
    found = events if told.all() else events.where(told)
    order, case = by_case(found.row, in_source(found, found.codes("case_id"), pack))
    return CaseWork(found.take(order), case, int(case[-1]) + 1 if len(case) else 0)


def case_work(course: CaseWork, pack: Pack) -> CaseWork:
    """The work alone. A decision tells again what a step told, so it is left out; unless the pack
    has no event for the closing of a case, where the decision is the last step."""
    work = is_work(course.events, pack)
    return course if work.all() else course.where(work)


def is_work(events: PastEvents, pack: Pack) -> Flags:
    """Which of :func:`course_events` are work, as :func:`case_work` has it."""
    closes = _types_in(pack, _CLOSING).any()
    return in_role(events, pack, WORK_ROLES if closes else _WORK_AND_DECISIONS)


def in_role(events: PastEvents, pack: Pack, roles: tuple[str, ...]) -> Flags:
    """Which of :func:`course_events` have one of ``roles``."""
    return _types_in(pack, roles)[events.kind]


def in_roles(
    events: PastEvents, pack: Pack, bits: tuple[tuple[tuple[str, ...], int], ...]
) -> Places:
    """The bits of the roles that each of :func:`course_events` has."""
    return _bits(pack, bits)[events.kind]


def in_source(events: PastEvents, code: Codes, pack: Pack) -> Codes:
    """``code``, with the source: equal codes of two sources are two."""
    source = events.places("source", tuple(pack.domain.sources))
    return code + source.astype(np.uint64) * _SPREAD


def first_told(events: PastEvents, *columns: str) -> Codes:
    """The first of ``columns`` that is told of each event."""
    found = events.codes(columns[0])
    for column in columns[1:]:
        missing = found == UNTOLD
        if missing.any():
            found = np.where(missing, events.codes(column), found)
    return found


@remembered(8)
def _types(pack: Pack) -> tuple[str, ...]:
    return pack.event_types_in(*COURSE_ROLES)


@remembered(8)
def _bits(pack: Pack, bits: tuple[tuple[tuple[str, ...], int], ...]) -> Places:
    each = [_types_in(pack, roles).astype(np.int64) * bit for roles, bit in bits]
    found: Places = np.bitwise_or.reduce(each)
    return found


@remembered(64)
def _types_in(pack: Pack, roles: tuple[str, ...]) -> Flags:
    return np.array([pack.domain.event_types[kind].role in roles for kind in _types(pack)], bool)
