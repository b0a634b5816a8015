"""The clock of each case: since when it runs, whether it still does, and for how long too long.

*Open.* A case is open from its opening, or its reopening, until it is closed or decided on
(granted, refused, withdrawn), or what it gave has ended. A decision stops the clock, whether or not
anybody recorded the closing. A second opening of a case that is open does not start it anew.

*Successor.* An application that was started again under another number is one need: a decision on
the later case settles the earlier ones of the same kind in that source. Not so for services that
can be had more than once, nor for other kinds of case: two questions are two.

*Clock.* Calendar days, as in statutory terms, from the last opening until what settled it, or until
now. From a suspension to the next event the clock stands still: the wait is for somebody else.

*Norm.* What the organisation promised (``norm_days``), or else the statutory term, of the case type
or of the service that the case is about. *Term.* The statutory term alone (``term_days``). Without
either a case is never late.

*Silent.* When nothing happened in a case for over :data:`SILENT_DAYS` and no closing is recorded,
the record is what fell behind: a gap in the source, not a citizen who waits, and nobody's lateness.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from features.columns import Floats
from features.friction.case_work import (
    DECISION_ROLES,
    OPENING_ROLES,
    SETTLING_ROLES,
    SUSPENDING,
    CaseWork,
    in_role,
    in_roles,
)
from features.friction.ordering import Flags, Places
from features.kernels.cases import NEVER, OPENS, SETTLES, SUSPENDS, case_clocks
from features.pack import Pack
from features.provenance import case_types_of
from features.remembered import remembered
from features.windows import Days

SILENT_DAYS = 365
"""After so many days without any event an open case is taken for one that was never closed off."""

_EFFECTS = ((OPENING_ROLES, OPENS), (SETTLING_ROLES, SETTLES), (SUSPENDING, SUSPENDS))


@dataclass(frozen=True, slots=True)
class Clocks:
    """An element a case of the course, in its order.

    Parameters
    ----------
    first, last
        The places of its first and last event in the course.
    opened, settled
        The places of its last opening, and of what settled it first after that; ``NEVER``.
    waiting
        Open, and something happened within the last year.
    silent
        Open by the record, and silent for longer than that.
    idle_days
        Since its last event, suspended or not.
    past_norm, past_term
        Days beyond the norm and the term when it was settled, or until now for a case that waits;
        0 within it; NaN without one, or where the clock is not known.
    """

    first: Places
    last: Places
    opened: Places
    settled: Places
    waiting: Flags
    silent: Flags
    idle_days: Days
    past_norm: Floats
    past_term: Floats


def clocks(course: CaseWork, pack: Pack) -> Clocks:
    """The clock of each case of ``course``."""
    age, told = course.events.age, course.events.places("case_type", _kinds(pack))
    found = case_clocks(course.case, course.cases, age, effects(course, pack), told)
    first, last, opened, settled, running, kind = found.reshape(6, course.cases)
    open_ = (opened != NEVER) & (settled == NEVER)
    open_ &= ~_succeeded(course, pack, open_, opened, kind)
    idle = age[last]
    waiting = open_ & (idle <= SILENT_DAYS)
    known = waiting | (settled != NEVER)
    norms, terms = _limits(pack)
    return Clocks(
        first=first,
        last=last,
        opened=opened,
        settled=settled,
        waiting=waiting,
        silent=open_ & ~waiting,
        idle_days=idle,
        past_norm=np.where(known, np.maximum(running - norms[kind], 0), np.nan),
        past_term=np.where(known, np.maximum(running - terms[kind], 0), np.nan),
    )


def effects(course: CaseWork, pack: Pack) -> Places:
    """What each event does to the clock of its case (:mod:`features.kernels.cases`)."""
    return in_roles(course.events, pack, _EFFECTS)


def _succeeded(course: CaseWork, pack: Pack, open_: Flags, opened: Places, kind: Places) -> Flags:
    """Which open cases have a successor that was decided on, on a later day."""
    found = np.zeros(len(open_), dtype=bool)
    asked = np.flatnonzero(open_ & _had_once(pack)[kind])
    if not len(asked):
        return found
    events = course.events
    source = events.places("source", tuple(pack.domain.sources))
    told = events.places("case_type", _kinds(pack))
    waits = np.zeros(int(events.row.max()) + 1, dtype=bool)
    waits[events.row[opened[asked]]] = True
    deciding = in_role(events, pack, DECISION_ROLES) & (told >= 0)
    decided = np.flatnonzero(deciding & waits[events.row])
    of, types = len(pack.domain.sources), len(_kinds(pack))
    need = (events.row[opened[asked]] * of + source[opened[asked]]) * types + kind[asked]
    answered = (events.row[decided] * of + source[decided]) * types + told[decided]
    order = np.lexsort((-events.age[decided], answered))  # the latest decision of a need last
    answered, age = answered[order], events.age[decided][order]
    last = np.searchsorted(answered, need, "right") - 1
    known = last >= 0
    known[known] = answered[last[known]] == need[known]
    later = known.copy()
    later[known] = age[last[known]] < events.age[opened[asked]][known]
    found[asked] = later
    return found


@remembered(8)
def _kinds(pack: Pack) -> tuple[str, ...]:
    """The case types of the pack: those of its services and its own."""
    services = [case_types_of(name, service) for name, service in pack.services.items()]
    every = [case_type for of in services for case_type in of] + list(pack.domain.case_types)
    return tuple(dict.fromkeys(every))


@remembered(8)
def _limits(pack: Pack) -> tuple[Floats, Floats]:
    """The norm and the term of each of :func:`_kinds`, and NaN at the end for no kind."""
    limits = {
        name: (kind.norm_days, kind.term_days) for name, kind in pack.domain.case_types.items()
    }
    for name, service in pack.services.items():
        for case_type in case_types_of(name, service):
            limits.setdefault(case_type, (service.norm_days, service.term_days))
    norms = {kind: norm or term for kind, (norm, term) in limits.items()}
    terms = {kind: term for kind, (_, term) in limits.items()}
    return _of_kinds(norms, pack), _of_kinds(terms, pack)


def _of_kinds(days: dict[str, int | None], pack: Pack) -> Floats:
    told = [days[kind] for kind in _kinds(pack)]
    return np.array([*(np.nan if one is None else one for one in told), np.nan], dtype=np.float64)


@remembered(8)
def _had_once(pack: Pack) -> Flags:
    """Whether each of :func:`_kinds` is a service that one has once; not so for no kind."""
    once = {
        case_type
        for name, service in pack.services.items()
        if not service.repeatable
        for case_type in case_types_of(name, service)
    }
    return np.array([*(kind in once for kind in _kinds(pack)), False])
