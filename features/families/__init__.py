"""Signal families: what a pack's records say of a citizen, in numbers a person can read.

Adding a family
---------------
1. Write one file here with one class: a :class:`~features.families.base.Family` with a ``name``,
   ``signals(pack)`` (name, unit, a sentence in every language, concept, sources) and
   ``compute(records, pack)`` (an array per signal in the same order, over the citizens of
   ``records.citizens``; NaN is unknown). Everything it may know is in ``records``: nothing later
   than ``as_of``, nothing protected.
2. Put it in ``_FAMILIES`` below. A pack chooses with ``families:`` in its ``domain.yaml``; all are
   used when it does not.
3. Run ``pytest tests/contracts/test_families.py``: your family is tested there without another
   line. Add a few cases worked out by hand under ``tests/features/families``.

Three habits keep a family honest and fast. Work on whole arrays: rows are sorted by citizen and
time (:mod:`features.past_events`), so one numpy scatter counts, sums or takes the last of millions
of them. Say NaN, never zero, when none of the sources behind a signal is in ``records.sources``
(:func:`features.provenance.is_known`). Add in the order of the rows, so that one citizen alone
gives the same bits as the population.
"""

from __future__ import annotations

from features.families.base import Family, Signal
from features.families.contact import Contact
from features.families.counts import Counts
from features.families.derived import Derived
from features.families.facts import Facts
from features.families.friction import Friction
from features.families.life_events import LifeEvents
from features.families.recency import Recency
from features.families.service_history import ServiceHistory
from features.families.sources import Sources
from features.families.values import Values
from features.pack import Pack

__all__ = ["Family", "Signal", "all_families", "families_of"]

_FAMILIES: tuple[Family, ...] = (
    Facts(),
    Derived(),
    LifeEvents(),
    ServiceHistory(),
    Counts(),
    Recency(),
    Values(),
    Contact(),
    Friction(),
    Sources(),
)


def all_families() -> tuple[Family, ...]:
    """Every family there is, in column order."""
    return _FAMILIES


def families_of(pack: Pack) -> tuple[Family, ...]:
    """The families that ``pack`` uses, in column order."""
    chosen = pack.domain.families
    return tuple(family for family in _FAMILIES if chosen is None or family.name in chosen)
