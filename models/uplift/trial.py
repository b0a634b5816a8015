"""What is learned from: people whom chance divided over a control and one or more arms."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.matrix import Matrix, Vector

CONTROL = 0


@dataclass(frozen=True)
class Trial:
    """One arm beside its control.

    Parameters
    ----------
    matrix
        (people, signals) float32, as known just before the draw.
    outcome
        What followed; more is better.
    treated
        Whether chance put them in the arm; everybody counts where they were drawn.
    chance
        How likely it was for each to be drawn into the arm rather than the control.
    household
        People of one household are never divided over folds, draws or shuffles.
    """

    matrix: Matrix
    outcome: Vector
    treated: NDArray[np.bool_]
    chance: Vector
    household: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.outcome)

    def where(self, chosen: NDArray[np.bool_]) -> Trial:
        """The chosen people."""
        return Trial(
            self.matrix[chosen],
            self.outcome[chosen],
            self.treated[chosen],
            self.chance[chosen],
            self.household[chosen],
        )

    @property
    def balance(self) -> Vector:
        """A weight for each: with equal chances 1, otherwise what makes the arms comparable."""
        usual = float(self.treated.mean()) if len(self) else 0.5
        return np.where(self.treated, usual / self.chance, (1 - usual) / (1 - self.chance))


@dataclass(frozen=True)
class Experiment:
    """Several arms beside one control.

    Parameters
    ----------
    arm
        Per person: 0 the control, from 1 on the place in ``arms``.
    stratum
        Per person: the draw that divided them; chances are equal within one.
    """

    arms: tuple[str, ...]
    matrix: Matrix
    outcome: Vector
    arm: NDArray[np.int8]
    household: NDArray[np.int64]
    stratum: NDArray[np.int64]

    def trial(self, name: str) -> Trial:
        """The arm ``name`` beside the controls of the same draws."""
        asked = self.arms.index(name) + 1
        own = (self.arm == asked) | (self.arm == CONTROL)
        treated = self.arm == asked
        chance = _chances(treated, own, self.stratum)
        chosen = own & (chance > 0) & (chance < 1)
        return Trial(
            self.matrix[chosen],
            self.outcome[chosen],
            treated[chosen],
            chance[chosen],
            self.household[chosen],
        )


def _chances(
    treated: NDArray[np.bool_], own: NDArray[np.bool_], stratum: NDArray[np.int64]
) -> Vector:
    """The share of each person's draw that came into the arm."""
    _, place = np.unique(stratum, return_inverse=True)
    hits = np.bincount(place[treated], minlength=place.max(initial=-1) + 1)
    people = np.bincount(place[own], minlength=place.max(initial=-1) + 1)
    return np.asarray((hits / np.maximum(people, 1))[place], dtype=np.float64)
