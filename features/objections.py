"""Objections: whose records are not read for the signals of somebody else.

Who objected to being suggested anything is not scored (:mod:`models.gates`); nor is what they did
and have told of them to those they live with. Objections are kept outside the lake, and stand or do
not stand now: whoever objected is left out of every date, also of those before the objection.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Protocol


class Objections(Protocol):
    """Who objected, and has not taken it back."""

    def everyone(self) -> frozenset[int]:
        """All of them."""

    def among(self, citizens: Collection[int]) -> frozenset[int]:
        """Those of ``citizens``."""


class Objected:
    """Who objected, read before: it stays the same for as long as a run takes."""

    def __init__(self, citizens: Iterable[int] = ()) -> None:
        self._citizens = frozenset(citizens)

    def everyone(self) -> frozenset[int]:
        """All of them."""
        return self._citizens

    def among(self, citizens: Collection[int]) -> frozenset[int]:
        """Those of ``citizens``."""
        return self._citizens.intersection(citizens)


NOBODY = Objected()
"""For a lake beside which no objections are kept."""
