"""Moments: every way a source may write one, on days when the clock changes too."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from features.sources.moments import dates, moments

ZONE = "Europe/Amsterdam"


def one(text: str, **how: object) -> datetime | None:
    found: datetime | None = moments(pl.Series([text]), zone=ZONE, **how)[0]  # type: ignore[arg-type]
    return found


@pytest.mark.parametrize(
    ("text", "utc"),
    [
        ("2024-01-01T10:00:00Z", "2024-01-01T10:00:00"),
        ("2011-10-11T13:45:40.276+02:00", "2011-10-11T11:45:40.276"),
        ("2011-10-11 13:45:40.276000+02:00", "2011-10-11T11:45:40.276"),
        ("2024-07-01T10:00:00", "2024-07-01T08:00:00"),
        ("2024-01-01 10:00", "2024-01-01T09:00:00"),
        (" 2024-01-01 ", "2023-12-31T23:00:00"),
        ("2024-03-31T02:30:00", "2024-03-31T01:30:00"),  # skipped: an hour on
        ("2024-10-27T02:30:00", "2024-10-27T00:30:00"),  # came twice: the earliest
    ],
)
def test_iso_8601_in_the_zone_of_the_domain(text: str, utc: str) -> None:
    assert one(text) == datetime.fromisoformat(utc).replace(tzinfo=UTC)


@pytest.mark.parametrize("text", ["", "yesterday", "2024-02-30", "01-02-2024", "2024-13-01"])
def test_what_is_no_moment_is_null(text: str) -> None:
    assert one(text) is None


def test_formats_of_one_column_may_differ() -> None:
    column = pl.Series(["2024-01-01", "2024-01-01T10:00:00Z", None, "x", "2024-01-01 10:00"])
    found = moments(column, zone="UTC")
    assert found.is_not_null().to_list() == [True, True, False, False, True]


def test_a_day_is_local_midnight_and_days_are_added_on_the_calendar() -> None:
    assert one("30-03-2024", form="%d-%m-%Y", day=True, plus_days=2) == datetime(
        2024, 3, 31, 22, tzinfo=UTC
    )
    assert one("2024-07-01T23:30:00Z", day=True) == datetime(2024, 7, 1, 22, tzinfo=UTC)


def test_typed_columns_need_no_parsing() -> None:
    day = pl.Series([date(2024, 7, 1)])
    local = pl.Series([datetime(2024, 7, 1, 12)])  # noqa: DTZ001
    zoned = pl.Series([datetime(2024, 7, 1, 12, tzinfo=UTC)])
    assert moments(day, zone=ZONE)[0] == datetime(2024, 6, 30, 22, tzinfo=UTC)
    assert moments(local, zone=ZONE)[0] == datetime(2024, 7, 1, 10, tzinfo=UTC)
    assert moments(zoned, zone=ZONE)[0] == datetime(2024, 7, 1, 12, tzinfo=UTC)


@given(
    st.datetimes(datetime(1950, 1, 1), datetime(2037, 1, 1)),  # noqa: DTZ001
    st.sampled_from([ZONE, "America/New_York", "Asia/Kolkata", "UTC"]),
)
def test_a_local_time_is_what_the_standard_library_makes_of_it(at: datetime, zone: str) -> None:
    found = moments(pl.Series([at.isoformat(sep=" ")]), zone=zone)[0]
    local = at.replace(tzinfo=ZoneInfo(zone))
    assert found == local.astimezone(UTC)


@given(st.dates(date(1800, 1, 1), date(2200, 1, 1)))
def test_a_date_is_read_as_it_is_written(day: date) -> None:
    assert dates(pl.Series([day.isoformat()])).to_list() == [day]
    assert dates(pl.Series([f"{day:%d/%m/}{day.year}"]), "%d/%m/%Y").to_list() == [day]


WRITTEN = st.one_of(
    st.datetimes(datetime(1, 1, 1), datetime(9999, 12, 31)).map(  # noqa: DTZ001
        lambda moment: moment.isoformat(timespec="seconds")
    ),
    st.from_regex(r"(19|20)[0-9]{2}-[01][0-9]-[0-3][0-9]T[0-2][0-9]:[0-6][0-9]:[0-6][0-9]\Z"),
    st.none(),
)


@given(st.lists(WRITTEN, min_size=1, max_size=40), st.sampled_from([ZONE, "Australia/Lord_Howe"]))
def test_many_moments_are_read_as_each_by_itself(texts: list[str | None], zone: str) -> None:
    """Many are read in one pass over their letters, and put in their zone by the hour."""
    few = pl.Series(texts, dtype=pl.String)
    many = few.gather([place % few.len() for place in range(600)])
    found = moments(many, zone=zone)
    assert found.head(few.len()).equals(moments(few, zone=zone))
    assert found.equals(found.head(few.len()).gather([i % few.len() for i in range(600)]))
