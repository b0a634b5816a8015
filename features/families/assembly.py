"""The columns of all families of a pack, put side by side."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from features.columns import Columns
from features.families import families_of
from features.families.pack_signals import PackSignals
from features.pack import Pack
from features.records import Records


def assembled(records: Records, pack: Pack) -> Columns:
    """Every signal of ``pack`` in column order; the pack's own SQL runs on what the others made."""
    columns: dict[str, NDArray[np.generic]] = {}
    for family in families_of(pack):
        if isinstance(family, PackSignals):
            columns |= family.over(columns, records, pack)
        else:
            columns |= family.compute(records, pack)
    return columns
