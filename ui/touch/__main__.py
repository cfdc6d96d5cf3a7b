"""Start the touchscreen: `python -m ui.touch --home DIR`.

Kivy reads its settings when it is imported, so the display is prepared first.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from appliance import clock, config, errors, opened
from appliance.store import settings
from ui.touch import display, memory


def rotation(it: opened.Opened) -> str:
    """How the picture is turned; a store that cannot be read is said later, on the display."""
    try:
        return settings.text(it.store, "ui.rotation")
    except errors.WattwardError:
        return str(settings.describe("ui.rotation").default)


def main() -> int:
    """Read the arguments, prepare the display, run until closed."""
    parser = argparse.ArgumentParser(prog="wattward touch", description="The touchscreen.")
    parser.add_argument("--home")
    parser.add_argument(
        "--size", metavar="WxH", type=display.as_size, help="size of the window (default: the panel's, else 800x480)"
    )
    parser.add_argument("--rotate", choices=settings.describe("ui.rotation").choices, help="degrees; default: as set")
    parser.add_argument("--screenshot-every", nargs=2, metavar=("SECONDS", "FILE"), help="keep a fresh screenshot")
    args = parser.parse_args()
    memory.prepare()
    home = config.find(args.home)
    it = opened.open_home(home, clock.of_run(home.run))
    it.home.make()
    display.prepare(args.size, it.home.run, args.rotate or rotation(it))
    from ui.touch.app import WattwardApp

    picture = args.screenshot_every and (float(args.screenshot_every[0]), Path(args.screenshot_every[1]))
    WattwardApp(it, picture).run()
    return 0


if __name__ == "__main__":
    sys.exit(main())
