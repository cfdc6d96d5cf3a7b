"""Windows of the week and local days, pure: the clock on the wall decides, also where it is set."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

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
