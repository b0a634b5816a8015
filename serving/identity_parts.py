"""Who delivered which part of an identity, so that two who were taken for one can be two again.

A record of the vault is one JSON object: the fields of an identity, and, once an alias told
something of them, ``parts``: pseudonym → the fields that were delivered under it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

AS, PARTS = "delivered_as", "parts"

Record = dict[str, Any]


def taken_in(record: Record, told: Record, citizen: int) -> Record:
    """``record`` of ``citizen`` with what was ``told`` of them; what is told last counts.

    ``told`` may name the pseudonym that it was delivered under (``delivered_as``).
    """
    said = {key: value for key, value in told.items() if key != AS}
    under = int(told.get(AS) or citizen)
    held = {key: value for key, value in record.items() if key != PARTS}
    parts = dict(record.get(PARTS) or {})
    if under != citizen and not parts and held:
        parts = {str(citizen): held}
    if under != citizen or parts:
        parts[str(under)] = parts.get(str(under), {}) | said
    return held | said | ({PARTS: parts} if parts else {})


def own_part(record: Record, citizen: int) -> Record:
    """What was delivered of the citizen under their own pseudonym; all of it where nobody else
    told anything."""
    parts = record.get(PARTS) or {}
    return dict(parts.get(str(citizen)) or record)


def without_strangers(
    record: Record, citizen: int, ends: Callable[[list[int]], list[int]]
) -> tuple[Record, list[tuple[int, Record]]]:
    """``record`` without the parts that are about others by now, and those parts with whom they
    are about. Of what is left, the citizen's own part counts before an alias's."""
    parts: dict[str, Record] = dict(record.get(PARTS) or {})
    told_as = [int(under) for under in parts]
    strangers = {
        under: end
        for under, end in zip(told_as, ends(told_as), strict=True)
        if under != citizen and end != citizen
    }
    moving = [(end, parts.pop(str(under)) | {AS: under}) for under, end in strangers.items()]
    if not moving:
        return record, []
    own = parts.pop(str(citizen), {})
    left: Record = {}
    for fields in (*parts.values(), own):
        left |= fields
    if parts:
        left[PARTS] = parts | ({str(citizen): own} if own else {})
    return left, moving
