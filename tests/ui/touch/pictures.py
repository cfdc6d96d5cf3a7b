"""Pictures of the touchscreen: `python -m tests.ui.touch.pictures [FOLDER] [--all] [--sheet FILE]`.

Without FOLDER it makes those of the documents anew (docs/pictures), and one small page of the
most important ones. `--all` makes every look of every part (`looks_*.py`); `--sheet` puts them
on one page. Hand-made values go through the real app and window.
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
from tests.ui.touch import looks, sheet
from ui.touch.status import Status

DOCUMENTS = Path(__file__).parents[3] / "docs" / "pictures"
SHOWN = {  # look -> its name in the documents
    "energy": "energy", "charging": "charging", "charging-running": "charging-running", "settings": "settings",
    "web-admin": "web-admin", "fault": "fault", "history-month": "history",
}  # fmt: skip
ON_SHEET = (
    "energy-battery",
    "flow",
    "history-day",
    "history-week",
    "figures",
    "source",
    "charging",
    "charging-running",
    "charging-waiting",
    "charging-several",
    "sessions",
    "session",
    "pin",
    "settings",
    "web-admin",
    "measurement",
    "reset-counters",
    "weekly-plan",
    "security-overview",
    "notifications",
    "tasks",
    "start-welcome",
    "start-splash",
    "idle",
)  # on the one page of the documents


def dressed(status: Status, *, language: str = "en", light: bool = False, large: bool = False) -> Status:
    """The same look in another language, colours and size."""
    display = replace(status.display, theme="light" if light else "dark", large_text=large)
    return replace(status, language=language, display=display)


def a_home(root: Path) -> opened.Opened:
    """An empty, open appliance."""
    home, clock = config.Home(root, root / "run"), FakeClock()
    home.make()
    migrate.migrate(home.store_db, clock)
    live.make(home.live_db, clock.boot_id)
    device_key.make(home.keys)
    return opened.open_home(home, clock)


def main() -> int:
    """Make the pictures."""
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path, nargs="?")
    parser.add_argument("--language", default="en")
    parser.add_argument("--light", action="store_true")
    parser.add_argument("--large", action="store_true")
    parser.add_argument("--only", default="", help="only those whose name begins so")
    parser.add_argument("--all", action="store_true", help="every look, not only those of the documents")
    parser.add_argument("--sheet", type=Path, help="all of them, small, on one PNG")
    args = parser.parse_args()
    documents = not (args.folder or args.sheet or args.all)
    folder = args.folder or Path(tempfile.mkdtemp(prefix="wattward-pictures-"))
    folder.mkdir(parents=True, exist_ok=True)
    from tests.ui.touch.stage import Stage

    wear = {"language": args.language, "light": args.light, "large": args.large}
    stage = Stage(a_home(Path(tempfile.mkdtemp(prefix="wattward-pictures-"))), dressed(looks.DAY, **wear))
    every, made = looks.every(), []
    for name in dict.fromkeys((*ON_SHEET, *SHOWN)) if documents else every:
        screen, status = every[name]
        if not name.startswith(args.only):
            continue
        stage.turn_to(screen, dressed(status, **wear))
        shown = documents and name in SHOWN
        stage.picture(DOCUMENTS / f"{SHOWN[name]}.png" if shown else folder / f"{name}.png")
        if not documents or name in ON_SHEET:
            made.append(stage.pixels())
    stage.close()
    if args.sheet or documents:
        sheet.write(made, args.sheet or DOCUMENTS / "sheet.png")
    return 0


if __name__ == "__main__":
    sys.exit(main())
