"""Days and periods, as people read them."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from serving.answers import TimelineEntry
from serving.web.dates import day_in, long_day, moment, months_later, short_day
from serving.web.periods import Filter, by_year, in_period, lines

TODAY = date(2026, 11, 23)
SUMMER = date(2025, 7, 1)


def entry(at: date, title: str = "x", **said: object) -> TimelineEntry:
    plain = {"kind": "event", "type": "t", "source": "desk", "source_title": "Desk"}
    return TimelineEntry.model_validate(plain | {"at": at, "title": title} | said)


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


def test_lines_stand_under_their_year_newest_first():
    days = [date(2025, 1, 2), date(2026, 3, 1), date(2026, 3, 9), date(2026, 5, 1)]
    years = by_year(entry(day) for day in days)
    assert [year.number for year in years] == [2026, 2025]
    assert [line.entry.at for line in years[0].lines] == days[:0:-1]


def test_of_one_day_the_order_stays():
    told = lines([entry(TODAY, "first"), entry(TODAY, "second")])
    assert [line.entry.title for line in told] == ["first", "second"]


def test_steps_of_one_kind_in_one_case_are_one_line():
    steps = [
        entry(TODAY, "step", case_id="Z1"),
        entry(date(2026, 11, 20), "step", case_id="Z1"),
        entry(date(2026, 11, 19), "step", case_id="Z2"),
        entry(date(2026, 11, 18), "step"),
        entry(date(2026, 11, 17), "step"),
    ]
    told = lines(steps)
    assert [line.times for line in told] == [2, 1, 1, 1]
    assert (told[0].entry.at, told[0].first) == (TODAY, date(2026, 11, 20))


def test_silences_over_the_same_days_are_one_line():
    gaps = [
        entry(TODAY, kind="gap", source_title="Tax"),
        entry(TODAY, kind="gap", source_title="Desk"),
        entry(TODAY, kind="gap", source_title="Cases", until=date(2026, 12, 1)),
    ]
    assert [line.sources for line in lines(gaps)] == [("Tax", "Desk"), ("Cases",)]


@given(st.lists(st.dates(date(2000, 1, 1), date(2026, 1, 1))))
def test_no_entry_is_lost(days):
    told = lines(entry(day, case_id="Z") for day in days)
    assert sum(line.times for line in told) == len(days)
    assert [line.entry.at for line in told] == sorted(
        (line.entry.at for line in told), reverse=True
    )


def test_silences_that_follow_each_other_on_and_on_are_one_line():
    def gap(month: int, source: str) -> TimelineEntry:
        return entry(
            date(2025, month, 1), kind="gap", source_title=source, until=date(2025, month, 20)
        )

    (year,) = by_year(
        [gap(3, "Tax"), gap(4, "Desk"), gap(5, "Tax"), gap(9, "Tax"), gap(11, "Tax"), entry(SUMMER)]
    )
    assert [line.times for line in year.lines] == [1, 1, 1, 3]
    together = year.lines[-1]
    assert (together.sources, together.first) == (("Tax", "Desk"), date(2025, 3, 1))
    assert together.entry.until == date(2025, 5, 20)


def busy(*counts: tuple[int, int, int]) -> list[TimelineEntry]:
    """So many entries in a month: (year, month, count)."""
    return [entry(date(y, m, 1 + n % 28), f"{n}") for y, m, count in counts for n in range(count)]


def test_of_a_very_long_timeline_the_newest_are_shown_and_the_rest_is_one_step_away():
    told = by_year(busy((2026, 3, 4), (2025, 5, 5000), (2024, 1, 7)), most=300)
    assert [(year.period, len(year.lines), year.count) for year in told] == [
        ("2026", 4, 4),
        ("2025", 296, 5000),
        ("2024", 0, 7),
    ]


def test_a_year_of_too_much_is_told_month_by_month():
    year = busy((2025, 12, 200), (2025, 5, 150), (2025, 4, 90), (2024, 1, 7))
    assert [(one.period, len(one.lines), one.count) for one in in_period(year, "2025")] == [
        ("2025-12", 200, 200),
        ("2025-05", 0, 150),
        ("2025-04", 90, 90),
    ]
    assert [len(one.lines) for one in in_period(year, "2025-05")] == [150]
    assert [(one.period, one.count) for one in in_period(year, "2024")] == [("2024", 7)]
    for none in ("2023", "2025-02", "2025-13", "nonsense", "2025-05-01"):
        assert in_period(year, none) == ()


@given(st.lists(st.dates(date(2024, 1, 1), date(2025, 12, 31)), max_size=60), st.integers(0, 20))
def test_every_line_can_be_reached(days, most):
    entries = [entry(day, str(n)) for n, day in enumerate(days)]
    reached = set()
    for year in by_year(entries, most):
        reached |= {line.entry.title for line in year.lines}
        if len(year.lines) < year.count:
            for part in in_period(entries, year.period, most):
                whole = in_period(entries, part.period, most) if not part.lines else (part,)
                reached |= {line.entry.title for one in whole for line in one.lines}
    assert reached == {one.title for one in entries}


def test_a_filter_shows_three_years_of_all_sources_unless_asked():
    plain = Filter.chosen(None, None, TODAY)
    assert (plain.sources, plain.since) == (None, date(2024, 1, 1))
    asked = Filter.chosen("tax", 0, TODAY)
    assert (asked.sources, asked.since) == (("tax",), None)
    assert Filter.chosen("", 9999, TODAY).since == date(2026, 1, 1)
    assert 2001 in Filter.chosen(None, 2001, TODAY).offered(TODAY)
    assert Filter.chosen(None, None, TODAY).before(entry(date(1957, 1, 2)))
