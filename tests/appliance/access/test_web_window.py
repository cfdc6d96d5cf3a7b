"""The window is open for exactly ten minutes of the boot clock and never after a reboot."""

from __future__ import annotations

from appliance import audit
from appliance.access import web_window
from appliance.opened import Opened
from tests.fake_clock import FakeClock


def test_a_fresh_appliance_is_closed(opened: Opened) -> None:  # A003-18
    assert web_window.state(opened.store, opened.clock) == web_window.Window(False, 0, 0, until_s=0)


def test_it_is_open_until_ten_minutes_and_not_a_moment_longer(opened: Opened, clock: FakeClock) -> None:  # A003-21
    web_window.enable(opened.store, clock, audit.TOUCH)
    clock.advance(599.999)
    assert web_window.state(opened.store, clock).open
    clock.advance(0.001)
    assert not web_window.state(opened.store, clock).open


def test_enabling_again_restarts_ten_minutes_of_the_same_opening(opened: Opened, clock: FakeClock) -> None:  # A003-22
    web_window.enable(opened.store, clock, audit.TOUCH)
    clock.advance(500)
    until_s = clock.boottime_s() + 600
    assert web_window.enable(opened.store, clock, audit.TOUCH) == web_window.Window(True, 600, 1, until_s)


def test_a_new_opening_has_a_new_number(opened: Opened, clock: FakeClock) -> None:
    web_window.enable(opened.store, clock, audit.TOUCH)
    clock.advance(600)
    assert web_window.enable(opened.store, clock, audit.TOUCH).opening == 2
    assert web_window.close(opened.store, clock, audit.TOUCH)
    assert web_window.enable(opened.store, clock, audit.TOUCH).opening == 3


def test_closing_ends_it_now_and_closing_twice_says_so(opened: Opened, clock: FakeClock) -> None:
    web_window.enable(opened.store, clock, audit.CLI)
    assert web_window.close(opened.store, clock, audit.CLI)
    assert not web_window.state(opened.store, clock).open
    assert not web_window.close(opened.store, clock, audit.CLI)


def test_a_restart_of_the_appliance_leaves_it_off(opened: Opened, clock: FakeClock) -> None:  # A003-21
    web_window.enable(opened.store, clock, audit.TOUCH)
    clock.reboot()
    assert not web_window.state(opened.store, clock).open


def test_a_calendar_that_jumps_neither_closes_nor_prolongs_it(opened: Opened, clock: FakeClock) -> None:
    web_window.enable(opened.store, clock, audit.TOUCH)
    clock.set(clock.now().replace(year=2031))
    assert web_window.state(opened.store, clock).remaining_s == 600


def test_a_row_from_the_future_opens_no_longer_than_ten_minutes(opened: Opened, clock: FakeClock) -> None:
    web_window.enable(opened.store, clock, audit.TOUCH)
    with opened.store.write() as db:
        db.execute("UPDATE web_window SET open_until_s=open_until_s+86400")
    assert web_window.state(opened.store, clock).remaining_s == 600


def test_opening_and_closing_are_in_the_audit(opened: Opened, clock: FakeClock) -> None:
    web_window.enable(opened.store, clock, audit.TOUCH)
    web_window.close(opened.store, clock, audit.CLI)
    assert [(one.event, one.actor.surface) for one in audit.newest(opened.store)] == [
        ("web.close", "cli"),
        ("web.open", "touch"),
    ]
