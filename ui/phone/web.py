"""The serving program for apps and phones: gunicorn on sockets handed to it, while the service is on."""

from __future__ import annotations

import contextlib
import sys
import threading
import time
from typing import TYPE_CHECKING

from appliance import clock, config, errors
from appliance.access import tokens_check
from appliance.opened import Opened, open_home
from ui.serving import parent, program, renewal

if TYPE_CHECKING:
    from flask import Flask

SWEEP_EVERY_S = 3600.0
THREADS = 64  # 16 streams keep one each; the rest is for everybody else, and for those who say nothing


def make_app(it: Opened) -> Flask:
    """The app, loaded only in the serving program."""
    from ui.phone.app import create_app

    return create_app(it)


def _begin(home: config.Home, when: clock.Clock) -> None:
    """What goes on beside the answers: the certificate stays right, and what has expired is written down."""
    renewal.keep(home, when)
    threading.Thread(target=_sweep, args=(open_home(home, when),), name="tokens", daemon=True).start()


def _sweep(it: Opened) -> None:
    while True:
        with contextlib.suppress(errors.StoreError):  # a card that cannot be written; the next time, then
            tokens_check.sweep(it)
        time.sleep(SWEEP_EVERY_S)


def main() -> int:
    """Serve until the waiting process says otherwise."""
    args = parent.arguments("python -m ui.phone.web")
    home = config.find(args.home)
    when = clock.of_run(home.run)
    try:
        renewal.begin(home, when)
        program.Program(make_app, home, when, args.sockets, THREADS, in_worker=lambda: _begin(home, when)).run()
    except errors.WattwardError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
