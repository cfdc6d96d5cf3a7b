"""Long work in words: what is being done, and what nobody should do meanwhile. No Kivy here."""

from __future__ import annotations

from appliance.errors import N_
from ui.text import numbers
from ui.text.catalog import _
from ui.touch.status import TaskNow

NAMES = {
    "backup": N_("Backup is being made"),
    "restore": N_("Backup is being restored"),
    "update": N_("Update is being installed"),
    "factory_reset": N_("Everything is being deleted"),
    "support": N_("Support file is being made"),
    "export": N_("History file is being made"),
    "restart": N_("The appliance restarts"),
    "off": N_("The appliance shuts down"),
}  # what takes a while; a search for Wi-Fi names does not
ENDED = {
    "backup": N_("Backup made"),
    "restore": N_("Backup restored"),
    "update": N_("Update installed"),
    "factory_reset": N_("Everything deleted"),
    "support": N_("Support file made"),
    "export": N_("History file made"),
    "restart": N_("The appliance restarted"),
    "off": N_("The appliance was shut down"),
}
FAILED = {
    "backup": N_("The backup could not be made"),
    "restore": N_("The backup could not be restored"),
    "update": N_("The update could not be installed"),
    "factory_reset": N_("Not everything could be deleted"),
    "support": N_("The support file could not be made"),
    "export": N_("The history file could not be made"),
    "restart": N_("The appliance could not restart"),
    "off": N_("The appliance could not shut down"),
}
KEEP_POWER = frozenset({"restore", "update", "factory_reset"})  # the power must stay on


def name(task: TaskNow) -> str:
    """What is being done."""
    return _(NAMES[task.kind])


def outcome(task: TaskNow, *, failed: bool) -> str:
    """How it ended."""
    return _((FAILED if failed else ENDED)[task.kind])


def meanwhile(tasks: tuple[TaskNow, ...]) -> str:
    """What to do while nothing can be shown: nothing, or power off and on, but never while that would do harm."""
    careful = [task for task in tasks if task.kind in KEEP_POWER]
    if careful:
        return f"{name(careful[0])}. {_('Do not remove power.')}"
    again, stays = _("It is tried again by itself."), _("If it stays so for minutes, take the power off and on again.")
    return f"{again} {stays}"


def stage(task: TaskNow) -> str:
    """How far it is; empty while nothing is known."""
    said = _(task.stage) if task.stage else ""
    return said if task.percent is None else f"{said} {task.percent}{numbers.SPACE}%"
