"""Pictures of the touchscreen: `python -m tests.ui.touch.pictures FOLDER [--language de]`.

Every screen with hand-made values, through the real app and window. The README's
picture is `docs/pictures/energy.png`, made with FOLDER docs/pictures.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from dataclasses import replace
from pathlib import Path

from appliance import config, opened
from appliance.access import device_key
from appliance.store import live, migrate
from tests.fake_clock import FakeClock
from tests.ui.touch import looks

SHOTS = [
    ("energy", "energy", "day"), ("energy-charging", "energy", "charging"), ("energy-fault", "energy", "faulty"),
    ("energy-empty", "energy", "empty"), ("no-core", "energy", "no_core"), ("charging-keypad", "charging", "day"),
    ("charging-waiting", "charging", "waiting"), ("charging-running", "charging", "charging"),
    ("charging-none", "charging", "empty"), ("sessions", "sessions", "day"), ("sessions-empty", "sessions", "empty"),
    ("faults", "faults", "faulty"), ("pin", "pin", "day"), ("pin-first", "pin", "empty"), ("settings", "settings", "day"),
    ("web-off", "web_admin", "day"), ("web-on", "web_admin", "web"), ("change-pin", "change_pin", "day"),
    ("backups", "backups", "day"), ("meters", "meters", "faulty"), ("about", "about", "day"),
]  # fmt: skip


def main() -> int:
    """Make all pictures."""
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("--language", default="en")
    parser.add_argument("--only", nargs="*", help="names of pictures")
    args = parser.parse_args()
    args.folder.mkdir(parents=True, exist_ok=True)
    from tests.ui.touch.stage import Stage

    root = Path(tempfile.mkdtemp(prefix="wattward-pictures-"))
    home, clock = config.Home(root, root / "run"), FakeClock()
    home.make()
    migrate.migrate(home.store_db, clock)
    live.make(home.live_db, clock.boot_id)
    device_key.make(home.keys)
    stage = Stage(opened.open_home(home, clock), replace(looks.DAY, language=args.language))
    for name, screen, look in SHOTS:
        if args.only and name not in args.only:
            continue
        status = replace(looks.ALL[look], language=args.language)
        stage.app.status = status
        stage.app.unlocked = True
        stage.app.root.go(screen)
        stage.app.unlocked = screen not in ("pin",)
        stage.show(status)
        stage.picture(args.folder / f"{name}.png")
    stage.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
