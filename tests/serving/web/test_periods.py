"""Days and periods, as people read them."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from serving.answers import TimelineEntry
from serving.web.dates import day_in, long_day, moment, months_later, short_day
from serving.web.periods import Filter, by_year

TODAY = date(2026, 11, 23)


def entry(at: date, title: str = "x") -> TimelineEntry:
    return TimelineEntry(
        kind="event", at=at, type="t", title=title, source="desk", source_title="Desk"
    )


@pytest.mark.parametrize(
    ("language", "long", "short"),
    [("nl", "14 maart 2025", "14 mrt 2025"), ("en", "14 March 2025", "14 Mar 2025")],
)
def test_days(language, long, short):
    day = date(2025, 3, 14)
    assert long_day(day, language) == long
    assert short_day(day, language, today=TODAY) == short
    assert short_day(date(2026, 3, 14), language, today=TODAY) == short.removesuffix(" 2025")
    assert day_in(day, 2025, language, today=TODAY) == short.removesuffix(" 2025")
    assert day_in(day, None, language, today=TODAY) == short


def test_a_moment_is_told_in_the_zone_of_the_domain():
    at = datetime(2026, 6, 30, 22, 30, tzinfo=UTC)
    assert moment(at, "nl", ZoneInfo("Europe/Amsterdam")) == "1 juli 2026, 00:30"


@given(st.dates(date(2000, 1, 1), date(2100, 1, 1)), st.integers(1, 24))
def test_months_later_is_that_month(day, months):
    later = months_later(day, months)
    assert (later.year * 12 + later.month) - (day.year * 12 + day.month) == months
    assert later.day <= day.day


def test_entries_stand_under_their_year_and_month_newest_first():
    days = [date(2025, 1, 2), date(2026, 3, 1), date(2026, 3, 9), date(2026, 5, 1)]
    years = by_year(entry(day) for day in days)
    assert [year.number for year in years] == [2026, 2025]
    assert [month.number for month in years[0].months] == [5, 3]
    assert [one.at.day for one in years[0].months[1].entries] == [9, 1]
    assert years[0].size == 3


def test_of_one_day_the_order_stays():
    years = by_year([entry(TODAY, "first"), entry(TODAY, "second")])
    assert [one.title for one in years[0].months[0].entries] == ["first", "second"]


def test_a_filter_shows_three_years_of_all_sources_unless_asked():
    plain = Filter.chosen(None, None, TODAY)
    assert (plain.sources, plain.since) == (None, date(2024, 1, 1))
    asked = Filter.chosen("tax", 0, TODAY)
    assert (asked.sources, asked.since) == (("tax",), None)
    assert Filter.chosen("", 9999, TODAY).since == date(2026, 1, 1)
    assert 2001 in Filter.chosen(None, 2001, TODAY).offered(TODAY)
    assert Filter.chosen(None, None, TODAY).before(entry(date(1957, 1, 2)))
