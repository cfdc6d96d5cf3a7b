"""Restart the machine and switch it off, through systemd-logind.

Nothing happens by itself: a person asked, and was told who is charging. With a
session running it is refused unless they said so all the same.
"""

from __future__ import annotations

from appliance import audit
from appliance.charging import sessions
from appliance.errors import N_, Refused
from appliance.opened import Opened
from appliance.system import tasks
from appliance.system.bus import Bus, Object

LOGIN = Object("org.freedesktop.login1", "/org/freedesktop/login1", "org.freedesktop.login1.Manager")
RESTART, OFF = "restart", "off"
METHODS = {RESTART: "Reboot", OFF: "PowerOff"}


def ask(it: Opened, actor: audit.Actor, kind: str, *, even_charging: bool = False) -> int:
    """Want the machine restarted or switched off. Raises Refused while somebody charges, unless `even_charging`."""
    require_nobody_charging(it, even_charging=even_charging)
    return tasks.ask(it, actor, kind, even_charging=even_charging)


def require_nobody_charging(it: Opened, *, even_charging: bool) -> None:
    """Let nobody's charging be cut short unasked. Raises Refused."""
    if not even_charging and sessions.running(it.store):
        raise Refused(N_("A car is being charged: stop it first, or say that it may be interrupted."))


async def do(bus: Bus, kind: str) -> None:
    """Tell the machine to restart or to switch off. Raises BusError."""
    await bus.call(LOGIN, METHODS[kind], "b", False)
