"""Which signals tell of someone's circumstances, and not of how they deal with the office.

Entitlement follows from circumstances: age, household, income, what has happened in a life. Whether
someone applies follows from skill, trust and experience with the office as well. What is learned
from those who have a service is to say who *may* have it and not who *manages to get it*; so it
rests on circumstances alone. The assumption can fail where behaviour tells of a circumstance that
nothing else tells (who calls often may be ill).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from features.pack import Pack
from features.snapshot import dictionary
from models.matrix import Columns, Matrix

TOLD_FAMILIES = ("facts", "derived", "fact_changes", "household")
"""Families of which a value is missing when nobody told it."""
COUNTING_FAMILIES = ("counts", "recency", "values")
"""Families that count events of a type: of circumstances where the event is."""
OTHER_FAMILIES = ("life_events", "pack_signals")
OF_LIFE = (None, "arrears", "left", "returned")
"""The roles of events that happen to someone outside the office."""
HALF = 0.5
MORE_TOLD = 0.1


def circumstances(pack: Pack, columns: Columns) -> list[int]:
    """The positions of the signals of circumstances."""
    dealings = [
        name.replace("-", "_")
        for name, kind in pack.domain.event_types.items()
        if kind.role not in OF_LIFE
    ]
    families = {signal.name: signal.family for signal in dictionary(pack)}

    def of_life(name: str) -> bool:
        family = families[name]
        if family in COUNTING_FAMILIES:
            return not any(dealing in name for dealing in dealings)
        return family in (*TOLD_FAMILIES, *OTHER_FAMILIES)

    return [place for place, name in enumerate(columns.names) if of_life(name)]


def told_by_applying(
    pack: Pack, columns: Columns, candidates: Matrix, holders: Matrix
) -> frozenset[int]:
    """The positions of facts that are known of few candidates and of more of those who have the
    service: an application told them, so that they would only tell who applied."""
    families = {signal.name: signal.family for signal in dictionary(pack)}
    places = [p for p, name in enumerate(columns.names) if families[name] in TOLD_FAMILIES]
    if not places or not len(candidates) or not len(holders):
        return frozenset()
    of_candidates, of_holders = (_told(part[:, places]) for part in (candidates, holders))
    leaking = (of_candidates < HALF) & (of_holders > of_candidates + MORE_TOLD)
    return frozenset(np.array(places)[leaking].tolist())


def _told(part: Matrix) -> NDArray[np.float64]:
    return np.asarray(1.0 - np.isnan(part).mean(axis=0), dtype=np.float64)
