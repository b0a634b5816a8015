"""Every candidate's way through the gates."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from models.gates.already_has import AlreadyHasGate
from models.gates.base import FEW, Gate, GateState
from models.gates.contact_policy import ContactPolicyGate
from models.gates.deferred import DeferredGate
from models.gates.departed import DepartedGate
from models.gates.excluded import ExcludedGate
from models.gates.held_out import HeldOutGate
from models.gates.not_eligible import NotEligibleGate
from models.gates.objection import ObjectionGate
from models.gates.purpose import PurposeGate
from models.gates.refusal_remembered import RefusalRememberedGate
from models.gates.stopped import StoppedGate
from models.gates.under_way import UnderWayGate
from models.gates.unsuitable_now import UnsuitableNowGate

GATES: tuple[Gate, ...] = (
    DepartedGate(),
    StoppedGate(),
    ObjectionGate(),
    PurposeGate(),
    AlreadyHasGate(),
    ExcludedGate(),
    NotEligibleGate(),
    UnsuitableNowGate(),
    RefusalRememberedGate(),
    DeferredGate(),
    UnderWayGate(),
    HeldOutGate(),
    ContactPolicyGate(),
)
"""In order: the first gate that withholds a candidate gives the reason."""


def run_gates(
    candidates: pl.DataFrame, state: GateState, gates: Sequence[Gate] = GATES
) -> pl.DataFrame:
    """All candidates, in their order, with what held them back.

    Parameters
    ----------
    candidates
        At least ``citizen``, ``service`` and ``eligible`` (see :class:`Gate`); other columns stay.

    Returns
    -------
    The same rows with ``withheld_by`` (a gate's name) and ``withheld_reason`` (its code), both
    null for a candidate that passed every gate.
    """
    if candidates.height <= FEW:
        return _run_few(candidates, state, gates)
    by = pl.Series("withheld_by", [None], dtype=pl.String).new_from_index(0, candidates.height)
    reason = by.alias("withheld_reason")
    for gate in gates:
        held = gate.check(candidates, state)
        if held.null_count() == held.len():
            continue
        first = held.is_not_null() & reason.is_null()
        by = by.zip_with(~first, pl.Series("by", [gate.name]).new_from_index(0, by.len()))
        reason = reason.zip_with(~first, held)
    return candidates.with_columns(withheld_by=by, withheld_reason=reason)


def _run_few(candidates: pl.DataFrame, state: GateState, gates: Sequence[Gate]) -> pl.DataFrame:
    """The same, row by row."""
    by: list[str | None] = [None] * candidates.height
    reason: list[str | None] = [None] * candidates.height
    for gate in gates:
        for place, held in enumerate(gate.check(candidates, state).to_list()):
            if held is not None and reason[place] is None:
                by[place], reason[place] = gate.name, held
    return candidates.hstack(
        [
            pl.Series("withheld_by", by, pl.String),
            pl.Series("withheld_reason", reason, pl.String),
        ]
    )


def reason_text(code: str, language: str) -> str:
    """The sentence behind a reason code, in Dutch or English (English for other languages)."""
    for gate in GATES:
        if code in gate.reasons:
            return gate.reasons[code].get(language) or gate.reasons[code]["en"]
    raise KeyError(code)
