"""What registers could come to know each month: incomes, work, study, tax bills."""

from __future__ import annotations

import numpy as np

from features.sources.synthetic import money
from features.sources.synthetic.journal import Journal
from features.sources.synthetic.population import Population

STATUSES = ("employment", "study", "business")


class Observation:
    """Compares the population with a month ago and notes what changed.

    Kinds of the journal: ``money`` (incomes as assessed, ``reason`` J yearly or M in between),
    ``status`` (employment, study, business), ``bill`` (yearly tax bills).
    """

    def __init__(self, people: Population, rng: np.random.Generator, journal: Journal) -> None:
        self.people, self.rng, self.journal = people, rng, journal
        self.household = np.full(people.capacity, -1.0)
        self.status = {name: np.full(people.capacity, -1) for name in STATUSES}

    def month(self, month: int, day: int) -> None:
        """Note what is new; ``month`` 1 is January."""
        people = self.people
        adult = people.adults(day)
        shared = money.household_income(people)
        first = adult & (self.household < 0)
        change = np.abs(shared - self.household) > 0.06 * np.maximum(self.household, 3_000)
        yearly = adult & (month == 3)
        for who, reason in ((yearly | first, "J"), (adult & change & ~yearly & ~first, "M")):
            rows = np.flatnonzero(who)
            self.household[rows] = shared[rows]
            self.journal.note(
                "money", rows, day + self.rng.integers(0, 28, len(rows)), reason=reason,
                income=people.income[rows], household=shared[rows],
                savings=money.household_savings(people)[rows],
                low_years=np.floor(people.low_income_years[rows]).astype(np.int64),
            )  # fmt: skip
        for name, before in self.status.items():
            now = np.asarray(getattr(people, name)).astype(np.int64)
            rows = np.flatnonzero(adult & (now != before))
            before[rows] = now[rows]
            self.journal.note(
                "status", rows, day, kind=name, code=now[rows], weeks=people.weeks_worked[rows]
            )
        if month == 2:
            lead = adult & ((people.partner < 0) | (people.partner > np.arange(people.capacity)))
            rows = np.flatnonzero(lead & ~people.at_home)
            amount = 310 + 240 * (people.tenure[rows] == 1) + self.rng.integers(0, 60, len(rows))
            water = 180.0 + 60 * people.tenure[rows]
            sent = day + self.rng.integers(0, 20, len(rows))
            people.remember("tax-bill-issued", rows, sent)
            self.journal.note("bill", rows, sent, amount=amount.astype(np.float64), water=water)
