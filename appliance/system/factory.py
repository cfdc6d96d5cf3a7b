"""Factory reset: everything this appliance learned is gone, as for the next owner.

1. A person types the word and the core is asked. 2. It has NetworkManager
forget the Wi-Fi. 3. It writes the mark `factory-reset` and ends; from here on
it happens, even through a power cut. 4. At its next start, before it looks at
anything else, it deletes all below its home (store, history, keys, certificate,
backups on the card, copies of before) and the mark last, and starts anew.

What lies on a USB stick stays. What was deleted from a memory card may be found
by a laboratory: only an encrypted volume or a new card prevents that.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
from pathlib import Path

from appliance import audit
from appliance.config import Home
from appliance.errors import N_, BadInput
from appliance.opened import Opened
from appliance.system import power, tasks

KIND = "factory_reset"
WORD = N_("RESET")  # typed by whoever means it
MARK = "factory-reset"
# What is in these goes, they themselves stay: the installation gave them owner, group and mode (logs: the demo's).
KEPT_FOLDERS = ("keys", "tls", "backups", "logs")


def ask(it: Opened, actor: audit.Actor, typed: str, word: str = WORD, *, even_charging: bool = False) -> int:
    """Want everything forgotten; `word` is WORD in the language of the surface. Raises BadInput, Refused."""
    if typed.strip().upper() != word:
        raise BadInput(N_("Nothing was reset: the word is {word}."), field="word", word=word)
    power.require_nobody_charging(it, even_charging=even_charging)
    return tasks.ask(it, actor, KIND, even_charging=even_charging)


def decide(home: Home, actor: audit.Actor) -> None:
    """From now on it happens. The core ends after this."""
    staged = home.root / f".{MARK}.new"
    staged.write_text(json.dumps([actor.surface, actor.name]))
    with staged.open("rb") as file:
        os.fsync(file.fileno())
    staged.replace(home.root / MARK)
    _sync(home.root)


def finish_decided(home: Home) -> audit.Actor | None:
    """Do or finish a decided reset; tell who asked. May be called at any time, any number of times."""
    mark = home.root / MARK
    if not mark.exists():
        return None
    actor = audit.CORE
    with contextlib.suppress(ValueError, TypeError):  # a mark that was cut short still counts
        actor = audit.Actor(*json.loads(mark.read_text()))
    for path in home.root.iterdir():
        if path not in (mark, home.run):
            _remove(path)
    for name in (home.live_db.name, home.live_db.name + "-wal", home.live_db.name + "-shm"):
        (home.run / name).unlink(missing_ok=True)
    _sync(home.root)
    mark.unlink()
    _sync(home.root)
    home.make()
    return actor


def _remove(path: Path) -> None:
    if not path.is_dir() or path.is_symlink():
        path.unlink(missing_ok=True)
    elif path.name in KEPT_FOLDERS:
        for one in path.iterdir():
            _remove(one)
    else:
        shutil.rmtree(path)


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
