"""Marks: which measures show at each event."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from features.columns import Floats
from features.compiled import Days, Flags, Ints
from features.compiled import Marks as Bits
from features.kernels.marks import marks_by_group, marks_within


@dataclass(frozen=True, slots=True)
class Marks:
    """The measures of ``names``, and at each event a bit of each: the first name the lowest."""

    names: tuple[str, ...]
    bits: Bits

    @classmethod
    def of(cls, **flags: Flags) -> Marks:
        """One measure for each of ``flags``, of one length."""
        first, *others = flags.values()
        bits = first.astype(np.uint32)
        for bit, flag in enumerate(others, start=1):
            bits |= flag.astype(np.uint32) << np.uint32(bit)
        return cls(tuple(flags), bits)

    def beside(self, *others: Marks) -> Marks:
        """With the measures of ``others``, at the same events."""
        names, bits = self.names, self.bits
        for other in others:
            bits = bits | other.bits << np.uint32(len(names))
            names += other.names
        return Marks(names, bits)

    def at(self, name: str) -> Flags:
        """At which events the measure shows."""
        bit = np.uint32(1 << self.names.index(name))
        found: Flags = (self.bits & bit) != 0
        return found

    def within(self, row: Ints, age: Days, windows: tuple[int, ...], n: int) -> dict[str, Floats]:
        """Each measure in the last days of each window (a row a window) of each of ``n`` citizens,
        where the events are of ``row`` and ``age``."""
        count = len(self.names)
        found = marks_within(row, age, self.bits, count, np.array(windows), n)
        by_measure = found.reshape(n, len(windows), count).transpose(2, 1, 0)
        return dict(zip(self.names, np.ascontiguousarray(by_measure), strict=True))

    def by_group(self, group: Ints, groups: int) -> dict[str, Ints]:
        """Each measure in each group of events."""
        count = len(self.names)
        found = marks_by_group(group, self.bits, count, groups)
        by_measure = np.ascontiguousarray(found.reshape(groups, count).T)
        return dict(zip(self.names, by_measure, strict=True))
