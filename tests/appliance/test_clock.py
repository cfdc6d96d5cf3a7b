"""Calendar and boot clock, when the calendar is believed, and the demo's fast clock."""

from __future__ import annotations

import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest

from appliance import clock
from appliance.clock import BUILD_TIME, KnownTime, trusted

LATER = BUILD_TIME + timedelta(days=100)


@pytest.mark.parametrize(
    ("now", "known", "ntp", "believed"),
    [
        pytest.param(datetime(1970, 1, 1, tzinfo=UTC), None, True, True, id="in step with a time server"),
        pytest.param(datetime(1970, 1, 1, tzinfo=UTC), None, False, False, id="a board without a clock starts in 1970"),
        pytest.param(BUILD_TIME - timedelta(seconds=1), None, False, False, id="before this program was built"),
        pytest.param(BUILD_TIME, None, False, True, id="first start"),
        pytest.param(LATER, KnownTime(LATER), False, True, id="as known"),
        pytest.param(LATER - timedelta(seconds=1), KnownTime(LATER), False, False, id="before it was known good"),
        pytest.param(LATER + clock.PLAUSIBLE_OFF, KnownTime(LATER), False, True, id="400 days in a drawer"),
        pytest.param(LATER + timedelta(days=401), KnownTime(LATER), False, False, id="absurdly long after"),
        pytest.param(LATER + timedelta(days=401), KnownTime(LATER), True, True, id="but a time server says so"),
    ],
)  # fmt: skip
def test_when_the_calendar_is_believed(now: datetime, known: KnownTime | None, ntp: bool, believed: bool) -> None:
    assert trusted(now, known, ntp=ntp) is believed


def test_the_system_clock_is_utc_aware_and_counts_since_boot() -> None:
    system = clock.SystemClock()
    assert system.now().tzinfo is UTC and len(system.boot_id) == 36 and system.speed == 1.0
    first = system.boottime_s()
    assert first > 0 and system.boottime_s() >= first


def test_a_fast_clock_runs_both_ways_as_fast(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(time, "clock_gettime", lambda _which: 110.0)
    fast = clock.FastClock(60.0, 1_800_000_000.0, 100.0)
    assert fast.now() == datetime.fromtimestamp(1_800_000_000 + 600, UTC)
    assert fast.boottime_s() == 100.0 + 600


def test_all_processes_of_a_demo_agree_about_the_fast_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WATTWARD_CLOCK", clock.fast_spec(1000.0))
    script = "from appliance import clock; c = clock.from_environment(); print(c.speed, c.now().timestamp())"
    before = clock.from_environment().now().timestamp()
    speed, there = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    ).stdout.split()  # fmt: skip
    after = clock.from_environment().now().timestamp()
    assert float(speed) == 1000.0 and before < float(there) < after


def test_without_a_spec_it_is_the_machines_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("WATTWARD_CLOCK", raising=False)
    assert isinstance(clock.from_environment(), clock.SystemClock)


def test_a_malformed_spec_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WATTWARD_CLOCK", "fast")
    with pytest.raises(ValueError, match="fast"):
        clock.from_environment()


def test_stored_times_are_utc_to_the_millisecond_and_come_back() -> None:
    summer = datetime(2027, 7, 1, 12, 0, 0, 123999, tzinfo=timezone(timedelta(hours=2)))
    assert clock.utc_text(summer) == "2027-07-01T10:00:00.123Z"
    assert clock.from_utc_text("2027-07-01T10:00:00.123Z") == datetime(2027, 7, 1, 10, 0, 0, 123000, tzinfo=UTC)
    texts = [clock.utc_text(LATER + timedelta(milliseconds=step)) for step in range(0, 5000, 7)]
    assert texts == sorted(texts), "text sorts as time does"


def test_a_demo_that_runs_fast_says_so_to_every_command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("WATTWARD_CLOCK", raising=False)
    assert clock.of_run(tmp_path).speed == 1
    (tmp_path / clock.FAST).write_text(clock.fast_spec(60))
    assert clock.of_run(tmp_path).speed == 60
    monkeypatch.setenv("WATTWARD_CLOCK", clock.fast_spec(5))
    assert clock.of_run(tmp_path).speed == 5, "the environment says it for the demo's own processes"
