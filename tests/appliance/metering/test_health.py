"""How well a meter answers, over the last hour."""

from __future__ import annotations

from appliance.metering import health
from appliance.metering.health import Health, Pulse
from appliance.opened import Opened


def test_readings_errors_and_the_rhythm_really_kept_are_counted() -> None:
    pulse = Pulse(3, 100.0)
    for number in range(10):
        pulse.read(100.0 + 1.5 * number)
    pulse.failed(116.0)
    assert pulse.health() == Health(3, 100.0, readings=10, errors=1, interval_s=1.5)


def test_before_there_are_two_readings_there_is_no_rhythm() -> None:
    pulse = Pulse(1, 0.0)
    assert pulse.health().interval_s is None
    pulse.read(5.0)
    assert pulse.health().interval_s is None and pulse.health().readings == 1


def test_what_is_older_than_an_hour_is_let_go() -> None:
    pulse = Pulse(1, 0.0)
    pulse.failed(1.0)
    for second in range(0, 7200, 10):
        pulse.read(float(second))
    found = pulse.health()
    assert found.errors == 0 and 3300 <= 7200 - found.since_boottime_s <= 3600
    assert found.readings == (7200 - found.since_boottime_s) / 10 and found.interval_s == 10.0


def test_it_is_written_down_every_few_seconds() -> None:
    pulse = Pulse(1, 0.0)
    assert [second for second in range(20) if pulse.due(float(second))] == [0, 5, 10, 15]


def test_what_was_written_is_read_and_forgotten(opened: Opened) -> None:
    found = Health(2, 5.0, 7, 1, None)
    with opened.live.write() as db:
        health.put(db, found)
    assert health.all(opened.live) == {2: found}
    with opened.live.write() as db:
        health.forget(db, 2)
    assert health.all(opened.live) == {}
