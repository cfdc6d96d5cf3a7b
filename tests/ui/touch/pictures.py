"""Pictures of the touchscreen: `python -m tests.ui.touch.pictures [FOLDER] [--language de] [--all]`.

Without FOLDER it makes those of the documents anew (docs/pictures). Hand-made
values go through the real app and window.
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

DOCUMENTS = Path(__file__).parents[3] / "docs" / "pictures"
SHOTS = {  # name -> screen, look
    "energy": ("energy", "day"),
    "charging": ("charging", "day"),
    "charging-running": ("charging", "charging"),
    "settings": ("settings", "day"),
    "web-admin": ("web_admin", "web"),
    "fault": ("energy", "faulty"),
}
MORE = {
    "energy-charging": ("energy", "charging"),
    "energy-empty": ("energy", "empty"),
    "no-core": ("energy", "no_core"),
    "charging-waiting": ("charging", "waiting"),
    "charging-none": ("charging", "empty"),
    "sessions": ("sessions", "day"),
    "sessions-empty": ("sessions", "empty"),
    "faults": ("faults", "faulty"),
    "pin": ("pin", "day"),
    "pin-first": ("pin", "empty"),
    "web-off": ("web_admin", "day"),
    "change-pin": ("change_pin", "day"),
    "backups": ("backups", "day"),
    "meters": ("meters", "faulty"),
    "about": ("about", "day"),
}


def main() -> int:
    """Make the pictures."""
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path, nargs="?", default=DOCUMENTS)
    parser.add_argument("--language", default="en")
    parser.add_argument("--all", action="store_true", help="every screen, not only those of the documents")
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
    for name, (screen, look) in (SHOTS | (MORE if args.all else {})).items():
        stage.turn_to(screen, replace(looks.ALL[look], language=args.language))
        stage.picture(args.folder / f"{name}.png")
    stage.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
