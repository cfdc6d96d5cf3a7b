"""Periods of the local calendar."""

from __future__ import annotations

from datetime import date, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.metering import periods
from appliance.metering.periods import Period, containing

BERLIN = ZoneInfo("Europe/Berlin")
DAYS = st.dates(date(2000, 1, 1), date(2100, 1, 1))
KINDS = st.sampled_from(["day", "week", "month", "year"])


@pytest.mark.parametrize(
    ("kind", "first", "last"),
    [
        ("day", date(2028, 2, 29), date(2028, 2, 29)),
        ("week", date(2028, 2, 28), date(2028, 3, 5)),
        ("month", date(2028, 2, 1), date(2028, 2, 29)),
        ("year", date(2028, 1, 1), date(2028, 12, 31)),
    ],
)
def test_a_day_lies_in_its_periods(kind: str, first: date, last: date) -> None:
    assert containing(kind, date(2028, 2, 29)) == Period(kind, first, last)


@given(KINDS, DAYS)
def test_periods_follow_each_other_without_a_hole(kind: str, day: date) -> None:
    period = containing(kind, day)
    before, after = period.previous(), period.next()
    assert before is not None and after is not None
    assert before.last + timedelta(days=1) == period.first <= day <= period.last == after.first - timedelta(days=1)
    assert before.next() == period == after.previous()


@given(KINDS, DAYS)
def test_bars_cover_their_period(kind: str, day: date) -> None:
    period = containing(kind, day)
    edges = period.bars()
    assert edges[0] == period.first and edges[-1] == period.last + timedelta(days=1) and edges == sorted(set(edges))
    assert len(edges) - 1 == {"day": 1, "week": 7, "year": 12}.get(kind, (period.last - period.first).days + 1)


def test_the_total_has_a_bar_a_year_and_nothing_before_it() -> None:
    period = periods.total(date(2026, 11, 21), date(2029, 3, 1))
    assert period.bars() == [date(year, 1, 1) for year in (2026, 2027, 2028, 2029, 2030)]
    assert period.previous() is period.next() is None


@pytest.mark.parametrize(("day", "hours"), [(date(2026, 3, 29), 23), (date(2026, 10, 25), 25), (date(2026, 7, 1), 24)])
def test_a_day_has_its_own_length(day: date, hours: int) -> None:
    begin, end = containing("day", day).bounds(BERLIN)
    assert (end - begin) == timedelta(hours=hours)
