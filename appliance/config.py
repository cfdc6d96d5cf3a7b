"""Where things lie: the home of one appliance and its volatile run directory.

The home (`--home`, WATTWARD_HOME) is on the card and holds what must last. The
run directory (WATTWARD_RUN, installed: /run/wattward on tmpfs) holds what a
reboot may forget. Nothing else in the program knows a path.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

INSTALLED_HOME = Path("/var/lib/wattward")
INSTALLED_RUN = Path("/run/wattward")


@dataclass(frozen=True, slots=True)
class Home:
    """The folders and files of one appliance."""

    root: Path
    run: Path

    @property
    def store_db(self) -> Path:
        return self.root / "store.db"

    @property
    def live_db(self) -> Path:
        return self.run / "live.db"

    @property
    def bells(self) -> Path:
        return self.run / "bells"

    @property
    def keys(self) -> Path:
        return self.root / "keys"

    @property
    def tls(self) -> Path:
        return self.root / "tls"

    @property
    def backups(self) -> Path:
        return self.root / "backups"

    def make(self) -> None:
        """Create what is missing: group-writable and setgid, so that every surface may write (keys: read)."""
        for folder, mode in (
            (self.root, 0o2770),
            (self.run, 0o2770),
            (self.bells, 0o2770),
            (self.keys, 0o2750),
            (self.tls, 0o2770),
            (self.backups, 0o2770),
        ):
            if not folder.is_dir():
                folder.mkdir(parents=True, mode=0o770)
                folder.chmod(mode)


def find(home: str | None) -> Home:
    """The home named on the command line, in WATTWARD_HOME, or the installed one."""
    root = Path(home or os.environ.get("WATTWARD_HOME") or INSTALLED_HOME).absolute()
    default_run = INSTALLED_RUN if root == INSTALLED_HOME else root / "run"
    return Home(root=root, run=Path(os.environ.get("WATTWARD_RUN") or default_run).absolute())
