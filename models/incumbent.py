"""The champion as a rival: the promoted bundle, asked about the rows that a training is tested on.

A champion's own figures were measured on its own test period, on other people at another time. Only
on the same rows do two models compare.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.bundle import Bundle
from models.examples import Examples
from models.matrix import Matrix, Vector


@dataclass(frozen=True)
class Incumbent:
    """A bundle that is asked in the columns of ``examples``.

    A signal that these do not have is missing to it, as a silent source would be.
    """

    bundle: Bundle
    examples: Examples

    @property
    def services(self) -> frozenset[str]:
        """Those it has a head for."""
        return frozenset(self.bundle.heads)

    def scores(
        self, service: str, rows: NDArray[np.int64], known: NDArray[np.bool_], *, threads: int = 1
    ) -> tuple[Vector, Vector]:
        """Unaided take-up and need, of rows of the examples."""
        head = self.bundle.heads[service]
        matrix = self._matrix(rows)
        unaided = head.unaided.estimate(matrix, known, threads=threads)
        return unaided, head.score(matrix, known, threads=threads)[2]

    @property
    def knew_the_test(self) -> bool:
        """Whether outcomes of the test period may have taken part in making it; it then looks
        better than it is."""
        until = self.learned_until
        tested = self.examples.split.test
        return until is None or not tested or until > tested[0]

    @property
    def learned_until(self) -> datetime | None:
        """When the last outcome that it learned from was known; None when it does not say."""
        told = self.bundle.training.get("split", {})
        dates = [
            datetime.fromisoformat(one)
            for name, part in told.items()
            if name == "fit" or name.startswith("held_")
            for one in part
        ]
        if not dates:
            return None
        return max(dates) + timedelta(days=told.get("embargo_days", 0))

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        until = self.learned_until
        return {
            "version": self.bundle.version,
            "learned_until": until.isoformat() if until else None,
            "knew_the_test": self.knew_the_test,
        }

    def _matrix(self, rows: NDArray[np.int64]) -> Matrix:
        found = np.full((len(rows), len(self._places)), np.nan, dtype=np.float32)
        there = self._places >= 0
        found[:, there] = self.examples.matrix[np.ix_(rows, self._places[there])]
        return found

    @cached_property
    def _places(self) -> NDArray[np.int64]:
        """Where each of its signals stands in the examples; -1 where it does not."""
        at = {name: place for place, name in enumerate(self.examples.columns.names)}
        return np.array([at.get(name, -1) for name in self.bundle.columns.names], dtype=np.int64)
