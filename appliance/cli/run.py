"""Commands that stay: `core`, `touch`, `admin`, `phone` (what systemd starts) and `demo`."""

from __future__ import annotations

import argparse
import os
import sys

from appliance.opened import Opened

SURFACES = {"touch": "ui.touch", "admin": "ui.admin", "phone": "ui.phone"}


def register(parser: argparse.ArgumentParser) -> None:
    """Add the options of the commands."""
    noun = parser.prog.split()[-1]
    if noun == "core":
        parser.set_defaults(run=_core)
    elif noun in SURFACES:
        parser.set_defaults(run=_surface)
    else:
        parser.add_argument("--headless", action="store_true", help="touchscreen without a display; keeps a screenshot")
        parser.add_argument(
            "--speed", type=float, default=1.0, help="let house and appliance clocks run faster (1 to 120)"
        )
        parser.add_argument("--port", type=int, default=8443, help="port of the web admin (default 8443)")
        parser.add_argument("--modbus-port", type=int, default=5020, help="first port tried for the simulated meters")
        parser.set_defaults(run=_demo)


def _core(_args: argparse.Namespace, opened: Opened) -> int:
    from appliance import core

    return core.main(opened)


def _surface(args: argparse.Namespace, opened: Opened) -> int:
    """Become the surface's own program: appliance never imports ui."""
    os.environ["WATTWARD_RUN"] = str(opened.home.run)
    command = [sys.executable, "-m", SURFACES[args.noun], "--home", str(opened.home.root)]
    os.execv(sys.executable, command)  # noqa: S606 - our own interpreter, our own module


def _demo(args: argparse.Namespace, opened: Opened) -> int:
    from appliance import demo

    return demo.main(
        opened.home,
        demo.Options(headless=args.headless, speed=args.speed, port=args.port, modbus_port=args.modbus_port),
    )
