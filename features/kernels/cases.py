"""Cases: their events side by side, the clock of each, and the working days in between."""

from __future__ import annotations

import numpy as np

from features.compiled import Codes, Days, Flags, Ints, compiled

NEVER = -1
OPENS, SETTLES, SUSPENDS = 1, 2, 4
"""What an event does to the clock of its case, as bits."""


@compiled
def by_case(row: Ints, code: Codes) -> tuple[Ints, Ints]:
    """The order in which the events of a case stand together, and the number of the case of each
    event in that order.

    A case is a code of one citizen; cases are numbered from 0 as they begin, citizen by citizen,
    and their events keep their order.
    """
    total = len(row)
    case, order = np.empty(total, np.int64), np.empty(total, np.int64)
    size = 16
    held, whose, number = np.empty(size, np.uint64), np.full(size, -1), np.empty(size, np.int64)
    cases, start = 0, 0
    while start < total:
        end = start + 1
        while end < total and row[end] == row[start]:
            end += 1
        if 2 * (end - start) > size:
            while 2 * (end - start) > size:
                size *= 2
            held, whose = np.empty(size, np.uint64), np.full(size, -1)
            number = np.empty(size, np.int64)
        first = cases
        for i in range(start, end):
            slot = (code[i] * np.uint64(0x9E3779B97F4A7C15)) >> np.uint64(32)
            at = np.int64(slot & np.uint64(size - 1))
            while whose[at] == row[i] and held[at] != code[i]:
                at = (at + 1) & (size - 1)
            if whose[at] != row[i]:
                whose[at], held[at], number[at] = row[i], code[i], cases
                cases += 1
            case[i] = number[at]
        begin = np.zeros(cases - first + 1, np.int64)
        for i in range(start, end):
            begin[case[i] - first + 1] += 1
        for one in range(1, len(begin)):
            begin[one] += begin[one - 1]
        for i in range(start, end):
            order[start + begin[case[i] - first]] = i
            begin[case[i] - first] += 1
        start = end
    return order, case[order]


@compiled
def case_clocks(case: Ints, cases: int, age: Days, effect: Ints, told: Ints) -> Ints:
    """Of each case the places of its first and last event, of the last opening that found it not
    open, and of the first event after that which settled it (-1 without); for how many days its
    clock ran; and the last ``told`` that is not -1. Shape (6, cases), flat.

    ``effect`` tells what each event does to the clock, as bits: it opens (1), settles (2) or
    suspends (4) the case. The clock stands still from a suspension to the next event.
    """
    found = np.full(6 * cases, -1)
    start = 0
    while start < len(case):
        of, end = case[start], start
        opened, settled, still, said = -1, -1, 0, -1
        last_opening, last_settling = -1, start - 1
        while end < len(case) and case[end] == of:
            i = end
            end += 1
            if effect[i] & OPENS:
                if last_opening <= last_settling:
                    opened, settled, still = i, -1, 0
                last_opening = i
            if effect[i] & SETTLES:
                last_settling = i
                if opened >= 0 and settled < 0:
                    settled = i
            if effect[i] & SUSPENDS and settled < 0:
                goes_on = end < len(case) and case[end] == of
                still += age[i] - age[end] if goes_on else age[i]
            if told[i] >= 0:
                said = told[i]
        found[of], found[cases + of] = start, end - 1
        found[2 * cases + of], found[3 * cases + of] = opened, settled
        until = age[settled] if settled >= 0 else 0
        found[4 * cases + of] = age[opened] - until - still if opened >= 0 else 0
        found[5 * cases + of] = said
        start = end
    return found


@compiled
def case_waits(
    case: Ints, age: Days, effect: Ints, waiting: Flags, before: Ints, first_day: int, today: int
) -> tuple[Ints, Ints]:
    """The working days at each event: 1 for a day that was worked on, at its first event; and those
    in which the case lay still after it while the citizen waited.

    ``waiting`` tells of each case whether its citizen waits today; ``before`` how many working days
    lie before each day since ``first_day``.
    """
    worked, idle = np.zeros(len(case), np.int64), np.zeros(len(case), np.int64)
    under_way = False
    for i in range(len(case)):
        begins = i == 0 or case[i - 1] != case[i]
        ends = i + 1 == len(case) or case[i + 1] != case[i]
        day = today - age[i]
        if begins or age[i - 1] != age[i]:
            worked[i] = before[day + 1 - first_day] - before[day - first_day]
        if effect[i] & SETTLES:
            under_way = False
        elif begins or effect[i] & OPENS:
            under_way = True
        until = today - age[i + 1] if not ends else today + 1 if waiting[case[i]] else day
        if under_way and until - day > 1:
            idle[i] = before[until - first_day] - before[day + 1 - first_day]
    return worked, idle
