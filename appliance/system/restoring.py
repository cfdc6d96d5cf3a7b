"""Which backups can be put back from the touchscreen, and the wish to do it.

Listed are the files on the card and on the stick, also those of another
appliance or of a card that is new: those need the recovery code. The core opens
and checks the chosen one, decides, and starts anew (`backup/restore.py`).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from appliance import audit
from appliance.backup import catalog, key, targets
from appliance.errors import N_, BadInput
from appliance.opened import Opened
from appliance.system import power, tasks

KIND = "restore"


@dataclass(frozen=True, slots=True)
class Offered:
    """One backup file."""

    path: Path
    target: str  # 'folder', 'usb'
    made_at: datetime | None  # None: another appliance's, or not known here
    size_bytes: int
    needs_code: bool


def offered(it: Opened) -> list[Offered]:
    """All backup files within reach, the newest first. Raises StoreError."""
    known = {(one.target, one.file): one.made_at for one in catalog.all(it.store) if one.good}
    found = []
    for target in targets.of(it.home).values():
        if not target.is_present():
            continue
        for path in target.folder.glob("wattward-*.tar.gz.age"):
            made_at = known.get((target.name, path.name))
            found.append(Offered(path, target.name, made_at, path.stat().st_size, needs_code=made_at is None))
    return sorted(found, key=lambda one: (one.made_at is not None, str(one.made_at), one.path.name), reverse=True)


def ask(it: Opened, actor: audit.Actor, path: Path, code: str = "", *, even_charging: bool = False) -> int:
    """Want a backup put back. Raises BadInput, Refused."""
    if path not in {one.path for one in offered(it)}:
        raise BadInput(N_("This backup is not there any more: plug in the stick again."), field="path")
    if code:
        key.from_code(code)
    power.require_nobody_charging(it, even_charging=even_charging)
    return tasks.ask(it, actor, KIND, code, path=str(path), even_charging=even_charging)
