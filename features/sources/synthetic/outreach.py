"""Campaigns of letters and home visits, with arms drawn by lot."""

from __future__ import annotations

import numpy as np

from features.sources.synthetic.journal import Floats, Ints
from features.sources.synthetic.take_up import TakeUp

ARMS = ("control", "letter", "home-visit")
SUBJECTS = (
    "kwijtschelding", "individuele-inkomenstoeslag", "huurtoeslag", "aio", "bijzondere-bijstand",
    "stadspas", "zorgtoeslag", "collectieve-zorgverzekering", "kindpakket", "algemene-bijstand",
)  # fmt: skip
REACH_DAYS = 270
MONTHS = REACH_DAYS / 30


def need(take_up: TakeUp, rows: Ints) -> Floats:
    """How much each person needs help, between 0 and 1: little money, debt, few skills."""
    people = take_up.people
    poor = np.exp(-(people.savings[rows] + people.income[rows] / 12) / 3_000)
    return np.asarray(
        np.clip(0.35 * poor + 0.25 * people.debt[rows] + 0.6 * (1 - people.digital[rows]), 0, 1)
    )


def uplifts(take_up: TakeUp, rows: Ints) -> tuple[Floats, Floats, Floats]:
    """Extra share that claims within nine months after a letter, a visit, help with asking."""
    size, lack = take_up.magnitudes, need(take_up, rows)
    letter = size.letter_uplift * (1 - lack)
    visit = size.visit_uplift * (0.25 + 0.75 * lack)
    return letter, visit, np.full(len(rows), size.help_uplift)


class Outreach:
    """Sends a campaign every quarter and lets it change what people do."""

    def __init__(self, take_up: TakeUp) -> None:
        self.take_up = take_up
        self.sent = 0
        self.places = [take_up.names.index(name) for name in SUBJECTS if name in take_up.names]

    def month(self, month: int, day: int) -> None:
        """Draw and send when it is time."""
        if month % 3 != 2 or not self.places:
            return
        place = self.places[self.sent % len(self.places)]
        rows = self._targets(place, day)
        if len(rows) < 6:
            self.sent += 1
            return
        self._send(place, rows, day)

    def _targets(self, place: int, day: int) -> Ints:
        take_up, people = self.take_up, self.take_up.people
        free = ~take_up.has[:, place] & people.adults(day)
        rows, places = np.nonzero(free[:, None] & take_up.entitled[:, place : place + 1])
        rows = rows[take_up.leads(rows, places + place)]
        close = np.flatnonzero(free & ~take_up.entitled[:, place] & (people.income < 24_000))
        near = take_up.rng.permutation(close)[: len(rows) // 8]
        chosen = take_up.rng.permutation(rows)[: max(6, int(0.5 * len(rows)))]
        return np.sort(np.concatenate([chosen, near]))

    def _send(self, place: int, rows: Ints, day: int) -> None:
        take_up, rng = self.take_up, self.take_up.rng
        arm = rng.permutation(np.arange(len(rows)) % len(ARMS))
        letter, visit, _ = uplifts(take_up, rows)
        found = rng.random(len(rows)) < take_up.magnitudes.visit_reached
        extra = np.select([arm == 1, (arm == 2) & found], [letter, visit], 0.0)
        monthly = 1 - (1 - np.clip(extra, 0, 0.9)) ** (1 / MONTHS)
        take_up.uplift[place] = (rows, monthly, day + REACH_DAYS)
        sent = day + rng.integers(3, 24, len(rows))
        take_up.people.remember("letter-sent", rows[arm == 1], sent[arm == 1])
        take_up.journal.note(
            "campaign", rows, sent, campaign=self.sent, service=place, arm=arm, found=found,
            drawn=day, extra=extra,
        )  # fmt: skip
        self.sent += 1
