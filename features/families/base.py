"""The contract of a signal family.

A family is one small file. It declares its signals from a pack, and computes them for any set of
citizens at any date. ``tests/contracts`` holds every family to the same promises: no later
knowledge, a batch equals its citizens one by one, a missing source is flagged and never read as
zero, the order of rows does not matter, and the same input gives the same output.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from typing import ClassVar, Literal

from features.columns import Columns
from features.domain import Name, Text
from features.pack import Pack
from features.records import Records


@dataclass(frozen=True, slots=True)
class Signal:
    """A feature with a meaning that a person can read.

    Parameters
    ----------
    name
        A snake_case name, unique in the matrix.
    unit
        ``days``, ``times``, ``euro``, ``years``, ``yes/no``, ``code``, …
    meaning
        One sentence in every language of the pack.
    concept
        The concept of the domain under which a card tells its contribution.
    sources
        The sources it rests on; purposes follow from them.
    purposes
        The only purposes it may serve, where its sources would allow more; None where they alone
        decide.
    kind
        ``number``, or ``category`` for stable integer codes that have no order.
    """

    name: Name
    unit: str
    meaning: Text
    concept: str
    family: str
    sources: frozenset[str] = field(default_factory=frozenset)
    kind: Literal["number", "category"] = "number"
    purposes: frozenset[str] | None = None

    def may_serve(self, pack: Pack) -> frozenset[str]:
        """The purposes of ``pack`` that every one of its sources allows, and it does itself."""
        every = frozenset(pack.domain.purposes) if self.purposes is None else self.purposes
        allowed = (frozenset(pack.domain.sources[source].purposes) for source in self.sources)
        return every.intersection(*allowed)


class Family(ABC):
    """One family of signals. Stateless: it holds nothing between calls.

    Parameters
    ----------
    name
        A snake_case name, unique over all families of a pack.
    on
        Whether a pack that does not speak of it gets it.
    windows
        The windows over which it counts, in days, where the pack does not set them; empty when it
        counts over none.
    """

    name: ClassVar[str]
    on: ClassVar[bool] = True
    windows: ClassVar[tuple[int, ...]] = ()

    @abstractmethod
    def signals(self, pack: Pack) -> tuple[Signal, ...]:
        """The signals this family makes of ``pack``, in column order."""

    @abstractmethod
    def compute(self, records: Records, pack: Pack) -> Columns:
        """One array per signal, in the order of :meth:`signals`: a value per citizen of
        ``records.citizens``, in that order; NaN is unknown. They are kept as float32.
        """

    def windows_in(self, pack: Pack) -> tuple[int, ...]:
        """The windows that ``pack`` sets for this family, or else its own; in rising order."""
        return pack.domain.windows_of(self.name) or self.windows
