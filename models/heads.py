"""A head: what is known about one service's entitlement and unaided take-up.

Each of the two questions is answered by an *estimate*: trees with a calibration, or a prior where
history is too thin. Estimates answer for a matrix of signals and the verdicts of the rules; they
hold nothing that cannot stand in JSON and LightGBM's own text. How heads are fitted is in
:mod:`models.fitting`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray

from features.catalogue import Objective
from models.calibration import EDGE, Calibration, from_log_odds, log_odds
from models.closings import Closing
from models.forest import Forest
from models.matrix import Matrix, Vector

if TYPE_CHECKING:
    import lightgbm as lgb

FEW = 256
"""So few rows are scored by :class:`models.forest.Forest`, with the same outcome; LightGBM, which
takes seconds to load, is for more."""

Known = NDArray[np.bool_]
Basis = Literal["rules", "model", "prior"]


@dataclass(frozen=True)
class Trees:
    """A LightGBM model, held as its own text, with its calibration.

    Parameters
    ----------
    text
        LightGBM's model text, cut at the best iteration.
    calibration
        From raw probability to calibrated.
    population
        For whom the estimate holds: ``candidates`` or ``unknown``, in words for the model card.
    known_shift
        Added to the log-odds of those whom the rules call eligible.
    """

    text: str
    calibration: Calibration = field(default_factory=Calibration)
    population: str = "candidates"
    known_shift: float = 0.0

    @cached_property
    def booster(self) -> lgb.Booster:
        """The model, read once. Always made from the text, so that a bundle's round trip gives
        the same bits.
        """
        import lightgbm

        return lightgbm.Booster(model_str=self.text)

    @cached_property
    def forest(self) -> Forest:
        """The same as arrays, for one citizen at a time."""
        return Forest.of(self.text)

    @property
    def trees(self) -> int:
        """The number of trees."""
        return int(self.booster.num_trees())

    def raw(self, matrix: Matrix, *, threads: int = 1) -> Vector:
        """Probabilities before calibration."""
        if not len(matrix):
            return np.empty(0)
        if len(matrix) <= FEW and self.forest.steepness is not None:
            return np.array([self.forest.probability(row) for row in matrix[:, None]])
        found = self.booster.predict(matrix, num_threads=threads)
        return np.asarray(found, dtype=np.float64)

    def estimate(self, matrix: Matrix, known: Known, *, threads: int = 1) -> Vector:
        """Calibrated probabilities, one per row."""
        found = self.calibration.apply(self.raw(matrix, threads=threads))
        if not self.known_shift:
            return found
        shifted = from_log_odds(log_odds(found) + self.known_shift * known)
        return np.clip(shifted, EDGE, 1 - EDGE)


@dataclass(frozen=True)
class Prior:
    """A shrunken share, by what the rules say, where there is too little history for trees.

    Parameters
    ----------
    eligible, unknown
        The shares among those whom the rules call eligible, and whom they cannot judge.
    positives, rows
        How much history it rests on.
    reason
        Why there are no trees, for the model card.
    """

    eligible: float
    unknown: float
    positives: int = 0
    rows: int = 0
    reason: str = ""

    def estimate(self, matrix: Matrix, known: Known, *, threads: int = 1) -> Vector:
        """The share of each row's verdict. ``known`` is true where the rules say eligible."""
        return np.where(known, self.eligible, self.unknown).astype(np.float64)


Estimate = Trees | Prior


@dataclass(frozen=True)
class Head:
    """What is estimated for one service.

    Parameters
    ----------
    unaided
        Starts unaided: takes the service up within the horizon without help. With the objective
        *failing-process*: the standard process fails within the horizon without the intervention.
    entitled
        Would be granted it, for those whom the rules do not decide. None where entitlement plays
        no part: when the objective is uptake or a failing process.
    outcome
        The event that counts as taken up. A grant implies entitlement; an application does not.
    ceiling
        Of those decided on, the share granted: nobody who does not apply is entitled more often.
        With it ``entitled`` speaks of those who do not get it by themselves; without, of all.
    decisive
        Whether the rules decide for whom they call eligible.
    right
        The share of whom deciding rules call eligible that are entitled.
    closing
        For whom the office's last word goes before the rules; None where it never does.
    needed
        From the difference of P(E) and P(E and U) to the need, where checks calibrated it.
    grounds
        What the estimate of entitlement rests on (plain JSON), for the report and the model card.
    """

    service: str
    objective: Objective
    horizon_days: int
    outcome: Literal["granted", "applied"]
    unaided: Estimate
    entitled: Estimate | None = None
    ceiling: Estimate | None = None
    decisive: bool = True
    right: float = 1.0
    closing: Closing | None = None
    needed: Calibration = field(default_factory=Calibration)
    grounds: dict[str, Any] = field(default_factory=dict)

    def score(
        self, matrix: Matrix, known: Known, *, threads: int = 1
    ) -> tuple[Vector, Vector, Vector]:
        """P(E), P(E and U) and the need, one of each per row. Of a failing process its chance is
        the need, for whom it fails is whom the intervention is for, and nobody starts it unaided.

        Parameters
        ----------
        matrix
            The signals of the candidates.
        known
            True where the rules say eligible, false where they cannot tell.
        """
        unaided = self.unaided.estimate(matrix, known, threads=threads)
        if self.objective is Objective.FAILING_PROCESS:
            return unaided, np.zeros(len(known)), unaided
        if self.entitled is None:
            return np.ones(len(known)), unaided, unaided
        closed = self.closed(matrix, known)
        entitled = np.maximum(self.right, unaided)
        if self.closing is not None:
            entitled[closed] = np.maximum(self.closing.entitled, unaided[closed])
        open_rows = self.undecided(matrix, known) & ~closed
        if open_rows.any():
            entitled[open_rows] = self._entitled(
                matrix[open_rows], known[open_rows], unaided[open_rows], threads
            )
        granted = self.outcome == "granted"
        both = np.minimum(unaided, entitled) if granted else unaided * entitled
        need = np.maximum(entitled - both, 0.0)
        if self.needed != Calibration():
            need = np.minimum(self.needed.apply(need), entitled)
        return entitled, both, need

    def closed(self, matrix: Matrix, known: Known) -> Known:
        """Whom the rules call eligible, and of whom the office's last word says otherwise."""
        if self.closing is None:
            return np.zeros(len(known), dtype=bool)
        return known & self.closing.closed(matrix)

    def undecided(self, matrix: Matrix, known: Known) -> Known:
        """For whom entitlement is estimated and not decided by the rules."""
        if not self.decisive:
            return np.ones(len(known), dtype=bool)
        return ~known | self.closed(matrix, known)

    def most(self, matrix: Matrix, known: Known, *, threads: int = 1) -> Vector:
        """The ceiling of each row; 1 where there is none."""
        if self.ceiling is None:
            return np.ones(len(known))
        return self.ceiling.estimate(matrix, known, threads=threads)

    def _entitled(self, matrix: Matrix, known: Known, unaided: Vector, threads: int) -> Vector:
        """P(E) by the law of total probability over being decided on or not, where a grant is what
        shows entitlement."""
        if self.entitled is None:
            raise ValueError("a head without entitlement has no such estimate")
        rest = self.entitled.estimate(matrix, known, threads=threads)
        if self.ceiling is None or self.outcome != "granted":
            return rest
        most = self.most(matrix, known, threads=threads)
        decided = np.minimum(unaided / most, 1.0)
        by_decision, otherwise = np.minimum(unaided, most), (1 - decided) * np.minimum(rest, most)
        return np.asarray(by_decision + otherwise, dtype=np.float64)

    def basis(self, matrix: Matrix, known: Known) -> NDArray[np.str_]:
        """On what each row's score rests: ``model`` when trees took part, ``rules`` when the
        rules decided entitlement and take-up is a prior, ``prior`` when both are priors.
        """
        if isinstance(self.unaided, Trees):
            return np.full(len(known), "model")
        if self.objective is Objective.FAILING_PROCESS:
            return np.full(len(known), "prior")
        learned = isinstance(self.entitled, Trees)
        undecided = self.undecided(matrix, known)
        return np.where(undecided, "model" if learned else "prior", "rules")

    @property
    def cold(self) -> bool:
        """Whether nothing of it was learned."""
        return not isinstance(self.unaided, Trees) and not isinstance(self.entitled, Trees)


def plain_text(model: str) -> str:
    """LightGBM's text without the settings that do not change what it computes."""
    return re.sub(r"\[num_threads: \d+\]", "[num_threads: 0]", model)


def shrunken(positives: float, rows: float, towards: float, strength: float = 50) -> float:
    """The share of positives, pulled towards ``towards`` by ``strength`` rows' worth of belief."""
    share = (positives + strength * towards) / (rows + strength)
    return float(min(max(share, EDGE), 1 - EDGE))
