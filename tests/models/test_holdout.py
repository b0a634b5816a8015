"""The hold-out: by lot, for half a year, never where a term runs; and what it says of a head."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from features.catalogue import Kind, Objective
from features.domain import Training
from models.gates import GateState, run_gates
from models.heads import Head, Prior
from models.holdout import check, held_out
from tests.models.town import service, town_pack

SPRING, SUMMER, AUTUMN = (datetime(2026, month, 1, tzinfo=UTC) for month in (2, 6, 8))
PEOPLE = np.random.default_rng(1).integers(-(2**60), 2**60, 20_000)


@given(share=st.floats(0.01, 0.2))
def test_about_the_share_is_drawn_and_stays_drawn_for_half_a_year(share):
    drawn = held_out(PEOPLE, SPRING, share)
    assert abs(drawn.mean() - share) < 0.01
    assert (held_out(PEOPLE, SUMMER, share) == drawn).all()
    assert (drawn & held_out(PEOPLE, AUTUMN, share)).mean() < 2 * share**2 + 0.002


def test_the_lot_does_not_depend_on_who_else_is_asked():
    whole = held_out(PEOPLE, SPRING, 0.1)
    assert (held_out(PEOPLE[::7], SPRING, 0.1) == whole[::7]).all()
    assert not held_out(PEOPLE, SPRING, 0.0).any()


def test_a_term_and_an_intervention_are_never_held_out():
    plain = town_pack(urgent=service(deadline_days=28), visit=service(kind=Kind.INTERVENTION))
    domain = plain.domain.model_copy(update={"training": Training(hold_out=0.2)})
    pack = replace(plain, domain=domain)
    someone = int(PEOPLE[held_out(PEOPLE, SPRING, 0.2)][0])
    candidates = pl.DataFrame(
        {"citizen": someone, "service": ["allowance", "urgent", "visit"], "eligible": True}
    )
    told = run_gates(candidates, GateState(pack, SPRING))["withheld_by"].to_list()
    assert told == ["held-out", None, None]
    assert run_gates(candidates, GateState(plain, SPRING))["withheld_by"].to_list() == [None] * 3


def test_it_shows_a_head_that_expects_too_little():
    head = Head("allowance", Objective.UNMET_NEED, 90, "granted", Prior(0.1, 0.1))
    random = np.random.default_rng(2)
    n = 4_000
    taken = (random.random(n) < 0.2).astype(np.int8)
    rows = np.zeros((n, 1), dtype=np.float32), np.ones(n, dtype=bool)
    off = check(head, rows, taken, np.ones(n), np.arange(n), seed=1)
    assert off.surplus.low > 0.08
    fair = check(
        replace(head, unaided=Prior(0.2, 0.2)), rows, taken, np.ones(n), np.arange(n), seed=1
    )
    assert fair.surplus.low < 0 < fair.surplus.high
    nobody = check(head, rows, taken, np.zeros(n), np.arange(n), seed=1)
    assert nobody.as_dict()["observed"] is None
