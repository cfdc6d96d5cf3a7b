"""A clock that only moves when it is told to, for tests of everything that depends on time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

START = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)  # after clock.BUILD_TIME, so the calendar is believed
START_BOOTTIME_S = 1000.0


class FakeClock:
    """Satisfies `appliance.clock.Clock`. Calendar and boot clock move together, unless one is set."""

    speed = 1.0

    def __init__(self, now: datetime = START, boottime_s: float = START_BOOTTIME_S, boot_id: str = "boot-1") -> None:
        self._now = now
        self._boottime_s = boottime_s
        self.boot_id = boot_id
        self._reboots = 0

    def now(self) -> datetime:
        return self._now

    def boottime_s(self) -> float:
        return self._boottime_s

    def advance(self, seconds: float) -> None:
        """Let time pass on both clocks."""
        self._now += timedelta(seconds=seconds)
        self._boottime_s += seconds

    def set(self, now: datetime) -> None:
        """Set the calendar, as a person or a time server does; the boot clock does not care."""
        self._now = now

    def reboot(self, off_s: float = 30.0) -> None:
        """Switch off for `off_s` seconds and start again: another boot id, the boot clock near zero."""
        self._now += timedelta(seconds=off_s)
        self._boottime_s = 10.0
        self._reboots += 1
        self.boot_id = f"{self.boot_id}/{self._reboots}"
