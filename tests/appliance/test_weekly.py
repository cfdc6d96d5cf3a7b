"""Hours of the week, pure; tests of windows and of tariffs use them on every kind of day."""

from __future__ import annotations

import re
from datetime import datetime, time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance import weekly
from appliance.weekly import Hours


@pytest.mark.parametrize(
    ("text", "days"),
    [("1-5", {1, 2, 3, 4, 5}), ("6,7", {6, 7}), ("5-1", {5, 6, 7, 1}), ("3", {3}), ("1-3,6", {1, 2, 3, 6})],
)
def test_days_are_understood_as_they_are_typed(text: str, days: set[int]) -> None:
    assert re.fullmatch(weekly.DAYS, text) and weekly.days(text) == days


TIMES = st.times().map(lambda at: at.replace(second=0, microsecond=0))


@given(days=st.frozensets(st.integers(1, 7), min_size=1), begin=TIMES, end=TIMES, local=st.datetimes())
def test_what_begins_on_all_other_days_and_at_the_other_times_holds_when_these_hours_do_not(
    days: frozenset[int], begin: time, end: time, local: datetime
) -> None:
    every = frozenset(range(1, 8))
    rest = [Hours(every - days, begin, end)] + ([Hours(every, end, begin)] if begin != end else [])
    assert Hours(days, begin, end).holds(local) + sum(one.holds(local) for one in rest) == 1


def test_hours_say_themselves_as_they_may_be_typed() -> None:
    text = Hours(frozenset({5, 1}), time(22), time(6)).text
    assert text == "1,5 22:00-06:00" and re.fullmatch(rf"{weekly.DAYS} {weekly.EDGE}-{weekly.EDGE}", text)
