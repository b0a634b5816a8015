"""Checks of adults drawn by lot: somebody finds out what each of them is entitled to.

The lot falls every month, on anybody. Whoever is drawn and reached is looked at for all services
that they have not got, whatever registers or a model say. Nobody acts on what is found, so that the
rest of the municipality is the same with and without; numbers are drawn from a source of their own.
"""

from __future__ import annotations

import numpy as np

from features.catalogue import Kind
from features.sources.synthetic.take_up import TakeUp

REACHED, SHYNESS = 0.85, 0.07
"""The share that is reached, and by how much it falls for someone one deviation shyer."""
MISTAKEN = 0.001
"""The share of rights that are found where there are none: a find is put on paper."""


class SampleChecks:
    """Draws adults and notes what a check finds: page ``check`` of the journal."""

    def __init__(self, take_up: TakeUp, rng: np.random.Generator) -> None:
        self.take_up, self.rng = take_up, rng
        kinds = [service.kind for service in take_up.pack.services.values()]
        self.asked = np.array([kind is Kind.SERVICE for kind in kinds])

    def month(self, day: int, days: int) -> None:
        """Draw, reach, and look at each service that someone has not got."""
        take_up, rng, people = self.take_up, self.rng, self.take_up.people
        drawn = rng.random(people.capacity) < take_up.magnitudes.checked_a_year / 12
        reached = rng.random(people.capacity) < REACHED - SHYNESS * people.shyness
        when = day + rng.integers(0, days, people.capacity)
        luck = rng.random(take_up.entitled.shape)
        looked_at = (drawn & reached & people.adults(day))[:, None] & ~take_up.has & self.asked
        rows, places = np.nonzero(looked_at)
        overlooked, invented = take_up.magnitudes.wrong_refusal, MISTAKEN
        entitled, chance = take_up.entitled[rows, places], luck[rows, places]
        found = np.where(entitled, chance >= overlooked, chance < invented)
        take_up.journal.note("check", rows, when[rows], service=places, found=found)
