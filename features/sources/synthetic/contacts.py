"""Contacts with the municipality: by phone, desk, web and mail, some in vain, some repeated."""

from __future__ import annotations

import numpy as np

from features.sources.synthetic.journal import Ints, Journal
from features.sources.synthetic.population import NEVER, RETIRED, Population
from features.sources.synthetic.take_up import TakeUp

PHONE, DESK, WEB, MAIL = range(4)
BASE = 0.055
"""Contacts a month of an adult for whom nothing is going on."""


class Contacts:
    """Lets people get in touch; what they meet there wears on them or wears off."""

    def __init__(self, people: Population, take_up: TakeUp, journal: Journal, rate: float) -> None:
        self.people, self.take_up, self.journal, self.rate = people, take_up, journal, rate
        self.rng = take_up.rng

    def month(self, day: int, days: int) -> None:
        """One month of contacts."""
        people, rng = self.people, self.rng
        waiting = (self.take_up.decided < NEVER).sum(axis=1)
        recent = (day - people.changed < 60) & (people.changed <= day)
        rate = BASE + 0.10 * np.minimum(waiting, 4) + 0.18 * np.minimum(people.friction, 3)
        rate = (rate + 0.08 * recent + 0.06 * people.debt) * np.exp(-0.25 * people.shyness)
        calls = rng.poisson(rate * self.rate * people.adults(day))
        rows = np.repeat(np.arange(people.capacity), calls)
        subject = rng.integers(0, 6, len(rows))
        failed = self._note(rows, day + rng.integers(0, days, len(rows)), subject)
        again = rng.random(len(rows)) < np.where(failed, 0.55, 0.07) + 0.04 * np.minimum(
            people.friction[rows], 3
        )
        back = rows[again]
        self._note(back, day + rng.integers(3, 28, len(back)), subject[again])
        people.tally("contact-repeated", back)
        people.contacts = 0.9 * people.contacts + calls
        np.add.at(people.friction, rows[failed], 0.12)
        people.friction *= 0.93

    def _note(self, rows: Ints, day: Ints, subject: Ints) -> np.ndarray:
        people, rng = self.people, self.rng
        online = rng.random(len(rows)) < people.digital[rows] * 0.6
        other = rng.choice([PHONE, DESK, MAIL], len(rows), p=[0.64, 0.2, 0.16])
        channel = np.where(online, WEB, other)
        failed = rng.random(len(rows)) < np.where(channel == PHONE, 0.16, 0.03)
        people.remember("contact-failed", rows[failed], day[failed])
        people.tally("contact-failed", rows[failed])
        frail = (people.digital[rows] < 0.35) & (people.employment[rows] == RETIRED)
        daughter = frail & (rng.random(len(rows)) < 0.4)
        self.journal.note(
            "contact", rows, day, channel=channel, failed=failed, relative=daughter,
            subject=subject,
        )  # fmt: skip
        return np.asarray(failed)
