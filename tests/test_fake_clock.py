"""The clock of the tests keeps the promises of the real one."""

from __future__ import annotations

from datetime import timedelta

from appliance import clock as clocks
from tests.fake_clock import START, FakeClock


def test_it_is_a_clock(clock: FakeClock) -> None:
    as_clock: clocks.Clock = clock
    assert as_clock.now() == START and as_clock.now() > clocks.BUILD_TIME


def test_both_clocks_advance_together_and_setting_the_calendar_leaves_the_boot_clock(clock: FakeClock) -> None:
    before_s = clock.boottime_s()
    clock.advance(90)
    assert clock.now() == START + timedelta(seconds=90) and clock.boottime_s() == before_s + 90
    clock.set(START - timedelta(days=365))
    assert clock.boottime_s() == before_s + 90


def test_a_reboot_changes_the_boot_and_starts_its_clock_again(clock: FakeClock) -> None:
    boot = clock.boot_id
    clock.reboot(off_s=3600)
    assert clock.boot_id != boot and clock.boottime_s() < 60 and clock.now() == START + timedelta(hours=1)
