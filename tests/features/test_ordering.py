"""Rows are sorted only where they are not; and what is tied is found."""

from __future__ import annotations

from itertools import pairwise

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from features.codes import FEW
from features.ordering import by_bucket, in_order, tied

BY = ("citizen", "at", "source")
ROWS = st.lists(
    st.tuples(st.integers(-3, 3), st.integers(0, 4), st.sampled_from([None, "", "a", "b"])),
    max_size=30,
)


def frame(rows: list[tuple[int, int, str | None]]) -> pl.DataFrame:
    table = pl.DataFrame(rows, schema=["citizen", "at", "source"], orient="row")
    moments = table.schema | {"citizen": pl.Int64, "source": pl.String}
    return table.cast({name: moments[name] for name in ("citizen", "source")}).with_columns(
        pl.col("at").cast(pl.Int64).cast(pl.Datetime("us", "UTC"))
    )


@given(ROWS)
def test_what_comes_out_is_sorted(rows: list[tuple[int, int, str | None]]) -> None:
    told = [(one, two, three or "") for one, two, three in rows]
    assert_frame_equal(in_order(frame(told), BY), frame(told).sort(BY, maintain_order=True))


@given(ROWS)
def test_ties_are_the_rows_that_equal_the_one_before(
    rows: list[tuple[int, int, str | None]],
) -> None:
    told = sorted((one, two, three or "") for one, two, three in rows)
    found = tied(frame(told), BY)  # type: ignore[arg-type]
    assert found is not None
    assert found.tolist() == [at for at in range(1, len(told)) if told[at] == told[at - 1]]


@pytest.mark.parametrize("times", [1, FEW])
def test_many_rows_are_judged_as_few_are(times: int) -> None:
    rows = [(1, 0, "a"), (1, 0, "b"), (1, 0, "b"), (2, 0, None)] * 1
    many = frame([(citizen + 10 * n, at, text) for n in range(times) for citizen, at, text in rows])
    found = tied(many, BY)
    assert found is not None
    assert found.tolist() == [4 * n + 2 for n in range(times)]
    backwards = many.reverse()
    assert tied(backwards, BY) is None
    assert_frame_equal(in_order(backwards, BY), many)


def test_no_rows_and_one_row_are_in_order() -> None:
    assert tied(frame([]), BY) is not None
    assert tied(frame([(1, 1, "a")]), BY) is not None


@given(ROWS, st.integers(1, 5))
def test_rows_are_sorted_bucket_by_bucket(
    rows: list[tuple[int, int, str | None]], buckets: int
) -> None:
    told = frame([(one, two, three or "") for one, two, three in rows])
    found, ends = by_bucket(told, buckets, BY)
    bucket = (pl.col("citizen") % buckets).alias("bucket")
    assert_frame_equal(found, told.sort(bucket, *BY, maintain_order=True))
    counts = [(told.select(bucket)["bucket"] == place).sum() for place in range(buckets)]
    assert [after - before for before, after in pairwise(ends)] == counts
