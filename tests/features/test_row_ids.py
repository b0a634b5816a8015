"""Ids made of content: stable, told apart by count, and blind to chunks and order."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from itertools import pairwise

import numpy as np
import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from features.row_ids import occurrence_ids, row_lanes
from features.seen import Seen

KEY = b"k" * 32
Row = tuple[str | None, float | None, int | None]
ROWS = st.lists(
    st.tuples(
        st.sampled_from([None, "a", "b", ""]),
        st.sampled_from([None, 0.0, -0.0, 1.5]),
        st.sampled_from([None, 0, 7]),
    ),
    min_size=1,
    max_size=40,
)


def ids(rows: list[Row], *cuts: int) -> list[str]:
    """The ids of the rows, delivered in chunks that end at ``cuts``."""
    schema = {"text": pl.String, "number": pl.Float64, "count": pl.Int64}
    frame = pl.DataFrame(rows, schema=schema, orient="row")
    seen, found = Seen(), []
    ends = sorted({0, *(cut % (len(rows) + 1) for cut in cuts), len(rows)})
    for start, end in pairwise(ends):
        lanes = row_lanes(frame[start:end], KEY, "steps")
        found += occurrence_ids(lanes, seen.occurrence(lanes.high)).to_list()
    return found


@given(ROWS, st.randoms(use_true_random=False))
def test_the_order_of_rows_does_not_change_the_set_of_ids(rows: list[Row], random: object) -> None:
    shuffled = list(rows)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert sorted(ids(shuffled)) == sorted(ids(rows))


@given(ROWS, st.lists(st.integers(0, 40), max_size=3))
def test_chunks_do_not_change_the_ids(rows: list[Row], cuts: list[int]) -> None:
    assert ids(rows, *cuts) == ids(rows)


@given(ROWS)
def test_equal_rows_are_told_apart_and_no_others_are_alike(rows: list[Row]) -> None:
    found = ids(rows)
    assert len(set(found)) == len(rows)
    assert len({one[:32] for one in found}) == len(rows)


@given(ROWS)
def test_no_id_can_look_like_a_number(rows: list[Row]) -> None:
    assert all(one.isalpha() and len(one) == 32 for one in ids(rows))


@given(ROWS, ROWS)
def test_a_part_of_a_delivery_has_ids_of_the_whole(rows: list[Row], more: list[Row]) -> None:
    assert set(ids(rows)) <= set(ids(more + rows))


def test_the_ids_are_the_same_in_every_version() -> None:
    frame = pl.DataFrame({"text": ["a", None], "at": [datetime(2024, 1, 1, tzinfo=UTC), None]})
    lanes = row_lanes(frame, KEY, "steps")
    assert occurrence_ids(lanes, np.array([0, 3], dtype=np.uint64)).to_list() == [
        "mjngfeklemhonobmigichldoghcfgjao",
        "lioaadcnmkknobmmbajndgcaclaoacln",
    ]


@given(st.lists(st.lists(st.integers(0, 9)), max_size=6))
def test_seen_counts_as_a_counter_does(batches: list[list[int]]) -> None:
    seen, counter = Seen(), Counter[int]()
    for batch in batches:
        hashes = np.array(batch, dtype=np.uint64)
        assert seen.contains(hashes).tolist() == [counter[one] > 0 for one in batch]
        expected = []
        for one in batch:
            expected.append(counter[one])
            counter[one] += 1
        assert seen.occurrence(hashes).tolist() == expected
