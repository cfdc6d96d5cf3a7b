"""Hand-made looks at the frame, and at living with it: picture name -> screen, status."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from appliance.backup import worker
from appliance.faults import Fault
from appliance.notices import Notice
from tests.ui.touch import looks
from ui.touch.screens.living.tasks import Ended
from ui.touch.status import Status, TaskNow

STICK = Fault(
    "backup", "usb_missing",
    worker.NO_STICK_SENTENCE,
    {}, looks.NOW - timedelta(days=2),
)  # fmt: skip
OLD = replace(looks.FAULTY.faults[0], since=looks.NOW - timedelta(days=9))
NOTICES = (
    Notice(3, looks.FAULTY.faults[0], None, read=False),
    Notice(2, STICK, looks.NOW - timedelta(days=1), read=False),
    Notice(1, OLD, looks.NOW - timedelta(days=8), read=True),
)  # fmt: skip
NOTICED = replace(looks.FAULTY, notices=NOTICES)
UPDATING = replace(looks.DAY, tasks=(TaskNow(7, "update", "", 83.0), TaskNow(0, "backup", "", 12.0)))

LOOKS: dict[str, tuple[str, Status]] = {
    "notifications": ("faults", NOTICED),
    "notifications-unread": ("energy", replace(looks.DAY, notices=NOTICES[1:])),
    "notifications-empty": ("faults", looks.DAY),
    "tasks": ("tasks", UPDATING),
    "tasks-elsewhere": ("energy", UPDATING),
    "tasks-done": ("tasks", replace(looks.DAY, page=Ended(TaskNow(7, "restore")))),
    "tasks-failed": (
        "tasks",
        replace(looks.DAY, page=Ended(TaskNow(7, "restore"), failed=True, message="The backup is damaged.")),
    ),
    "tasks-none": ("tasks", replace(looks.DAY, page=Ended(None))),
    "idle": ("idle", looks.DAY),
    "idle-charging": ("idle", looks.CHARGING),
    "idle-fault": ("idle", looks.FAULTY),
    "idle-empty": ("idle", looks.EMPTY),
}
