"""What the settings' pages look at beside the Status: network, time, tokens, switches. No Kivy here."""

from __future__ import annotations

from dataclasses import dataclass

from appliance.access import posture, tokens
from appliance.network import links
from appliance.network.links import Network
from appliance.opened import Opened
from appliance.store import settings
from appliance.store.settings import Value
from appliance.system import tasks, timekeeping
from appliance.system.tasks import Task
from appliance.system.timekeeping import Timekeeping
from ui.touch.status import Status

SHORT = (links.FORGET, timekeeping.SET_TIME, timekeeping.SET_NTP, timekeeping.SET_ZONE)  # done within a moment
SHOWN = ("ui.", "service.", "backup.", "site.")  # settings that these pages show


@dataclass(frozen=True, slots=True)
class HouseSeen:
    """One look."""

    network: Network | None = None
    time: Timekeeping | None = None
    values: tuple[tuple[str, Value], ...] = ()
    tokens_active: int = 0
    tokens_pending: int = 0
    weak: int = 0  # doors and locks that should be mended
    task: Task | None = None  # the newest short work of the core's

    def value(self, key: str) -> Value:
        """A setting's value in force; its default where it was not looked at."""
        return dict(self.values).get(key, settings.describe(key).default)

    @property
    def services_on(self) -> int:
        """How many services are switched on."""
        return sum(1 for key, value in self.values if key.startswith("service.") and value is True)


def look(it: Opened, _status: Status) -> HouseSeen:
    """Look at all of it. Raises StoreError."""
    counts = tokens.counts(it.store)
    with it.store.read() as db:
        values = tuple((one.key, settings.in_force(db, one.key)) for one in settings.TABLE if one.key.startswith(SHOWN))
    return HouseSeen(
        network=links.now(it),
        time=timekeeping.now(it),
        values=values,
        tokens_active=counts["active"],
        tokens_pending=counts["pending"],
        task=tasks.newest(it.live, *SHORT),
        weak=sum(1 for line in posture.look(it) if line.state == posture.WEAK),
    )
