"""The contract of a gate: pure, no matter the order, a known reason, and never a release."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from features.catalogue import Service
from features.departures import DEPARTURES
from features.domain import Domain, LifeEvent
from features.pack import Pack
from models.gates import GATES, Gate, GateState, reason_text, run_gates
from models.gates.base import (
    CONTACTS,
    DEFERRALS,
    FEW,
    HISTORY,
    LIFE_EVENTS,
    OBJECTIONS,
    REFUSALS,
    TAKINGS,
)

AS_OF = datetime(2026, 6, 1, 10, tzinfo=UTC)
CITIZENS = (-5, 1, 2, 2**62)
SERVICES = ("rent", "rent-extra", "funeral", "bus")
NAMES = [gate.name for gate in GATES]


def _said(text: str) -> dict[str, str]:
    return {"nl": text, "en": text}


def _service(**more: object) -> Service:
    told = {name: _said(name) for name in ("title", "description", "headline", "provider")}
    return Service.model_validate(told | {"purpose": "support"} | more)


PACK = Pack(
    folder=Path(),
    domain=Domain.model_validate(
        {
            "id": "gates",
            "title": _said("Gates"),
            "organisation": _said("Office"),
            "languages": ["nl", "en"],
            "time_zone": "Europe/Amsterdam",
            "purposes": {
                "support": {"title": _said("Support"), "legal_basis": "law"},
                "travel": {"title": _said("Travel"), "legal_basis": "law"},
            },
            "sources": {
                "desk": {
                    "title": _said("Desk"),
                    "legal_basis": "law",
                    "purposes": ["support"],
                    "retention_days": 10,
                }
            },
        }
    ),
    services={
        "rent": _service(),
        "rent-extra": _service(excludes=["rent"]),
        "funeral": _service(triggers=["bereavement"], repeatable=True),
        "bus": _service(purpose="travel"),
    },
    life_events={
        "bereavement": LifeEvent.model_validate(
            {"title": _said("B"), "triggers": [{"event": "died"}], "quiet_days": 30}
        ),
        "moving": LifeEvent.model_validate({"title": _said("M"), "triggers": [{"event": "moved"}]}),
    },
)


def moments() -> st.SearchStrategy[datetime]:
    return st.integers(-400, 400).map(lambda days: AS_OF + timedelta(days=days))


def frames(
    schema: pl.Schema, **columns: st.SearchStrategy[object]
) -> st.SearchStrategy[pl.DataFrame]:
    row = st.fixed_dictionaries({"citizen": st.sampled_from(CITIZENS), **columns})
    return st.lists(row, max_size=6).map(lambda rows: pl.DataFrame(rows, schema=schema))


SERVICE = st.sampled_from(SERVICES)
MAYBE = st.none() | moments()
STATES = st.builds(
    GateState,
    pack=st.just(PACK),
    as_of=st.just(AS_OF),
    purpose=st.sampled_from([None, "support", "travel"]),
    objections=frames(OBJECTIONS, service=st.none() | SERVICE),
    refusals=frames(REFUSALS, service=SERVICE, reason=st.just("no"), until=MAYBE),
    deferrals=frames(DEFERRALS, service=SERVICE, until=MAYBE),
    takings=frames(TAKINGS, service=SERVICE, at=moments()),
    recent_contact=frames(CONTACTS, at=moments()),
    history=frames(
        HISTORY,
        service=SERVICE,
        applied_at=MAYBE,
        granted_at=MAYBE,
        refused_at=MAYBE,
        ended_at=MAYBE,
        has=st.booleans(),
    ).map(lambda frame: frame.unique(["citizen", "service"], keep="first", maintain_order=True)),
    life_events=frames(
        LIFE_EVENTS,
        life_event=st.sampled_from(["bereavement", "moving"]),
        happens_at=moments(),
        known_at=moments(),
        source=st.just("desk"),
        upcoming=st.booleans(),
    ),
    contact_rest_days=st.sampled_from([None, 90]),
    departures=frames(
        DEPARTURES,
        type=st.just("died"),
        occurred_at=moments(),
        known_at=moments(),
        source=st.just("desk"),
    ),
)
CANDIDATES = st.lists(
    st.tuples(st.sampled_from(CITIZENS), SERVICE, st.none() | st.booleans()), max_size=12
).map(
    lambda rows: pl.DataFrame(
        rows,
        schema={"citizen": pl.Int64, "service": pl.String, "eligible": pl.Boolean},
        orient="row",
    )
)
MORE = (
    "objections", "refusals", "deferrals", "takings", "recent_contact", "life_events",
    "departures",
)  # fmt: skip
every_gate = pytest.mark.parametrize("gate", GATES, ids=NAMES)


@every_gate
@given(candidates=CANDIDATES, state=STATES)
@settings(max_examples=12)
def test_a_gate_is_pure_and_answers_row_by_row(
    gate: Gate, candidates: pl.DataFrame, state: GateState
) -> None:
    before = candidates.clone()
    states = {one.name: getattr(state, one.name) for one in fields(state)}
    frames_before = {
        name: value.clone() for name, value in states.items() if isinstance(value, pl.DataFrame)
    }
    first, second = gate.check(candidates, state), gate.check(candidates, state)
    assert first.equals(second, null_equal=True)
    assert first.dtype == pl.String
    assert first.len() == candidates.height
    assert candidates.equals(before)
    assert all(getattr(state, name).equals(frame) for name, frame in frames_before.items())


@every_gate
@given(candidates=CANDIDATES, state=STATES, seed=st.integers(0, 99))
@settings(max_examples=12)
def test_the_order_of_rows_does_not_matter(
    gate: Gate, candidates: pl.DataFrame, state: GateState, seed: int
) -> None:
    order = pl.Series(range(candidates.height), dtype=pl.UInt32).shuffle(seed=seed)
    shuffled_state = replace(
        state,
        **{
            name: getattr(state, name).sample(fraction=1.0, shuffle=True, seed=seed)
            for name in (*MORE, "history")
        },
    )
    straight = gate.check(candidates, state).gather(order)
    assert gate.check(candidates[order], shuffled_state).equals(straight, null_equal=True)


@every_gate
@given(candidates=CANDIDATES, state=STATES)
@settings(max_examples=12)
def test_every_reason_is_known_and_has_its_sentences(
    gate: Gate, candidates: pl.DataFrame, state: GateState
) -> None:
    for code in gate.check(candidates, state).drop_nulls().unique():
        assert code in gate.reasons
        for language in ("nl", "en"):
            assert reason_text(code, language).endswith(".")


@every_gate
@given(candidates=CANDIDATES, state=STATES, more=STATES)
@settings(max_examples=12)
def test_more_state_never_releases(
    gate: Gate, candidates: pl.DataFrame, state: GateState, more: GateState
) -> None:
    grown = replace(
        state, **{name: pl.concat([getattr(state, name), getattr(more, name)]) for name in MORE}
    )
    held = gate.check(candidates, state).is_not_null()
    still = gate.check(candidates, grown).is_not_null()
    assert (held & ~still).sum() == 0


@every_gate
def test_nobody_is_fine(gate: Gate) -> None:
    nobody = pl.DataFrame(
        schema={"citizen": pl.Int64, "service": pl.String, "eligible": pl.Boolean}
    )
    assert gate.check(nobody, GateState(PACK, AS_OF)).to_list() == []


@given(candidates=CANDIDATES, state=STATES)
@settings(max_examples=25)
def test_the_first_gate_gives_the_reason_and_later_ones_never_release(
    candidates: pl.DataFrame, state: GateState
) -> None:
    held = None
    for count in range(len(GATES) + 1):
        told = run_gates(candidates, state, GATES[:count])
        assert told.select(candidates.columns).equals(candidates)
        if held is not None:
            kept = held.filter(held["withheld_by"].is_not_null())
            assert told.filter(held["withheld_by"].is_not_null()).equals(kept)
        held = told
    assert held is not None
    assert (held["withheld_by"].is_null() == held["withheld_reason"].is_null()).all()


@given(candidates=CANDIDATES, state=STATES)
@settings(max_examples=25)
def test_few_are_judged_as_many_are(candidates: pl.DataFrame, state: GateState) -> None:
    few = run_gates(candidates, state)
    crowd = pl.concat([candidates] * (FEW + 1))
    recorded = replace(state, history=pl.concat([state.history] * (FEW + 1)))
    for judged in (run_gates(crowd, state), run_gates(crowd, recorded)):
        assert judged.head(few.height).equals(few)
        assert judged.tail(few.height).equals(few)


def test_the_gates_stand_in_order() -> None:
    assert NAMES == [
        "departed",
        "stopped",
        "objection",
        "purpose",
        "already-has",
        "excluded",
        "not-eligible",
        "unsuitable-now",
        "refusal-remembered",
        "deferred",
        "under-way",
        "held-out",
        "contact-policy",
    ]


def one(service: str, eligible: bool | None = True) -> pl.DataFrame:
    return pl.DataFrame(
        {"citizen": [1], "service": [service], "eligible": [eligible]},
        schema_overrides={"eligible": pl.Boolean},
    )


def verdict(service: str, state: GateState, eligible: bool | None = True) -> str | None:
    reason: str | None = run_gates(one(service, eligible), state)["withheld_reason"][0]
    return reason


def history(**more: object) -> pl.DataFrame:
    row = dict.fromkeys(HISTORY) | {"citizen": 1, "service": "rent", "has": False} | more
    return pl.DataFrame([row], schema=HISTORY)


def after(life_event: str, days: int) -> pl.DataFrame:
    at = AS_OF - timedelta(days=days)
    return pl.DataFrame([(1, life_event, at, at, "desk", False)], schema=LIFE_EVENTS, orient="row")


def test_by_hand() -> None:
    open_state = GateState(PACK, AS_OF)
    assert verdict("rent", open_state) is None
    assert verdict("rent", open_state, None) is None
    assert verdict("rent", open_state, False) == "not-eligible"
    assert verdict("bus", replace(open_state, purpose="support")) == "other-purpose"
    has = replace(open_state, history=history(has=True))
    assert verdict("rent", has) == "already-has"
    assert verdict("rent-extra", has) == "excluded"
    again = replace(open_state, history=history(service="funeral", has=True))
    assert verdict("funeral", again) is None
    grieving = replace(open_state, life_events=after("bereavement", 10))
    assert verdict("rent", grieving) == "quiet-period"
    assert verdict("funeral", grieving) is None
    assert verdict("rent", replace(open_state, life_events=after("bereavement", 31))) is None
    applied = AS_OF - timedelta(days=20)
    waiting = replace(open_state, history=history(applied_at=applied))
    assert verdict("rent", waiting) == "applied"
    refused = history(applied_at=applied, refused_at=applied + timedelta(days=9))
    assert verdict("rent", replace(open_state, history=refused)) is None
