"""Local days: the quick way over many moments agrees with the conversion of each."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from features.windows import local_days

ZONES = (
    "Europe/Amsterdam",
    "America/Sao_Paulo",  # once skipped midnight
    "America/St_Johns",  # once put the clock back just after midnight
    "Pacific/Kiritimati",  # once left out a day
    "Asia/Kathmandu",  # once moved by a quarter of an hour
)


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("years", [(1938, 2001), (2015, 2026)])
def test_many_moments_fall_on_the_days_that_each_falls_on(
    zone: str, years: tuple[int, int]
) -> None:
    first, last = (np.datetime64(f"{year}-01-01", "us").astype(np.int64) for year in years)
    at = np.random.default_rng(1).integers(first, last, 120_000)
    at[::2] -= at[::2] % 3_600_000_000  # on the hour, where days begin
    moments = pl.Series(at).cast(pl.Datetime("us")).dt.replace_time_zone("UTC")
    each = moments.dt.convert_time_zone(zone).dt.date().to_physical()
    assert (local_days(moments, zone) == each.to_numpy()).all()
