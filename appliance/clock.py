"""The one source of time: a calendar for people, a monotonic clock for durations.

Calendar times are aware UTC datetimes. Durations use CLOCK_BOOTTIME, which
counts through suspend and cannot be set, together with the boot id, because a
reading of it means nothing after a reboot. The calendar is not trusted until
it is known good: a Raspberry Pi without network may boot in the past.

For the demo a clock may run fast; every process is given the same
`WATTWARD_CLOCK` ("speed;origin_utc_s;origin_boottime_s") and so agrees.
"""

from __future__ import annotations

import os
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Protocol

BUILD_TIME = datetime(2025, 1, 1, tzinfo=UTC)  # no calendar before this is right
NTP_MARK = Path("/run/systemd/timesync/synchronized")  # systemd-timesyncd(8) touches it once in step
PLAUSIBLE_OFF = timedelta(days=400)  # longer without power than this and the calendar must be confirmed
FAST = "clock"  # the file in which a demo notes how its clock runs
JUMP_S = 60.0  # a calendar that moves this far against the boot clock has been set


class Clock(Protocol):
    """What everything that needs time is handed."""

    boot_id: str

    def now(self) -> datetime:
        """The calendar: aware, UTC."""
        ...

    def boottime_s(self) -> float:
        """Seconds since boot, monotonic, valid only together with `boot_id`."""
        ...

    @property
    def speed(self) -> float:
        """How many clock seconds pass in a real one. 1 outside the demo."""
        ...


class SystemClock:
    """The machine's clocks."""

    speed = 1.0

    def __init__(self) -> None:
        self.boot_id = Path("/proc/sys/kernel/random/boot_id").read_text().strip()

    def now(self) -> datetime:
        return datetime.now(UTC)

    def boottime_s(self) -> float:
        return time.clock_gettime(time.CLOCK_BOOTTIME)


class FastClock:
    """A clock that runs `speed` times as fast, from one origin shared by all processes of a demo."""

    def __init__(self, speed: float, origin_utc_s: float, origin_boottime_s: float) -> None:
        self.speed = speed
        self._utc_s = origin_utc_s
        self._boottime_s = origin_boottime_s
        self.boot_id = SystemClock().boot_id

    def _elapsed_s(self) -> float:
        return (time.clock_gettime(time.CLOCK_BOOTTIME) - self._boottime_s) * self.speed

    def now(self) -> datetime:
        return datetime.fromtimestamp(self._utc_s + self._elapsed_s(), UTC)

    def boottime_s(self) -> float:
        return self._boottime_s + self._elapsed_s()


def from_environment() -> Clock:
    """The clock this process was started with. Raises ValueError for a malformed WATTWARD_CLOCK."""
    return _clock(os.environ.get("WATTWARD_CLOCK", ""))


def of_run(run: Path) -> Clock:
    """The clock of the appliance whose run folder this is: a demo that runs fast says so there."""
    noted = run / FAST
    if "WATTWARD_CLOCK" not in os.environ and noted.exists():
        return _clock(noted.read_text())
    return from_environment()


def _clock(spec: str) -> Clock:
    if not spec.strip():
        return SystemClock()
    speed, utc_s, boottime_s = (float(part) for part in spec.split(";"))
    return FastClock(speed, utc_s, boottime_s)


def fast_spec(speed: float) -> str:
    """WATTWARD_CLOCK for a demo that starts now and runs `speed` times as fast."""
    return f"{speed:g};{time.time()!r};{time.clock_gettime(time.CLOCK_BOOTTIME)!r}"


@dataclass(frozen=True, slots=True)
class KnownTime:
    """The last moment at which the calendar was known good (a row of the store)."""

    utc: datetime


def trusted(now: datetime, known: KnownTime | None, *, ntp: bool) -> bool:
    """Tell whether the calendar may decide anything.

    In step with a time server: yes. Otherwise it must lie after this program was
    built and after the last known good moment, and not absurdly far after it.
    """
    if ntp:
        return True
    if now < BUILD_TIME:
        return False
    return known is None or known.utc <= now <= known.utc + PLAUSIBLE_OFF


def ntp_synchronised() -> bool:
    """Tell whether a time server has set this machine's clock since boot."""
    return NTP_MARK.exists()


def utc_text(moment: datetime) -> str:
    """ISO 8601 in UTC to the millisecond, as every table stores times: 2026-11-21T05:40:12.345Z."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def from_utc_text(text: str) -> datetime:
    """Inverse of `utc_text`."""
    return datetime.fromisoformat(text)
