"""Signal families: what a pack's records say of a citizen, in numbers a person can read.

Adding a family
---------------
1. Write one file with one class: a :class:`~features.families.base.Family` with a ``name``,
   ``signals(pack)`` (name, unit, a sentence in every language, concept, sources) and
   ``compute(records, pack)`` (an array per signal in the same order, over the citizens of
   ``records.citizens``; NaN is unknown). Everything it may know is in ``records``: nothing later
   than ``as_of``, nothing protected. A file in this folder is a family of the product; one in the
   folder ``families/`` of a pack is that pack's own. Nothing else needs to name it.
2. A pack chooses with ``families:`` in its ``domain.yaml``. One that does not speak of a family
   gets it when the class says ``on = True``.
3. Run ``pytest tests/contracts/test_families.py``: your family is tested there without another
   line. Add a few cases worked out by hand under ``tests/features/families``.

Three habits keep a family honest and fast. Work on whole arrays: rows are sorted by citizen and
time (:mod:`features.past_events`), so one numpy scatter counts, sums or takes the last of millions
of them, of all types at once; where that takes several, one compiled pass does better
(:mod:`features.kernels`). Say NaN, never zero, when none of the sources behind a signal is in
``records.sources`` (:func:`features.provenance.is_known`). Add in the order of the rows, so that
one citizen alone gives the same bits as the population.
"""

from __future__ import annotations

from features.families.base import Family, Signal
from features.families.discovery import all_families
from features.pack import Pack

__all__ = ["Family", "Signal", "all_families", "every_family", "families_of"]

LAST = "pack_signals"
"""The family that rests on the others, and comes after them."""


def families_of(pack: Pack) -> tuple[Family, ...]:
    """The families that ``pack`` uses, in column order: the product's by name, then its own."""
    chosen = [family for family in every_family(pack) if pack.domain.uses(family.name, family.on)]
    return tuple(sorted(chosen, key=lambda family: family.name == LAST))


def every_family(pack: Pack) -> tuple[Family, ...]:
    """Every family that ``pack`` can use, whether or not it does."""
    return (*all_families(), *pack.own_families)
