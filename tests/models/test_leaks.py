"""A record written after the outcome and dated before it is caught; a strong honest one is not."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from features.domain import EventType
from features.lake import Lake
from features.pack import Pack
from models.examples import gather
from models.labels import outcomes
from models.leaks import DATED, LAST_MINUTE, OLD, UNFADING, Suspicion, suspicions, too_good
from models.screening import Screen
from models.training import plan, span
from tests.models.town import town_lake, town_pack

DAY = timedelta(days=1)


def _pack() -> Pack:
    """The town, with one more kind of event: a note on a file."""
    pack = town_pack()
    types = pack.domain.event_types | {"note": EventType(title={"en": "note"}, role="contact")}
    domain = pack.domain.model_copy(update={"event_types": types})
    return Pack(
        folder=pack.folder,
        domain=domain,
        services={"allowance": pack.services["allowance"]},
        parameters=pack.parameters,
        checksum="town",
    )


PACK = _pack()


def _noted(folder: Path, *, before: pl.Expr, lag: pl.Expr, share: float = 1.0) -> list[Suspicion]:
    """What is suspected when so many grants have a note ``before`` them, known after a ``lag``."""
    lake = town_lake(folder / "lake", citizens=300)
    grants = lake.scan("events").filter(type="granted", case_type="allowance").collect()
    dated = (pl.col("occurred_at") - before).alias("occurred_at")
    notes = grants.sample(fraction=share, seed=1).with_columns(
        dated,
        type=pl.lit("note"),
        event_id="n" + pl.col("event_id"),
        case_type=pl.lit(None, pl.String),
    )
    others = round(notes.height * (1 - share))
    strangers = notes.sample(others, seed=2).with_columns(
        pl.col("citizen").shuffle(3), event_id="s" + pl.col("event_id")
    )
    every = pl.concat([notes, strangers])
    lake.append("events", every.with_columns(known_at=pl.col("occurred_at") + lag))
    return _suspected(lake)


def _suspected(lake: Lake) -> list[Suspicion]:
    first, last = span(lake, None)
    found = outcomes(lake, PACK, last)
    split = plan(PACK, found, first, citizens=300)
    examples = gather(lake, PACK, split, found, seed=1)
    screen = Screen(examples.matrix[: examples.rows_until(split.fit)], examples.columns)
    return list(suspicions(lake, PACK, examples, found, screen))


def test_a_note_dated_before_the_grant_it_was_written_after_is_a_leak(tmp_path: Path) -> None:
    found = _noted(tmp_path, before=pl.lit(25 * DAY), lag=pl.lit(0 * DAY))
    leaks = {one.signal: one for one in found if one.leak}
    assert "days_since_last_note" in leaks
    assert all(one.because == LAST_MINUTE for one in leaks.values())
    assert all("note" in name or "contact" in name for name in leaks)


def test_known_at_keeps_the_same_note_out_where_its_recording_is_told(tmp_path: Path) -> None:
    assert _noted(tmp_path, before=pl.lit(25 * DAY), lag=pl.lit(26 * DAY)) == []


def test_a_strong_honest_signal_is_no_suspect(tmp_path: Path) -> None:
    """Seven of ten grants are announced, and three of ten notes lead to nothing."""
    found = _noted(tmp_path, before=pl.lit(25 * DAY), lag=pl.lit(0 * DAY), share=0.7)
    assert [one for one in found if one.leak] == []


def test_a_note_that_says_when_it_was_recorded_may_be_that_good(tmp_path: Path) -> None:
    lag = pl.int_range(pl.len()).mod(7) * DAY
    found = _noted(tmp_path, before=pl.lit(25 * DAY), lag=lag)
    why = {one.signal: one.because for one in found}
    assert why["days_since_last_note"] == DATED
    assert [one.signal for one in found if one.leak] == []


def test_almost_faultless_or_nearly_all_of_the_marked() -> None:
    faultless = [[50.0, 1, 0], [1, 900, 0]]
    marked = [[40.0, 60, 0], [0, 900, 0]]
    plain = [[40.0, 60, 0], [20, 900, 0]]
    few = [[10.0, 60, 0], [0, 900, 0]]
    up, not_up = (np.array([case[k] for case in (faultless, marked, plain, few)]) for k in (0, 1))
    assert too_good(up, not_up).tolist() == [True, True, False, False]


def test_every_verdict_has_its_own_reason() -> None:
    assert len({DATED, LAST_MINUTE, OLD, UNFADING}) == 4


@pytest.mark.parametrize("share", [0.0, 1.0])
def test_where_nobody_or_everybody_takes_up_nothing_is_suspected(share: float) -> None:
    counts = np.full((1, 3), 30.0)
    assert not too_good(counts * share, counts * (1 - share)).any()
