"""Where backups go: a folder on the card, and a USB stick when `backup.usb` is on.

A root unit mounts the stick labelled WATTWARD at `USB`. An empty folder where
no stick is mounted is no target: a backup there would be lost with the power.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from appliance.config import Home
from appliance.store import settings
from appliance.store.database import Store

USB = Path("/run/wattward/usb")
USB_VARIABLE = "WATTWARD_USB"  # another place for the stick; then any folder is taken for a stick


@dataclass(frozen=True, slots=True)
class Target:
    """One place for backups."""

    name: str  # 'folder', 'usb'
    folder: Path

    def is_present(self) -> bool:
        """Tell whether something may be written there now."""
        if self.name == "usb" and USB_VARIABLE not in os.environ:
            return self.folder.is_mount()
        return self.folder.is_dir()


def of(home: Home) -> dict[str, Target]:
    """All targets by name, wanted or not."""
    usb = Path(os.environ.get(USB_VARIABLE) or USB)
    return {target.name: target for target in (Target("folder", home.backups), Target("usb", usb))}


def wanted(home: Home, store: Store) -> list[Target]:
    """The targets each backup goes to, as the settings say."""
    known = of(home)
    return [known["folder"], known["usb"]] if settings.flag(store, "backup.usb") else [known["folder"]]
