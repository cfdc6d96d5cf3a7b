"""The machine's clock, time server and time zone, through systemd-timedated.

A person who sets the time also says that it is right: from then on it is
believed (`known_time`), which is the way out where there is no time server.
The zone is a setting of the appliance; the machine is told to follow.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from appliance import audit, clock, known_time
from appliance.errors import N_, BadInput
from appliance.opened import Opened
from appliance.store import settings
from appliance.system import observed, tasks
from appliance.system.bus import Absent, Bus, Object

TIMEDATE = Object("org.freedesktop.timedate1", "/org/freedesktop/timedate1", "org.freedesktop.timedate1")
SET_TIME, SET_NTP, SET_ZONE = "time_set", "time_server", "time_zone"
LATEST = timedelta(days=365 * 30)  # after this program was built: no appliance is older


@dataclass(frozen=True, slots=True)
class Timekeeping:
    """How the machine keeps time. `managed` is False where it cannot be set from here."""

    managed: bool
    server: bool = False  # a time server is asked
    in_step: bool = False  # and has answered
    zone: str = ""


def now(it: Opened) -> Timekeeping | None:
    """What the core sees; None while it has not looked. Raises StoreError."""
    seen = observed.get(it.live, it.clock, "time")
    return None if seen is None else Timekeeping(**seen)


def put(it: Opened, seen: Timekeeping) -> bool:
    """Keep what was seen; tell whether it is news. Core only."""
    return observed.put(it.live, it.clock, "time", asdict(seen))


async def look(bus: Bus) -> Timekeeping:
    """How the machine keeps time now. Raises BusError."""
    try:
        found = await bus.properties(TIMEDATE)
    except Absent:
        return Timekeeping(managed=False)
    return Timekeeping(True, bool(found["NTP"]), bool(found["NTPSynchronized"]), str(found["Timezone"]))


# Wishes ------------------------------------------------------------------------------------------


def set_time(it: Opened, actor: audit.Actor, local: datetime) -> int:
    """Set date and time, written in the appliance's zone; no time server is asked any more. Raises BadInput."""
    zone = ZoneInfo(settings.text(it.store, "site.timezone"))
    moment = local.replace(tzinfo=zone)
    if not clock.BUILD_TIME <= moment <= clock.BUILD_TIME + LATEST:
        raise BadInput(N_("{date} cannot be right: look at day, month and year."), date=f"{local:%Y-%m-%d}")
    return tasks.ask(it, actor, SET_TIME, utc=clock.utc_text(moment))


def set_server(it: Opened, actor: audit.Actor, *, on: bool) -> int:
    """Ask a time server, or do not. Raises Refused."""
    return tasks.ask(it, actor, SET_NTP, on=on)


def set_zone(it: Opened, actor: audit.Actor, zone: str) -> int:
    """Live in another time zone: the machine and the appliance, or neither. Raises BadInput, Refused."""
    zone = str(settings.parse(settings.describe("site.timezone"), zone))
    number = tasks.ask(it, actor, SET_ZONE, zone=zone)
    settings.put(it.store, it.clock.now(), actor, "site.timezone", zone)
    return number


# The core's side ---------------------------------------------------------------------------------


async def do_set_time(it: Opened, bus: Bus, utc: str, actor: audit.Actor) -> None:
    """Set the clock, and believe it. Raises BusError."""
    moment = clock.from_utc_text(utc)
    if (await bus.properties(TIMEDATE))["NTP"]:
        await bus.call(TIMEDATE, "SetNTP", "bb", False, False)
    await bus.call(TIMEDATE, "SetTime", "xbb", round(moment.timestamp() * 1e6), False, False)
    known_time.confirm(it.store, it.clock, actor)


async def do_set_server(bus: Bus, *, on: bool) -> None:
    """Ask a time server, or do not. Raises BusError."""
    await bus.call(TIMEDATE, "SetNTP", "bb", on, False)


async def do_set_zone(bus: Bus, zone: str) -> None:
    """Let the machine live in the appliance's time zone; one without such a service is left as it is."""
    try:
        await bus.call(TIMEDATE, "SetTimezone", "sb", zone, False)
    except Absent:
        return
