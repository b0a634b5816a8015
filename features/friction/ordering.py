"""Ordering by group and code: once, stable, and quick on rows that stand group by group."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from features.past_events import Codes

Places = NDArray[np.int64]
Flags = NDArray[np.bool_]


def by_code(group: Places, code: Codes) -> tuple[Places, Flags]:
    """The order that puts equal codes of a group together, and which element is the first of its
    group and code in that order.

    ``group`` never falls. Within a group and code the order stays as it is. One key of 64 bits is
    sorted: the group above, as many bits of the code as there is room for below. With a million
    groups that leaves 44 bits, so that two codes of the same group are taken for one in one of
    10^13 pairs.
    """
    bits = max(int(group[-1]).bit_length(), 1) if len(group) else 1
    key = group.astype(np.uint64) << np.uint64(64 - bits)
    key |= code >> np.uint64(bits)
    order = np.argsort(key, kind="stable")
    return order, _first(key[order])


def starts(group: NDArray[np.generic]) -> Flags:
    """Which element begins a run of equals."""
    return _first(group)


def _first(keys: NDArray[np.generic]) -> Flags:
    first = np.ones(len(keys), dtype=bool)
    first[1:] = keys[1:] != keys[:-1]
    return first
