"""Windows of the week and local days, pure: the clock on the wall decides, also where it is set."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.charging import local_days, windows
from appliance.charging.windows import OUTSIDE
from appliance.errors import BadInput

BERLIN = ZoneInfo("Europe/Berlin")


@pytest.mark.parametrize(
    ("text", "moment", "holds"),
    [
        ("1-5 08:00-18:00", "2026-11-23T08:00", True),  # a Monday
        ("1-5 08:00-18:00", "2026-11-23T07:59:59", False),
        ("1-5 08:00-18:00", "2026-11-23T18:00", False),
        ("1-5 08:00-18:00", "2026-11-22T12:00", False),  # a Sunday
        ("6,7 00:00-24:00", "2026-11-22T23:59:59", True),
        ("6,7 00:00-24:00", "2026-11-23T00:00", False),
        ("5 22:00-06:00", "2026-11-21T05:59", True),  # Friday's night ends on Saturday
        ("5 22:00-06:00", "2026-11-20T05:59", False),
        ("6-1 10:00-11:00", "2026-11-23T10:30", True),  # Saturday to Monday
        ("7 02:00-03:00", "2026-10-25T02:30+02:00", True),  # an hour that comes twice …
        ("7 02:00-03:00", "2026-10-25T02:30+01:00", True),  # … holds twice
        ("7 02:00-03:00", "2026-03-29T03:00+02:00", False),  # one that is left out never comes
    ],
)
def test_hours_are_those_of_the_clock_on_the_wall(text: str, moment: str, holds: bool) -> None:
    at = datetime.fromisoformat(moment)
    local = at.replace(tzinfo=BERLIN) if at.tzinfo is None else at.astimezone(BERLIN)
    assert windows.allowed(windows.parse([text]), local) is holds


@pytest.mark.parametrize("text", ["", "8 08:00-09:00", "1-5 8:00-18:00", "1 08:00-25:00", "mo 08:00-09:00", "1 free"])
def test_hours_that_cannot_be_are_refused_with_the_rule(text: str) -> None:
    with pytest.raises(BadInput, match="1-5 08:00-18:00"):
        windows.parse([text])
    with pytest.raises(BadInput):
        windows.parse(["1 08:00-09:00 free"])  # only a plan says that


def test_hours_are_kept_as_they_were_typed() -> None:
    typed = windows.parse(["1-3,6 22:00-06:00", "7 00:00-24:00 free"], plan=True)
    assert windows.from_json(windows.to_json(typed)) == typed
    assert [str(one) for one in typed] == ["1,2,3,6 22:00-06:00", "7 00:00-00:00 free"]


def test_a_plan_says_the_mode_and_outside_it_nobody_may() -> None:
    plan = windows.parse(["1-5 22:00-06:00", "7 00:00-24:00 free"], plan=True)
    monday, sunday = datetime(2026, 11, 23, tzinfo=BERLIN), datetime(2026, 11, 22, tzinfo=BERLIN)
    assert windows.mode_at("time", plan, sunday.replace(hour=9)) == "free"
    assert windows.mode_at("time", plan, monday.replace(hour=23)) == "authorized"
    assert windows.mode_at("time", plan, monday.replace(hour=12)) == OUTSIDE
    assert windows.mode_at("time", plan, None) == OUTSIDE, "without a known time nothing holds"
    assert windows.mode_at("free", plan, monday.replace(hour=12)) == "free", "a plan counts in mode time only"


@pytest.mark.parametrize(
    ("plan", "night", "instants"),
    [
        # Clocks go back on 2026-10-25 at 03:00 (01:00 UTC): from 02:00 to 03:00 comes twice.
        ("7 02:00-03:00", "2026-10-25", ["00:00 01:59"]),
        ("6 22:00-06:00", "2026-10-25", ["00:00 04:59"]),  # a night of nine hours, begun on the 24th at 20:00 UTC
        ("7 00:00-24:00", "2026-10-25", ["00:00 22:59"]),
        ("7 03:00-04:00", "2026-10-25", ["02:00 02:59"]),
        # Clocks go forward on 2026-03-29 at 02:00 (01:00 UTC): from 02:00 to 03:00 never comes.
        ("7 02:00-03:00", "2026-03-29", []),
        ("7 02:30-03:30", "2026-03-29", ["01:00 01:29"]),
        ("7 01:30-02:30", "2026-03-29", ["00:30 00:59"]),
        ("6 22:00-06:00", "2026-03-29", ["00:00 03:59"]),
        ("7 03:00-04:00", "2026-03-29", ["01:00 01:59"]),
    ],
)
def test_a_plan_holds_minute_by_minute_through_the_nights_the_clocks_are_set(
    plan: str, night: str, instants: list[str]
) -> None:  # part 2
    parsed = windows.parse([plan], plan=True)
    midnight = datetime.fromisoformat(f"{night}T00:00").replace(tzinfo=UTC)
    minutes = [midnight + timedelta(minutes=number) for number in range(24 * 60)]
    held = [at for at in minutes if windows.mode_at("time", parsed, at.astimezone(BERLIN)) == "authorized"]
    expected = [
        at for begin, end in (one.split() for one in instants) for at in minutes if begin <= at.strftime("%H:%M") <= end
    ]
    assert held == expected


@given(second=st.integers(0, 12 * 365 * 86400))
def test_of_two_plans_that_share_the_week_exactly_one_holds_at_every_instant(second: int) -> None:
    local = (datetime(2024, 1, 1, tzinfo=UTC) + timedelta(seconds=second)).astimezone(BERLIN)
    night, day = (windows.parse([f"1-7 {hours}"], plan=True) for hours in ("22:00-06:00", "06:00-22:00"))
    modes = [windows.mode_at("time", plan, local) for plan in (night, day)]
    assert sorted(modes) == sorted(["authorized", OUTSIDE])


@pytest.mark.parametrize(
    ("moment", "day", "week", "month"),
    [
        ("2026-11-21T12:00", "2026-11-20T23:00", "2026-11-15T23:00", "2026-10-31T23:00"),
        ("2026-03-29T12:00", "2026-03-28T23:00", "2026-03-22T23:00", "2026-02-28T23:00"),
        ("2026-10-25T12:00", "2026-10-24T22:00", "2026-10-18T22:00", "2026-09-30T22:00"),
        ("2026-10-26T00:00", "2026-10-25T23:00", "2026-10-25T23:00", "2026-09-30T22:00"),
    ],
)
def test_periods_begin_at_local_midnight(moment: str, day: str, week: str, month: str) -> None:
    local = datetime.fromisoformat(moment).replace(tzinfo=BERLIN)
    begun = [local_days.began(period, local) for period in ("day", "week", "month")]
    assert begun == [datetime.fromisoformat(one).replace(tzinfo=UTC) for one in (day, week, month)]
