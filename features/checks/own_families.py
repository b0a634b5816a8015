"""A pack's own families keep the promises of a family, as far as that shows without records."""

from __future__ import annotations

import re
import sys
from datetime import UTC, datetime
from pathlib import Path

import polars as pl

from features.checks.draft import Draft, expected
from features.errors import PackError
from features.events import EVENTS
from features.facts import FACTS
from features.families import Family, Signal, every_family
from features.families.concepts import OTHER
from features.families.own import file_of, line_in
from features.pack import Pack
from features.records import Records
from features.relations import RELATIONS

_NAME = re.compile(r"[a-z][a-z0-9_]{0,62}")


def check_own_families(draft: Draft) -> None:
    """Refuse a family that has another's name, that declares a signal nobody can read or use, or
    that computes other signals than it declares."""
    pack = draft.pack
    names = [family.name for family in every_family(pack)]
    for family in pack.own_families:
        if names.count(family.name) > 1:
            raise _fault(family, f"there is another family {family.name!r}; choose another name")
        if not _NAME.fullmatch(family.name):
            raise _fault(family, "its name has not the form of a name: snake_case")
        _keeps_promises(family, pack)


def _keeps_promises(family: Family, pack: Pack) -> None:
    try:
        declared = family.signals(pack)
    except Exception as fault:
        raise _failed(family, "signals", fault) from fault
    for signal in declared:
        _readable(family, signal, pack)
    for citizens in ((), (1, 2)):
        _computes(family, declared, pack, citizens)


def _readable(family: Family, signal: Signal, pack: Pack) -> None:
    if not _NAME.fullmatch(signal.name):
        raise _fault(family, "expected signals with a snake_case name")
    if signal.family != family.name:
        raise _fault(family, f"{signal.name} says it is of {signal.family!r}")
    for language in pack.languages:
        if not signal.meaning.get(language, "").strip():
            raise _fault(family, f"{signal.name} has no meaning in {language!r}")
    concepts = {*pack.domain.concepts, OTHER}
    if signal.concept not in concepts:
        raise _fault(family, f"{signal.name}: {expected('concept', signal.concept, concepts)}")
    for source in sorted(signal.sources - pack.domain.sources.keys()):
        raise _fault(family, f"{signal.name}: {expected('source', source, pack.domain.sources)}")


def _computes(
    family: Family, declared: tuple[Signal, ...], pack: Pack, citizens: tuple[int, ...]
) -> None:
    try:
        found = family.compute(_no_records(pack, citizens), pack)
    except Exception as fault:
        raise _failed(family, "compute", fault) from fault
    names = [signal.name for signal in declared]
    if list(found) != names:
        other = sorted({*found} ^ {*names}) or names
        raise _fault(
            family,
            "computes other signals than it declares, or in another order: "
            f"{', '.join(other[:5])}; expected one array for each of signals(), in that order",
        )
    for name, values in found.items():
        if values.shape != (len(citizens),):
            problem = f"{name} has shape {values.shape}; expected a value per citizen"
            raise _fault(family, problem)


def _no_records(pack: Pack, citizens: tuple[int, ...]) -> Records:
    return Records(
        as_of=datetime(2025, 1, 1, tzinfo=UTC),
        citizens=pl.Series("citizen", citizens, pl.Int64),
        events=EVENTS.to_frame(),
        facts=FACTS.to_frame(),
        relations=RELATIONS.to_frame(),
        sources=frozenset(pack.domain.sources),
    )


def _fault(family: Family, problem: str, line: int | None = None) -> PackError:
    return PackError(file_of(family), type(family).__name__, problem, line)


def _failed(family: Family, what: str, fault: Exception) -> PackError:
    path = Path(sys.modules[type(family).__module__].__file__ or "")
    problem = f"{what} failed on a pack without records: {type(fault).__name__}: {fault}"
    return _fault(family, problem, line_in(path, fault))
