"""Explanation: what the model's judgement of one citizen rests on, by concept.

TreeSHAP (:mod:`models.contributions`) of the head that matters, added up over the signals of
each concept. The contributions and the base add up to the head's raw score exactly.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from features.families.base import Signal
from features.remembered import remembered
from models.absence import without
from models.contributions import contributions
from models.heads import Head, Trees
from models.matrix import Matrix
from models.objectives import needs_entitlement

Part = Literal["entitled", "unaided"]
OTHER = "other"


@dataclass(frozen=True, slots=True)
class Contribution:
    """What one concept adds to a score.

    Parameters
    ----------
    concept
        A concept of the domain.
    value
        In log-odds of the explained part of the head.
    toward
        The same, signed towards the suggestion: positive speaks for it. Where unmet need is
        sought, what makes someone apply without help speaks against.
    signal
        The place in the matrix of the one that weighs most in it, the way that the concept does.
    without
        How far the raw score falls without the concept (below zero: rises): see
        :mod:`models.absence`.
    """

    concept: str
    value: float
    toward: float
    signal: int
    without: float

    @property
    def faithful(self) -> bool:
        """Whether taking the concept away moves the score the way that the contribution says. Trees
        weigh signals together, so that one is not always missed; such a reason is not told."""
        return self.value * self.without > 0


@dataclass(frozen=True, slots=True)
class Explanation:
    """A head's score for one citizen, taken apart.

    Parameters
    ----------
    part
        Which estimate was explained: entitlement where the rules could not tell, unaided take-up
        elsewhere.
    base
        The score before anything is known of the citizen, in log-odds.
    raw
        The raw score in log-odds: ``base`` plus every contribution.
    contributions
        The heaviest first; ties by name.
    """

    service: str
    part: Part
    base: float
    raw: float
    contributions: tuple[Contribution, ...]


def explain_head(
    head: Head, row: Matrix, concepts: tuple[str, ...], *, known: bool
) -> Explanation | None:
    """Take one citizen's score apart.

    Parameters
    ----------
    row
        A matrix of one row: the citizen's signals, in the bundle's order.
    concepts
        The concept of each signal, in the same order.
    known
        Whether the rules decided that the citizen is eligible.

    Returns
    -------
    None where the head has no trees for the part that matters: then there is nothing learned to
    explain.
    """
    part, trees = _explained(head, known)
    if trees is None:
        return None
    values = contributions(trees.forest, row)
    places = _places(concepts)
    totals = {
        concept: total for concept, of in places.items() if (total := float(values[of].sum()))
    }
    raw = float(values.sum())
    after = without(trees.forest, row, [places[concept] for concept in totals])
    helped = -1.0 if part == "unaided" and needs_entitlement(head.objective) else 1.0
    found = [
        Contribution(
            concept,
            value,
            value * helped,
            int(places[concept][np.argmax(values[places[concept]] * np.sign(value))]),
            raw - other,
        )
        for (concept, value), other in zip(totals.items(), after, strict=True)
    ]
    found.sort(key=lambda one: (-abs(one.value), one.concept))
    return Explanation(head.service, part, float(values[-1]), raw, tuple(found))


@remembered(8)
def _places(concepts: tuple[str, ...]) -> dict[str, NDArray[np.int64]]:
    """The signals of each concept."""
    places: dict[str, list[int]] = {}
    for place, concept in enumerate(concepts):
        places.setdefault(concept, []).append(place)
    return {concept: np.array(of, dtype=np.int64) for concept, of in places.items()}


def concepts_of(names: Iterable[str], signals: Iterable[Signal]) -> tuple[str, ...]:
    """The concept of each signal in ``names``; *other* for one that is not declared."""
    declared: Mapping[str, str] = {signal.name: signal.concept for signal in signals}
    return tuple(declared.get(name, OTHER) for name in names)


def _explained(head: Head, known: bool) -> tuple[Part, Trees | None]:
    if (not known or not head.decisive) and isinstance(head.entitled, Trees):
        return "entitled", head.entitled
    return "unaided", head.unaided if isinstance(head.unaided, Trees) else None
