"""The record behind a concept's part in a score: what a caseworker can look up."""

from __future__ import annotations

from features.domain import Sensitivity
from features.pack import Pack
from features.records import Records
from features.remembered import kept_with_records
from models.choosing import Choice
from models.explanation import Contribution
from models.matrix import Columns
from models.origins import Origin, origin

_FACT, _HELD = "fact_", "_held_days"
_OF_AN_EVENT = ("citizen", "type", "occurred_at", "known_at", "source")


def concept_origin(
    one: Contribution, choice: Choice, pack: Pack, columns: Columns
) -> Origin | None:
    """Where the signal that weighs most was read from.

    A fact's own record where the signal is of a fact; otherwise the last event of the concept, of
    which the signal counts the number, the time since or the order. None when there is neither.
    """
    signal = columns.names[one.signal]
    name = signal.removeprefix(_FACT).removesuffix(_HELD)
    if signal.startswith(_FACT) and name in pack.facts(Sensitivity.FREE):
        return origin(name, choice.records, choice.protected, pack)
    return _last(choice.records, pack).get((choice.citizen, one.concept))


@kept_with_records
def _last(records: Records, pack: Pack) -> dict[tuple[int, str], Origin]:
    """The last event of each citizen and concept."""
    types = {name: kind.concept for name, kind in pack.domain.event_types.items()}
    columns = (records.events[name].to_list() for name in _OF_AN_EVENT)
    found = {}
    # Events are in order of time, ties broken.
    for citizen, kind, at, known_at, source in zip(*columns, strict=True):
        if at <= records.as_of and kind in types:
            found[citizen, types[kind]] = (source, at, known_at)
    return {key: Origin(*event) for key, event in found.items()}
